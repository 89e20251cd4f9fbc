"""The notebooks: the committed ones as they are, then each of them executed in the quick profile.

Executed copies and what they write go to build/test. Of the variables DIGITS_…, only the folder of the data set, the
mirrors and the number of threads are passed on: the tests know what the quick profile has to come to.
"""

import functools
import json

import nbformat
import pytest
import rules
from conftest import CELL_LIMIT, OF_ALL, OUTPUT, QUICK, problems_of, stops

from notebooks import execute, found_notebooks, tidy

QUICK_LIMIT, QUICK_EPOCHS = 6_000, 3  # see digits.Settings
PATHS = found_notebooks()
EXECUTED = {}
committed = functools.cache(functools.partial(nbformat.read, as_version=4))
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@each_notebook
def test_committed(path):
    notebook = committed(path)
    assert problems_of([*OF_ALL, rules.opens_and_ends_as_agreed], notebook) == []
    assert rules.shows_pictures(notebook, rules.EXPECTED["pictures"][path.name[:2]]) == [], "see expected.yaml"
    assert rules.comes_from_full_run(notebook, path.name) == []
    assert rules.local_links_resolve(notebook, path.parent) == []
    for following in PATHS[PATHS.index(path) + 1 :][:1]:
        assert rules.links_to(notebook, following.name) == []


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize("number, lacks, first", [(5, "untrained.zip", "04_build"), (6, "trained.zip", "05_train")])
def test_without_its_predecessor_it_says_which_notebook_to_run(number, lacks, first, tmp_path):
    words, empty = f"There is no {lacks} yet: run the notebook {first} first", {**QUICK, "DIGITS_OUTPUT": str(tmp_path)}
    stops(words, execute, PATHS[number - 1], tmp_path / "executed", empty, CELL_LIMIT)


@pytest.mark.usefixtures("live")
@each_notebook
def test_quick(path):
    notebook = EXECUTED[path.name] = execute(path, OUTPUT / "notebooks", QUICK, CELL_LIMIT)
    assert problems_of([rules.ran_without_errors, rules.pictures_are_whole], notebook) == []
    assert rules.shows_pictures(notebook, rules.EXPECTED["pictures"][path.name[:2]]) == []
    assert rules.same_kinds_of_output(notebook, committed(path)) == []


def test_tidy():
    assert tidy(check=True) == 0, "run `make tidy`"


def test_quick_results():
    if len(EXECUTED) < len(PATHS):
        pytest.skip("not all notebooks were executed")
    results = json.loads((OUTPUT / "results.json").read_text(encoding="utf-8"))
    assert rules.results_are_sensible(results, QUICK_LIMIT, QUICK_EPOCHS) == []
    texts = rules.lesson(rules.expected_counts(results["source"], QUICK_LIMIT))
    texts["06_evaluate.ipynb"] = [f"test accuracy {results['test_accuracy']:.4f}"]
    assert [problem for name, wanted in texts.items() for problem in rules.says(EXECUTED[name], wanted)] == []
