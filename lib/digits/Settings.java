package digits;

import java.lang.reflect.Field;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The settings of a run: a profile with its numbers, some of which environment variables may override. Notebooks read
 * their numbers from here and so need no special case for a short run.
 *
 * <table><caption>Environment variables</caption>
 * <tr><th>variable</th><th>meaning</th><th>full</th><th>quick</th></tr>
 * <tr><td>{@code DIGITS_PROFILE}</td><td>{@code full} or {@code quick}</td><td></td><td></td></tr>
 * <tr><td>{@code DIGITS_DATA}</td><td>folder with the four MNIST files; other data sets are searched in folders of
 *     their names, in it or beside it; a leading {@code ~} is the home folder</td><td>none</td><td>none</td></tr>
 * <tr><td>{@code DIGITS_MIRRORS}</td><td>addresses to download MNIST from, tried in turn: http or https, separated by
 *     commas; “none” turns off all downloads</td><td>two public ones</td><td>two public ones</td></tr>
 * <tr><td>{@code DIGITS_EPOCHS}</td><td>epochs of training, 1 or more</td><td>10</td><td>3</td></tr>
 * <tr><td>{@code DIGITS_LIMIT}</td><td>maximum number of images before the split, 200 or more (fewer would leave
 *     too few for validation and testing), and a sixth of that for testing</td><td>none</td><td>6000</td></tr>
 * <tr><td>{@code DIGITS_SEED}</td><td>seed of split, weights, shuffling and dropout</td><td>42</td><td>42</td></tr>
 * <tr><td>{@code DIGITS_THREADS}</td><td>threads of the native library, 1 or more</td><td>cores</td><td>cores</td></tr>
 * <tr><td>{@code DIGITS_OUTPUT}</td><td>folder for models and results</td><td>build</td><td>build</td></tr>
 * <tr><td>{@code DIGITS_CLUSTER}</td><td>address of an Apache Spark cluster, {@code spark://host:port}, or
 *     {@code local[n]}: n tasks at once in this process; see digits.cluster</td><td>none</td><td>none</td></tr>
 * <tr><td>{@code DIGITS_CLUSTER_SECRET}</td><td>file with the secret of that cluster, if it has
 *     one</td><td>none</td><td>none</td></tr>
 * <tr><td>{@code DIGITS_NOTE}</td><td>a sentence to show with the settings</td><td>none</td><td>none</td></tr>
 * </table>
 *
 * @param dataFolder     folder given by the user, if any
 * @param mirrors        base addresses of MNIST's files, ending in a slash, tried in turn; empty for no download
 * @param batch          images per training step
 * @param limit          maximum number of images before the split; {@link Integer#MAX_VALUE} for all
 * @param batchNormDecay share of its running averages that batch normalization keeps at each step (Keras calls it
 *                       momentum): 0.99 as in Keras; the quick profile's few steps need 0.9 for the averages to settle
 * @param cluster        address of a Spark cluster, if any
 * @param clusterSecret  file with its secret, if any
 */
public record Settings(String profile, Optional<Path> dataFolder, List<URI> mirrors, Path outputFolder, int epochs,
                       int batch, int limit, double batchNormDecay, long seed, int threads, Optional<String> cluster,
                       Optional<Path> clusterSecret, String note) {
    private static final String CLUSTER = "local\\[[1-9][0-9]{0,2}]|spark://[^/:,\\s]+:[0-9]{1,5}";
    private static final String MIRRORS =
            "https://ossci-datasets.s3.amazonaws.com/mnist/,https://storage.googleapis.com/cvdf-datasets/mnist/";

    public Settings {
        mirrors = List.copyOf(mirrors);
    }

    /**
     * The settings given by the environment of this process.
     *
     * @throws IllegalStateException if this Java denies ND4J what it needs
     */
    public static Settings fromEnvironment() {
        if (Runtime.version().feature() >= 23) requireUnsafe();
        return from(System.getenv());
    }

    /** Without sun.misc.Unsafe, the first array of ND4J would end in an ExceptionInInitializerError. */
    private static void requireUnsafe() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field instance = unsafe.getDeclaredField("theUnsafe");
            instance.setAccessible(true);
            unsafe.getMethod("arrayBaseOffset", Class.class).invoke(instance.get(null), byte[].class);
        } catch (ReflectiveOperationException denied) {
            throw new IllegalStateException("This Java denies access to sun.misc.Unsafe, which ND4J needs: start it "
                    + "with the option --sun-misc-unsafe-memory-access=allow", denied);
        }
    }

    /**
     * The settings given by these variables; blank ones count as unset.
     *
     * @throws IllegalArgumentException naming the variable, its value and what is allowed
     */
    public static Settings from(Map<String, String> environment) {
        Variables v = new Variables(environment);
        String profile = v.text("DIGITS_PROFILE").orElse("full").toLowerCase(Locale.ROOT);
        boolean quick = profile.equals("quick");
        if (!quick && !profile.equals("full")) {
            throw new IllegalArgumentException(
                    "DIGITS_PROFILE is \"" + profile + "\"; it has to be \"full\" or \"quick\"");
        }
        int cores = Runtime.getRuntime().availableProcessors();
        return new Settings(profile, v.folder("DIGITS_DATA"), v.addresses("DIGITS_MIRRORS", MIRRORS),
                v.folder("DIGITS_OUTPUT").orElse(Path.of("build")),
                (int) v.number("DIGITS_EPOCHS", 1, 10_000, quick ? 3 : 10), 128,
                (int) v.number("DIGITS_LIMIT", 200, Integer.MAX_VALUE, quick ? 6_000 : Integer.MAX_VALUE),
                quick ? 0.9 : 0.99, v.number("DIGITS_SEED", Long.MIN_VALUE, Long.MAX_VALUE, 42),
                // the native library reads OMP_NUM_THREADS, which setup and runner set from DIGITS_THREADS
                (int) v.number("OMP_NUM_THREADS", 1, 1_024, v.number("DIGITS_THREADS", 1, 1_024, cores)),
                v.cluster("DIGITS_CLUSTER"), v.folder("DIGITS_CLUSTER_SECRET"), v.text("DIGITS_NOTE").orElse(""));
    }

    /**
     * The user's home folder. {@code HOME}, by which people and containers choose another home than the user database
     * has, takes precedence over it, except on Windows, where shells set it to anything.
     *
     * @param system   the property {@code os.name}
     * @param userHome the property {@code user.home}: “?” if the user is not in the database, as in some containers
     * @return an absolute path; empty if there is no home folder
     */
    public static Optional<Path> home(Map<String, String> environment, String system, String userHome) {
        boolean windows = system.toLowerCase(Locale.ROOT).startsWith("windows");
        return absolute(windows ? "" : environment.getOrDefault("HOME", "")).or(() -> absolute(userHome));
    }

    /** The path, if the text is one and absolute. */
    public static Optional<Path> absolute(String text) {
        try {
            return Optional.of(Path.of(text)).filter(Path::isAbsolute);
        } catch (InvalidPathException notAPath) {
            return Optional.empty();
        }
    }

    /** The folder for this profile's models: full and quick runs keep theirs apart. */
    public Path modelFolder() {
        return outputFolder.resolve("models").resolve(profile);
    }

    /** The same with another maximum number of images. */
    public Settings limited(int images) {
        return new Settings(profile, dataFolder, mirrors, outputFolder, epochs, batch, images, batchNormDecay, seed,
                threads, cluster, clusterSecret, note);
    }

    /**
     * The cluster's address, for what works only with one.
     *
     * @throws IllegalStateException if {@code DIGITS_CLUSTER} is not set: what to do
     */
    public String requiredCluster() {
        return cluster.orElseThrow(() -> new IllegalStateException("There is no cluster. To start one on this machine, "
                + "run `make cluster` in a terminal. It prints the command that opens the notebooks with it: "
                + "make lab DIGITS_CLUSTER=spark://127.0.0.1:7077 DIGITS_THREADS=…"));
    }

    /** For the notebook: a line with the profile and its numbers, then the note, if there is one. */
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

        Optional<Path> folder(String name) {
            return text(name).map(text -> {
                try {
                    return text.matches("~([/\\\\].*)?") ? inHome(name, text) : Path.of(text);
                } catch (InvalidPathException e) {
                    throw new IllegalArgumentException(name + " is \"" + text + "\", which is not a path here: "
                            + e.getReason() + ". Java reads file names as " + System.getProperty("sun.jnu.encoding")
                            + "; if they are in UTF-8, set LC_ALL=C.UTF-8", e);
                }
            });
        }

        /** Shells leave a “~” alone in quotes and in an argument such as {@code make run DIGITS_DATA=~/mnist}. */
        private Path inHome(String name, String text) {
            Path home = home(values, System.getProperty("os.name"), System.getProperty("user.home"))
                    .orElseThrow(() -> new IllegalArgumentException(name + " is \"" + text
                            + "\", but this user has no home folder: write the whole path"));
            return text.length() < 3 ? home : home.resolve(text.substring(2));
        }

        Optional<String> cluster(String name) {
            Optional<String> address = text(name);
            address.filter(text -> !text.matches(CLUSTER)).ifPresent(text -> {
                throw new IllegalArgumentException(name + " is \"" + text + "\"; it has to be spark://host:port, such "
                        + "as spark://127.0.0.1:7077, or local[n], such as local[2]");
            });
            return address;
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
                // the message below says so
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
                // the message below says so
            }
            String upTo = max >= Integer.MAX_VALUE ? " or more" : " to " + max;
            throw new IllegalArgumentException(name + " is \"" + text.get() + "\"; it has to be a whole number"
                    + (min == Long.MIN_VALUE ? "" : ", " + min + upTo));
        }
    }
}
