"""The exercises: how they are made, the committed ones, and each of them in a kernel.

One kernel for each lesson plays a student who has not begun, then one who makes mistakes, then one who knows.
"""

import nbformat
import pytest
import rules
from conftest import OF_ALL, OUTPUT, code, notebook_of, problems_of, table, with_java

from exercises import EXERCISES, SOLUTIONS, answered, exercise
from notebooks import found_notebooks
from project import Stop

PATHS = found_notebooks(SOLUTIONS)
WRONG_ANSWERS = table("wrong_answers.yaml")
KEYS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
SOLVED = "int half(int x) {\n    // BEGIN SOLUTION\n    int h = x / 2;\n    // END SOLUTION\n    return h;\n}"
each_lesson = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def about(**values):
    """nbgrader's metadata of a cell."""
    return dict.fromkeys(KEYS, False) | {"grade_id": "half", "schema_version": 3} | values


def filled(source=SOLVED, **values):
    """A cell to fill, with a solution in it."""
    return code(source, 7, nbgrader=about(solution=True, **values))


def check(points=2):
    """The check behind it."""
    return code("check(half(4))", 8, nbgrader=about(grade=True, grade_id="check_half", locked=True, points=points))


def nbgrader(cell, key):
    """One of nbgrader's values about a cell, or None."""
    return cell.metadata.get("nbgrader", {}).get(key)


def in_nbgraders_form(notebook):
    """Its cells' metadata is nbgrader's, version 3: each cell to fill is followed by its check, which gives points."""
    problems, ids, waiting = [], set(), None
    for number, cell in enumerate(notebook.cells, 1):
        facts = cell.metadata.get("nbgrader")
        if facts is None:
            continue
        keys = KEYS | {"points"} if facts.grade else KEYS
        fits = set(facts) == keys and facts.schema_version == 3 and not facts.task
        named = facts.grade_id and facts.grade_id not in ids
        follows = not facts.grade or facts.grade_id == f"check_{waiting}" and facts.points > 0
        if not (fits and named and follows and facts.locked != facts.solution and cell.cell_type == "code"):
            problems.append(f"cell {number}, after {waiting}: {facts}")
        ids.add(facts.grade_id)
        waiting = facts.grade_id if facts.solution else None if facts.grade else waiting
    return problems + ([f"“{waiting}” has no check"] if waiting else [])


def test_another_answer_takes_the_place_and_indentation_of_a_solution():
    assert answered(SOLVED) == "int half(int x) {\n    // YOUR CODE HERE\n    return h;\n}"
    assert answered("// BEGIN SOLUTION\na\n// END SOLUTION", "b;\nc;") == "b;\nc;"
    two = "// BEGIN SOLUTION\na\n// END SOLUTION\nx\n  // BEGIN SOLUTION\n  b\n  // END SOLUTION"
    assert answered(two) == "// YOUR CODE HERE\nx\n  // YOUR CODE HERE"


@pytest.mark.parametrize("marks", ["BEGIN", "END", "BEGIN BEGIN END", "BEGIN END END"])
def test_marks_that_do_not_match(marks):
    with pytest.raises(Stop, match="SOLUTION"):
        answered("\n".join(f"// {mark} SOLUTION" for mark in marks.split()))


def test_an_exercise_has_no_solution_and_no_results():
    made = exercise(notebook_of(filled(), check()))
    assert "x / 2" not in str(made) and made.cells[1].metadata == check().metadata
    assert [(cell.execution_count, cell.outputs) for cell in made.cells] == [(None, [])] * 2
    for cell in (SOLVED, filled("int h = 2;")):
        with pytest.raises(Stop, match="disagree about this cell"):
            exercise(notebook_of(cell))


def test_what_nbgrader_would_refuse():
    assert in_nbgraders_form(notebook_of(filled(), check(), "more")) == []
    refused = [[filled()], [check()], [filled(), check(0)], [filled(), check(), filled(), check()]]
    for cells in [*refused, [filled(locked=True), check()], [filled(schema_version=2), check()]]:
        assert in_nbgraders_form(notebook_of(*cells)) != [], cells


@each_lesson
def test_committed(path):
    solution, made = nbformat.read(path, as_version=4), nbformat.read(EXERCISES / path.name, as_version=4)
    assert made == exercise(solution), "run `make exercises`"
    assert rules.local_links_resolve(made, EXERCISES) == rules.local_links_resolve(solution, SOLUTIONS) == []
    assert problems_of([*OF_ALL, in_nbgraders_form], solution) == []
    for words in ("# Exercises", "How it works", "How long it takes"):
        assert words in solution.cells[0].source


def test_each_exercise_has_a_solution_and_three_wrong_answers():
    assert {path.name for path in EXERCISES.glob("*.ipynb")} <= {path.name for path in PATHS}
    cells = [cell for path in PATHS for cell in nbformat.read(path, as_version=4).cells]
    asked = [nbgrader(cell, "grade_id") for cell in cells if nbgrader(cell, "solution")]
    assert len(asked) >= 8 and sorted(WRONG_ANSWERS) == sorted(asked)
    assert [name for name in asked if len(WRONG_ANSWERS[name]) < 3] == []


def runs(said, words=""):
    """Whether a cell ran without complaint, and its result says these words."""
    return said[1:] == ("", "") and words in said[0]


def not_yet(said, words):
    """Whether a check failed with a friendly message that says these words."""
    return "digits.exercises.NotYet: " in said[1] and words in said[1] and "\tat " not in said[1]


def test_only_a_friendly_message_counts_as_one():
    assert not_yet(("", "digits.exercises.NotYet: label is still null", ""), "still null")
    npe = "java.lang.NullPointerException: still null\n\tat Cell.run(1)"
    assert not any(not_yet(("", error, ""), "still null") for error in ("", "digits.exercises.NotYet: no", npe))


def steps(cells):
    """A lesson, each exercise unfilled, with each of the wrong answers, and solved: (source, what holds, its words)."""
    for cell in cells:
        if nbgrader(cell, "solution"):
            solution, name = cell.source, nbgrader(cell, "grade_id")
            continue
        if nbgrader(cell, "grade"):
            yield from [(answered(solution), runs, ""), (cell.source, not_yet, "yet")]
            for wrong in WRONG_ANSWERS[name]:
                yield answered(solution, wrong["answer"]), lambda *_: True, ""
                yield cell.source, not_yet, wrong["check says"]
            yield solution, runs, ""
        yield cell.source, runs, "Right" if nbgrader(cell, "grade") else ""


@each_lesson
def test_played(path):
    lesson = list(steps(rules.code_cells(nbformat.read(path, as_version=4))))
    said = with_java([source for source, _, _ in lesson], OUTPUT / "exercises")
    assert len(said) == len(lesson)
    assert [(step, texts) for step, texts in zip(lesson, said) if not step[1](texts, step[2])] == []
