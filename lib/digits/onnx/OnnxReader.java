package digits.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** Reads networks from ONNX files; see {@link OnnxFiles}. */
final class OnnxReader {
    private static final int LONGEST_QUOTE = 80;

    private OnnxReader() { }

    static MultiLayerNetwork read(Path file) {
        return open(file, graph -> graph.parts().sequence(graph.input()));
    }

    static ComputationGraph readGraph(Path file) {
        return open(file, graph -> graph.parts().graph(graph.input()));
    }

    /**
     * What to know about a network that was read: that a softmax was added, which pixels it expects.
     *
     * @return sentences; empty if there is nothing special
     */
    static List<String> notes(Path file) {
        return open(file, GraphReader::notes);
    }

    /** Opens a file and makes something of it; every failure names the file. */
    private static <T> T open(Path file, Function<GraphReader, T> use) {
        String name = shortened(String.valueOf(file.getFileName()));
        try {
            return use.apply(new GraphReader(OnnxSource.open(file)));
        } catch (OnnxFileException e) {
            throw new OnnxFileException(name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new OnnxFileException(name + " cannot be read: " + shortened(e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw new OnnxFileException(name + " needs more memory than Java has; start it with a larger -Xmx", e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new OnnxFileException(name + ": " + damaged(shortened(e.toString())).getMessage(), e);
        }
    }

    static OnnxFileException refused(String why) {
        return new OnnxFileException(why);
    }

    static OnnxFileException damaged(String what) {
        return refused("the file is damaged: " + what + "; copy or export it again");
    }

    /** Text from a file as a message can quote it: short, and without anything that a page or a console obeys. */
    static String shortened(String text) {
        if (text == null) return null;
        String start = text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "…" : text;
        return start.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", " ").replace('<', '‹').replace('>', '›');
    }
}
