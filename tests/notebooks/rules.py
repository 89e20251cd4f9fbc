"""What has to be true of the notebooks. Each rule takes a notebook as parsed JSON and returns what is wrong, as texts.

Kept apart from check_notebooks.py, which runs them, so that test_rules.py can try them on notebooks that break them.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "environment"))
from normalize import normalize, png_size

OPENING = ["What you will learn", "What you need", "How long it takes"]
CLOSING = ["Summary", "Exercises"]

SAMPLE = "5,000-digit sample"  # the banner's words, see digits.data.Banner

# how many pictures each notebook shows at least; fixed, so that a lost one is missed even where both copies lack it
PICTURES = {
    "01_load.ipynb": 2,
    "02_split.ipynb": 2,
    "03_normalize.ipynb": 2,
    "04_build.ipynb": 2,
    "05_train.ipynb": 1,
    "06_evaluate.ipynb": 4,
    "07_99_percent_in_a_minute.ipynb": 1,
    "08_save_and_load.ipynb": 1,
    "09_architectures.ipynb": 4,
    "10_optimizers.ipynb": 7,
    "11_data_sets.ipynb": 6,
    "12_look_inside.ipynb": 11,
    "13_draw_a_digit.ipynb": 6,
}

# a folder that exists on one machine only; what may follow (a slash, a name) keeps "/tmp" in a sentence out of it
MACHINE_PATHS = [
    re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|private|var/folders|mnt|media|opt|srv)/[^\s\"'<>]+"),
    re.compile(r"(?<![A-Za-z0-9])[A-Za-z]:\\\\?[\w.~-]+"),
]
OBJECT_ADDRESS = re.compile(r"(?:[\w.$]+|\[+[A-Z][\w.;]*)@[0-9a-f]{6,8}\b")
MARKDOWN_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HTML_LINK = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)=[\"']([^\"']+)[\"']", re.I)
PLACEHOLDER = re.compile(r"%[A-Z0-9]+%")
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|#|//)", re.I)


def text(value):
    """A source or an output, which files hold as a text or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def code_cells(notebook):
    """The code cells that have something in them."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and text(cell["source"]).strip()]


def outputs_of(notebook):
    """(number of the code cell from 1, output) for every output."""
    return [(number, output) for number, cell in enumerate(code_cells(notebook), 1) for output in cell["outputs"]]


def texts_of(output):
    """Every text in an output, with pictures left out."""
    found = [text(output.get("text", ""))] + [text(line) for line in output.get("traceback", [])]
    return found + [text(value) for mime, value in output.get("data", {}).items() if mime.startswith("text/")]


def ran_without_errors(notebook):
    """No cell ended in an error or wrote to standard error."""
    problems = []
    for number, output in outputs_of(notebook):
        if output["output_type"] == "error":
            problems.append(f"code cell {number} ended in an error: {output.get('ename')}: {output.get('evalue')}")
        elif output.get("name") == "stderr":
            problems.append(f"code cell {number} wrote to standard error: {text(output['text']).strip()[:200]}")
    return problems


def executed_in_order(notebook):
    """The code cells were executed once each, from top to bottom, in a fresh kernel."""
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    if not counts:
        return ["it has no code"]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"executed in the order {counts}, not 1 to {len(counts)}"]


def holds_no_machine_path(notebook, root=ROOT):
    """Neither text nor results name a folder of the machine that it was executed on."""
    problems = []
    for number, cell in enumerate(notebook["cells"], 1):
        texts = [text(cell["source"])] + [t for output in cell.get("outputs", []) for t in texts_of(output)]
        for content in texts:
            hits = [match.group() for pattern in MACHINE_PATHS for match in pattern.finditer(content)]
            hits += [str(path) for path in (root, Path.home()) if len(path.parts) > 1 and str(path) in content]
            problems += [f"cell {number} names a path of one machine: {hit}" for hit in dict.fromkeys(hits)]
    return problems


def shows_no_object_address(notebook):
    """No result is Java's default text of an object, whose number is another one in each run."""
    return [f"code cell {number} shows an object's address, which changes from run to run: {match.group()}"
            for number, output in outputs_of(notebook) for content in texts_of(output)
            for match in OBJECT_ADDRESS.finditer(content)]


