package digits.files;

import com.google.gson.GsonBuilder;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;

/** JSON has no NaN, which a diverged loss is: null stands for it, and for the infinities. */
public final class Json extends TypeAdapter<Double> {
    /** Registers it for both types: Gson reads by the field's type, {@code double}, and writes by the value's, {@code Double}. */
    public static GsonBuilder in(GsonBuilder builder) {
        return builder.registerTypeAdapter(double.class, new Json()).registerTypeAdapter(Double.class, new Json());
    }

    private Json() {
    }

    @Override
    public void write(JsonWriter out, Double value) throws IOException {
        if (value == null || !Double.isFinite(value)) out.nullValue();
        else out.value(value);
    }

    @Override
    public Double read(JsonReader in) throws IOException {
        if (in.peek() != JsonToken.NULL) return in.nextDouble();
        in.nextNull();
        return Double.NaN;
    }
}
