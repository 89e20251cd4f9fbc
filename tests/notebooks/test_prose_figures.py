"""The rule on figures in prose: on the committed notebooks, and on small ones made to keep and to break it."""

import nbformat
import pytest
import rules
from conftest import code, notebook_of
from prose_figures import figures_agree_with_results, quoted_by

import notebooks

PATHS = notebooks.found_notebooks()


def read(path):
    return nbformat.read(path, as_version=4)


def problems(prose, *results):
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in results]
    return figures_agree_with_results(notebook_of(nbformat.v4.new_markdown_cell(prose), code("x", 1, *outputs)), "99_x")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_figures_in_prose_agree_with_the_results(path):
    if rules.awaits_its_run(path):
        pytest.skip(f"{path.name} is to be executed, see expected.yaml")
    others = [read(other) for other in PATHS if other.name[:2] in quoted_by(path.name)]
    assert figures_agree_with_results(read(path), path.name, others) == []


@pytest.mark.parametrize(
    "prose, result",
    [
        ("98.02 % of the images", "accuracy 0.980213"),
        ("98.02\n% of the images", "0.9802"),
        ("1.84 % of errors", "accuracy 0.9816"),
        ("98.8 % are right", "98.77 %"),
        ("a loss of 1.28", "loss 1.2783"),
        ("from 97.3 to 95.3 %", "0.9727 0.9533"),
        ("81,834 parameters", "parameters=81834"),
        ("81,834 parameters", "81,834"),
        ("28.7 s each", "mean: 28.70 s"),
        ("29 s each", "28.7"),
        ("a mean of 99.3 %.", "mean: 0.9930"),
        ("48,000 images in 2019, 90 % of them, `1.2345`, $0.375$, [notebook](9.876)", ""),
        ("28 × 28, 0.01 and 1e-5", ""),
        ("## Exercises\n1. A batch of 512", ""),
    ],
)
def test_a_rounded_result_and_what_is_no_figure_are_accepted(prose, result):
    assert problems(prose, result) == []


@pytest.mark.parametrize(
    "prose, result, stale",
    [
        ("98.02 % of the images", "accuracy 0.9812", "98.02 %"),
        ("43 seconds each", "mean: 28.7 s", "43 seconds"),
        ("a loss of 1.28", "loss 1.2723", "1.28"),
        ("from 97.3 to 95.3 %", "0.9627 0.9533", "97.3"),
        ("81,834 parameters", "81,835", "81,834"),
        ("99.3 %, <100K, not 12.5", "0.993", "12.5"),
        ("98.02 % of them", "the loss is 98.1", "98.02 %"),
    ],
)
def test_a_stale_figure_is_found(prose, result, stale):
    assert problems(prose, result) == [f"cell 1 says “{stale}”, and no result does"]


def test_an_exception_that_is_not_needed_is_reported():
    nb = notebook_of(nbformat.v4.new_markdown_cell("2.3 %"), code("x", 1))
    unneeded = ["99.11", "99.35 %", "99.44 %"]
    assert figures_agree_with_results(nb, "07_x") == [f"prose_figures.yaml need not list “{text}”" for text in unneeded]
