package digits.cluster;

import digits.Progress;
import digits.Settings;
import digits.Text;
import digits.experiments.RunExecutor;
import digits.training.RoundExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.sql.SparkSession;

/**
 * A session on an Apache Spark cluster, set up for native training: one task at a time in each executor, which has as
 * many cores as the native library has threads, and the memory settings that arrays outside Java's heap need.
 *
 * <p>Any property of Spark can be overridden by a system property of that name, such as
 * {@code -Dspark.executor.memory=2g}. A JVM has one session at a time.
 */
public final class Cluster implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final String PATIENCE = "spark.scheduler.maxRegisteredResourcesWaitingTime";   // Spark's own: 30 s
    private static final int SETTLED_MILLIS = 1_500;   // the executors of a cluster register one after the other

    private final SparkSession session;
    private final JavaSparkContext context;

    private Cluster(SparkSession session) {
        this.session = session;
        context = JavaSparkContext.fromSparkContext(session.sparkContext());
    }

    /**
     * Connects to the cluster that {@code DIGITS_CLUSTER} names.
     *
     * @throws IllegalStateException if none is named
     * @throws ClusterException if the cluster does not answer, refuses the secret, has no executor to give within 20
     *     seconds ({@code spark.scheduler.maxRegisteredResourcesWaitingTime}), or computes with another library than
     *     this process
     */
    public static Cluster connect(Settings settings) {
        return connect(settings, step -> { });
    }

    /** The same with reports of its steps, which take some seconds. */
    public static Cluster connect(Settings settings, Consumer<? super Progress> progress) {
        String address = settings.requiredCluster();
        requireNoOther(address);
        SparkConf configuration = SparkProperties.of(settings, address, System.getenv());
        progress.accept(Progress.of(0, "connecting to " + address));
        if (address.startsWith("spark:")) requireMaster(URI.create(address), configuration);
        Cluster cluster = new Cluster(SparkSession.builder().config(configuration).getOrCreate());
        try {
            cluster.awaitExecutors(progress);
            progress.accept(Progress.of(0.7, "loading the library on " + cluster.executorsText()));
            cluster.requireSameLibrary();
            progress.accept(Progress.of(1, cluster.toString()));
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /**
     * A cluster by the user's own session: YARN, Kubernetes, a managed service. The library's jars have to be on its
     * executors, {@code spark.task.cpus} has to be their number of cores, and {@code OMP_NUM_THREADS} in their
     * environment ({@code spark.executorEnv.OMP_NUM_THREADS}) as many.
     */
    public static Cluster of(SparkSession session) {
        return new Cluster(session);
    }

    private static void requireNoOther(String address) {
        if (SparkSession.getDefaultSession().isEmpty()) return;
        SparkSession other = SparkSession.getDefaultSession().get();
        if (other.sparkContext().isStopped()) return;
        if (other.sparkContext().master().equals(address)) return;
        throw new ClusterException("This process is connected to " + other.sparkContext().master()
                + " and can have one session at a time: close it before you connect to " + address, null);
    }

    /** Spark itself would try for a minute, and then not say why. */
    private static void requireMaster(URI address, SparkConf configuration) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), CONNECT_MILLIS);
        } catch (IOException | RuntimeException e) {
            throw new ClusterException("There is no cluster at " + address + " (" + e.getMessage()
                    + "): start it, with `make cluster` on this machine, or set DIGITS_CLUSTER to its address", e);
        }
        String host = configuration.get("spark.driver.host", "0.0.0.0");
        SparkConf probe = configuration.clone().set("spark.rpc.askTimeout", "5s").set("spark.rpc.lookupTimeout", "5s");
        RpcEnv environment = RpcEnv.create("digits-probe", host, 0, probe,
                new SecurityManager(probe, scala.Option.empty(), SecurityManager.$lessinit$greater$default$3()), true);
        try {
            environment.setupEndpointRef(RpcAddress.apply(address.getHost(), address.getPort()), "Master");
        } catch (Exception e) {   // Scala throws checked exceptions undeclared
            throw refused(address, probe, e);
        } finally {
            environment.shutdown();
        }
    }

    private static ClusterException refused(URI address, SparkConf probe, Exception e) {
        String secret = probe.contains("spark.authenticate.secret")
                ? "the secret in DIGITS_CLUSTER_SECRET is not its own"
                : "it may ask for a secret: set DIGITS_CLUSTER_SECRET to the file that holds it";
        return new ClusterException("What listens at " + address + " refuses the connection: " + secret
                + ", it runs another version of Spark than " + ClusterException.version()
                + ", or it is not the master of a Spark cluster", e);
    }

    private void awaitExecutors(Consumer<? super Progress> progress) {
        if (context.isLocal()) return;
        long patience = context.getConf().getTimeAsSeconds(PATIENCE, "20s");
        long begun = System.nanoTime();
        long changed = begun;
        int before = 0;
        while (before == 0 || millisSince(changed) < SETTLED_MILLIS) {
            if (before == 0 && millisSince(begun) > patience * 1_000) {
                throw new ClusterException("The cluster at " + session.sparkContext().master() + " gave no executor "
                        + "within " + patience + " seconds: it needs a worker with "
                        + context.getConf().get("spark.executor.cores", "1") + " free cores and "
                        + context.getConf().get("spark.executor.memory", "1g") + " of free memory. Another application "
                        + "may have them (the page of the master shows it), or this machine cannot be reached from the "
                        + "workers", null);
            }
            int now = executors();
            if (now != before) changed = System.nanoTime();
            before = now;
            progress.accept(Progress.of(0.3, "waiting for executors: " + now));
            pause("connecting to the cluster");
        }
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    /** @throws ClusterException if this thread is interrupted: what was */
    static void pause(String what) {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException(what + " was interrupted", e);
        }
    }

    /** Also loads the library where the first task would have to. */
    private void requireSameLibrary() {
        Map<String, String> here = SameComputation.environment();
        int tasks = Math.max(1, executors());
        try {
            context.parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
                    .foreach(i -> SameComputation.require(here));
        } catch (Exception e) {   // Scala throws checked exceptions undeclared
            throw ClusterException.of("The cluster cannot compute for this process", e);
        }
    }

    /** The session, for tables and for Spark's own functions. */
    public SparkSession session() {
        return session;
    }

    /**
     * Trains the runs of an {@link digits.experiments.Experiment} on the executors, several at once, with the results
     * that this process would get, to the last bit. Each result is kept as it arrives. A run that ends its executor
     * each time, as by a lack of memory, fails alone after {@code spark.task.maxFailures} (4) attempts. An interrupted
     * experiment trains only the runs that were not finished, those from their beginning.
     */
    public RunExecutor runs() {
        return new ClusterRuns(context);
    }

    /**
     * Executes the rounds of a {@link digits.training.ParallelTrainer} on the executors, one task per worker, with the
     * result that this process would get, to the last bit. The images are sent once. If an executor ends, its tasks are
     * repeated on another one; if this process does, a training that has a folder continues after its last epoch.
     */
    public RoundExecutor rounds() {
        return new ClusterRounds(context);
    }

    JavaSparkContext context() {
        return context;
    }

    /** Number of executors at this moment; 1 if tasks run in this process. */
    public int executors() {
        int all = context.statusTracker().getExecutorInfos().length;   // with that of this process
        return context.isLocal() ? 1 : all - 1;
    }

    /** Address of the page on which Spark shows jobs and executors, if it has one. */
    public Optional<URI> page() {
        scala.Option<String> page = session.sparkContext().uiWebUrl();
        return page.isEmpty() ? Optional.empty() : Optional.of(URI.create(page.get()));
    }

    private String executorsText() {
        return Text.count(executors(), "executor");
    }

    /** One line, such as “Spark 4.2.0 at spark://127.0.0.1:7077: 2 executors, 1 thread each”. */
    @Override
    public String toString() {
        return "Spark " + session.version() + " at " + session.sparkContext().master() + ": " + executorsText() + ", "
                + Text.count(context.getConf().getInt("spark.task.cpus", 1), "thread") + " each";
    }

    /** Ends the session; its executors are free for others. */
    @Override
    public void close() {
        session.stop();
    }
}
