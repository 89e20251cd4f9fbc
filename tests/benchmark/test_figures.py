"""The arithmetic of the benchmark, tried on small numbers; needs none of the systems."""

import json
import re

import bench
import figures
import pytest


def measured():
    return {
        "ours": {
            "train_images_per_s": [900, 1100, 1000],
            "evaluate_10000_s": [4.0, 2.0],
            "latency_ms_p50": [1.0],
            "latency_ms_p99": [2.0],
            "peak_resident_mb": [],
            "first_batch_s": [5.0],
        },
        "keras": {
            "train_images_per_s": [500, 400, 600],
            "evaluate_10000_s": [6.0],
            "latency_ms_p50": [4.0],
            "latency_ms_p99": [1.0],
            "peak_resident_mb": [],
            "first_batch_s": [10.0],
        },
        "pytorch": {"train_images_per_s": [800], "evaluate_10000_s": [1.5]},
    }


def test_summary_is_median_smallest_largest_in_any_order():
    assert figures.summary([3, 1, 10]) == {"median": 3, "min": 1, "max": 10}
    assert figures.summary([4.0, 1.0])["median"] == 2.5
    with pytest.raises(ValueError):
        figures.summary([])


def test_percentile_is_a_measured_value_of_nearest_rank():
    values = list(range(200, 0, -1))
    assert (figures.percentile(values, 0.5), figures.percentile(values, 0.99)) == (100, 198)
    assert figures.percentile([7.5], 0.99) == 7.5


def test_times_better_is_above_one_when_ours_is_better_in_any_unit():
    assert figures.times_better("train_images_per_s", 1000, 500) == 2
    assert figures.times_better("evaluate_10000_s", 3, 6) == 2
    assert figures.times_better("peak_resident_mb", 1000, 500) == 0.5


def test_ratios_are_of_medians_and_leave_us_out():
    ratios = figures.ratios(figures.summaries(measured()))
    assert set(ratios) == {"keras", "pytorch"}
    assert ratios["keras"]["train_images_per_s"] == 2
    assert ratios["keras"]["latency_ms_p99"] == 0.5
    assert set(ratios["pytorch"]) == {"train_images_per_s", "evaluate_10000_s"}


def test_fastest_peer_depends_on_the_figure():
    systems = figures.summaries(measured())
    assert figures.fastest_peer(systems, "train_images_per_s") == "pytorch"
    assert figures.fastest_peer(systems, "latency_ms_p50") == "keras"
    assert figures.fastest_peer({"ours": systems["ours"]}, "train_images_per_s") is None


def test_table_shows_medians_spread_and_ratios_and_no_empty_figure():
    lines = figures.table(figures.summaries(measured())).splitlines()
    assert lines[0].split() == ["ours", "keras", "pytorch"]
    assert lines[1].split()[-3:] == ["1,000", "500", "800"]
    assert "900 … 1,100" in lines[2]
    assert lines[3].split("better")[1].split() == ["2.00", "×", "1.25", "×"]
    assert "memory" not in "\n".join(lines)
    assert max(map(len, lines)) <= 130


def test_each_system_is_first_once_and_none_is_left_out():
    orders = [bench.rotated(["a", "b", "c"], round_number) for round_number in range(3)]
    assert [order[0] for order in orders] == ["a", "b", "c"]
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)


def test_the_report_has_the_promised_keys_and_is_json():
    facts = {"keras": {"settings": "2 threads", "versions": {}}}
    report = json.loads(json.dumps(bench.report(measured(), facts, {"batch": 128})))
    assert set(report["systems"]) == {"ours", "keras", "pytorch"}
    for values in report["systems"].values():
        assert set(values) <= set(figures.FIGURES)
        assert all(set(value) == {"median", "min", "max"} for value in values.values())
    wanted = "train_images_per_s evaluate_10000_s latency_ms_p50 latency_ms_p99 peak_resident_mb first_batch_s"
    assert set(figures.FIGURES) == set(wanted.split())
    assert report["ratios"]["keras"]["train_images_per_s"] == 2
    assert report["machine"]["cores"] >= 1


def test_every_peer_that_can_be_asked_for_has_its_files():
    for peer in bench.PEERS:
        text = (bench.HERE / f"{peer}.txt").read_text(encoding="utf-8")
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", text), peer
    with pytest.raises(bench.Stop):
        bench.asked_peers(["tensorflow"])
    assert bench.asked_peers(["pytorch", "keras", "keras"]) == ["pytorch", "keras"]
    assert bench.asked_peers([]) == []
