"""The arithmetic of the benchmark, tried on small numbers; needs none of the systems."""

import argparse
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
            "latency_ms": [[1.0, 3.0], [2.0, 1.0]],
            "peak_resident_mb": [],
            "first_batch_s": [5.0],
        },
        "keras": {
            "train_images_per_s": [500, 400, 600],
            "evaluate_10000_s": [6.0],
            "latency_ms": [[4.0], [4.0]],
            "peak_resident_mb": [],
            "first_batch_s": [10.0],
        },
        "pytorch": {"train_images_per_s": [800], "evaluate_10000_s": [1.5]},
        "ours_frozen": {"evaluate_10000_s": [1.0], "peak_resident_mb": [200]},
        "openvino": {"evaluate_10000_s": [0.8], "peak_resident_mb": [100]},
    }


def test_summary_is_median_smallest_largest_in_any_order():
    assert figures.summary([3, 1, 10]) == {"value": 3, "min": 1, "max": 10}
    assert figures.summary([4.0, 1.0])["value"] == 2.5
    with pytest.raises(ValueError):
        figures.summary([])


def test_percentiles_of_single_images_are_those_of_all_rounds_together():
    found = figures.latency_summaries([[1.0] * 60 + [9.0], [2.0] * 40])
    assert found["latency_ms_p50"] == {"value": 1.0, "min": 1.0, "max": 2.0}
    assert found["latency_ms_p99"]["value"] == 2.0
    assert found["latency_ms_max"] == {"value": 9.0, "min": 2.0, "max": 9.0}


def test_shares_of_the_peak_count_two_operations_per_multiply_add_and_no_gradient_of_the_images():
    assert figures.flop_per_image([10, 100]) == (2 * (3 * 110 - 10), 220)
    measured = {"ours": {"train_images_per_s": [50.0], "evaluate_10000_s": [100.0]}, "onnx": {"evaluate_10000_s": [50]}}
    figures.add_shares(measured, [1_000_000, 4_000_000], 10)  # 28 and 10 MFLOP
    assert measured["ours"]["train_share_of_peak"] == pytest.approx([14.0])
    assert measured["ours"]["evaluate_share_of_peak"] == pytest.approx([10.0])
    assert measured["onnx"]["evaluate_share_of_peak"] == pytest.approx([20.0])
    assert "train_share_of_peak" not in figures.summaries(measured)["onnx"]


def test_percentile_is_a_measured_value_of_nearest_rank():
    values = list(range(200, 0, -1))
    assert (figures.percentile(values, 0.5), figures.percentile(values, 0.99)) == (100, 198)
    assert figures.percentile([7.5], 0.99) == 7.5


def test_times_better_is_above_one_when_ours_is_better_in_any_unit():
    assert figures.times_better("train_images_per_s", 1000, 500) == 2
    assert figures.times_better("evaluate_10000_s", 3, 6) == 2
    assert figures.times_better("peak_resident_mb", 1000, 500) == 0.5


def test_ratios_are_of_values_and_compare_those_that_only_predict_with_ours_frozen():
    ratios = figures.ratios(figures.summaries(measured()))
    assert set(ratios) == {"keras", "pytorch", "openvino"}
    assert ratios["keras"]["train_images_per_s"] == 2
    assert ratios["keras"]["latency_ms_p50"] == 4
    assert set(ratios["pytorch"]) == {"train_images_per_s", "evaluate_10000_s"}
    assert ratios["pytorch"]["evaluate_10000_s"] == 0.5
    assert ratios["openvino"] == {"evaluate_10000_s": 0.8, "peak_resident_mb": 0.5}


def test_the_best_depends_on_the_figure_and_on_whose_systems_are_asked_for():
    systems = figures.summaries(measured())
    assert figures.best(systems, "train_images_per_s", ours=False) == "pytorch"
    assert figures.best(systems, "evaluate_10000_s", ours=False) == "openvino"
    assert figures.best(systems, "evaluate_10000_s", ours=True) == "ours_frozen"
    assert figures.best({"ours": systems["ours"]}, "train_images_per_s", ours=False) is None


def test_systems_in_bf16_are_compared_with_each_other():
    speeds = {"ours": 100, "keras": 80, "ours_bf16": 180, "keras_bf16": 150}
    systems = figures.summaries({name: {"train_images_per_s": [speed]} for name, speed in speeds.items()})
    ratios = figures.ratios(systems)
    assert ratios["keras_bf16"]["train_images_per_s"] == 1.2
    assert ratios["keras"]["train_images_per_s"] == 1.25
    assert figures.best(systems, "train_images_per_s", ours=False) == "keras"
    assert figures.best(systems, "train_images_per_s", ours=True, bf16=True) == "ours_bf16"
    without = {name: systems[name] for name in ("ours", "keras", "keras_bf16")}
    assert set(figures.ratios(without)["keras_bf16"]) == set()


def test_table_shows_values_spread_and_ratios_a_dash_for_what_a_system_cannot_do_and_no_empty_figure():
    lines = figures.table(figures.summaries(measured())).splitlines()
    assert [line.split() for line in lines[1:6]] == [
        ["ours", "1,000", "900", "1,100"],
        ["keras", "500", "400", "600", "2.00"],
        ["pytorch", "800", "800", "800", "1.25"],
        ["ours_frozen", "–"],
        ["openvino", "–"],
    ]
    assert "the slowest" in "\n".join(lines)
    assert "peak," not in "\n".join(lines)
    assert max(map(len, lines)) <= 100


