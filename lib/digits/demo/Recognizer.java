package digits.demo;

import digits.acceleration.Acceleration;
import digits.acceleration.FrozenNetwork;
import digits.demo.Guard.HttpError;
import digits.image.Grid;
import digits.image.Ink;
import digits.image.Photo;
import digits.image.PictureFile;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Thread-safe wrapper around a private copy of a network; all computations run on one thread. (A Deeplearning4j network
 * keeps the arrays of a pass in its layers, which two threads would mix up.)
 */
final class Recognizer implements AutoCloseable {
    private static final int WAITING = 256;
    private static final int SECONDS = 5;
    private static final int DECODERS = 2;
    private static final int MOST_CLASSES = 128;

    /** A way to show what the network looked at: saliency or Grad-CAM. */
    interface Look {
        Grid of(MultiLayerNetwork network, INDArray image, int label);
    }

    private final NetworkView view;
    private final ThreadPoolExecutor thread;
    private final Semaphore decoders = new Semaphore(DECODERS, true);
    private final int classes;
    private MultiLayerNetwork network;   // these two are only the thread's: the network for what its layers show,
    private FrozenNetwork frozen;        // and its predictions

    /** @throws IllegalArgumentException unless the network returns some probabilities for an image of 28×28 */
    Recognizer(MultiLayerNetwork original) {
        network = original.clone();
        view = NetworkView.of(network);
        Acceleration.of(network);
        frozen = Acceleration.freeze(network);
        // the queue is bounded: when it is full, a request is refused at once
        thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING),
                Http.daemons("digits-recognizer"));
        try {
            classes = compute(() -> classes(frozen));
        } catch (RuntimeException unfit) {
            close();
            throw new IllegalArgumentException("this network cannot recognize digits: " + unfit.getMessage(), unfit);
        }
    }

    /** The first pass compiles code for this shape, for some hundred milliseconds: better before the first stroke. */
    private static int classes(FrozenNetwork network) {
        Ink paper = Ink.of(Ink.SIDE, Ink.SIDE, new byte[Ink.SIDE * Ink.SIDE]);
        INDArray output = network.output(paper.toArray());
        if (output.rank() == 2 && output.size(1) >= 2 && output.size(1) <= MOST_CLASSES) return (int) output.size(1);
        throw new IllegalArgumentException("for an image of 28×28 it returns " + output.shapeInfoToString()
                + ", not the probabilities of 2 to " + MOST_CLASSES + " classes");
    }

    /** The number of classes that the network distinguishes. */
    int classes() {
        return classes;
    }

    /**
     * Recognizes with a copy of another network from the next prediction on.
     *
     * @throws IllegalArgumentException unless it distinguishes as many classes for an image of 28×28, and the page
     *                                  shows the same layers
     */
    void use(MultiLayerNetwork other) {
        MultiLayerNetwork copy = other.clone();
        NetworkView layers = NetworkView.of(copy);
        Acceleration.of(copy);
        FrozenNetwork predictions = Acceleration.freeze(copy);
        int others = classes(predictions);
        if (others != classes) {
            throw new IllegalArgumentException("the network distinguishes " + others + " classes, not " + classes);
        }
        if (!layers.layers().equals(view.layers())) {
            throw new IllegalArgumentException("it has other layers than the network that the page shows");
        }
        compute(() -> {
            frozen.close();
            frozen = predictions;
            return network = copy;
        });
    }

    /**
     * A prediction for one digit, as the page reads it.
     *
     * @param digit         the most probable class, from 0
     * @param runnerUp      the second most probable
     * @param probabilities of all classes, which sum to 1
     * @param pixels        what the network saw: 28×28 numbers, 0 (paper) to 255 (ink), row by row
     * @param next          the predictions for the digits to the right of this one
     */
    record Prediction(int digit, int runnerUp, double[] probabilities, int[] pixels, List<Prediction> next) { }

    /** The predictions for the digits of a drawing, 200×200 bytes. */
    Prediction drawing(byte[] canvas) {
        return predict(Ink.of(Guard.CANVAS, Guard.CANVAS, canvas).digits());
    }

    /** The predictions for the digits in a picture file. Two pictures are decoded at a time: each needs much memory. */
    Prediction picture(byte[] file) {
        try {
            if (!decoders.tryAcquire(SECONDS, TimeUnit.SECONDS)) {
                throw new HttpError(503, "Other pictures are being read: try again in a few seconds.");
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new HttpError(503, "The demo is being stopped.");
        }
        List<Ink> digits;
        try {
            digits = Photo.digits(PictureFile.read(file));
        } finally {
            decoders.release();
        }
        return predict(digits);
    }

    private Prediction predict(List<Ink> digits) {
        List<Prediction> next = digits.stream().skip(1).map(digit -> predict(digit.asInMnist(), List.of())).toList();
        return predict(digits.get(0).asInMnist(), next);
    }

    private Prediction predict(Ink digit, List<Prediction> next) {
        double[] probabilities = compute(() -> frozen.output(digit.toArray()).toDoubleVector());
        int[] order = IntStream.range(0, probabilities.length).boxed()
                .sorted(Comparator.comparingDouble(d -> -probabilities[d])).mapToInt(d -> d).toArray();
        byte[] bytes = digit.bytes();
        int[] pixels = IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xff).toArray();
        return new Prediction(order[0], order[1], probabilities, pixels, next);
    }

    /** Where in the image of 28×28 the network found evidence for this class: 28×28 numbers. */
    Grid look(Ink digit, int label, Look how) {
        return compute(() -> how.of(network, digit.toArray(), label));
    }

    /** The layers that {@link #activations} shows. */
    List<NetworkView.Layer> layers() {
        return view.layers();
    }

    /** What each layer computes for the image of 28×28. */
    List<NetworkView.Activations> activations(Ink digit) {
        return compute(() -> view.activations(network, digit.toArray()));
    }

    private <T> T compute(Callable<T> task) {
        Future<T> result;
        try {
            result = thread.submit(task);
        } catch (RejectedExecutionException full) {
            throw new HttpError(503, "The network is busy or the demo has been stopped: try again.");
        }
        try {
            return result.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            result.cancel(false);
            throw new HttpError(503, "The network took longer than " + SECONDS + " seconds: the machine is busy.");
        } catch (InterruptedException stopped) {
            result.cancel(false);
            Thread.currentThread().interrupt();
            throw new HttpError(503, "The demo is being stopped.");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException problem) throw problem;
            throw new IllegalStateException(failed.getCause());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
