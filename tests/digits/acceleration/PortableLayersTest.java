package digits.acceleration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer.PoolingType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** All comparisons with OpenBLAS and Java in place of oneDNN, and shapes that oneDNN has no code for. */
class PortableLayersTest extends LayersTest {
    @BeforeEach
    void choose() {
        System.setProperty(Acceleration.PROPERTY, "portable");
    }

    @AfterEach
    void forgetTheProperty() {
        System.clearProperty(Acceleration.PROPERTY);
    }

    @Test
    void thePortableCodeIsWhatComputes() {
        assertEquals(Acceleration.Mode.PORTABLE, Acceleration.of(Networks.tiny()).mode());
    }

    @Test
    void windowsWithMuchPaddingCompare() {
        compare(InputType.convolutional(6, 6, 3), new SubsamplingLayer.Builder(PoolingType.MAX).kernelSize(3, 3)
                .stride(1, 1).padding(2, 2).build(), Nd4j.randn(DataType.FLOAT, 2, 3, 6, 6), 1e-4);
    }
}
