"""What has to be true of the notebooks. Each rule takes a notebook and returns its problems as texts."""

import base64
import re
import sys
from pathlib import Path
from textwrap import dedent

import nbformat
import yaml

from notebooks import SAMPLE, is_noise
from project import ROOT

MARKDOWN_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HTML_LINK = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)[\"']", re.I)
PNG = re.compile(rb"(?s)\x89PNG\r\n\x1a\n.{4}IHDR(?!\0{4}).{4}(?!\0{4}).{4}.*IEND.{0,8}")  # with something on it
EXERCISE = re.compile(r"(?m)^\d+\. ")
SUMMARY = re.compile(r"<details><summary>(\w+)</summary>")
CLOSED = re.compile(r"(?s)<details><summary>(\w+)</summary>(?:(?!<details>).)+?</details>")
JAVA = re.compile(r"(?ms)^ *```java\n(.*?)^ *```$")
ELSEWHERE = re.compile(r"^(?:(?!attachment:)[a-z][a-z0-9+.-]*:|#|//)", re.I)


def table(name):
    return yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))


EXPECTED = table("expected.yaml")


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def exercises(notebook):
    """The text of each exercise at the end of a notebook, with its folds."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return EXERCISE.split(text.partition("## Exercises\n")[2].partition("\nNext: ")[0])[1:]


def exercises_are_solved(notebook):
    """Each exercise has one hint and, below it, one solution, both folded and closed."""
    wanted = ["Hint", "Solution"]
    found = [(n, SUMMARY.findall(text), CLOSED.findall(text)) for n, text in enumerate(exercises(notebook), 1)]
    problems = [(n, folds, closed) for n, folds, closed in found if [folds, closed] != [wanted, wanted]]
    return [f"exercise {n} has the folds {folds}, closed are {closed}" for n, folds, closed in problems]


def solution_cells(notebook):
    """The Java of the solutions, as cells that can be executed after those of the notebook."""
    blocks = [block for text in exercises(notebook) for block in JAVA.findall(text)]
    return [nbformat.v4.new_code_cell(dedent(block), metadata={"tags": ["solution"]}) for block in blocks]


def without_solutions(notebook):
    """An executed notebook with its own cells only."""
    own = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    return nbformat.from_dict({**notebook, "cells": own})


def outputs_of(notebook):
    """(number of the code cell from 1, output) for every output."""
    return [(number, output) for number, cell in enumerate(code_cells(notebook), 1) for output in cell.outputs]


def text_of(output):
    mimes = [text for mime, text in output.get("data", {}).items() if mime.startswith("text/")]
    return "\n".join([output.get("text", ""), *output.get("traceback", []), *mimes])


def pictures(notebook):
    return [(n, out.data["image/png"]) for n, out in outputs_of(notebook) if "image/png" in out.get("data", {})]


def ran_without_errors(notebook):
    """No cell ended in an error, wrote to standard error or printed a library's warning."""
    errors = [(n, f"error: {out.ename}: {out.evalue}") for n, out in outputs_of(notebook) if out.output_type == "error"]
    noise = [(n, f"standard error: {out.text[:200]}") for n, out in outputs_of(notebook) if is_noise(out)]
    return [f"code cell {number}: {problem}" for number, problem in errors + noise]


def executed_in_order(notebook):
    """The code cells were executed once each, from top to bottom, in a fresh kernel."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    return [] if counts and counts == list(range(1, len(counts) + 1)) else [f"executed in the order {counts}"]


def holds_nothing_unfit(notebook):
    """Neither text nor results hold a folder of one machine, an object's address (a new one each run) or a gap."""
    problems, folders = [], [re.escape(str(path)) for path in (ROOT, Path.home()) if len(path.parts) > 1]
    for number, cell in enumerate(notebook.cells, 1):
        content = "\n".join([cell.source, *map(text_of, cell.get("outputs", []))])
        patterns = [*EXPECTED["unfit"].items(), *(("a folder of this machine", folder) for folder in folders)]
        hits = [f"{what}: {hit}" for what, pattern in patterns for hit in re.findall(pattern, content)]
        problems += [f"cell {number} holds {hit}" for hit in dict.fromkeys(hits)]
    return problems


def is_png(content):
    try:
        return PNG.fullmatch(base64.b64decode(content))
    except ValueError:
        return None


def pictures_are_whole(notebook):
    """Every picture is a PNG with something on it."""
    return [f"code cell {n} has a picture that is not a PNG" for n, png in pictures(notebook) if not is_png(png)]


def pictures_have_words(notebook):
    """Every picture has a sentence, as text and as alternative text, and its width on the page."""
    outputs = [(n, out) for n, out in outputs_of(notebook) if "image/png" in out.get("data", {})]
    said = [(n, out.data.get("text/plain", ""), out.metadata.get("image/png", {})) for n, out in outputs]
    silent = [n for n, text, shown in said if not text.endswith(".") or shown.get("alt") != text or not shown["width"]]
    return [f"code cell {n} has a picture without a sentence or a width" for n in silent]


