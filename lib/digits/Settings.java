package digits;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The numbers of a run, in one place: the profile gives them, environment variables override single ones.
 * Notebooks read them from here and so need no branch for a short run.
 *
 * <table><caption>Environment variables</caption>
 * <tr><th>variable</th><th>meaning</th><th>full</th><th>quick</th></tr>
 * <tr><td>{@code DIGITS_PROFILE}</td><td>{@code full} or {@code quick}</td><td></td><td></td></tr>
 * <tr><td>{@code DIGITS_DATA}</td><td>folder with the four MNIST files;
 *     other data sets are looked for in folders of their names in it or beside it</td><td>none</td><td>none</td></tr>
 * <tr><td>{@code DIGITS_MIRRORS}</td><td>addresses to fetch MNIST from, tried in turn: http or https, separated by commas;
 *     {@code none} for no download of any set</td><td>two public ones</td><td>two public ones</td></tr>
 * <tr><td>{@code DIGITS_EPOCHS}</td><td>passes over the training images, 1 or more</td><td>10</td><td>3</td></tr>
 * <tr><td>{@code DIGITS_LIMIT}</td><td>at most so many images before the split, 200 or more (with fewer,
 *     the lesson would have too few to validate and test on), and a sixth of that to test on</td><td>none</td><td>6000</td></tr>
 * <tr><td>{@code DIGITS_SEED}</td><td>seed of split, weights, shuffling and dropout</td><td>42</td><td>42</td></tr>
 * <tr><td>{@code DIGITS_THREADS}</td><td>threads of the native library, 1 or more</td><td>all cores</td><td>all cores</td></tr>
 * <tr><td>{@code DIGITS_OUTPUT}</td><td>folder for models and results</td><td>{@code build}</td><td>{@code build}</td></tr>
 * <tr><td>{@code DIGITS_NOTE}</td><td>a sentence to show with the numbers: why they are what they are here</td><td>none</td><td>none</td></tr>
 * </table>
 *
 * @param profile          {@code "full"} or {@code "quick"}
 * @param dataFolder       the folder the user named, if any
 * @param mirrors          base addresses of MNIST's files, ending in a slash, tried in turn; empty for no download
 * @param outputFolder     where models and results are written
 * @param epochs           passes over the training images
 * @param batch            images per training step
 * @param limit            at most so many images before the split, 200 or more; {@link Integer#MAX_VALUE} for all
 * @param batchNormDecay   how much of its running average batch normalisation keeps at each step, Keras's «momentum»:
 *                         0.99 as in Keras; the quick profile's few steps need 0.9 for the averages to settle
 * @param seed             seed of split, weights, shuffling and dropout
 * @param threads          threads of the native library
 * @param note             what whoever set the variables wants said beside the numbers; may be empty
 */
public record Settings(String profile, Optional<Path> dataFolder, List<URI> mirrors, Path outputFolder, int epochs, int batch,
                       int limit, double batchNormDecay, long seed, int threads, String note) {
    private static final String MIRRORS =
            "https://ossci-datasets.s3.amazonaws.com/mnist/,https://storage.googleapis.com/cvdf-datasets/mnist/";

    public Settings {
        mirrors = List.copyOf(mirrors);
    }

    /** The settings of this process: the profile's numbers, with what the environment overrides. */
    public static Settings fromEnvironment() {
        return from(System.getenv());
    }

    /**
     * The settings that these variables give; blank ones count as unset.
     *
     * @throws IllegalArgumentException naming the variable, its value and what is allowed
     */
    public static Settings from(Map<String, String> environment) {
        Variables v = new Variables(environment);
        String profile = v.text("DIGITS_PROFILE").orElse("full").toLowerCase(Locale.ROOT);
        boolean quick = switch (profile) {
            case "full" -> false;
            case "quick" -> true;
            default -> throw new IllegalArgumentException(
                    "DIGITS_PROFILE is \"" + profile + "\"; it has to be \"full\" or \"quick\"");
        };
        int cores = Runtime.getRuntime().availableProcessors();
        return new Settings(profile,
                v.text("DIGITS_DATA").map(Path::of),
                v.addresses("DIGITS_MIRRORS", MIRRORS),
                v.text("DIGITS_OUTPUT").map(Path::of).orElse(Path.of("build")),
                (int) v.number("DIGITS_EPOCHS", 1, 10_000, quick ? 3 : 10),
                128,
                (int) v.number("DIGITS_LIMIT", 200, Integer.MAX_VALUE, quick ? 6_000 : Integer.MAX_VALUE),
                quick ? 0.9 : 0.99,
                v.number("DIGITS_SEED", Long.MIN_VALUE, Long.MAX_VALUE, 42),
                // the native library goes by OMP_NUM_THREADS, which set-up and runner make of DIGITS_THREADS
                (int) v.number("OMP_NUM_THREADS", 1, 1_024, v.number("DIGITS_THREADS", 1, 1_024, cores)),
                v.text("DIGITS_NOTE").orElse(""));
    }

    /** Where this profile's models are: full and quick runs keep theirs apart. */
    public Path modelFolder() {
        return outputFolder.resolve("models").resolve(profile);
    }

    /** For the notebook: a line with the profile and its numbers, and the note, if there is one. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "profile %s: %d %s, batch %d, seed %d, %d %s%s%s", profile, epochs,
                epochs == 1 ? "epoch" : "epochs", batch, seed, threads, threads == 1 ? "thread" : "threads",
                limit == Integer.MAX_VALUE ? "" : String.format(Locale.ROOT, ", at most %,d images", limit),
                note.isEmpty() ? "" : "\n" + note);
    }

    private record Variables(Map<String, String> values) {
        Optional<String> text(String name) {
            return Optional.ofNullable(values.get(name)).map(String::strip).filter(s -> !s.isEmpty());
        }

        List<URI> addresses(String name, String otherwise) {
            String text = text(name).orElse(otherwise);
            return text.equalsIgnoreCase("none") ? List.of()
                    : Stream.of(text.split(",")).map(String::strip).map(address -> address(name, address)).toList();
        }

        private static URI address(String name, String text) {
            try {
                URI address = new URI(text.endsWith("/") ? text : text + "/");
                String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
                if ((scheme.equals("http") || scheme.equals("https")) && address.getHost() != null) return address;
            } catch (URISyntaxException notAnAddress) {
                // the message below says it
            }
            throw new IllegalArgumentException(name + " holds \"" + text
                    + "\"; each address has to begin with http:// or https:// and a host; \"none\" means no download");
        }

        long number(String name, long min, long max, long otherwise) {
            Optional<String> text = text(name);
            if (text.isEmpty()) return otherwise;
            try {
                long number = Long.parseLong(text.get());
                if (number >= min && number <= max) return number;
            } catch (NumberFormatException notANumber) {
                // the message below says it
            }
            String upTo = max >= Integer.MAX_VALUE ? "" : " to " + max;
            throw new IllegalArgumentException(name + " is \"" + text.get() + "\"; it has to be a whole number"
                    + (min == Long.MIN_VALUE ? "" : ", " + min + (upTo.isEmpty() ? " or more" : upTo)));
        }
    }
}
