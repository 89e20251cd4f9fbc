package digits.html;

import digits.Text;
import digits.networks.LayerSummary;
import java.util.List;

/** The layers of a network as an HTML table with the sum of the parameters, like Keras's model summary. */
public final class LayerTable {
    private LayerTable() { }

    /** @throws IllegalArgumentException without a layer */
    public static String of(List<LayerSummary> layers) {
        if (layers.isEmpty()) throw new IllegalArgumentException("the network has no layers to list");
        HtmlTable.Rows rows = new HtmlTable.Rows(List.of("layer", "what it does", "output", "parameters", "trained"),
                List.of(false, false, true, true, true));
        for (LayerSummary layer : layers) {
            rows.add(List.of(layer.name(), layer.kind(), layer.outputShape(),
                    Text.whole(layer.parameters()), Text.whole(layer.trainable())), false);
        }
        rows.add(List.of("total", "", "", Text.whole(layers.stream().mapToLong(LayerSummary::parameters).sum()),
                Text.whole(layers.stream().mapToLong(LayerSummary::trainable).sum())), true);
        return rows.end("");
    }
}