def prose(notebook):
    """The text before the first code cell and the text after the last."""
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"] or [0]
    parts = (notebook.cells[: code[0]], notebook.cells[code[-1] + 1 :])
    return ["\n".join(cell.source for cell in part) for part in parts]


def opens_and_ends_as_agreed(notebook):
    """Title and the three opening sections before the first code; summary and exercises after the last."""
    heading = r"(?mi)^(?:#+ +|[-*] +)?(?:\*\*)?%s\b"
    problems = [] if re.match(r"# \S", prose(notebook)[0]) else ["it does not open with a title (“# …”)"]
    for key, text in zip(("opening", "closing"), prose(notebook)):
        lacking = [name for name in EXPECTED[key] if not re.search(heading % re.escape(name), text)]
        problems += [f"in its {key} text there is no “{name}”" for name in lacking]
    return problems


def reading_order(names):
    """The notebooks in the order in which they are read; each links to the next one at its end."""
    after = {name: first for name, first in EXPECTED["read after"].items() if name in names}
    order = [name for name in names if name not in after]
    for name, first in after.items():
        order.insert(order.index(first) + 1, name)
    return order


def links_to(notebook, following):
    return [] if following in MARKDOWN_LINK.findall(prose(notebook)[1]) else [f"its end does not link to {following}"]


def local_links_resolve(notebook, folder):
    """What its prose links to in the repository exists."""
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        found = MARKDOWN_LINK.findall(cell.source) + HTML_LINK.findall(cell.source)
        known = [f"attachment:{name}" for name in cell.get("attachments", {})]
        local = [link for link in found if not (ELSEWHERE.match(link) or link in known or cell.cell_type != "markdown")]
        broken = [link for link in local if not Path(folder, link.split("#")[0]).exists()]
        problems += [f"cell {number} links to {link}, which does not exist" for link in broken]
    return problems


def awaits_its_run(path):
    """Why a committed notebook's outputs do not belong to its present cells yet; None if they do."""
    return EXPECTED["to be executed"].get(path.name)


def same_kinds_of_output(executed, committed):
    """Where the committed notebook shows a picture or HTML, the executed one shows as many."""
    problems = []
    for number, cells in enumerate(zip(code_cells(executed), code_cells(committed)), 1):
        for mime, name in (("image/png", "picture"), ("text/html", "HTML output")):
            found, wanted = (sum(mime in output.get("data", {}) for output in cell.outputs) for cell in cells)
            begins = cells[0].source.splitlines()[0]
            problems += [f"code cell {number} shows {found} of {wanted} {name}s: {begins}"] * (found < wanted)
    return problems


def expected_counts(source, limit=6_000):  # of the quick profile
    """(train, validation, test) for where the data came from and the limit on images: 80/20, and a sixth to test on."""
    images, test = (4_000, 1_000) if source == "sample" else (60_000, 10_000)
    images = min(images, limit)
    return images - images // 5, images // 5, min(test, limit // 6)


def lesson(counts, key="results"):
    """What the results of each notebook have to say, for (train, validation, test) images."""
    facts = dict(zip(("train", "validation", "test"), counts))
    facts |= {"all": counts[0] + counts[1], "quarter": counts[0] // 4, "some": min(counts[2], 1_000)}
    return {name: [text.format(**facts) for text in wanted] for name, wanted in EXPECTED[key].items()}


def says(notebook, wanted):
    said = "\n".join(text_of(output) for _, output in outputs_of(notebook))
    return [f"its results do not say “{text}”" for text in wanted if text not in said]


def comes_from_full_run(notebook, name):
    """It was executed with the full settings on the whole of MNIST."""
    lessons = [lesson(expected_counts("folder", 60_000), key) for key in ("results", "results of a full run")]
    wanted = [text for texts in lessons for text in texts.get(name, [])]
    sample = dict.fromkeys(number for number, output in outputs_of(notebook) if SAMPLE in text_of(output))
    return says(notebook, wanted) + [f"code cell {number} ran on the sample" for number in sample]


def results_are_sensible(results, linux=sys.platform == "linux"):
    """The results.json of a quick run (digits.training.TrainingRecord). Only Linux reports peak memory."""
    wanted = EXPECTED["results.json of a quick run"]
    try:
        counts = zip(("train", "validation", "test"), expected_counts(results["source"]))
        holds = {key: results[key] == value for key, value in [*counts, *wanted["is"].items()]}
        for key, most in wanted["above 0 and at most"].items():
            holds[key] = type(results[key]) in (int, float) and 0 < results[key] <= most
        holds["source"] = results["source"] in wanted["sources"]
        holds |= {key: bool(results[key]) for key in ("dataset", "versions")}
        holds["peak_resident_mb"] |= not linux and repr(results["peak_resident_mb"]) == "0"
    except KeyError as missing:
        return [f"the results are incomplete: {missing!r}"]
    return [f"{key} is wrong: {results[key]}" for key, fine in holds.items() if not fine]
