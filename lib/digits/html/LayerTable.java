package digits.html;

import digits.Text;
import digits.networks.LayerSummary;
import java.util.ArrayList;
import java.util.List;

/** The layers of a network as an HTML table, with the sum of the parameters, in the manner of Keras's summary. */
public final class LayerTable {
    private LayerTable() {
    }

    /** @throws IllegalArgumentException without a layer */
    public static String html(List<LayerSummary> layers) {
        if (layers.isEmpty()) throw new IllegalArgumentException("the network has no layers to list");
        HtmlTable.Rows rows = new HtmlTable.Rows(List.of("layer", "what it does", "output", "parameters", "trained"),
                List.of(false, false, true, true, true));
        for (LayerSummary layer : layers) {
            rows.add(List.of(layer.name(), layer.kind(), layer.outputShape(),
                    Text.whole(layer.parameters()), Text.whole(layer.trainable())), false);
        }
        List<String> total = new ArrayList<>(List.of("total", "", ""));
        total.add(Text.whole(layers.stream().mapToLong(LayerSummary::parameters).sum()));
        total.add(Text.whole(layers.stream().mapToLong(LayerSummary::trainable).sum()));
        rows.add(total, true);
        return rows.end("");
    }
}
