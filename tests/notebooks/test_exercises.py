"""The exercises: how they are made, the committed ones, and each of them in a kernel.

One kernel for each lesson plays a student who has not begun, then one who makes mistakes, then one who knows.
"""

from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
import rules
from conftest import OF_ALL, OUTPUT, code, notebook_of, problems_of, stops, with_java

from exercises import EXERCISES, SOLUTIONS, answered, exercise
from notebooks import found_notebooks

PATHS = found_notebooks(SOLUTIONS)
WRONG_ANSWERS = rules.table("wrong_answers.yaml")
SOLVED = "int half(int x) {\n    // BEGIN SOLUTION\n    int h = x / 2;\n    // END SOLUTION\n    return h;\n}"
each_lesson = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def about(name, **values):
    """nbgrader's metadata of a cell, version 3."""
    unset = dict.fromkeys(["grade", "locked", "solution", "task"], False)
    return unset | {"grade_id": name, "schema_version": 3} | values


def exercise_cells(source=SOLVED, points=2, **values):
    check = about("check_half", grade=True, locked=True, points=points)
    return code(source, 7, nbgrader=about("half", solution=True) | values), code("check(half(4))", 8, nbgrader=check)


def nbgrader(cell, key):
    return cell.metadata.get("nbgrader", {}).get(key)


def in_nbgraders_form(notebook):
    """Its cells' metadata is nbgrader's, version 3: each cell to fill is followed by its check, which gives points."""
    problems, names, waiting = [], set(), None
    for number, cell in enumerate([cell for cell in notebook.cells if "nbgrader" in cell.metadata], 1):
        name, points = nbgrader(cell, "grade_id"), nbgrader(cell, "points")
        kinds = [about(name, solution=True), about(name, locked=True)]
        kinds += [about(f"check_{waiting}", grade=True, locked=True, points=points)] * ((points or 0) > 0)
        if not name or name in names or cell.metadata["nbgrader"] not in kinds or cell.cell_type != "code":
            problems.append(f"nbgrader's cell {number}, after {waiting}: {cell.metadata['nbgrader']}")
        names.add(name)
        waiting = name if nbgrader(cell, "solution") else None if nbgrader(cell, "grade") else waiting
    return problems + [f"“{waiting}” has no check"] * bool(waiting)


def test_another_answer_takes_the_place_and_indentation_of_a_solution():
    assert answered(SOLVED) == "int half(int x) {\n    // YOUR CODE HERE\n    return h;\n}"
    assert answered("// BEGIN SOLUTION\na\n// END SOLUTION", "b;\nc;") == "b;\nc;"
    two = "// BEGIN SOLUTION\na\n// END SOLUTION\nx\n  // BEGIN SOLUTION\n  b\n  // END SOLUTION"
    assert answered(two) == "// YOUR CODE HERE\nx\n  // YOUR CODE HERE"
    for marks in ("BEGIN", "END", "BEGIN BEGIN END", "BEGIN END END"):
        stops("SOLUTION", answered, "\n".join(f"// {mark} SOLUTION" for mark in marks.split()))


def test_an_exercise_has_no_solution_and_no_results_and_nbgrader_s_form():
    cell, check = exercise_cells()
    made = exercise(notebook_of(cell, check))
    assert "x / 2" not in str(made) and made.cells[1].metadata == check.metadata
    assert [(cell.execution_count, cell.outputs) for cell in made.cells] == [(None, [])] * 2
    for unlike in (SOLVED, exercise_cells("int h = 2;")[0]):
        stops("disagree about this cell", exercise, notebook_of(unlike))
    assert in_nbgraders_form(notebook_of(*exercise_cells(), "more")) == []
    wrong = [exercise_cells(**values) for values in ({"points": 0}, {"locked": True}, {"schema_version": 2})]
    for cells in ([cell], [check], [*exercise_cells(), *exercise_cells()], *wrong):
        assert in_nbgraders_form(notebook_of(*cells)) != [], cells


@each_lesson
def test_committed(path):
    solution, made = nbformat.read(path, as_version=4), nbformat.read(EXERCISES / path.name, as_version=4)
    assert made == exercise(solution), "run `make exercises`"
    assert rules.local_links_resolve(made, EXERCISES) == rules.local_links_resolve(solution, SOLUTIONS) == []
    assert problems_of([*OF_ALL, in_nbgraders_form], solution) == []
    assert all(words in solution.cells[0].source for words in ("# Exercises", "How it works", "How long it takes"))


def test_each_exercise_has_a_solution_and_three_wrong_answers():
    assert {path.name for path in EXERCISES.glob("*.ipynb")} <= {path.name for path in PATHS}
    cells = [cell for path in PATHS for cell in nbformat.read(path, as_version=4).cells]
    asked = [nbgrader(cell, "grade_id") for cell in cells if nbgrader(cell, "solution")]
    assert len(asked) >= 8 and sorted(WRONG_ANSWERS) == sorted(asked)
    assert [name for name in asked if len(WRONG_ANSWERS[name]) < 3] == []


def fits(said, kind, words):
    """Whether a cell ran without complaint and says these words, or failed with a friendly message that says them."""
    ran = said[1:] == ("", "") and words in said[0]
    friendly = "digits.exercises.NotYet: " in said[1] and words in said[1] and "\tat " not in said[1]
    return {"runs": ran, "not yet": friendly, "any": True}[kind]


def test_only_a_friendly_message_counts_as_one():
    npe = "java.lang.NullPointerException: still null\n\tat Cell.run(1)"
    errors = ["digits.exercises.NotYet: label is still null", "digits.exercises.NotYet: no", npe, ""]
    assert [fits(("", error, ""), "not yet", "still null") for error in errors] == [True, False, False, False]


def steps(cells):
    """A lesson, each exercise unfilled, with each of the wrong answers, and solved: (source, what holds, its words).

    Before it a warning, as a library may print it in a check: on standard error it would cost nbgrader's points.
    """
    yield 'org.slf4j.LoggerFactory.getLogger("x").warn("seen")', "runs", "WARN x - seen"
    for cell in cells:
        if nbgrader(cell, "solution"):
            solution, name = cell.source, nbgrader(cell, "grade_id")
            continue
        if nbgrader(cell, "grade"):
            yield from [(answered(solution), "runs", ""), (cell.source, "not yet", "yet")]
            for wrong in WRONG_ANSWERS[name]:
                yield answered(solution, wrong["answer"]), "any", ""
                yield cell.source, "not yet", wrong["check says"]
            yield solution, "runs", ""
        yield cell.source, "runs", "Right" if nbgrader(cell, "grade") else ""


@pytest.fixture(scope="module")
def played():
    """Lessons, two at a time: by path, the steps and what a kernel says to each."""

    def play(path):
        lesson = list(steps(rules.code_cells(nbformat.read(path, as_version=4))))
        return lesson, with_java([source for source, _, _ in lesson], OUTPUT / "exercises" / path.stem)

    longest_first = sorted(PATHS, key=lambda path: path.stem != "3_training")
    with ThreadPoolExecutor(2) as pool:
        yield {path: pool.submit(play, path) for path in longest_first}
        pool.shutdown(cancel_futures=True)


@each_lesson
def test_played(path, played):
    lesson, said = played[path].result()
    assert len(said) == len(lesson)
    assert [(step, texts) for step, texts in zip(lesson, said) if not fits(texts, *step[1:])] == []
