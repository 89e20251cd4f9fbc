package digits.cluster;

import digits.files.Json;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A whole Spark cluster on this machine, reachable from it alone: a master and several workers, each a separate
 * process, from the jars on the class path. With a secret, because a master runs the code of everyone who reaches it.
 *
 * <p>Its processes end when this one does, in whatever way.
 */
public final class LoopbackCluster implements AutoCloseable {
    private static final int START_SECONDS = 60;
    private static final String HOST = "127.0.0.1";

    private final Path folder;
    private final int port;
    private final int pagePort;
    private final Path secret;
    private final Path properties;
    private final List<Process> workers = new ArrayList<>();
    private Process master;

    /** What is needed of the master's own report. */
    private record MasterState(int aliveworkers) {
    }

    private LoopbackCluster(Path folder, int port) throws IOException {
        this.folder = folder.toAbsolutePath();
        this.port = freePort(port);
        pagePort = freePort(0);
        clear(this.folder.resolve("work"));   // of the cluster before
        for (String name : List.of("home/jars", "work")) Files.createDirectories(this.folder.resolve(name));
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String text = HexFormat.of().formatHex(random);
        secret = readableByOwner(this.folder.resolve("secret"), text);
        properties = readableByOwner(this.folder.resolve("cluster.properties"), """
                spark.authenticate true
                spark.authenticate.secret %s
                spark.network.crypto.enabled true
                spark.master.rest.enabled false
                """.formatted(text));
    }

    /**
     * Starts a cluster and returns when its workers have registered.
     *
     * @param folder  for its secret, its log files and the files of its applications; no other cluster's may be there
     * @param port    of the master; 0 for a free one
     * @param workers number of workers
     * @param cores   of each worker: its executor gets as many as the library uses threads
     * @param memory  of each worker for its executors, such as “1g”
     * @throws ClusterException if it does not start: the message names the log file
     */
    public static LoopbackCluster start(Path folder, int port, int workers, int cores, String memory) {
        LoopbackCluster cluster = null;
        try {
            cluster = new LoopbackCluster(folder, port);
            cluster.master = cluster.process("master", "org.apache.spark.deploy.master.Master", "--port",
                    String.valueOf(cluster.port), "--webui-port", String.valueOf(cluster.pagePort));
            cluster.await(0);
            for (int i = 1; i <= workers; i++) cluster.addWorker(cores, memory);
            cluster.await(workers);
            return cluster;
        } catch (IOException | RuntimeException e) {
            if (cluster != null) cluster.close();
            throw e instanceof ClusterException telling ? telling
                    : new ClusterException("The cluster cannot be started in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Starts workers in the place of those whose processes have ended. */
    void replaceWorkers(int cores, String memory) throws IOException {
        int wanted = workers.size();
        workers.removeIf(worker -> !worker.isAlive());
        while (workers.size() < wanted) addWorker(cores, memory);
        await(wanted);
    }

    private void addWorker(int cores, String memory) throws IOException {
        workers.add(process("worker" + (workers.size() + 1), "org.apache.spark.deploy.worker.Worker", "--webui-port",
                "0", "--cores", String.valueOf(cores), "--memory", memory, address()));
    }

    /** A process that ends when this one does: it waits for the end of its standard input. */
    private Process process(String name, String main, String... arguments) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(List.of(java.toString(),
                "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info", "-cp", SparkProperties.classPath(),
                Child.class.getName(), main, "--host", HOST, "--properties-file", properties.toString()));
        command.addAll(List.of(arguments));
        File log = folder.resolve(name + ".log").toFile();
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(log);
        builder.environment().putAll(Map.of("SPARK_HOME", folder.resolve("home").toString(), "SPARK_LOCAL_IP", HOST,
                "SPARK_WORKER_DIR", folder.resolve("work").toString(), "SPARK_SCALA_VERSION", "2.13",
                "SPARK_DIST_CLASSPATH", SparkProperties.classPath(),
                "JAVA_HOME", System.getProperty("java.home")));
        return builder.start();
    }

    /** The main class of the master's and the workers' processes. */
    static final class Child {
        private Child() { }

        public static void main(String[] arguments) throws ReflectiveOperationException {
            Thread parent = new Thread(() -> {
                try {
                    while (System.in.read() >= 0) { }
                } catch (IOException gone) {
                    // so is the parent
                }
                System.exit(0);   // with its hooks: a worker ends its executors
            }, "parent");
            parent.setDaemon(true);
            parent.start();
            String[] rest = List.of(arguments).subList(1, arguments.length).toArray(String[]::new);
            Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object) rest);
        }
    }

