package digits.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Examples;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedImagesTest {
    private static byte[] written(LabeledImages images) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(PackedImages.of(images));
        }
        return bytes.toByteArray();
    }

    private static LabeledImages read(byte[] bytes) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return ((PackedImages) in.readObject()).images();
        }
    }

    @Test
    void theSameImagesWithoutTheSetThatTheyAreAViewOf() throws Exception {
        LabeledImages view = Examples.bars(1_000, 1).subset(999, 3, 3, 500);
        byte[] bytes = written(view);
        assertTrue(bytes.length < 5 * 785, bytes.length + " bytes");
        LabeledImages read = read(bytes);
        assertEquals(view.sha256(), read.sha256());
        assertEquals(3, read.origin(3));
        LabeledImages named = LabeledImages.of(new byte[] {1, -1, 3, 4}, new byte[] {1, 0}, 1, 2, List.of("no", "ü"));
        assertEquals(named.sha256(), read(written(named)).sha256());
        assertEquals(0, read(written(named.take(0))).size());
    }

    @Test
    void impossibleSizesAndCutBytesAreRefused() throws IOException {
        byte[] bytes = written(LabeledImages.of(new byte[12], new byte[3], 2, 2));
        int size = indexOf(bytes, 3, 2, 2);
        for (int[] bad : new int[][] {{-1, 2, 2}, {3, 0, 2}, {3, 2, -2}, {1 << 30, 2, 2}, {3, 1 << 20, 1 << 20}}) {
            byte[] changed = bytes.clone();
            for (int i = 0; i < 3; i++) ByteBuffer.wrap(changed).putInt(size + 4 * i, bad[i]);
            assertThrows(IOException.class, () -> read(changed));
        }
        byte[] cut = Arrays.copyOf(bytes, bytes.length - 5);
        assertThrows(IOException.class, () -> read(cut));
    }

    private static int indexOf(byte[] bytes, int... numbers) {
        for (int at = 0; at + 12 <= bytes.length; at++) {
            ByteBuffer here = ByteBuffer.wrap(bytes, at, 12);
            if (here.getInt() == numbers[0] && here.getInt() == numbers[1] && here.getInt() == numbers[2]) return at;
        }
        throw new IllegalStateException("not found");
    }
}
