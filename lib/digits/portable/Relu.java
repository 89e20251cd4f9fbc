package digits.portable;

import digits.engine.Engine;
import digits.engine.Region;
import digits.engine.Workers;
import java.nio.IntBuffer;

/** ReLU and its derivative, on the bits of the numbers: masks instead of branches. */
final class Relu implements Engine.Relu {
    private static final int LINE = 1_024;

    private final int length;

    Relu(long length) {
        this.length = Math.toIntExact(length);
    }

    @Override
    public void forward(Region input, Region output) {
        IntBuffer x = input.bits(length);
        IntBuffer y = output.bits(length);
        Workers.ranges(Lines.count(length, LINE), length, (first, end, worker) -> {
            int[] line = new int[LINE];
            for (int at = first * LINE; at < Math.min(end * LINE, length); at += LINE) {
                int count = Math.min(LINE, length - at);
                x.get(at, line, 0, count);
                positive(line, count);
                y.put(at, line, 0, count);
            }
        });
    }

    @Override
    public void backward(Region output, Region gradient, Region inputGradient) {
        IntBuffer y = output.bits(length);
        IntBuffer dy = gradient.bits(length);
        IntBuffer dx = inputGradient.bits(length);
        Workers.ranges(Lines.count(length, LINE), length, (first, end, worker) -> {
            int[] outputs = new int[LINE];
            int[] line = new int[LINE];
            for (int at = first * LINE; at < Math.min(end * LINE, length); at += LINE) {
                int count = Math.min(LINE, length - at);
                y.get(at, outputs, 0, count);
                dy.get(at, line, 0, count);
                select(outputs, line, count);
                dx.put(at, line, 0, count);
            }
        });
    }

    private static void positive(int[] line, int count) {
        for (int i = 0; i < count; i++) line[i] &= ~(line[i] >> 31);
    }

    /** Keeps what belongs to an output above 0: neither 0 nor with the bit of a negative sign. */
    private static void select(int[] outputs, int[] line, int count) {
        for (int i = 0; i < count; i++) line[i] &= ~((outputs[i] - 1 | outputs[i]) >> 31);
    }
}
