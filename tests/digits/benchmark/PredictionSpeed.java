package digits.benchmark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import digits.acceleration.Acceleration;
import digits.acceleration.FrozenNetwork;
import digits.networks.Network;
import digits.networks.WalkthroughNetwork;
import digits.onnx.OnnxFiles;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares how fast the walkthrough's network predicts: as it is, frozen, and in ONNX Runtime with all cores and with
 * one; single images and batches of 250. {@code java … digits.benchmark.PredictionSpeed [ROUNDS [CALLS [SYSTEM …]]]}:
 * in each of 10 rounds each system in turn predicts 500 single images and 2,500 in batches. Two more rounds warm up.
 * Prints milliseconds and images per second. Set OMP_NUM_THREADS and GOMP_SPINCOUNT=3000, as the kernel does.
 */
public final class PredictionSpeed {
    private static final int WARM_UP = 2;
    private static final int BATCH = 250;
    private static final int BATCHES = 10;

    /** Predicts images of 28×28. */
    private interface Predictor {
        float[][] predict(float[] images, int n) throws Exception;
    }

    private PredictionSpeed() { }

    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
        int calls = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 500;
        var network = new MultiLayerNetwork(WalkthroughNetwork.configuration(42, 0.99));
        network.init();
        Path file = Files.createTempFile("walkthrough", ".onnx");
        OnnxFiles.write(network, Map.of(), file);
        System.out.println(Acceleration.of(network));
        FrozenNetwork frozen = Acceleration.freeze(network);
        System.out.println(frozen);
        Map<String, Predictor> systems = new LinkedHashMap<>();
        systems.put("plain", (images, n) -> Network.rows(
                network.output(Nd4j.create(images, new long[] {n, 1, 28, 28}, 'c'))));
        systems.put("frozen", (images, n) -> frozen.predict(images, n, 1, 28, 28));
        systems.put("ONNX Runtime", runtime(file, 0));
        systems.put("ONNX Runtime, 1 thread", runtime(file, 1));
        if (arguments.length > 2) systems.keySet().retainAll(Arrays.asList(arguments).subList(2, arguments.length));
        measure(systems, rounds, calls);
        System.exit(0);
    }

    private static Predictor runtime(Path file, int threads) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        var options = new OrtSession.SessionOptions();
        if (threads > 0) options.setIntraOpNumThreads(threads);
        OrtSession session = environment.createSession(file.toString(), options);
        String input = session.getInputNames().iterator().next();
        return (images, n) -> {
            try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images),
                    new long[] {n, 1, 28, 28}); OrtSession.Result result = session.run(Map.of(input, tensor))) {
                return (float[][]) result.get(0).getValue();
            }
        };
    }

    private static void measure(Map<String, Predictor> systems, int rounds, int calls) throws Exception {
        Random random = new Random(1);
        float[] images = new float[BATCH * 784];
        for (int i = 0; i < images.length; i++) images[i] = random.nextInt(4) == 0 ? random.nextFloat() : 0;
        float[] image = Arrays.copyOf(images, 784);
        Map<String, List<Double>> single = new LinkedHashMap<>();
        Map<String, List<Double>> batches = new LinkedHashMap<>();
        for (int round = 0; round < rounds + WARM_UP; round++) {
            for (var system : systems.entrySet()) {
                List<Double> times = new ArrayList<>();
                for (int i = 0; i < calls; i++) times.add(time(system.getValue(), image, 1));
                List<Double> speeds = new ArrayList<>();
                for (int i = 0; i < BATCHES; i++) speeds.add(BATCH * 1e3 / time(system.getValue(), images, BATCH));
                if (round < WARM_UP) continue;
                single.computeIfAbsent(system.getKey(), name -> new ArrayList<>()).addAll(times);
                batches.computeIfAbsent(system.getKey(), name -> new ArrayList<>()).addAll(speeds);
            }
        }
        single.forEach((name, times) -> System.out.printf(
                "%-24s one image, ms: min %.3f  p10 %.3f  p50 %.3f  p99 %.3f;  images/s in batches of %d: median %.0f  "
                + "p90 %.0f  best %.0f%n",
                name, at(times, 0), at(times, 0.1), at(times, 0.5), at(times, 0.99), BATCH, at(batches.get(name), 0.5),
                at(batches.get(name), 0.9), at(batches.get(name), 1)));
    }

    private static double time(Predictor system, float[] images, int n) throws Exception {
        long start = System.nanoTime();
        system.predict(images, n);
        return (System.nanoTime() - start) / 1e6;
    }

    private static double at(List<Double> numbers, double share) {
        return numbers.stream().sorted().toList().get((int) Math.round(share * (numbers.size() - 1)));
    }
}