def is_in_committed_form(notebook):
    """Applying the committed form changes nothing."""
    clean = normalize(notebook)
    if clean == notebook:
        return []
    problems = [f"its {key} is {notebook.get(key)}, not {clean[key]}" for key in ("metadata", "nbformat", "nbformat_minor")
                if notebook.get(key) != clean[key]]
    if len(clean["cells"]) != len(notebook["cells"]):
        problems.append("it has empty cells")
    else:
        for number, (cell, wanted) in enumerate(zip(notebook["cells"], clean["cells"]), 1):
            different = sorted(key for key in {**cell, **wanted} if cell.get(key) != wanted.get(key))
            if different:
                problems.append(f"cell {number} holds what changes from run to run, in its {', '.join(different)}")
    return [problem + "; `make tidy` mends that" for problem in problems]


def pictures_are_whole(notebook):
    """Every picture is a PNG with something on it."""
    return [f"code cell {number} has a picture that is no PNG" for number, output in outputs_of(notebook)
            if "image/png" in output.get("data", {}) and png_size(text(output["data"]["image/png"])) is None]


def shows_pictures(notebook, at_least):
    """It shows as many pictures as the lesson has."""
    found = sum("image/png" in output.get("data", {}) for _, output in outputs_of(notebook))
    return [] if found >= at_least else [f"it shows {found} pictures; at least {at_least} were expected"]


def opens_and_ends_as_agreed(notebook):
    """Title and the three opening sections before the first code; summary and exercises after the last."""
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    if "code" not in kinds:
        return ["it has no code"]
    first, last = kinds.index("code"), len(kinds) - 1 - kinds[::-1].index("code")
    before = "\n".join(text(cell["source"]) for cell in notebook["cells"][:first])
    after = "\n".join(text(cell["source"]) for cell in notebook["cells"][last + 1:])
    problems = [] if re.match(r"# \S", before) else ["it does not open with a title («# …»)"]
    problems += [f"before its first code there is no «{section}»" for section in OPENING if not _section(section, before)]
    problems += [f"after its last code there is no «{section}»" for section in CLOSING if not _section(section, after)]
    return problems


def _section(name, prose):
    """Whether prose has a section of that name, as a heading or in bold."""
    return re.search(rf"^(?:#+ +|[-*] +)?(?:\*\*)?{re.escape(name)}\b", prose, re.M | re.I)


