package digits.pictures;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

import javax.imageio.ImageIO;

/** What one does with finished pictures. */
public final class Figures {
    private static final int GAP = 16;

    private Figures() {
    }

    /**
     * The pictures next to each other on white paper, tops aligned, 16 pixels between them.
     *
     * @throws IllegalArgumentException without a picture
     */
    public static BufferedImage sideBySide(BufferedImage... pictures) {
        if (pictures.length == 0) throw new IllegalArgumentException("no pictures to put side by side");
        int width = -GAP;
        int height = 0;
        for (BufferedImage p : pictures) {
            width += p.getWidth() + GAP;
            height = Math.max(height, p.getHeight());
        }
        BufferedImage all = Style.paper(width, height);
        Graphics2D g = Style.pen(all);
        int x = 0;
        for (BufferedImage p : pictures) {
            g.drawImage(p, x, 0, null);
            x += p.getWidth() + GAP;
        }
        g.dispose();
        return all;
    }

    /**
     * The pictures below each other on white paper, left sides aligned, 16 pixels between them.
     *
     * @throws IllegalArgumentException without a picture
     */
    public static BufferedImage stacked(List<BufferedImage> pictures) {
        if (pictures.isEmpty()) throw new IllegalArgumentException("no pictures to stack");
        int width = 0;
        int height = -GAP;
        for (BufferedImage p : pictures) {
            width = Math.max(width, p.getWidth());
            height += p.getHeight() + GAP;
        }
        BufferedImage all = Style.paper(width, height);
        Graphics2D g = Style.pen(all);
        int y = 0;
        for (BufferedImage p : pictures) {
            g.drawImage(p, 0, y, null);
            y += p.getHeight() + GAP;
        }
        g.dispose();
        return all;
    }

    /**
     * Writes the picture as PNG: into a temporary file beside {@code file}, which then takes its place, so that a
     * reader never sees half a picture. Missing folders are made.
     *
     * @return {@code file}
     * @throws IOException if the folder cannot be written to; what was there before stays
     */
    public static Path toPng(BufferedImage picture, Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, "picture", ".png.part");
        try {
            if (!ImageIO.write(picture, "png", temporary.toFile())) {
                throw new IOException("this Java cannot write a picture of type " + picture.getType() + " as PNG to " + file);
            }
            try {
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException otherFileSystem) {
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(temporary);
        }
        return file;
    }
}
