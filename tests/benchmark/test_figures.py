"""The arithmetic of the benchmark, tried on small numbers; needs none of the systems."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bench
import figures


def measured():
    return {"ours": {"train_images_per_s": [900, 1100, 1000], "evaluate_10000_s": [4.0, 2.0],
                     "latency_ms_p50": [1.0], "latency_ms_p99": [2.0], "peak_resident_mb": [], "first_batch_s": [5.0]},
            "keras": {"train_images_per_s": [500, 400, 600], "evaluate_10000_s": [6.0],
                      "latency_ms_p50": [4.0], "latency_ms_p99": [1.0], "peak_resident_mb": [], "first_batch_s": [10.0]},
            "pytorch": {"train_images_per_s": [800], "evaluate_10000_s": [1.5]}}


class FiguresTest(unittest.TestCase):
    def test_summary_is_median_smallest_largest_in_any_order(self):
        self.assertEqual(figures.summary([3, 1, 10]), {"median": 3, "min": 1, "max": 10})
        self.assertEqual(figures.summary([4.0, 1.0])["median"], 2.5)
        with self.assertRaises(ValueError):
            figures.summary([])

    def test_percentile_is_a_measured_value_of_nearest_rank(self):
        values = list(range(200, 0, -1))
        self.assertEqual(figures.percentile(values, 0.5), 100)
        self.assertEqual(figures.percentile(values, 0.99), 198)
        self.assertEqual(figures.percentile([7.5], 0.99), 7.5)

    def test_times_better_is_above_one_when_ours_is_better_whatever_the_unit(self):
        self.assertEqual(figures.times_better("train_images_per_s", 1000, 500), 2)
        self.assertEqual(figures.times_better("evaluate_10000_s", 3, 6), 2)
        self.assertEqual(figures.times_better("peak_resident_mb", 1000, 500), 0.5)

    def test_ratios_are_of_medians_and_leave_us_out(self):
        ratios = figures.ratios(figures.summaries(measured()))
        self.assertEqual(set(ratios), {"keras", "pytorch"})
        self.assertEqual(ratios["keras"]["train_images_per_s"], 2)
        self.assertEqual(ratios["keras"]["latency_ms_p99"], 0.5)
        self.assertEqual(set(ratios["pytorch"]), {"train_images_per_s", "evaluate_10000_s"})

    def test_fastest_peer_depends_on_the_figure(self):
        systems = figures.summaries(measured())
        self.assertEqual(figures.fastest_peer(systems, "train_images_per_s"), "pytorch")
        self.assertEqual(figures.fastest_peer(systems, "latency_ms_p50"), "keras")
        self.assertIsNone(figures.fastest_peer({"ours": systems["ours"]}, "train_images_per_s"))

    def test_table_shows_medians_spread_and_ratios_and_no_empty_figure(self):
        lines = figures.table(figures.summaries(measured())).splitlines()
        self.assertEqual(lines[0].split(), ["ours", "keras", "pytorch"])
        self.assertEqual(lines[1].split()[-3:], ["1,000", "500", "800"])
        self.assertIn("900 … 1,100", lines[2])
        self.assertEqual(lines[3].split("better")[1].split(), ["2.00", "×", "1.25", "×"])
        self.assertNotIn("memory", "\n".join(lines))
        self.assertLessEqual(max(map(len, lines)), 130)


class OrderTest(unittest.TestCase):
    def test_each_system_is_first_once_and_none_is_left_out(self):
        orders = [bench.rotated(["a", "b", "c"], round_number) for round_number in range(3)]
        self.assertEqual([order[0] for order in orders], ["a", "b", "c"])
        for order in orders:
            self.assertEqual(sorted(order), ["a", "b", "c"])


class ReportTest(unittest.TestCase):
    def test_the_report_has_the_promised_keys_and_is_json(self):
        report = json.loads(json.dumps(bench.report(measured(), {"keras": {"settings": "2 threads", "versions": {}}},
                                                    {"batch": 128})))
        self.assertEqual(set(report["systems"]), {"ours", "keras", "pytorch"})
        for figure_values in report["systems"].values():
            for name, values in figure_values.items():
                self.assertIn(name, figures.FIGURES)
                self.assertEqual(set(values), {"median", "min", "max"})
        self.assertEqual(set(figures.FIGURES), {"train_images_per_s", "evaluate_10000_s", "latency_ms_p50", "latency_ms_p99",
                                                "peak_resident_mb", "first_batch_s"})
        self.assertEqual(report["ratios"]["keras"]["train_images_per_s"], 2)
        self.assertGreaterEqual(report["machine"]["cores"], 1)

    def test_every_peer_that_can_be_asked_for_has_its_files(self):
        for peer in bench.PEERS:
            self.assertTrue(bench.requirements(peer).is_file(), peer)
            self.assertRegex(bench.requirements(peer).read_text(encoding="utf-8"), r"--hash=sha256:[0-9a-f]{64}")
        with self.assertRaises(bench.Stop):
            bench.asked_peers(["tensorflow"])
        self.assertEqual(bench.asked_peers(["pytorch", "keras", "keras"]), ["pytorch", "keras"])
        self.assertEqual(bench.asked_peers([]), [])


if __name__ == "__main__":
    unittest.main()
