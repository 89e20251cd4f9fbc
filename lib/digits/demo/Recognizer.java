package digits.demo;

import digits.acceleration.Acceleration;
import digits.image.Grid;
import digits.image.Ink;
import digits.interpret.GradCam;
import digits.interpret.Saliency;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A network that many may ask at once. It is a copy of its own, and one thread alone computes with it: a Deeplearning4j network keeps
 * the arrays of a pass in its layers, and two threads in it would mix them up. A pass takes a millisecond or two, so nobody waits long.
 */
final class Recognizer implements AutoCloseable {
    private static final int CLASSES = 10;
    private static final int WAITING = 256;
    private static final int SECONDS = 5;

    /** Which way to show where the network looked. */
    enum Look { SALIENCY, GRADCAM }

    private final MultiLayerNetwork network;
    private final ThreadPoolExecutor thread;

    /** @throws IllegalArgumentException if the network does not answer an image of 28×28 with ten probabilities */
    Recognizer(MultiLayerNetwork original) {
        network = original.clone();
        Acceleration.of(network);
        // the work that waits is bounded: who comes when it is full is told so at once
        thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
            Thread worker = new Thread(task, "digits-recognizer");
            worker.setDaemon(true);
            return worker;
        });
        try {
            asked(this::tryOut);
        } catch (RuntimeException unfit) {
            close();
            throw new IllegalArgumentException("this network cannot recognise drawn digits: " + unfit.getMessage(), unfit);
        }
    }

    /** The first pass makes the code for this shape of input, which takes some hundred milliseconds: before the first stroke. */
    private Void tryOut() {
        INDArray output = network.output(Ink.of(Ink.SIDE, Ink.SIDE, new byte[Ink.SIDE * Ink.SIDE]).toArray(), false);
        if (output.rank() != 2 || output.size(1) != CLASSES) {
            throw new IllegalArgumentException("it answers an image of 28×28 with " + output.shapeInfoToString() + ", not with ten probabilities");
        }
        return null;
    }

    /** What the network says of a digit of 28×28. */
    Answer answer(Ink digit) {
        double[] probabilities = asked(() -> network.output(digit.toArray(), false).toDoubleVector());
        return Answer.of(digit, probabilities);
    }

    /** Where it looked: what in the image of 28×28 speaks for this class, 28×28 numbers. */
    Grid look(Ink digit, int forDigit, Look how) {
        return asked(() -> switch (how) {
            case SALIENCY -> Saliency.of(network, digit.toArray(), forDigit);
            case GRADCAM -> GradCam.of(network, digit.toArray(), forDigit);
        });
    }

    private <T> T asked(Callable<T> question) {
        Future<T> answer;
        try {
            answer = thread.submit(question);
        } catch (RejectedExecutionException full) {
            throw new HttpError(503, "The network is busy or the demo has been stopped: try again.");
        }
        try {
            return answer.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            answer.cancel(false);
            throw new HttpError(503, "The network did not answer in " + SECONDS + " seconds: the machine is busy.");
        } catch (InterruptedException stopped) {
            answer.cancel(false);
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
