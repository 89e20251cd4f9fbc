package digits.demo;

import digits.Settings;
import digits.data.Catalogue;
import digits.data.LabeledImages;
import digits.files.Pretrained;
import digits.image.Ink;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Measures how long a drawing waits for its prediction: {@code java … digits.demo.Latency}. One client draws like the
 * page, the next canvas after the response to the last; the time is that of the whole request. Prints median, 95th
 * percentile and maximum.
 */
public final class Latency {
    private static final int WARM_UP = 300;
    private static final int MEASURED = 1_000;

    private Latency() {
    }

    /** Measures and prints. */
    public static void main(String[] none) throws Exception {
        LabeledImages digits = Catalogue.MNIST.load(Settings.fromEnvironment()).test();
        double[] milliseconds = new double[MEASURED];
        try (Demo demo = Demo.start(Pretrained.network(), "the project's", new Endpoint(0, Optional.empty()))) {
            HttpClient client = HttpClient.newHttpClient();
            for (int n = -WARM_UP; n < MEASURED; n++) {
                byte[] canvas = Ink.of(digits.grid((n + WARM_UP) % digits.size())).enlargedTo(Guard.CANVAS).bytes();
                HttpRequest request = HttpRequest.newBuilder(URI.create(demo.address() + "drawing"))
                        .header("Content-Type", "application/octet-stream").POST(BodyPublishers.ofByteArray(canvas))
                        .build();
                long start = System.nanoTime();
                int status = client.send(request, BodyHandlers.ofString()).statusCode();
                if (status != 200) throw new IllegalStateException("status " + status);
                if (n >= 0) milliseconds[n] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(milliseconds);
        System.out.printf(Locale.ROOT, "%d drawings: median %.1f ms, 95 %% below %.1f ms, slowest %.1f ms%n", MEASURED,
                milliseconds[MEASURED / 2], milliseconds[(int) (0.95 * MEASURED)], milliseconds[MEASURED - 1]);
    }
}
