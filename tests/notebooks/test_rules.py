"""The rules themselves, tried on notebooks made to break them: each is reported, and a good one is left in peace."""

import base64
import struct
import zlib

import nbformat
import pytest
import rules
from conftest import OF_ALL, code, notebook_of, problems_of

from normalize import normalize

new_output = nbformat.v4.new_output
prose = nbformat.v4.new_markdown_cell


def png(width, height):
    """A black picture."""
    header, rows = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0), (b"\0" * (width + 1)) * height
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return base64.b64encode(content).decode("ascii")


def shown(**data):
    """A displayed output."""
    mimes = {"png": "image/png", "html": "text/html", "plain": "text/plain"}
    return new_output("display_data", {mimes[key]: value for key, value in data.items()})


def stream(text, name="stdout"):
    """A printed output."""
    return new_output("stream", name=name, text=text)


OPENING = "# Steps\n\n## What you will learn\nMuch.\n\n## What you need\nNothing.\n\n## How long it takes\n1 s."
CLOSING = "## Summary\nDone.\n\n## Exercises\n1. Again.\n\nNext: [the next one](02_next.ipynb)"


@pytest.fixture
def good():
    """A notebook that breaks no rule."""
    picture = shown(png=png(3, 2), plain="Image@1a2b3c4d"), shown(html="<b>1</b>", plain="<b>1</b>")
    split = code("var split = split();", 1, stream("(4800, 28, 28)\n(1200, 28, 28)\n(1000, 28, 28)\n"))
    middle = prose("A [link](https://example.org/tmp/x) elsewhere, 3:4, https://example.org/home/x and build/tmp/y.")
    return normalize(notebook_of(prose(OPENING), split, middle, code("display(picture)", 2, *picture), prose(CLOSING)))


def reports(problems, *words):
    """Asserts that there is exactly one problem, which contains these words."""
    assert len(problems) == 1 and all(word in problems[0] for word in words), problems


def test_a_good_notebook_breaks_no_rule(good, tmp_path):
    assert problems_of(OF_ALL + [rules.opens_and_ends_as_agreed], good) == []
    reports(rules.local_links_resolve(good, tmp_path), "02_next.ipynb", "does not exist")
    (tmp_path / "02_next.ipynb").write_text("")
    assert rules.links_to(good, "02_next.ipynb") == rules.local_links_resolve(good, tmp_path) == []
    assert rules.same_kinds_of_output(good, good) == rules.shows_pictures(good, 1) == []
    good.cells[4].source = "![plan](attachment:plan.png) and <img src='gone.png'>"
    assert len(rules.local_links_resolve(good, tmp_path)) == 2
    reports(rules.links_to(good, "02_other.ipynb"), "02_other.ipynb")
    reports(rules.shows_pictures(good, 2), "shows 1 pictures", "at least 2")


def set_counts(*counts):
    """A change of the code cells' numbers."""
    return lambda n: [cell.update(execution_count=count) for cell, count in zip(n.cells[1::2], counts)]


def set_picture(content):
    """A change of a picture's bytes."""
    return lambda n: n.cells[3].outputs[0].data.update({"image/png": content})


def without(section):
    """A change of a section's name."""
    return lambda n: [cell.update(source=cell.source.replace(section, "x")) for cell in n.cells]


NO_PICTURES = ["", "AAAA", png(3, 2)[:40], png(0, 2), "é"]
ERROR = new_output("error", ename="java.lang.Error", evalue="no", traceback=["java.lang.Error: no"])
PLACES = ["/home/ann/mnist", "/Users/ann/x", "/root/.cache", "/tmp/digits1", "/private/tmp", r"C:\Users", "D:\\\\data"]
FRAME = '<b>1</b><div class="digits-live"><iframe src="http://127.0.0.1:4711/0123/"></iframe>\n<p>tab</p></div><b>2</b>'
BROKEN = [  # what is changed, the rule that reports it, words of the report
    (lambda n: n.cells[1].outputs.append(ERROR), rules.ran_without_errors, "code cell 1: error: java.lang.Error"),
    (lambda n: n.cells[1].outputs.append(stream("NOISE", "stderr")), rules.ran_without_errors, "standard error: NOISE"),
    *((set_counts(*counts), rules.executed_in_order, str(counts)) for counts in ([2, 1], [1, None], [3, 4])),
    *((lambda n, at=at: n.cells[2].update(source=f"in {at}"), rules.holds_no_machine_path, at) for at in PLACES),
    *((lambda n, at=at: n.cells[1].outputs[0].update(text=at), rules.holds_no_machine_path, at) for at in PLACES),
    (lambda n: n.cells[1].outputs[0].update(text="[J@79139842"), rules.shows_no_object_address, "[J@79139842"),
    (lambda n: n.cells[1].outputs[0].update(text="x.A@5d1659ea"), rules.shows_no_object_address, "x.A@5d1659ea"),
    (lambda n: n.cells[3].metadata.update(execution={"iopub.status": "now"}), rules.is_in_committed_form, "cell 4"),
    (lambda n: n.cells[3].metadata.update(vscode={"languageId": "java"}), rules.is_in_committed_form, "cell 4"),
    (lambda n: n.cells[3].outputs[0].data.update({"text/plain": "Image@1f"}), rules.is_in_committed_form, "cell 4"),
    (lambda n: n.cells[3].outputs[1].data.update({"text/html": FRAME}), rules.is_in_committed_form, "cell 4"),
    (lambda n: n.metadata.update(language_info={"version": "17.0.1"}), rules.is_in_committed_form, "17.0.1"),
    (lambda n: n.metadata.update(widgets={}), rules.is_in_committed_form, "widgets"),
    (lambda n: n.metadata.kernelspec.update(display_name="Java (j!)"), rules.is_in_committed_form, "Java (j!)"),
    (lambda n: n.cells.append(prose(" ")), rules.is_in_committed_form, "empty cells"),
    *((set_picture(content), rules.pictures_are_whole, "code cell 2") for content in NO_PICTURES),
    *(
        (without(section), rules.opens_and_ends_as_agreed, section)
        for section in rules.EXPECTED["opening"] + rules.EXPECTED["closing"]
    ),
    (lambda n: n.cells[0].update(source="#" + OPENING), rules.opens_and_ends_as_agreed, "title"),
    (lambda n: n.cells[2].update(source='%T05% of 100 % "%,d of %d"'), rules.holds_no_placeholder, "contains %T05%"),
]


