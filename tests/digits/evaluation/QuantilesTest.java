package digits.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class QuantilesTest {
    private final double[] values = {5, 1, 4, 2};

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertEquals(3, Quantiles.median(values));
        assertEquals(4, Quantiles.median(5, 1, 4));
        assertEquals(7, Quantiles.median(7));
    }

    @Test
    void aQuantileIsOneOfTheValues() {
        assertEquals(1, Quantiles.of(0, values));
        assertEquals(5, Quantiles.of(0.99, values));
        assertEquals(4, Quantiles.of(0.5, 5.0f, 1.0f, 4.0f));
        assertArrayEquals(new double[] {5, 1, 4, 2}, values, "the values stay as they are");
    }
}
