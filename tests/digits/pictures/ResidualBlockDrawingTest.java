package digits.pictures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.networks.LayerSummary.Type;
import digits.networks.ResNet;
import digits.networks.ResidualBlock;
import java.awt.image.BufferedImage;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;

class ResidualBlockDrawingTest {
    /** Two blue boxes below in both; the projection has one more above, the identity only a line. */
    @Test
    void theShortcutIsDrawnAboveTheResidual() {
        ComputationGraph graph = new ComputationGraph(ResNet.configuration(1, 10, 1));
        graph.init();
        List<ResidualBlock> blocks = ResidualBlock.of(graph);
        BufferedImage identity = Pictures.page(ResidualBlockDrawing.of(blocks.get(0)));
        BufferedImage projection = Pictures.page(ResidualBlockDrawing.of(blocks.get(1)));

        assertEquals(Style.WIDTH, identity.getWidth());
        assertEquals(0, convolutions(identity, 45));
        assertEquals(1, convolutions(projection, 45));
        assertEquals(2, convolutions(identity, 125));
        assertEquals(2, convolutions(projection, 125));
        assertTrue(Pictures.count(identity.getSubimage(0, 62, Style.WIDTH, 1), Style.PAPER) < Style.WIDTH - 500,
                "a line around the block");
    }

    private static int convolutions(BufferedImage picture, int y) {
        return Pictures.runs(picture, y, ArchitectureDrawing.color(Type.CONVOLUTION));
    }
}
