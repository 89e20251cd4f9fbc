"""From single measurements to the table of the benchmark. Standard library only."""

import math
import statistics

# name -> (unit and meaning, whether more is better or None if it is not compared, decimals shown)
FIGURES = {
    "train_images_per_s": ("training, images/s", True, 0),
    "train_share_of_peak": ("training, % of the machine's peak", None, 1),
    "evaluate_10000_s": ("evaluating 10,000 images, s", False, 2),
    "evaluate_share_of_peak": ("evaluating, % of the machine's peak", None, 1),
    "latency_ms_p50": ("one image, median, ms", False, 2),
    "latency_ms_p99": ("one image, 99th percentile, ms", False, 2),
    "latency_ms_max": ("one image, the slowest, ms", False, 2),
    "peak_resident_mb": ("peak resident memory, MB", False, 0),
    "first_batch_s": ("start to first batch trained, s", False, 2),
}
LATENCIES = {"latency_ms_p50": 0.50, "latency_ms_p99": 0.99, "latency_ms_max": 1.0}  # figure -> share of the calls
OURS, FROZEN = "ours", "ours_frozen"


def percentile(values, share):
    """The smallest of the values that at least this share of them does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values):
    """Median, smallest and largest of what the rounds gave."""
    if not values:
        raise ValueError("no measurement to summarize")
    return {"value": statistics.median(values), "min": min(values), "max": max(values)}


def latency_summaries(rounds):
    """Percentiles of the calls of all rounds together; smallest and largest are those of single rounds."""
    together = [value for values in rounds for value in values]
    return {
        figure: {**summary([percentile(values, share) for values in rounds]), "value": percentile(together, share)}
        for figure, share in LATENCIES.items()
    }


def summaries(measured):
    """{system: {figure: [values], "latency_ms": [calls of a round]}} as {system: {figure: {value, min, max}}}.

    The value is the median of the rounds; for single images it is the percentile of all calls. Figures without values
    are left out.
    """
    return {
        system: {figure: summary(figures[figure]) for figure in FIGURES if figures.get(figure)}
        | (latency_summaries(figures["latency_ms"]) if figures.get("latency_ms") else {})
        for system, figures in measured.items()
    }


def flop_per_image(multiply_adds):
    """(floating-point operations to train with an image, to predict it) from the multiply-adds of each layer.

    A layer computes as many for its weights' gradient, and for its input's gradient, which the first layer needs not.
    Only convolutions and dense layers are counted; the rest is a few percent.
    """
    forward = sum(multiply_adds)
    return 2 * (3 * forward - multiply_adds[0]), 2 * forward


def add_shares(measured, multiply_adds, peak_gflop_per_s):
    """Adds each system's percentage of the machine's peak to what was measured."""
    train, predict = flop_per_image(multiply_adds)
    for figures in measured.values():
        speeds = figures.get("train_images_per_s", [])
        seconds = figures.get("evaluate_10000_s", [])
        figures["train_share_of_peak"] = [s * train / peak_gflop_per_s / 1e7 for s in speeds]
        figures["evaluate_share_of_peak"] = [10_000 / s * predict / peak_gflop_per_s / 1e7 for s in seconds]


def times_better(figure, ours, other):
    """How many times better our value is: 2 is twice the speed, or half the time or memory."""
    return ours / other if FIGURES[figure][1] else other / ours


def best(systems, figure, ours, bf16=False):
    """The best of our systems, or of the others, at this figure, in floats or in bf16; None if there is none."""
    names = [
        name
        for name, figures in systems.items()
        if figure in figures and name.startswith(OURS) == ours and ("bf16" in name) == bf16
    ]
    return max(names, key=lambda name: times_better(figure, systems[name][figure]["value"], 1), default=None)


def ratios(systems):
    """{peer: {figure: how many times better ours is}}.

    Those that only predict are compared with ours frozen, and those in bf16 with ours in bf16.
    """

    def counterpart(name, of_peer):
        return (OURS if "train_images_per_s" in of_peer else FROZEN) + "_bf16" * ("bf16" in name)

    return {
        name: {
            figure: times_better(figure, ours[figure]["value"], of_peer[figure]["value"])
            for figure in of_peer
            if FIGURES[figure][1] is not None and figure in ours
        }
        for name, of_peer in systems.items()
        if not name.startswith(OURS)
        for ours in [systems.get(counterpart(name, of_peer), {})]
    }


def table(systems):
    """A table in plain text, with a part for each figure: values, smallest, largest, how many times better ours is."""
    compared, rows = ratios(systems), []
    for figure, (title, _, decimals) in FIGURES.items():
        if not any(figure in figures for figures in systems.values()):
            continue
        rows.append([title, "", "smallest", "largest", "" if FIGURES[figure][1] is None else "ours is … times better"])
        for name, figures in systems.items():
            found = (
                [_number(figures[figure][key], decimals) for key in ("value", "min", "max")]
                if figure in figures
                else ["–"]
            )
            ratio = compared.get(name, {}).get(figure)
            rows.append(["  " + name, *found, *[""] * (3 - len(found)), "%.2f" % ratio if ratio else ""])
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]).rstrip()
        for row in rows
    )


def _number(value, decimals):
    return "{:,.{}f}".format(value, decimals)
