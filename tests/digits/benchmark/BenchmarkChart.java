package digits.benchmark;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import digits.pictures.Figures;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Draws {@code build/bench.json}: one panel per figure, with one bar per system from zero to its value, and a line
 * over the bar from the smallest to the largest round. Arguments: the JSON file, the PNG file to write, and, if there
 * are curves, another one for them.
 */
public final class BenchmarkChart {
    private static final Map<String, String> TITLES = new LinkedHashMap<>();
    private static final Map<String, String> CURVES = new LinkedHashMap<>();

    static {
        TITLES.put("train_images_per_s", "Training, images per second (more is better)");
        TITLES.put("train_share_of_peak", "Training, % of the machine's peak (more is better)");
        TITLES.put("evaluate_10000_s", "Evaluating 10,000 images, s (less is better)");
        TITLES.put("evaluate_share_of_peak", "Evaluating, % of the machine's peak (more is better)");
        TITLES.put("latency_ms_p50", "One image, median, ms (less is better)");
        TITLES.put("latency_ms_p99", "One image, 99th percentile, ms (less is better)");
        TITLES.put("latency_ms_max", "One image, the slowest, ms (less is better)");
        TITLES.put("peak_resident_mb", "Peak resident memory, MB (less is better)");
        TITLES.put("first_batch_s", "From start to the first trained batch, s (less is better)");
        CURVES.put("train_images_per_s", "Training, images per second");
        CURVES.put("evaluate_images_per_s", "Evaluating, images per second");
    }

    private static final int WIDTH = 560;
    private static final int NAMES = 170;
    private static final int NUMBERS = 70;
    private static final int ROW = 26;
    private static final Color OURS = new Color(0x0072B2);
    private static final Color OTHERS = new Color(0x8C959F);
    private static final Color INK = new Color(0x1F2328);

    private BenchmarkChart() { }

    public static void main(String[] arguments) throws IOException {
        JsonObject report = JsonParser.parseString(Files.readString(Path.of(arguments[0]))).getAsJsonObject();
        JsonObject systems = report.getAsJsonObject("systems");
        List<BufferedImage> bars = new ArrayList<>();
        TITLES.forEach((figure, title) -> {
            if (systems.entrySet().stream().noneMatch(e -> e.getValue().getAsJsonObject().has(figure))) return;
            bars.add(panel(systems, figure, title));
        });
        write(bars, arguments[1]);
        if (arguments.length < 3) return;
        List<BufferedImage> curves = new ArrayList<>();
        report.getAsJsonObject("curves").entrySet().forEach(curve -> CURVES.forEach((figure, title) ->
                curves.add(curves(curve.getValue().getAsJsonObject(), List.copyOf(systems.keySet()), curve.getKey(),
                        figure, title))));
        write(curves, arguments[2]);
    }

    /** Writes the panels in two columns. */
    private static void write(List<BufferedImage> panels, String file) throws IOException {
        List<BufferedImage> left = new ArrayList<>();
        List<BufferedImage> right = new ArrayList<>();
        for (BufferedImage panel : panels) (left.size() > right.size() ? right : left).add(panel);
        BufferedImage all = right.isEmpty() ? Figures.stacked(left)
                : Figures.sideBySide(Figures.stacked(left), Figures.stacked(right));
        ImageIO.write(all, "png", Path.of(file).toFile());
    }

    /** One line per system, in the color of its place among the names; the horizontal axis counts doublings. */
    private static BufferedImage curves(JsonObject systems, List<String> names, String at, String figure,
                                        String title) {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(360).title(title + " by " + at).xAxisTitle(at).build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE).setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setYAxisMin(0.0).setXAxisTickLabelsFormattingFunction(
                x -> x == Math.rint(x) ? String.format(Locale.ROOT, "%,d", 1L << x.intValue()) : " ");
        Color[] colors = chart.getStyler().getSeriesColors();
        for (var system : systems.entrySet()) {
            List<Double> x = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            for (JsonElement element : system.getValue().getAsJsonArray()) {
                JsonObject point = element.getAsJsonObject();
                if (!point.has(figure)) continue;
                x.add(Math.log(point.get("at").getAsDouble()) / Math.log(2));
                y.add(point.get(figure).getAsDouble());
            }
            if (!x.isEmpty()) {
                Color color = colors[names.indexOf(system.getKey()) % colors.length];
                chart.addSeries(system.getKey(), x, y).setMarkerColor(color).setLineColor(color);
            }
        }
        return BitmapEncoder.getBufferedImage(chart);
    }

    private static BufferedImage panel(JsonObject systems, String figure, String title) {
        BufferedImage image = new BufferedImage(WIDTH, 44 + ROW * systems.size(), BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, image.getWidth(), image.getHeight());
        g.setColor(INK);
        g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
        g.drawString(title, 12, 24);
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
        double most = systems.keySet().stream().mapToDouble(name -> value(systems, name, figure, "max")).max()
                .orElseThrow();
        int y = 36;
        for (String name : systems.keySet()) {
            double typical = value(systems, name, figure, "value");
            int from = length(value(systems, name, figure, "min"), most);
            int to = length(value(systems, name, figure, "max"), most);
            g.setColor(INK);
            g.drawString(name, 12, y + 17);
            g.drawString(text(typical), NAMES + Math.max(to, length(typical, most)) + 8, y + 17);
            g.setColor(name.startsWith("ours") ? OURS : OTHERS);
            g.fillRect(NAMES, y + 3, length(typical, most), ROW - 8);
            g.setColor(typical == 0 ? Color.WHITE : INK);   // 0: not measured
            g.drawLine(NAMES + from, y + 12, NAMES + to, y + 12);
            g.drawLine(NAMES + from, y + 8, NAMES + from, y + 16);
            g.drawLine(NAMES + to, y + 8, NAMES + to, y + 16);
            y += ROW;
        }
        g.dispose();
        return image;
    }

    /** The value of a figure, or 0 if the system was not measured. */
    private static double value(JsonObject systems, String name, String figure, String which) {
        JsonObject figures = systems.getAsJsonObject(name);
        return figures.has(figure) ? figures.getAsJsonObject(figure).get(which).getAsDouble() : 0;
    }

    private static int length(double value, double most) {
        return (int) Math.round((WIDTH - NAMES - NUMBERS) * value / most);
    }

    private static String text(double value) {
        return value == 0 ? "–" : String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
    }
}
