package digits.training;

import digits.files.AtomicFile;
import digits.files.BoundedZip;
import digits.files.SavedArray;
import digits.networks.Network;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.Deflater;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The file of an unfinished training: its state after the last whole epoch, all that decides how it continues. It
 * belongs to one training, which it knows by the fingerprint of everything that decides the result.
 */
record Checkpoint(Path file, String fingerprint, Network network) {
    private static final String STATE = "state.bin";
    private static final String PARAMETERS = "parameters.bin";
    private static final String UPDATER = "updater.bin";
    private static final String BEST = "best.bin";
    private static final Map<String, Long> LARGEST =
            Map.of(STATE, 16L << 20, PARAMETERS, 1L << 30, UPDATER, 1L << 30, BEST, 1L << 30);

    /** What is not an array; {@code patientFrom} is early stopping's. */
    private record State(int iterations, int epochsBegun, TrainingRecord.RandomState random, int patientFrom,
                         List<Epoch> epochs) {
        byte[] write(String fingerprint) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(fingerprint);
                for (int number : new int[] {iterations, epochsBegun, patientFrom}) out.writeInt(number);
                for (long word : new long[] {random.root(), random.node()}) out.writeLong(word);
                for (Epoch e : epochs) {   // not JSON, which has neither infinity nor NaN
                    out.writeInt(e.number());
                    for (double figure : new double[] {e.trainLoss(), e.trainAccuracy(), e.validationLoss(),
                            e.validationAccuracy(), e.trainSeconds(), e.validationSeconds(), e.imagesPerSecond()}) {
                        out.writeDouble(figure);
                    }
                }
            } catch (IOException inMemory) {
                throw new UncheckedIOException(inMemory);
            }
            return bytes.toByteArray();
        }

        static State read(byte[] bytes, String fingerprint) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            if (!in.readUTF().equals(fingerprint)) throw new IOException("it belongs to another training");
            int iterations = in.readInt();
            int epochsBegun = in.readInt();
            int patientFrom = in.readInt();
            var random = new TrainingRecord.RandomState(in.readLong(), in.readLong());
            List<Epoch> epochs = new ArrayList<>();
            while (in.available() > 0) {
                epochs.add(new Epoch(in.readInt(), in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble(),
                        in.readDouble(), in.readDouble(), in.readDouble()));
                if (epochs.get(epochs.size() - 1).number() != epochs.size()) throw new EOFException();
            }
            return new State(iterations, epochsBegun, random, patientFrom, epochs);
        }
    }

    /** Writes the state after an epoch; UncheckedIOException if that fails, and the earlier file is still there. */
    void save(List<Epoch> epochs, Optional<EarlyStopping> early) {
        State state = new State(network.iterations(), network.epochs(), TrainingRecord.RandomState.now(),
                early.map(e -> e.patientFrom).orElse(0), epochs);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(STATE, state.write(fingerprint));
        entries.put(PARAMETERS, SavedArray.write(network.model().params()));
        if (network.updaterState() != null) entries.put(UPDATER, SavedArray.write(network.updaterState()));
        early.map(e -> e.weights).ifPresent(best -> entries.put(BEST, SavedArray.write(best)));
        AtomicFile.writeZip(file, entries, Deflater.NO_COMPRESSION);   // weights hardly shrink
    }

    /**
     * Puts network, random numbers, early stopping and the list of epochs into the state of the file.
     *
     * @return false if there is no file
     * @throws IOException if it is damaged or of another training: nothing was changed
     */
    boolean restore(List<Epoch> epochs, Optional<EarlyStopping> early) throws IOException {
        if (!Files.isRegularFile(file)) return false;
        Map<String, byte[]> entries = BoundedZip.read(file, "checkpoint", LARGEST);
        try {
            if (!entries.containsKey(STATE)) throw new IOException("its entry \"" + STATE + "\" is missing");
            State state = State.read(entries.get(STATE), fingerprint);
            INDArray parameters = array(entries, PARAMETERS, network.model().params());
            INDArray updater = array(entries, UPDATER, network.updaterState());
            INDArray best = entries.containsKey(BEST) ? array(entries, BEST, network.model().params()) : null;
            network.model().setParams(parameters);
            if (updater != null) network.updaterState().assign(updater);
            network.setCounters(state.iterations, state.epochsBegun);
            early.ifPresent(e -> {
                e.patientFrom = state.patientFrom;
                e.weights = best;
            });
            epochs.clear();
            epochs.addAll(state.epochs);
            state.random.restore();
            return true;
        } catch (EOFException e) {
            throw new IOException("its entry \"" + STATE + "\" is damaged", e);
        }
    }

    /** The array of an entry, which has to have as many numbers as the network's; null if that is null. */
    private static INDArray array(Map<String, byte[]> entries, String name, INDArray networks) throws IOException {
        if (networks == null) return null;
        if (!entries.containsKey(name)) throw new IOException("its entry \"" + name + "\" is missing");
        INDArray array = SavedArray.read(entries.get(name), name);
        if (array.length() == networks.length()) return array;
        throw new IOException("its entry \"" + name + "\" has " + array.length() + " numbers, not "
                + networks.length());
    }

    /** Renames a file that cannot be used, for a person who wants to look at it; says what happened to it. */
    String setAside() {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            return "it was renamed to " + aside.getFileName();
        } catch (IOException e) {
            return "it will be overwritten";
        }
    }

    /** Deletes the file of a training that has finished; if that fails, the next one finds it finished. */
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException ignored) {
            // at worst the same training is restored from it, with the same result
        }
    }

    /** The file with its last two folders, without those of the machine: “models/full/training-….checkpoint”. */
    String name() {
        int names = file.getNameCount();
        return file.subpath(Math.max(0, names - 3), names).toString().replace('\\', '/');
    }
}
