"""From single measurements to the table of the benchmark. Standard library only."""

import math
import statistics

# name -> (unit and meaning, whether more is better, decimals shown)
FIGURES = {
    "train_images_per_s": ("training, images/s", True, 0),
    "evaluate_10000_s": ("evaluating 10,000 images, s", False, 2),
    "latency_ms_p50": ("one image, median, ms", False, 2),
    "latency_ms_p99": ("one image, 99th percentile, ms", False, 2),
    "peak_resident_mb": ("peak resident memory, MB", False, 0),
    "first_batch_s": ("start to first batch trained, s", False, 2),
}
OURS = "ours"


def percentile(values, share):
    """The smallest of the values that at least this share of them does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values):
    """Median, smallest and largest of what the rounds gave."""
    if not values:
        raise ValueError("no measurement to summarise")
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summaries(measured):
    """{system: {figure: [values]}} as {system: {figure: {median, min, max}}}, figures without values left out."""
    return {
        system: {figure: summary(figures[figure]) for figure in FIGURES if figures.get(figure)}
        for system, figures in measured.items()
    }


def times_better(figure, ours, other):
    """How many times better our value is: 2 is twice the speed, or half the time or memory."""
    return ours / other if FIGURES[figure][1] else other / ours


def ratios(systems):
    """{peer: {figure: how many times better the median of ours is}}."""
    return {
        name: {
            figure: times_better(figure, systems[OURS][figure]["median"], of_peer[figure]["median"])
            for figure in of_peer
            if figure in systems[OURS]
        }
        for name, of_peer in systems.items()
        if name != OURS
    }


def fastest_peer(systems, figure):
    """The name of the best of the others at this figure; None if there is none."""
    others = [name for name, figures in systems.items() if name != OURS and figure in figures]
    if not others:
        return None
    return max(others, key=lambda name: times_better(figure, systems[name][figure]["median"], 1))


def table(systems):
    """A table in plain text: medians, below them smallest to largest, and how many times better ours is."""
    names = list(systems)
    rows = [[""] + names]
    for figure, (title, _, decimals) in FIGURES.items():
        found = [systems[name].get(figure) for name in names]
        if not any(found):
            continue
        rows.append([title] + [_number(f["median"], decimals) if f else "–" for f in found])
        rows.append(
            ["  smallest … largest"]
            + ["%s … %s" % (_number(f["min"], decimals), _number(f["max"], decimals)) if f else "" for f in found]
        )
        if OURS in systems and figure in systems[OURS]:
            ours = systems[OURS][figure]["median"]
            rows.append(
                ["  ours is … times better"]
                + [
                    "" if name == OURS or not f else "%.2f ×" % times_better(figure, ours, f["median"])
                    for name, f in zip(names, found)
                ]
            )
    widths = [max(len(row[i]) for row in rows) for i in range(len(names) + 1)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]).rstrip()
        for row in rows
    )


def _number(value, decimals):
    return "{:,.{}f}".format(value, decimals)
