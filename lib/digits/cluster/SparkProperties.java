package digits.cluster;

import digits.Settings;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;

/** Spark's properties for native training. Those that are set as system properties stay as they are. */
final class SparkProperties {
    /** Variables that the speed and the last bits of a result depend on. */
    static final List<String> PASSED_ON = List.of("GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "DNNL_MAX_CPU_ISA",
            "OPENBLAS_CORETYPE");
    /** Variable with the class path of the library that executors need, set with the kernel. */
    static final String JARS = "DIGITS_CLUSTER_JARS";

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final int LONGEST_SECRET = 4_096;
    // as environment/java.py starts the kernel; JavaCPP's limits count mapped libraries, but not ND4J's arrays
    private static final String JAVA_OPTIONS = "-Dorg.bytedeco.javacpp.maxbytes=0 "
            + "-Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Djava.awt.headless=true -Dfile.encoding=UTF-8 "
            + "-Duser.language=en -Duser.country=US --enable-native-access=ALL-UNNAMED "
            + "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";

    private SparkProperties() { }

    /** The configuration of a session at this address. */
    static SparkConf of(Settings settings, String address, Map<String, String> environment) {
        SparkConf conf = new SparkConf();   // with the system properties
        conf.set("spark.master", address);
        Map<String, String> ours = new LinkedHashMap<>();
        ours.put("spark.app.name", "digits");
        // a page for everybody on this network would be an open door: only where Spark is bound to the loopback address
        ours.put("spark.ui.enabled", String.valueOf(LOOPBACK.contains(environment.getOrDefault("SPARK_LOCAL_IP", ""))));
        ours.put("spark.ui.port", "0");   // a free one; 4040 may be another session's
        ours.put("spark.ui.showConsoleProgress", "false");
        ours.put("spark.executor.heartbeatInterval", "2s");   // carries the progress of runs
        ours.put("spark.sql.shuffle.partitions", "8");
        ours.put("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/spark-warehouse");
        if (address.startsWith("local")) {
            int slots = Integer.parseInt(address.replaceAll("\\D", ""));
            ours.put("spark.task.cpus", String.valueOf(Math.min(slots, settings.threads())));
        } else {
            remote(ours, settings, URI.create(address), environment);
        }
        settings.clusterSecret().ifPresent(file -> {
            ours.put("spark.authenticate", "true");
            ours.put("spark.authenticate.secret", secret(file));
            ours.put("spark.network.crypto.enabled", "true");
            ours.put("spark.network.crypto.saslFallback", "false");   // a wrong secret is told at once
        });
        ours.forEach(conf::setIfMissing);
        return conf;
    }

    private static void remote(Map<String, String> ours, Settings settings, URI address,
                               Map<String, String> environment) {
        // the native library cannot change its number of threads later
        String threads = String.valueOf(settings.threads());
        ours.put("spark.executor.cores", threads);
        ours.put("spark.task.cpus", threads);
        ours.put("spark.executor.memory", "1g");
        ours.put("spark.executorEnv.OMP_NUM_THREADS", threads);
        ours.put("spark.executorEnv.GOMP_SPINCOUNT", "3000");
        for (String name : PASSED_ON) {
            if (environment.containsKey(name)) ours.put("spark.executorEnv." + name, environment.get(name));
        }
        ours.put("spark.executor.extraJavaOptions", JAVA_OPTIONS
                + (Runtime.version().feature() >= 23 ? " --sun-misc-unsafe-memory-access=allow" : ""));
        String jars = environment.containsKey(JARS) ? environment.get(JARS) : classPath();
        if (LOOPBACK.contains(address.getHost())) {
            ours.put("spark.driver.host", "127.0.0.1");
            ours.put("spark.driver.bindAddress", "127.0.0.1");
            ours.put("spark.executor.extraClassPath", jars);   // the executors are on this machine, too
        } else {
            ours.put("spark.jars", jars.replace(File.pathSeparatorChar, ','));
        }
    }

    /** The class path of this process, for one that starts in another folder. */
    static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).filter(s -> !s.isEmpty())
                .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(File.pathSeparator));
    }

    private static String secret(Path file) {
        try {
            if (Files.size(file) > LONGEST_SECRET) {
                throw new ClusterException("DIGITS_CLUSTER_SECRET is " + file + ", which has more than "
                        + LONGEST_SECRET + " bytes: it has to hold the cluster's secret alone", null);
            }
            String secret = Files.readString(file).strip();
            if (!secret.isEmpty()) return secret;
            throw new ClusterException("DIGITS_CLUSTER_SECRET is " + file + ", which is empty", null);
        } catch (IOException e) {
            throw new ClusterException("DIGITS_CLUSTER_SECRET is " + file + ", which cannot be read (" + e + ")", e);
        }
    }
}
