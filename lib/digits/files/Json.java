package digits.files;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;

/**
 * The one configuration of Gson: fields that are null are written, and a number that JSON does not have (NaN, which a
 * diverged loss is, or infinity) is written as null and read as NaN.
 */
public final class Json {
    private static final Gson PRETTY = builder().setPrettyPrinting().create();
    private static final Gson COMPACT = builder().create();

    private Json() { }

    /** A value as the content of a file: indented, with a line break at the end. */
    public static String write(Object value) {
        return PRETTY.toJson(value) + "\n";
    }

    /** A value as one line. */
    public static String line(Object value) {
        return COMPACT.toJson(value);
    }

    /**
     * Reads a value.
     *
     * @param type of the value: a record, or Gson's {@code JsonElement} for JSON of any form
     * @throws IOException if the text is empty, is not JSON, or does not have the form of the type: it says where
     */
    public static <T> T read(String json, Class<T> type) throws IOException {
        try {
            T value = COMPACT.fromJson(json, type);
            if (value != null) return value;
        } catch (RuntimeException | StackOverflowError e) {   // Gson lets several kinds of exceptions through
            throw new IOException(BoundedZip.shortened(e.getMessage()), e);
        }
        throw new IOException("there is no JSON in it");
    }

    /** A new builder with this configuration, for what needs more settings. */
    public static GsonBuilder builder() {
        // for both types: Gson reads by the field's type, double, and writes by the value's, Double
        return new GsonBuilder().serializeNulls().registerTypeAdapter(double.class, new Numbers())
                .registerTypeAdapter(Double.class, new Numbers());
    }

    private static final class Numbers extends TypeAdapter<Double> {
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
}