def links_to(notebook, following):
    """Its end links to the notebook that follows."""
    last = max((index for index, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"), default=-1)
    after = "\n".join(text(cell["source"]) for cell in notebook["cells"][last + 1:])
    return [] if following in MARKDOWN_LINK.findall(after) else [f"its end does not link to the next notebook, {following}"]


def local_links_resolve(notebook, folder):
    """What its prose links to in the repository is there."""
    problems = []
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "markdown":
            continue
        for link in MARKDOWN_LINK.findall(text(cell["source"])) + HTML_LINK.findall(text(cell["source"])):
            if link.startswith("attachment:"):
                if link[len("attachment:"):] not in cell.get("attachments", {}):
                    problems.append(f"cell {number} shows {link}, which is not attached")
            elif not ELSEWHERE.match(link) and not (folder / link.split("#")[0]).exists():
                problems.append(f"cell {number} links to {link}, which does not exist")
    return problems


def same_kinds_of_output(executed, committed):
    """Where the committed notebook shows a picture or HTML, the executed one shows as many."""
    problems = []
    pairs = list(zip(code_cells(executed), code_cells(committed)))
    for number, (cell, model) in enumerate(pairs, 1):
        for mime, name in (("image/png", "picture"), ("text/html", "HTML output")):
            found, wanted = (sum(mime in output.get("data", {}) for output in c["outputs"]) for c in (cell, model))
            if found < wanted:
                problems.append(f"code cell {number} shows {found} of {wanted} {name}s: {text(cell['source']).splitlines()[0]}")
    return problems


def expected_counts(source, limit):
    """(train, validation, test) for where the data came from and the limit on images: 80/20, and a sixth to test on."""
    images, test = (4_000, 1_000) if source == "sample" else (60_000, 10_000)
    images = min(images, limit)
    return images - images // 5, images // 5, min(test, limit // 6)


def lesson(counts):
    """What the results of each notebook have to say: its file name with the texts, for (train, validation, test) images."""
    training, validation, test = counts
    return {
        "01_load.ipynb": [f"train ({training + validation}, 28, 28)", f"test  ({test}, 28, 28)"],
        "02_split.ipynb": [f"({training}, 28, 28)", f"({validation}, 28, 28)", f"({test}, 28, 28)",
                         "in training and validation: 0"],
        "03_normalize.ipynb": ["[100, 28, 28, 1]", "[100, 1, 28, 28]", "features [100, 1, 28, 28], labels [100, 10]",
                               "same as by hand: true"],
        "04_build.ipynb": ["same as the library's copy: true", "597,738 parameters"],
        "08_save_and_load.ipynb": ["same weights to the last bit: true", "{0} of {0} answers agree, ".format(min(test, 1_000)),
                                   'layer 6, "max_pooling2d" (MaxPooling3D), is of a class', "flipped.zip cannot be loaded: its entry"],
        "09_architectures.ipynb": ["669,706", "61,706", "597,738", "78,426", "5/5 networks"],
        "10_optimizers.ipynb": [f"{training // 4:,} images to train on, {validation:,} to validate on", "not trained again: true"],
        "11_data_sets.ipynb": ["test, walkthrough's network:", "test, better training:"],
        "12_look_inside.ipynb": ["layer  8  convolution 4: 64 maps of 8×8"],
    }


def says(notebook, texts):
    """Its results say each of these texts."""
    said = "\n".join(content for _, output in outputs_of(notebook) for content in texts_of(output))
    return [f"its results do not say «{wanted}»" for wanted in texts if wanted not in said]


def comes_from_full_run(name, notebook):
    """It was executed with the full settings on the whole of MNIST."""
    counts = expected_counts("folder", limit=60_000)
    texts = {**lesson(counts), "05_train.ipynb": ["profile full: 10 epochs"]}.get(name, [])
    problems = says(notebook, texts)
    problems += [f"code cell {number} ran on the sample: it shows «{SAMPLE}»" for number, output in outputs_of(notebook)
                 if any(SAMPLE in content for content in texts_of(output))]
    return problems


def holds_no_placeholder(notebook):
    """No text is left to be filled in."""
    return [f"cell {number} still holds {hit}" for number, cell in enumerate(notebook["cells"], 1)
            for hit in dict.fromkeys(PLACEHOLDER.findall(text(cell["source"])))]


def results_are_sensible(results, limit, epochs, linux=sys.platform.startswith("linux")):
    """The results of a quick run, as the notebook 06 wrote them. Only Linux says how much memory a process had at its peak."""
    keys = ["dataset", "source", "train", "validation", "test", "parameters", "epochs", "batch", "seed", "threads",
            "test_loss", "test_accuracy", "train_seconds", "images_per_second", "peak_resident_mb", "versions"]
    missing = [key for key in keys if key not in results]
    if missing:
        return [f"the results lack {', '.join(missing)}"]
    problems = []

    def wanted(key, holds, what):
        if not holds:
            problems.append(f"{key} is {results[key]!r}, not {what}")

    wanted("source", results["source"] in ("folder", "package", "cache", "mirror", "sample"), "folder, package, cache, mirror or sample")
    for key, count in zip(("train", "validation", "test"), expected_counts(results["source"], limit)):
        wanted(key, results[key] == count, f"{count}, which source «{results['source']}» and limit {limit} give")
    wanted("dataset", isinstance(results["dataset"], str) and results["dataset"], "a name")
    wanted("parameters", results["parameters"] == 597_738, "597738")
    wanted("epochs", results["epochs"] == epochs, str(epochs))
    wanted("batch", results["batch"] == 128, "128")
    wanted("seed", results["seed"] == 42, "42")
    wanted("threads", _number(results["threads"]) and results["threads"] >= 1, "1 or more")
    wanted("test_accuracy", _number(results["test_accuracy"]) and 0 < results["test_accuracy"] <= 1, "in (0, 1]")
    for key in ("test_loss", "train_seconds", "images_per_second"):
        wanted(key, _number(results[key]) and 0 < results[key] < float("inf"), "a number above 0")
    peak = results["peak_resident_mb"]
    wanted("peak_resident_mb", _number(peak) and (0 < peak < 2_000 or peak == 0 and not linux),
           "above 0 and below 2000" if linux else "0 (unknown) or below 2000")
    wanted("versions", isinstance(results["versions"], dict) and results["versions"], "a table of versions")
    return problems


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
