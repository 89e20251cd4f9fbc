package digits.data;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.List;

/**
 * Images on their way to another process. Written are these images alone, not the set that they are a view of; read are
 * the same images in the same order, in a set whose origins count anew.
 */
public final class PackedImages implements Serializable {
    private static final long serialVersionUID = 1;

    private transient LabeledImages images;

    private PackedImages(LabeledImages images) {
        this.images = images;
    }

    public static PackedImages of(LabeledImages images) {
        return new PackedImages(images);
    }

    /** The images; after reading, more than 64 MiB of them lie outside Java's heap. */
    public LabeledImages images() {
        return images;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        out.writeObject(images.names().toArray(String[]::new));
        for (int number : new int[] {images.size(), images.rows(), images.columns()}) out.writeInt(number);
        byte[] image = new byte[images.rows() * images.columns()];
        for (int i = 0; i < images.size(); i++) {
            images.bytes(i).get(image);
            out.write(image);
            out.write(images.label(i));
        }
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        List<String> names = List.of((String[]) in.readObject());
        int size = in.readInt();
        int rows = in.readInt();
        int columns = in.readInt();
        if (size < 0 || rows < 1 || columns < 1 || (long) rows * columns > Integer.MAX_VALUE / Math.max(1L, size)) {
            throw new InvalidObjectException(size + " images of " + rows + "×" + columns);
        }
        byte[] image = new byte[rows * columns];
        byte[] labels = new byte[size];
        try (Pixels pixels = Pixels.of((long) size * image.length)) {
            for (int i = 0; i < size; i++) {
                in.readFully(image);
                pixels.add(image, image.length);
                labels[i] = in.readByte();
            }
            images = LabeledImages.of(pixels.done(), labels, rows, columns, names);
        }
    }
}
