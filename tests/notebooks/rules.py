"""What has to be true of the notebooks. Each rule takes a notebook and returns its problems as texts."""

import base64
import re
import struct
import sys
from pathlib import Path

from normalize import normalize
from notebooks import SAMPLE
from project import ROOT

OPENING = ["What you will learn", "What you need", "How long it takes"]
CLOSING = ["Summary", "Exercises"]
# how many pictures each notebook shows at least; fixed, so that a missing one is noticed even if both copies lack it
PICTURES = {
    "01": 2,
    "02": 2,
    "03": 2,
    "04": 2,
    "05": 1,
    "06": 4,
    "07": 1,
    "08": 1,
    "09": 4,
    "10": 7,
    "11": 6,
    "12": 11,
    "13": 6,
}
MACHINE_PATHS = [  # the slash and a name behind the folder keep "/tmp" in a sentence out
    re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|private|var/folders|mnt|media|opt|srv)/[^\s\"'<>]+"),
    re.compile(r"(?<![A-Za-z0-9])[A-Za-z]:\\\\?[\w.~-]+"),
]
OBJECT_ADDRESS = re.compile(r"(?:[\w.$]+|\[+[A-Z][\w.;]*)@[0-9a-f]{6,8}\b")
MARKDOWN_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HTML_LINK = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)[\"']", re.I)
PLACEHOLDER = re.compile(r"%[A-Z0-9]+%")
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|#|//)", re.I)


def code_cells(notebook):
    """The code cells that have something in them."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def outputs_of(notebook):
    """(number of the code cell from 1, output) for every output."""
    return [(number, output) for number, cell in enumerate(code_cells(notebook), 1) for output in cell.outputs]


def texts_of(output):
    """Every text in an output, without pictures."""
    mimes = [text for mime, text in output.get("data", {}).items() if mime.startswith("text/")]
    return [output.get("text", ""), *output.get("traceback", []), *mimes]


def ran_without_errors(notebook):
    """No cell ended in an error or wrote to standard error."""
    errors = [(n, f"error: {out.ename}: {out.evalue}") for n, out in outputs_of(notebook) if out.output_type == "error"]
    noise = [(n, f"standard error: {out.text[:200]}") for n, out in outputs_of(notebook) if out.get("name") == "stderr"]
    return [f"code cell {number}: {problem}" for number, problem in errors + noise]


def executed_in_order(notebook):
    """The code cells were executed once each, from top to bottom, in a fresh kernel."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    return [] if counts and counts == list(range(1, len(counts) + 1)) else [f"executed in the order {counts}"]


def holds_no_machine_path(notebook, root=ROOT):
    """Neither text nor results name a folder of the machine that it was executed on."""
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        for content in [cell.source] + [text for output in cell.get("outputs", []) for text in texts_of(output)]:
            hits = [match.group() for pattern in MACHINE_PATHS for match in pattern.finditer(content)]
            hits += [str(path) for path in (root, Path.home()) if len(path.parts) > 1 and str(path) in content]
            problems += [f"cell {number} names a path of one machine: {hit}" for hit in dict.fromkeys(hits)]
    return problems


def shows_no_object_address(notebook):
    """No result is Java's default text of an object, whose number differs in each run."""
    texts = [(number, text) for number, output in outputs_of(notebook) for text in texts_of(output)]
    return [
        f"code cell {n} shows an object's address: {hit}" for n, text in texts for hit in OBJECT_ADDRESS.findall(text)
    ]


def is_in_committed_form(notebook):
    """Applying the committed form changes nothing."""
    clean = normalize(notebook)
    problems = [] if clean.metadata == notebook.metadata else [f"its metadata is {notebook.metadata}"]
    if len(clean.cells) != len(notebook.cells):
        problems.append("it has empty cells")
    else:
        cells = enumerate(zip(notebook.cells, clean.cells), 1)
        problems += [f"cell {number} contains what changes from run to run" for number, (a, b) in cells if a != b]
    return [problem + "; `make tidy` removes it" for problem in problems]


def is_png(content):
    """Whether a base64 text is a PNG with something on it."""
    try:
        data = base64.b64decode(content)
        whole = data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and b"IEND" in data[-12:]
        return whole and all(struct.unpack(">II", data[16:24]))
    except (ValueError, struct.error):
        return False


def pictures_are_whole(notebook):
    """Every picture is a PNG with something on it."""
    pictures = [(n, out.data["image/png"]) for n, out in outputs_of(notebook) if "image/png" in out.get("data", {})]
    return [
        f"code cell {number} has a picture that is not a PNG" for number, content in pictures if not is_png(content)
    ]


def shows_pictures(notebook, at_least):
    """It shows as many pictures as the lesson has."""
    found = sum("image/png" in output.get("data", {}) for _, output in outputs_of(notebook))
    return [] if found >= at_least else [f"it shows {found} pictures; at least {at_least} were expected"]


def prose(notebook):
    """The text before the first code cell and the text after the last."""
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"] or [0]
    parts = (notebook.cells[: code[0]], notebook.cells[code[-1] + 1 :])
    return ["\n".join(cell.source for cell in part) for part in parts]


def opens_and_ends_as_agreed(notebook):
    """Title and the three opening sections before the first code; summary and exercises after the last."""

    def lacks(section, text):
        return not re.search(rf"^(?:#+ +|[-*] +)?(?:\*\*)?{re.escape(section)}\b", text, re.M | re.I)

    before, after = prose(notebook)
    problems = [] if re.match(r"# \S", before) else ["it does not open with a title (“# …”)"]
    problems += [f"before its first code there is no “{section}”" for section in OPENING if lacks(section, before)]
    return problems + [f"after its last code there is no “{section}”" for section in CLOSING if lacks(section, after)]