@pytest.mark.parametrize("change, rule, words", BROKEN, ids=[f"{rule.__name__}: {words}" for _, rule, words in BROKEN])
def test_what_breaks_a_rule_is_reported(good, monkeypatch, change, rule, words):
    monkeypatch.setenv("HOME", "/nowhere")
    change(good)
    reports(rule(good), words)
    if rule is rules.is_in_committed_form:
        assert rule(normalize(good)) == []


def test_the_committed_form_keeps_results_and_joins_cut_streams(good):
    cut = [stream("a"), stream("b\n"), stream("c", "stderr")]
    assert [output.text for output in normalize(notebook_of(code("x", 7, *cut))).cells[0].outputs] == ["ab\n", "c"]
    kept = normalize(notebook_of(code("x", 7, nbgrader={"grade": True}, tags=["a"]))).cells[0]
    assert (kept.execution_count, set(kept.metadata)) == (7, {"nbgrader", "tags"})
    assert good.cells[3].outputs[0].data["text/plain"] == "picture, 3 × 2 pixels"
    assert "text/plain" not in good.cells[3].outputs[1].data
    good.cells[3].outputs[1].data["text/html"] = FRAME
    clean = normalize(good).cells[3].outputs[1].data["text/html"]
    assert "127.0.0.1" not in clean and clean.startswith("<b>1</b><p>") and clean.endswith("</p><b>2</b>")


@pytest.mark.parametrize("position, name", [(0, "picture"), (1, "HTML")])
def test_missing_outputs(good, position, name):
    executed = nbformat.from_dict(good)
    del executed.cells[3].outputs[position]
    reports(rules.same_kinds_of_output(executed, good), "code cell 2 shows 0 of 1", name)


def test_what_a_lesson_says(good):
    counts = rules.expected_counts("folder", 6_000)
    assert counts == (4_800, 1_200, 1_000) and rules.expected_counts("sample", 6_000) == (3_200, 800, 1_000)
    assert rules.expected_counts("mirror", 2**31 - 1) == (48_000, 12_000, 10_000)
    reports(rules.says(good, rules.lesson(counts)["02_split.ipynb"]), "in training and validation: 0")
    reports(rules.says(good, ["var split"]), "var split")  # in a source, not in a result
    reports(rules.comes_from_full_run("05_train.ipynb", good), "profile full: 10 epochs")
    assert len(rules.comes_from_full_run("02_split.ipynb", good)) == 4
    good.cells[3].outputs.append(shown(html="<b>This is a 5,000-digit sample</b>"))
    reports(rules.comes_from_full_run("03_other.ipynb", good), "code cell 2", "sample")


RESULTS = {"dataset": "MNIST", "source": "sample", "profile": "quick", "train": 3200, "validation": 800, "test": 1000}
RESULTS |= {"parameters": 597738, "epochs": 3, "batch": 128, "seed": 42, "threads": 2, "versions": {"java": "17"}}
RESULTS |= {"test_loss": 0.3, "test_accuracy": 0.9, "train_seconds": 30.5, "images_per_second": 300.0}
RESULTS |= {"peak_resident_mb": 1200}
WRONG = {"dataset": [""], "source": ["moon"], "profile": ["full"], "train": [4800], "validation": [1], "test": [0, {}]}
WRONG |= {"parameters": [61706], "epochs": [0, [{}] * 3], "batch": [64], "seed": [43], "threads": [0], "versions": [{}]}
WRONG |= {"test_loss": [float("nan")], "test_accuracy": [1.1], "train_seconds": [True], "images_per_second": [0]}
WRONG |= {"peak_resident_mb": [True]}
PEAKS = {1999: [True, True], 0: [False, True], 2000: [False, False], -1: [False, False]}  # fine on Linux, elsewhere


def test_results():
    assert rules.results_are_sensible(RESULTS, 6000, 3, True) == [] and set(WRONG) == set(RESULTS)
    for key, value in [(key, value) for key, values in WRONG.items() for value in [*values, None]]:
        problems = rules.results_are_sensible({**RESULTS, key: value}, 6000, 3, True)
        assert f"{key} is wrong: {value}" in problems, (key, value)
        lacking = {name: value for name, value in RESULTS.items() if name != key}
        reports(rules.results_are_sensible(lacking, 6000, 3, True), key)
    for peak, fine in PEAKS.items():
        results = RESULTS | {"peak_resident_mb": peak}
        assert [not rules.results_are_sensible(results, 6000, 3, linux) for linux in (True, False)] == fine, peak
