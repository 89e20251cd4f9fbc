package digits.html;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import digits.Progress;
import digits.Text;
import digits.data.Provenance;
import digits.experiments.ExperimentProgress;
import digits.experiments.Run;
import digits.training.Epoch;
import digits.training.TrainingProgress;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LiveTest {
    private static final double NONE = Double.NaN;

    /** Records what is shown, as “show 1” or “update 1”. */
    private static final class Recorded implements Live.Output {
        private final List<String> calls = new ArrayList<>();
        private final List<Object> contents = new ArrayList<>();

        @Override
        public String show(Object content) {
            String id = String.valueOf(1 + calls.stream().filter(call -> call.startsWith("show")).count());
            calls.add("show " + id);
            contents.add(content);
            return id;
        }

        @Override
        public void update(String id, Object content) {
            calls.add("update " + id);
            contents.add(content);
        }

        String last() {
            return (String) contents.get(contents.size() - 1);
        }
    }

    private final Recorded output = new Recorded();
    private final AtomicLong nanos = new AtomicLong();
    private final Live live = new Live(output, nanos::get);

    private static List<Epoch> epochs(int n) {
        return IntStream.rangeClosed(1, n).mapToObj(i ->
                new Epoch(i, 0.2215, 0.9364, 0.0912, 0.97512, 78.2, 5.1, 612.4)).toList();
    }

    private static TrainingProgress running(int epoch, int epochs, long done) {
        return new TrainingProgress(epoch, epochs, done, 48_000, false, 0.0412, 0.98714, 611.6, 65, epochs(epoch - 1));
    }

    private static TrainingProgress finished(int epoch, int epochs) {
        return new TrainingProgress(epoch, epochs, 48_000, 48_000, true, 0.0412, 0.98714, 611.6, 0, epochs(epoch));
    }

    private static String shown(Progress progress) {
        Recorded recorded = new Recorded();
        new Live(recorded).accept(progress);
        return (String) recorded.contents.get(0);
    }

    @Test
    void oneDisplayIsUpdatedAFewTimesPerSecond() {
        for (int i = 0; i < 100; i++) {
            live.accept(Progress.of(i / 1000.0, "loading · " + i));
            nanos.addAndGet(10_000_000);
        }
        assertEquals(List.of("show 1", "update 1", "update 1", "update 1"), output.calls, "100 reports in one second");
        assertTrue(output.last().startsWith("<div data-progress=\"loading · 75\">"), output.last());
    }

    @Test
    void theStartAndTheEndOfAPhaseAreAlwaysShown() {
        live.accept(Progress.of(0.5, "loading · half"));
        live.accept(Progress.of(0.9, "loading · more"));
        live.accept(Progress.of(1, "loading · all"));
        live.accept(Progress.of(0, "checking · nothing"));
        assertEquals(3, output.calls.size());
        assertTrue(output.last().contains("checking"));
    }

    @Test
    void aPlainBarEscapesItsLine() {
        String html = shown(Progress.of(0.999, "<\"train\" & 'test'> · <b>"));
        String line = "&lt;&quot;train&quot; &amp; &#39;test&#39;&gt; · &lt;b&gt;";
        assertTrue(html.startsWith("<div data-progress=\"" + line + "\">"), html);
        assertTrue(html.contains(">99 %<") && html.contains(">&lt;b&gt;<") && !html.contains("<b>"), html);
        assertTrue(html.contains("width:140px;height:12px\"></div>"), "a bar");
        assertTrue(html.contains("<div role=\"progressbar\" aria-label=\"&lt;&quot;train&quot; &amp; &#39;test"
                + "&#39;&gt;\" aria-valuemin=\"0\" aria-valuemax=\"100\" aria-valuenow=\"99\""), html);
        assertFalse(shown(Progress.of(0.4, "MNIST · 40 % · 4 of 10 MB")).contains(">40 %<"),
                "the line says it already");
        assertFalse(shown(Progress.of(1, "range test · ended early at step 3 of 9: the loss had risen")).contains("%"),
                "it is over, not complete");
    }

    @Test
    void aLoadedDataSetEndsAsItsBanner() {
        Provenance sample = new Provenance("MNIST", Provenance.Source.SAMPLE, "", Provenance.Verified.ORIGINAL, 4_000,
                1_000, 4_000, 1_000, "no mirror <replied>");
        live.accept(Progress.of(0.5, "MNIST · looking"));
        live.accept(sample);
        assertEquals(List.of("show 1", "update 1"), output.calls);
        String html = "<div data-progress=\"" + Text.escape(sample.line()) + "\">" + Banner.of(sample) + "</div>";
        assertEquals(html, output.last());
        assertTrue(html.contains("no mirror &lt;replied&gt;"), html);
    }

    @Test
    void anUnknownShareHasABarWithoutAPercentage() {
        String html = shown(Progress.of(NONE, "loading"));
        assertTrue(html.startsWith("<div data-progress=\"loading\">") && html.contains("width:0px"), html);
        assertFalse(html.contains(" %") || html.contains("NaN"), html);
    }

    @Test
    void aTrainingIsATableOfEpochs() {
        TrainingProgress progress = running(2, 10, 29_999);
        String html = shown(progress);
        assertTrue(html.startsWith("<div data-progress=\"" + Text.escape(progress.line()) + "\">"), html);
        assertTrue(html.contains("width:87px"), "the bar is at 62 % of 140 pixels");
        for (String cell : List.of("1/10", "97.51 %", "0.0912", "2/10", "62 %", "98.71 %", "612", "1 min 05 s left")) {
            assertTrue(html.contains(">" + cell + "<"), cell);
        }
        html = shown(new TrainingProgress(1, 3, 0, 100, false, NONE, NONE, NONE, NONE, List.of()));
        assertTrue(html.contains(">0 %<") && !html.contains("NaN"), html);
        html = shown(new TrainingProgress(1, 3, 10, 100, true, 0.1, 0.9, 600, 9.5, List.of()));
        assertTrue(html.contains(">100 %<") && html.contains(">validating …<"), html);
        html = shown(new TrainingProgress(4, 9, 10, 100, false, 0.1, 0.9, 600, 9.5, List.of(), "continues & ends"));
        assertTrue(html.contains("<div>continues &amp; ends</div>"), html);
    }

    @Test
    void aLongTrainingShowsItsLastEpochs() {
        String html = shown(running(41, 50, 100));
        assertEquals(1 + 1 + 20 + 1, html.split("<tr>", -1).length - 1, "heading, note, 20 epochs and the running one");
        assertTrue(html.contains("… 20 earlier epochs") && html.contains(">40/50<") && !html.contains(">20/50<"), html);
    }

    @Test
    void learningCurvesAreRedrawnAfterEachEpoch() {
        live.accept(running(1, 3, 100));
        assertEquals(List.of("show 1"), output.calls, "there is no curve yet");
        live.accept(finished(1, 3));
        live.accept(running(2, 3, 100));
        live.accept(running(2, 3, 200));
        live.accept(finished(2, 3));
        assertEquals(List.of("show 1", "update 1", "show 2", "update 1", "update 1", "update 2"), output.calls);
        assertInstanceOf(BufferedImage.class, output.contents.get(2));
        assertInstanceOf(BufferedImage.class, output.contents.get(5));
    }

    @Test
    void aSingleEpochHasNoCurve() {
        live.accept(running(1, 1, 100));
        live.accept(finished(1, 1));
        assertEquals(List.of("show 1", "update 1"), output.calls);
    }

    private static Run run(String setting, double rate, long seed, double accuracy, String failure) {
        List<Epoch> epochs = failure.isEmpty()
                ? List.of(new Epoch(1, 0.5, 0.9, 0.2, accuracy, 2, 1, 5_000)) : List.of();
        return new Run(setting, rate, seed, 128, 2, 99, epochs, 9, null, NONE, failure, "f");
    }

    @Test
    void anExperimentIsATableOfSettings() {
        Map<String, Integer> planned = new LinkedHashMap<>();
        planned.put("SGD", 2);
        planned.put("<Adam>", 2);
        planned.put("AdamW", 1);
        TrainingProgress training = new TrainingProgress(2, 3, 50, 100, false, 0.25, 0.9, 5_100, 12, epochs(1));
        ExperimentProgress progress = new ExperimentProgress(planned,
                List.of(run("SGD", 0.1, 1, 0.951, ""), run("SGD", 10, 1, 0, "the loss was NaN")),
                List.of(new ExperimentProgress.Running("<Adam>", "<Adam>, 0.01", 7, training)), 75);
        String html = shown(progress);
        assertTrue(html.startsWith("<div data-progress=\"" + Text.escape(progress.line()) + "\">"), html);
        for (String cell : List.of("2/2", "0/2", "0/1", "1", "95.10 %", "0.2000", "5,000", "18 s",
                "SGD, 0.1, seed 1")) {
            assertTrue(html.contains(">" + cell + "<"), cell);
        }
        assertTrue(html.contains(">97.51 %<") && html.contains(">5,100<"),
                "the running one's figures, while there is no other");
        assertTrue(html.contains("width:35px"), "half an epoch after one of three, and one of two runs: a quarter");
        assertFalse(html.contains("<Adam>"));
    }

    @Test
    void anErrorWhileShowingDoesNotReachTheTask() {
        Live broken = new Live(new Live.Output() {
            @Override
            public String show(Object content) {
                throw new IllegalStateException("the kernel is gone");
            }

            @Override
            public void update(String id, Object content) {
                throw new NoClassDefFoundError("java.awt.Image");
            }
        });
        assertDoesNotThrow(() -> broken.accept(finished(1, 3)));
        assertDoesNotThrow(() -> broken.accept(finished(2, 3)));
        assertDoesNotThrow(() -> new Live(output).accept(new TrainingProgress(1, 3, 1, 1, true, 0, 0, 0, 0,
                List.of(new Epoch(0, 0, 0, 0, 0, 0, 0, 0)))), "the picture refuses an epoch 0");
        assertEquals(List.of("show 1"), output.calls, "the table is shown nevertheless");
    }

    @Test
    void manyThreadsShareOneDisplay() throws InterruptedException {
        Live shared = new Live(output);
        List<Thread> threads = IntStream.range(0, 8).mapToObj(t -> new Thread(() -> {
            for (int i = 0; i < 200; i++) shared.accept(Progress.of(0.5, "thread " + t + " · " + i));
        })).toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        assertEquals("show 1", output.calls.get(0));
        assertEquals(1, output.calls.stream().filter(call -> call.startsWith("show")).count());
    }
}