def links_to(notebook, following):
    """Its end links to the notebook that follows."""
    return [] if following in MARKDOWN_LINK.findall(prose(notebook)[1]) else [f"its end does not link to {following}"]


def local_links_resolve(notebook, folder):
    """What its prose links to in the repository exists."""
    problems = []
    for number, cell in enumerate(notebook.cells, 1):
        for link in MARKDOWN_LINK.findall(cell.source) + HTML_LINK.findall(cell.source):
            attached = link.removeprefix("attachment:") in cell.get("attachments", {})
            exists = (
                attached
                if link.startswith("attachment:")
                else ELSEWHERE.match(link) or (folder / link.split("#")[0]).exists()
            )
            if cell.cell_type == "markdown" and not exists:
                problems.append(f"cell {number} links to {link}, which does not exist")
    return problems


def same_kinds_of_output(executed, committed):
    """Where the committed notebook shows a picture or HTML, the executed one shows as many."""
    problems = []
    for number, cells in enumerate(zip(code_cells(executed), code_cells(committed)), 1):
        for mime, name in (("image/png", "picture"), ("text/html", "HTML output")):
            found, wanted = (sum(mime in output.get("data", {}) for output in cell.outputs) for cell in cells)
            if found < wanted:
                problems.append(
                    f"code cell {number} shows {found} of {wanted} {name}s: {cells[0].source.splitlines()[0]}"
                )
    return problems


def expected_counts(source, limit):
    """(train, validation, test) for where the data came from and the limit on images: 80/20, and a sixth to test on."""
    images, test = (4_000, 1_000) if source == "sample" else (60_000, 10_000)
    images = min(images, limit)
    return images - images // 5, images // 5, min(test, limit // 6)


def lesson(counts):
    """What the results of each notebook have to say, for (train, validation, test) images."""
    training, validation, test = counts
    return {
        "01_load.ipynb": [f"train ({training + validation}, 28, 28)", f"test  ({test}, 28, 28)"],
        "02_split.ipynb": [f"({count}, 28, 28)" for count in counts] + ["in training and validation: 0"],
        "03_normalize.ipynb": [
            *("[100, 28, 28, 1]", "[100, 1, 28, 28]", "features [100, 1, 28, 28], labels [100, 10]"),
            "same as by hand: true",
        ],
        "04_build.ipynb": ["same as the library's copy: true", "597,738 parameters"],
        "08_save_and_load.ipynb": [
            *("same weights to the last bit: true", f"{min(test, 1_000)} of {min(test, 1_000)} answers agree, "),
            *('layer 6, "max_pooling2d" (MaxPooling3D), is of a class', "flipped.zip cannot be loaded: its entry"),
        ],
        "09_architectures.ipynb": ["669,706", "61,706", "597,738", "78,426", "5/5 networks"],
        "10_optimizers.ipynb": [
            f"{training // 4:,} images to train on, {validation:,} to validate on",
            "not trained again: true",
        ],
        "11_data_sets.ipynb": ["test, walkthrough's network:", "test, better training:"],
        "12_look_inside.ipynb": ["layer  8  convolution 4: 64 maps of 8×8"],
    }


def says(notebook, texts):
    """Its results say each of these texts."""
    said = "\n".join(content for _, output in outputs_of(notebook) for content in texts_of(output))
    return [f"its results do not say “{wanted}”" for wanted in texts if wanted not in said]


def comes_from_full_run(name, notebook):
    """It was executed with the full settings on the whole of MNIST."""
    texts = {**lesson(expected_counts("folder", 60_000)), "05_train.ipynb": ["profile full: 10 epochs"]}.get(name, [])
    sample = [number for number, output in outputs_of(notebook) if any(SAMPLE in text for text in texts_of(output))]
    return says(notebook, texts) + [f"code cell {number} ran on the sample" for number in sample]


def holds_no_placeholder(notebook):
    """No text is left to be filled in."""
    cells = enumerate(notebook.cells, 1)
    return [f"cell {number} still contains {hit}" for number, cell in cells for hit in PLACEHOLDER.findall(cell.source)]


def results_are_sensible(results, limit, epochs, linux=sys.platform == "linux"):
    """The results of a quick run: a digits.training.TrainingRecord with its test. Only Linux reports peak memory."""

    def positive(value):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")

    try:
        counts = expected_counts(results["source"], limit)
        test, peak, seconds = results["test"], results["peakResidentMb"], results["trainSeconds"]
        holds = {
            "source": results["source"] in ("folder", "package", "cache", "mirror", "sample"),
            "counts": (results["train"], results["validation"], test["images"]) == counts,
            "dataset": isinstance(results["dataset"], str) and results["dataset"],
            "epochs": len(results["epochs"]) == epochs and 1 <= results["bestEpoch"] <= epochs,
            "batch": results["batch"] == 128,
            "seed": results["seed"] == 42,
            "threads": positive(results["threads"]),
            "test": positive(test["loss"]) and positive(test["accuracy"]) and test["accuracy"] <= 1,
            "speed": positive(seconds) and positive(results["imagesPerSecond"]),
            "peakResidentMb": positive(peak) and peak < 2_000 or type(peak) is int and peak == 0 and not linux,
            "versions": isinstance(results["versions"], dict) and results["versions"],
        }
    except (KeyError, TypeError) as missing:
        return [f"the results are incomplete: {missing!r}"]
    return [f"{key} is wrong: {results.get(key, results)}" for key, fine in holds.items() if not fine]
