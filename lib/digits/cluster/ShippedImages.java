package digits.cluster;

import digits.Settings;
import digits.Text;
import digits.data.Catalogue;
import digits.data.DataException;
import digits.data.Dataset;
import digits.data.LabeledImages;
import digits.data.PackedImages;
import digits.data.Provenance;
import java.io.File;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.serializer.JavaSerializer;

/**
 * The driver's images on the executors, one copy in each process. Up to {@link #LARGEST} bytes of pixels are sent;
 * larger sets have to be of the {@link Catalogue}, each machine reads them from its own files, and their checksum is
 * compared with the driver's. Once closed, they can no longer be asked for, and the executors forget them.
 */
final class ShippedImages implements Serializable, AutoCloseable {
    /** EMNIST's 814,255 images have 638 MB, MNIST's training images 47 MB. */
    static final long LARGEST = 256L << 20;

    private final Broadcast<Parcel> parcel;

    private ShippedImages(Broadcast<Parcel> parcel) {
        this.parcel = parcel;
    }

    /** @throws ClusterException if the images are too many to be sent and not of the catalog */
    static ShippedImages of(JavaSparkContext context, LabeledImages images) {
        return of(context, images, LARGEST);
    }

    static ShippedImages of(JavaSparkContext context, LabeledImages images, long largest) {
        if (!(SparkEnv.get().serializer() instanceof JavaSerializer)) {
            throw new ClusterException("The session's spark.serializer is not Spark's default, the only one that "
                    + "images are sent with: leave it out of the session's configuration", null);
        }
        long bytes = (long) images.size() * images.rows() * images.columns();
        return new ShippedImages(context.broadcast(bytes <= largest ? new Sent(PackedImages.of(images))
                : new OnEachMachine(images, bytes)));
    }

    /**
     * The images, on the driver or in a task.
     *
     * @throws IllegalStateException if this machine has to have them in its files and does not: what to do
     */
    LabeledImages images() {
        return parcel.value().images();
    }

    @Override
    public void close() {
        forget(parcel);
    }

    /**
     * Lets the executors forget what was sent to them. Spark refuses that on a thread that was interrupted, and after
     * the end of the session.
     */
    static void forget(Broadcast<?> sent) {
        boolean interrupted = Thread.interrupted();
        try {
            if (sent.isValid()) sent.destroy();
        } catch (RuntimeException ended) {
            // the session, and with it all that it had
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private interface Parcel extends Serializable {
        LabeledImages images();
    }

    private record Sent(PackedImages packed) implements Parcel {
        @Override
        public LabeledImages images() {
            return packed.images();
        }
    }

    /** Where images are in a data set of the catalog. */
    private static final class OnEachMachine implements Parcel {
        private final List<Catalogue> candidates;   // sets with these classes
        private final int[] positions;
        private final String sha256;
        private final String driversFolder;
        private transient LabeledImages images;

        OnEachMachine(LabeledImages images, long bytes) {
            candidates = Stream.of(Catalogue.values()).filter(set -> set.names().equals(images.names())).toList();
            if (candidates.isEmpty()) {
                throw new ClusterException(images + " have " + Text.whole(bytes >> 20) + " MiB, and at most "
                        + (LARGEST >> 20) + " MiB are sent to the executors. More can be used if they are a data set "
                        + "of the catalog, such as EMNIST, which each machine reads from its own files", null);
            }
            positions = IntStream.range(0, images.size()).map(images::origin).toArray();
            sha256 = images.sha256();
            driversFolder = System.getenv().getOrDefault("DIGITS_DATA", "");
            this.images = images;
        }

        @Override
        public synchronized LabeledImages images() {
            if (images == null) images = read(System.getenv().getOrDefault("DIGITS_DATA", ""));
            return images;
        }

        /** From this machine's folder, that of the driver's name, or this machine's cache. */
        private LabeledImages read(String ownFolder) {
            String folder = ownFolder.isBlank() && new File(driversFolder).isDirectory() ? driversFolder : ownFolder;
            Settings here = Settings.from(Map.of("DIGITS_DATA", folder, "DIGITS_MIRRORS", "none"));
            List<String> found = new ArrayList<>();
            for (Catalogue set : candidates) {
                try {
                    Dataset all = set.load(here);
                    Optional<LabeledImages> same = same(all.train()).or(() -> same(all.test()));
                    if (same.isPresent()) return same.get();
                    Provenance from = all.provenance();
                    found.add(set.title() + (from.isSample() ? ": " + from.why()
                            : " has other images, " + from.place()));
                } catch (DataException e) {
                    found.add(e.getMessage());
                }
            }
            throw new IllegalStateException("The machine " + SameComputation.host() + " does not have the "
                    + Text.whole(positions.length) + " images of the driver, which are too many to be sent: give it "
                    + "the driver's files in a folder, and its workers DIGITS_DATA with that folder ("
                    + String.join("; ", found) + ")");
        }

        private Optional<LabeledImages> same(LabeledImages all) {
            if (IntStream.of(positions).anyMatch(position -> position >= all.size())) return Optional.empty();
            return Optional.of(all.subset(positions)).filter(images -> images.sha256().equals(sha256));
        }
    }
}
