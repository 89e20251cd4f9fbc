"""Figures in prose that repeat a result must agree with a result of the same notebook.

A figure is a number with three or more significant digits, a percentage with decimals, or a duration: “597,738”,
“1.28”, “98.8 %”, “29 s”. Trailing zeros of a whole number do not count, so the sizes of the sets (48,000) are no
figures, and neither are years and whatever stands in code, formulas, links and exercises. What comes from elsewhere
(another notebook, a paper, a calculation, a chart) is listed in prose_figures.yaml with the reason.
"""

import html
import re
from collections import namedtuple

import rules

IGNORED = re.compile(r"(?s)```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)]*\)|</?[a-z][^<>]*>")
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
LIST = rf"(?=,?\s(?:and|or|to|against)\s(?:{NUMBER})\s?%)"  # the unit of “91.7 against 92.5 %” holds for both
UNIT = rf"\s?%|{LIST}|\s(?:s|ms|seconds|min|minutes)\b"
FIGURE = re.compile(rf"(?<![\w.,^/])({NUMBER})({UNIT})?(?![\w^]|[.,]\d)")
SOURCES = rules.table("prose_figures.yaml")

Figure = namedtuple("Figure", "text value decimals percent")


def figures_of(text):
    """All numbers of a text, with what decides whether they are figures: the digits given, and the unit."""
    for match in FIGURE.finditer(text):
        number, unit = match[1].replace(",", ""), "%" if match[2] == "" else (match[2] or "").strip()
        whole, _, fraction = number.partition(".")
        digits = (whole + fraction).lstrip("0") if fraction else whole.strip("0")
        year = re.fullmatch(r"(?:19|20)\d\d", match[1]) and not unit
        counts = len(digits) >= 3 and not year or unit == "%" and fraction or unit not in ("", "%")
        text = " ".join(match[0].split())
        yield bool(counts), Figure(text, float(number), len(fraction), unit == "%")


def claims(notebook):
    """(number of the cell, figure) for every figure in the notebook's prose."""
    cells = [(n, cell.source) for n, cell in enumerate(notebook.cells, 1) if cell.cell_type == "markdown"]
    texts = [(n, IGNORED.sub(" ", source.partition("## Exercises")[0])) for n, source in cells]
    return [(n, figure) for n, text in texts for counts, figure in figures_of(text) if counts]


def results(notebook):
    """All numbers in the notebook's results."""
    texts = [rules.text_of(output) for _, output in rules.outputs_of(notebook)]
    plain = [html.unescape(re.sub(r"(?s)<style.*?</style>|<[^>]*>", " ", text)) for text in texts]
    return [figure for text in plain for _, figure in figures_of(text)]


def repeats(figure, result):
    """Whether a figure is a result, rounded; of a share, in percent, also the rest: 1.84 % of errors for 0.9816."""
    value = result.value * (100 if figure.percent and not result.percent else 1)
    candidates = [value, 100 - value] if figure.percent else [value]
    return any(abs(each - figure.value) <= 0.5000001 * 10**-figure.decimals for each in candidates)


def quoted_by(name):
    """The numbers of the notebooks whose results this one quotes."""
    return SOURCES["quoted notebooks"].get(name[:2], [])


def figures_agree_with_results(notebook, name, others=()):
    """Each figure in prose is a result of this notebook or of one that it quotes, or is listed with a reason."""
    known = [result for each in [notebook, *others] for result in results(each)]
    listed = {text for per_notebook in SOURCES["from elsewhere"].values() for text in per_notebook.get(name[:2], [])}
    stale = [(n, figure.text) for n, figure in claims(notebook) if not any(repeats(figure, each) for each in known)]
    problems = [f"cell {n} says “{text}”, and no result does" for n, text in stale if text not in listed]
    unneeded = sorted(listed - {text for _, text in stale})
    return problems + [f"prose_figures.yaml need not list “{text}”" for text in unneeded]
