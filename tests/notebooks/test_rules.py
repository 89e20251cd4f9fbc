"""The rules themselves, tried on notebooks made to break them: each is reported, and a good one is left in peace."""

import functools

import nbformat
import pytest
import rules
from conftest import OF_ALL, code, notebook_of, problems_of

from normalize import normalize

DATA = rules.table("good_and_broken.yaml")
BROKEN = [(name, *case) for name, cases in DATA["broken"].items() for case in cases]


@pytest.fixture
def good():
    cells = [nbformat.v4.new_markdown_cell(cell.get("markdown", "")) for cell in DATA["good"]]
    for number, at in enumerate((1, 3), 1):
        cells[at] = code(DATA["good"][at]["code"], number, *map(nbformat.from_dict, DATA["good"][at]["outputs"]))
    return normalize(nbformat.from_dict({**notebook_of(*cells), "metadata": {"language_info": {}}}))


def change(notebook, changes):
    for path, value in changes.items():
        *keys, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        place = functools.reduce(lambda place, key: place[key], keys, notebook)
        place[slice(last, None) if isinstance(place, list) else last] = nbformat.from_dict(value)


def reports(problems, words):
    assert len(problems) == 1 and words in problems[0], problems


def test_a_good_notebook_breaks_no_rule(good, tmp_path):
    assert problems_of(OF_ALL + [rules.opens_and_ends_as_agreed], good) == []
    (tmp_path / "02_next.ipynb").write_text("")
    assert rules.exercises_are_solved(good) == []
    assert rules.links_to(good, "02_next.ipynb") == rules.local_links_resolve(good, tmp_path) == []
    assert rules.same_kinds_of_output(good, good) == [] and len(rules.pictures(good)) == 1
    for position, name in enumerate(("picture", "HTML")):
        del (executed := nbformat.from_dict(good)).cells[3].outputs[position]
        reports(rules.same_kinds_of_output(executed, good), f"code cell 2 shows 0 of 1 {name}")


def test_the_solutions_become_cells_and_are_taken_out_again(good):
    [cell] = rules.solution_cells(good)
    assert cell.source == "for (int i = 0; i < 2; i++)\n    split();\n"
    (longer := nbformat.from_dict(good)).cells.append(cell)
    assert rules.without_solutions(normalize(longer)).cells == good.cells


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]}: {case[2]}")
def test_what_breaks_a_rule_is_reported(good, monkeypatch, case):
    rule, changes, words, *arguments = case
    monkeypatch.setenv("HOME", "/nowhere")
    change(good, changes)
    reports(getattr(rules, rule)(good, *arguments), words)


@pytest.mark.parametrize("changes", DATA["untidy"], ids=str)
def test_the_committed_form_takes_back(good, changes):
    change(before := nbformat.from_dict(good), changes)
    assert before != good and normalize(before) == normalize(good) == good


def test_the_committed_form_keeps_results_and_joins_cut_streams(good):
    cut = map(nbformat.from_dict, DATA["cut"])
    assert [output.text for output in normalize(notebook_of(code("x", 7, *cut))).cells[0].outputs] == ["ab\n", "c"]
    kept = normalize(notebook_of(code("x", 7, nbgrader={"grade": True}, tags=["a"]))).cells[0]
    assert (kept.execution_count, set(kept.metadata)) == (7, {"nbgrader", "tags"})
    assert good.cells[3].outputs[0].data["text/plain"] == "A bar, 3."
    good.cells[3].outputs[0].data["text/plain"] = "Image@1a2b3c4d: type = 1"  # Java's own text for another image
    assert normalize(good).cells[3].outputs[0].data["text/plain"] == "picture, 3 × 2 pixels"
    assert "text/plain" not in good.cells[3].outputs[1].data
    good.cells[3].outputs[1].data["text/html"] = DATA["frame"]
    clean = normalize(good).cells[3].outputs[1].data["text/html"]
    assert "127.0.0.1" not in clean and clean.startswith("<b>1</b><p>") and clean.endswith("</p><b>2</b>")


def test_what_a_lesson_says(good):
    counts = rules.expected_counts("folder", 6_000)
    assert counts == (4_800, 1_200, 1_000) and rules.expected_counts("sample", 6_000) == (3_200, 800, 1_000)
    assert rules.expected_counts("mirror", 2**31 - 1) == (48_000, 12_000, 10_000)
    reports(rules.says(good, rules.lesson(counts)["02_split.ipynb"]), "in training and validation: 0")
    assert len(rules.comes_from_full_run(good, "02_split.ipynb")) == 4


def test_a_notebook_may_be_read_after_another_than_its_number_says(monkeypatch):
    monkeypatch.setitem(rules.EXPECTED, "read after", {"9_d.ipynb": "1_a.ipynb", "8_lacking.ipynb": "1_a.ipynb"})
    names = ["1_a.ipynb", "2_b.ipynb", "3_c.ipynb", "9_d.ipynb"]
    assert rules.reading_order(names) == ["1_a.ipynb", "9_d.ipynb", "2_b.ipynb", "3_c.ipynb"]
    assert rules.reading_order(names[1:3]) == names[1:3]


def test_results():
    fine = {key: values[0] for key, values in DATA["results"].items()}
    assert rules.results_are_sensible(fine, True) == []
    for key, (_, *wrong) in DATA["results"].items():
        for value in [*wrong, None]:
            assert f"{key} is wrong: {value}" in rules.results_are_sensible({**fine, key: value}, True), key
        reports(rules.results_are_sensible({name: fine[name] for name in fine if name != key}, True), key)
    for linux, peaks in ((True, [1999]), (False, [1999, 0])):
        results = [(peak, fine | {"peak_resident_mb": peak}) for peak in (1999, 0, 2000, -1)]
        assert peaks == [peak for peak, each in results if not rules.results_are_sensible(each, linux)]