def test_each_system_is_first_once_and_none_is_left_out():
    orders = [bench.rotated(["a", "b", "c"], round_number) for round_number in range(3)]
    assert [order[0] for order in orders] == ["a", "b", "c"]
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)


def test_the_report_has_the_promised_keys_and_is_json():
    facts = {"keras": {"settings": "2 threads", "versions": {}}}
    report = json.loads(json.dumps(bench.report(measured(), facts, {"batch": 128})))
    assert set(report["systems"]) == {"ours", "keras", "pytorch", "ours_frozen", "openvino"}
    for values in report["systems"].values():
        assert set(values) <= set(figures.FIGURES)
        assert all(set(value) == {"value", "min", "max"} for value in values.values())
    assert report["rounds"]["ours"]["latency_ms_p50"] == [1.0, 1.0]
    assert "latency_ms" not in report["rounds"]["ours"]
    assert report["ratios"]["keras"]["train_images_per_s"] == 2
    assert report["machine"]["cores"] >= 1


def test_every_peer_that_can_be_asked_for_has_its_files():
    for peer, systems in bench.PEERS.items():
        folder, name = {"onnx": ("onnx", "runtimes.txt"), "djl": ("benchmark", "djl.sha256")}.get(
            peer, ("benchmark", f"{peer}.txt")
        )
        locked = (bench.ROOT / "tests" / folder / name).read_text(encoding="utf-8")
        assert re.search(r"(--hash=sha256:|^)[0-9a-f]{64}", locked), peer
        for program, *_ in systems.values():
            java = bench.ROOT / "tests" / (program.replace(".", "/") + ".java")
            assert (bench.HERE / program).is_file() or java.is_file()
    with pytest.raises(bench.Stop):
        bench.asked_peers(["tensorflow"])
    assert bench.asked_peers(["pytorch", "keras", "keras"]) == ["pytorch", "keras"]
    assert bench.asked_peers([]) == []


def test_a_system_is_left_out_where_the_machine_lacks_something(monkeypatch):
    assert "bfloat16" in bench.lacking("peer.py", ["mixed_bfloat16"], ["avx2", "avx512f"])
    assert "bfloat16" in bench.lacking("peer.py", ["channels_last", "bf16"], [])
    assert bench.lacking("peer.py", ["channels_last", "bf16"], ["avx512_bf16"]) is None
    assert bench.lacking("peer.py", ["openvino", "f32"], []) is None
    monkeypatch.setattr(bench.platform, "machine", lambda: "arm64")
    assert "Linux" in bench.lacking("digits.benchmark.DjlPeer", [], [])
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert bench.lacking("peer.py", ["channels_last", "compiled"], []) == "there is no C++ compiler"


def replies(losses, accuracy):
    return [({"loss": loss} if loss else {}, {"accuracy": accuracy}) for loss in losses]


def test_a_system_that_does_not_learn_or_predicts_something_else_stops_the_run():
    fine = {"ours": replies([2.4, 0.5], 0.1), "ours_frozen": replies([0, 0], 0.993)}
    bench.check_replies({**fine, "onnxruntime": replies([0, 0], 0.9931)})
    with pytest.raises(bench.Stop, match="keras does not learn"):
        bench.check_replies({**fine, "keras": replies([2.4, 2.35], 0.1)})
    with pytest.raises(bench.Stop, match="onnxruntime 0.9"):
        bench.check_replies({**fine, "onnxruntime": replies([0, 0], 0.9)})


class FakeSystem:
    """Trains 100 and predicts 1,000 images per second and thread, and half as many in each second turn."""

    def __init__(self, name, command, variables):
        self.facts = {"trains": name == "ours"}
        self.threads, self.turns = int(variables["OMP_NUM_THREADS"]), 0

    def ask(self, do, batch, batches=0, images=0):
        self.turns += do == "evaluate"
        speed = (1000 if do == "evaluate" else 100) * self.threads / (2 - self.turns % 2)
        return {"seconds": (images or batches * batch) / speed}

    def end(self):
        pass


def test_curves_take_the_better_turn_and_leave_out_what_is_slow_or_larger_than_a_round(monkeypatch):
    monkeypatch.setattr(bench, "System", FakeSystem)
    monkeypatch.setattr(bench.java, "find_jdk", lambda: ("", 17, 3))
    programs = {name: ([], {"OMP_NUM_THREADS": "3"}) for name in ("ours", "onnxruntime", bench.STOCK)}
    systems = {name: FakeSystem(name, *program) for name, program in programs.items()}
    found = bench.curves(systems, programs, argparse.Namespace(batches=2, evaluated=200))
    assert {name for curve in found.values() for name in curve} == {"ours", "onnxruntime"}
    assert [point["at"] for point in found["batch size"]["ours"]] == [1 << i for i in range(9)]
    assert "train_images_per_s" not in found["batch size"]["ours"][0], "PyTorch cannot train with one image"
    assert [point["at"] for point in found["images"]["ours"]] == [128]
    assert [point["at"] for point in found["threads"]["onnxruntime"]] == [1, 2, 3]
    assert found["threads"]["ours"][1] == {
        "at": 2,
        "evaluate_images_per_s": pytest.approx(2000),
        "train_images_per_s": pytest.approx(200),
    }
    assert found["threads"]["onnxruntime"][0] == {"at": 1, "evaluate_images_per_s": pytest.approx(1000)}
    assert {curve: [point["at"] for point in found[curve].pop("ours")] for curve in bench.SHAPES} == {
        "channels": [8, 16, 32, 64],
        "image side": [16, 32, 64],
    }
    assert found["channels"] == found["image side"] == {}, "a network that only predicts is fixed"