    /** Waits until the master's page tells of this many workers. */
    private void await(int wanted) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (aliveWorkers() < wanted) {
            for (Process process : all().toList()) {
                if (!process.isAlive()) throw new ClusterException("A process of the cluster ended as it started: see "
                        + "the log files in " + folder, null);
            }
            if (System.nanoTime() > end) {
                throw new ClusterException("The cluster has not started within " + START_SECONDS + " seconds: see the "
                        + "log files in " + folder, null);
            }
            Cluster.pause("the start of the cluster");
        }
    }

    /** Workers that the master knows; −1 before it answers. */
    int aliveWorkers() {
        try {
            URL state = new URL("http", HOST, pagePort, "/json/");
            String text = new String(state.openStream().readAllBytes(), StandardCharsets.UTF_8);
            return Json.read(text, MasterState.class).aliveworkers();
        } catch (IOException notYet) {
            return -1;
        }
    }

    /** The master's address for {@code DIGITS_CLUSTER}, such as {@code spark://127.0.0.1:7077}. */
    public String address() {
        return "spark://" + HOST + ":" + port;
    }

    /** The file for {@code DIGITS_CLUSTER_SECRET}. */
    public Path secret() {
        return secret;
    }

    /** The master's page: workers, applications, executors. */
    public URI page() {
        return URI.create("http://" + HOST + ":" + pagePort);
    }

    /** The workers' processes, of which an executor is a child. */
    List<ProcessHandle> workers() {
        return workers.stream().map(Process::toHandle).toList();
    }

    private Stream<Process> all() {
        return Stream.concat(Stream.of(master), workers.stream()).filter(process -> process != null);
    }

    /** Ends its processes, and with them those of applications that still run. */
    @Override
    public void close() {
        List<ProcessHandle> processes = all().flatMap(process -> Stream.concat(process.descendants(),
                Stream.of(process.toHandle()))).toList();
        all().forEach(Process::destroy);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (processes.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000_000);   // also on a thread that was interrupted
        }
        processes.forEach(ProcessHandle::destroyForcibly);
        clear(folder.resolve("work"));
    }

    private static int freePort(int wanted) throws IOException {
        try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (BindException e) {
            throw new ClusterException("Port " + wanted + " of this machine is in use, perhaps by another cluster: "
                    + "stop that one, or choose another port, as in make cluster ARGS=7078", e);
        }
    }

    private static Path readableByOwner(Path file, String content) throws IOException {
        Files.deleteIfExists(file);
        FileAttribute<?>[] mode = file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rw-------"))}
                : new FileAttribute<?>[0];
        Files.createFile(file, mode);
        return Files.writeString(file, content);
    }

    private static void clear(Path folder) {
        if (!Files.isDirectory(folder)) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException | UncheckedIOException e) {
            // the next cluster tries again
        }
    }

    /**
     * {@code make cluster}: starts a cluster and runs until the process is ended.
     *
     * @param arguments the folder, and if other values are wanted, the master's port (7077) and the number of workers
     *     (2); each has as many cores as {@code DIGITS_THREADS} says, or its share of this machine's, and 2 GB
     */
    public static void main(String[] arguments) throws InterruptedException {
        int port = arguments.length < 2 ? 7077 : Integer.parseInt(arguments[1]);
        int workers = arguments.length < 3 ? 2 : Integer.parseInt(arguments[2]);
        String threads = System.getenv().getOrDefault("DIGITS_THREADS", "").strip();
        int cores = threads.isEmpty() ? Math.max(1, Runtime.getRuntime().availableProcessors() / workers)
                : Integer.parseInt(threads);
        LoopbackCluster cluster;
        try {
            cluster = start(Path.of(arguments[0]), port, workers, cores, "2g");
        } catch (ClusterException e) {
            System.err.println(e.getMessage());
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "cluster"));
        System.out.printf("""
                A Spark cluster with %d workers is running at %s; its page: %s
                Its secret is in %s, where make finds it.
                To use it, in another terminal: make lab DIGITS_CLUSTER=%2$s DIGITS_THREADS=%d
                To stop it: Ctrl-C
                """, workers, cluster.address(), cluster.page(), cluster.secret(), cores);
        new CountDownLatch(1).await();
    }
}
