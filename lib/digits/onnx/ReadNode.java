package digits.onnx;

import static digits.onnx.OnnxReader.shortened;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx;
import onnx.Onnx.AttributeProto.AttributeType;
import onnx.Onnx.NodeProto;

/** A node of a file: an operator with its attributes. It remembers which attributes were asked for. */
final class ReadNode {
    private static final int LONGEST_LIST = 1000;

    private final NodeProto node;
    private final int place;
    private final int opset;
    private final Map<String, Onnx.AttributeProto> attributes = new HashMap<>();
    private final Set<String> unread = new HashSet<>();

    /** @param place from 1, in the file's order */
    ReadNode(NodeProto node, int place, int opset) {
        this.node = node;
        this.place = place;
        this.opset = opset;
        for (Onnx.AttributeProto attribute : node.getAttributeList()) {
            if (attributes.put(attribute.getName(), attribute) != null) {
                throw cannot("has the attribute " + shortened(attribute.getName()) + " twice; the file is damaged");
            }
            unread.add(attribute.getName());
        }
    }

    String type() {
        return node.getOpType();
    }

    int opset() {
        return opset;
    }

    String domain() {
        return node.getDomain().equals("ai.onnx") ? "" : node.getDomain();
    }

    List<String> inputs() {
        return node.getInputList();
    }

    List<String> outputs() {
        return node.getOutputList();
    }

    /** A name for its layer. */
    String name() {
        String name = node.getName().replaceFirst("^/+", "");
        return name.isBlank() ? type() + "_" + place : name;
    }

    /** An exception that says which node it is. */
    OnnxFileException cannot(String what) {
        String named = node.getName().isEmpty() ? "" : " \"" + shortened(node.getName()) + "\"";
        return OnnxReader.refused("node " + place + named + " (" + shortened(type()) + ") " + what);
    }

    OnnxFileException badAttribute(String name) {
        Onnx.AttributeProto attribute = attributes.get(name);
        String value = attribute == null ? "" : shortened(switch (attribute.getType()) {
            case INT -> " " + attribute.getI();
            case FLOAT -> " " + attribute.getF();
            case INTS -> " " + attribute.getIntsList().stream().limit(10).toList();
            case STRING -> " " + attribute.getS().substring(0, Math.min(100, attribute.getS().size())).toStringUtf8();
            default -> "";
        });
        return cannot("has the attribute " + name + value + ", which cannot be read here");
    }

    boolean has(String attribute) {
        return attributes.containsKey(attribute);
    }

    /** Refuses what no one has asked for: it may change what the operator means. */
    void checkAllRead() {
        for (String name : unread) {
            throw cannot("has the attribute " + shortened(name) + ", which this operator does not have in ONNX");
        }
    }

    /** Attributes that do not matter for the result. */
    void ignore(String... names) {
        unread.removeAll(Arrays.asList(names));
    }

    Onnx.AttributeProto attribute(String name, AttributeType type) {
        unread.remove(name);
        Onnx.AttributeProto attribute = attributes.get(name);
        if (attribute == null) return null;
        boolean right = attribute.getType() == type || attribute.getType() == AttributeType.UNDEFINED;
        if (!right || !attribute.getRefAttrName().isEmpty()) throw badAttribute(name);
        return attribute;
    }

    double number(String name, double otherwise) {
        Onnx.AttributeProto attribute = attribute(name, AttributeType.FLOAT);
        if (attribute == null) return otherwise;
        if (!Float.isFinite(attribute.getF())) throw badAttribute(name);
        return attribute.getF();
    }

    long whole(String name, long otherwise) {
        Onnx.AttributeProto attribute = attribute(name, AttributeType.INT);
        return attribute == null ? otherwise : attribute.getI();
    }

    boolean flag(String name, boolean otherwise) {
        long value = whole(name, otherwise ? 1 : 0);
        if (value != 0 && value != 1) throw badAttribute(name);
        return value == 1;
    }

    String text(String name, String otherwise) {
        Onnx.AttributeProto attribute = attribute(name, AttributeType.STRING);
        return attribute == null ? otherwise : new String(attribute.getS().toByteArray(), StandardCharsets.UTF_8);
    }

    /** A list of numbers; null if there is none. */
    long[] list(String name) {
        Onnx.AttributeProto attribute = attribute(name, AttributeType.INTS);
        if (attribute == null) return null;
        if (attribute.getIntsCount() > LONGEST_LIST) throw badAttribute(name);
        return attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
    }

    /** A list of finite numbers, as a constant. */
    Constant floats(String name) {
        Onnx.AttributeProto attribute = attribute(name, AttributeType.FLOATS);
        if (attribute == null) throw cannot("has no attribute " + name);
        float[] values = new float[attribute.getFloatsCount()];
        for (int i = 0; i < values.length; i++) values[i] = attribute.getFloats(i);
        return Constant.of(values);
    }

    /** Numbers from {@code least} to {@code most}, exactly {@code count} of them. */
    int[] sides(String name, int count, int otherwise, int least, int most) {
        long[] values = list(name);
        if (values == null) {
            int[] all = new int[count];
            Arrays.fill(all, otherwise);
            return all;
        }
        if (values.length != count || Arrays.stream(values).anyMatch(v -> v < least || v > most)) {
            throw badAttribute(name);
        }
        return Arrays.stream(values).mapToInt(v -> (int) v).toArray();
    }
}
