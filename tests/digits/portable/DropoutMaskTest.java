package digits.portable;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.engine.Region;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

class DropoutMaskTest {
    @Test
    void aMasksFactorsDoNotDependOnTheCut() {
        int length = 200_003;   // several parts and lines, none of them whole
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        float[] whole = masked(ones, length);
        assertArrayEquals(Arrays.copyOf(whole, 1_001), masked(ones, 1_001));
        long kept = IntStream.range(0, length).filter(i -> whole[i] != 0).count();
        assertEquals(0.75, (double) kept / length, 0.005);
        for (float factor : whole) assertTrue(factor == 0 || factor == 1 / 0.75f, "factor " + factor);
    }

    private static float[] masked(float[] numbers, int length) {
        try (var in = new FloatPointer(length); var out = new FloatPointer(length)) {
            Region input = new Region(in.address(), 4L * length);
            Region output = new Region(out.address(), 4L * length);
            input.write(Arrays.copyOf(numbers, length));
            DropoutMask mask = new DropoutMask(length, new PortableEngine());
            mask.drawAndApply(0.75, 42, input, output);
            float[] first = output.read(length);
            mask.apply(input, output);
            assertArrayEquals(first, output.read(length), "the same factors again");
            return first;
        }
    }
}
