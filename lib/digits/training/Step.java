package digits.training;

import java.io.Serializable;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.layers.BaseOutputLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.BaseTrainingListener;

/**
 * The figures of one training step.
 *
 * @param loss   mean categorical cross-entropy of the batch before the step, with dropout
 * @param right  how many images of the batch were recognized
 * @param images of the batch
 */
public record Step(double loss, int right, int images) implements Serializable {
    /** Reports each step of a network that is being trained. */
    static final class Listener extends BaseTrainingListener {
        private final BaseOutputLayer<?> layer;
        private final Consumer<List<Step>> taken;
        private int right;
        private int images;

        Listener(BaseOutputLayer<?> layer, Consumer<List<Step>> taken) {
            this.layer = layer;
            this.taken = taken;
        }

        /** The batch's predictions are gone by now; the last layer, ten products per image, computes them again. */
        @Override
        public void onBackwardPass(Model model) {
            float[] predicted = layer.activate(false, LayerWorkspaceMgr.noWorkspaces()).dup('c').data().asFloat();
            float[] truth = layer.getLabels().dup('c').data().asFloat();
            images = layer.getLabels().rows();
            right = 0;
            int classes = truth.length / images;
            for (int at = 0; at < truth.length; at += classes) {
                if (largest(predicted, at, classes) == largest(truth, at, classes)) right++;
            }
        }

        /** The position of the first largest value; for ten numbers a native call would take longer. */
        private static int largest(float[] values, int from, int count) {
            int best = from;
            for (int i = from + 1; i < from + count; i++) if (values[i] > values[best]) best = i;
            return best;
        }

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            taken.accept(List.of(new Step(model.score(), right, images)));
        }
    }
}
