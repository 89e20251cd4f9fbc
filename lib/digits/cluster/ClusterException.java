package digits.cluster;

import java.io.InvalidClassException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.package$;

/** What went wrong with a cluster, in a sentence that says what to do. */
public final class ClusterException extends RuntimeException {
    private static final Pattern LOST = Pattern.compile(
            "failed (?<attempts>\\d+) times, [^\n]*ExecutorLostFailure [^\n]* Reason: (?<why>[^\n]*)");

    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A failed job in a sentence: what an executor said rather than how Spark wraps it. */
    static ClusterException of(String what, Throwable failure) {
        return new ClusterException(what + ": " + reason(failure), failure);
    }

    private static String reason(Throwable failure) {
        String all = String.join("\n", causes(failure).map(cause -> String.valueOf(cause.getMessage())).toList());
        if (causes(failure).anyMatch(InvalidClassException.class::isInstance)
                || all.contains(InvalidClassException.class.getName())) {
            return "the cluster runs another version of Spark or of this library than this process, which has Spark "
                    + version() + ". Use the same on both sides; Spark's can be chosen with mvn -Dspark.version=…";
        }
        if (all.contains("SerializedLambda") || all.contains("REPL.")) {
            return "it needs a class or a lambda expression of a notebook, and a notebook's code does not travel to "
                    + "other processes. Use what the library has, or put the class into a jar on both sides";
        }
        Matcher lost = LOST.matcher(all);
        if (lost.find()) {
            return "its process ended in each of " + lost.group("attempts") + " attempts (" + lost.group("why").strip()
                    + "); if memory was short, give executors more (spark.executor.memory), or use a smaller batch";
        }
        return all.lines().filter(line -> line.contains("Exception: ")).reduce((first, last) -> last)
                .map(line -> line.substring(line.indexOf("Exception: ") + "Exception: ".length()))
                .orElseGet(() -> all.lines().filter(line -> !line.equals("null")).findFirst()
                        .orElse("no reason given"));
    }

    /** The failure and its causes, outermost first. */
    static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(20);
    }

    /** Spark's version in this process. */
    static String version() {
        return package$.MODULE$.SPARK_VERSION();
    }
}
