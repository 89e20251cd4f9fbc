package digits.files;

import java.io.IOException;

import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;

/** JSON has no NaN, which a diverged loss is: null stands for it, and for the infinities. For Gson's {@code double} fields. */
public final class NanAsNull extends TypeAdapter<Double> {
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
