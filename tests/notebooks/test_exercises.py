"""Tests of what makes the exercises of their solutions, and of the rules for both, on cells made to break them."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "environment"))
import check_exercises
from exercises import answered, exercise
from project import Stop

SOLVED = "int half(int x) {\n    int h = 0;\n    // BEGIN SOLUTION\n    h = x / 2;\n    // END SOLUTION\n    return h;\n}"


def cell(source, **about):
    """A code cell with results; with nbgrader's metadata if there is something to say in it."""
    values = {"grade": False, "grade_id": "half", "locked": False, "schema_version": 3, "solution": False, "task": False, **about}
    return {"cell_type": "code", "execution_count": 7, "metadata": {"nbgrader": values} if about else {}, "source": source,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "seven"}]}


def filled(source):
    """A cell to fill, with a solution in it."""
    return cell(source, solution=True)


def check(points=2):
    """The check behind it."""
    return cell("check(half(4))", grade=True, grade_id="check_half", locked=True, points=points)


class Exercises(unittest.TestCase):
    def test_the_stub_takes_the_solutions_place_and_indentation(self):
        self.assertEqual(answered(SOLVED), "int half(int x) {\n    int h = 0;\n    // YOUR CODE HERE\n    return h;\n}")

    def test_another_answer_takes_the_same_place(self):
        self.assertEqual(answered("// BEGIN SOLUTION\na\n// END SOLUTION", "b;\nc;"), "b;\nc;")

    def test_two_solutions_in_a_cell(self):
        self.assertEqual(answered("// BEGIN SOLUTION\na\n// END SOLUTION\nx\n  // BEGIN SOLUTION\n  b\n  // END SOLUTION"),
                         "// YOUR CODE HERE\nx\n  // YOUR CODE HERE")

    def test_marks_that_do_not_match_are_told(self):
        for source in ("// BEGIN SOLUTION", "// END SOLUTION", "// BEGIN SOLUTION\n// BEGIN SOLUTION\n// END SOLUTION"):
            with self.subTest(source), self.assertRaises(Stop):
                answered(source)

    def test_an_exercise_has_no_solution_and_no_results(self):
        made = exercise({"cells": [filled(SOLVED), check()]})
        self.assertNotIn("x / 2", str(made))
        self.assertEqual(check_exercises.has_no_results(made), [])
        self.assertEqual(made["cells"][1]["metadata"], check()["metadata"])

    def test_a_solution_that_would_be_handed_out_is_refused(self):
        with self.assertRaisesRegex(Stop, "metadata does not say so"):
            exercise({"cells": [cell(SOLVED)]})
        with self.assertRaisesRegex(Stop, "no solution in it is marked"):
            exercise({"cells": [filled("int h = 2;")]})


class Rules(unittest.TestCase):
    def test_the_form_is_accepted(self):
        self.assertEqual(check_exercises.in_nbgraders_form({"cells": [filled(SOLVED), check(), cell("more")]}), [])

    def test_what_nbgrader_would_refuse_is_told(self):
        for what, cells in (("no check", [filled(SOLVED)]), ("no cell to fill", [check()]), ("no points", [filled(SOLVED), check(0)]),
                            ("the same name twice", [filled(SOLVED), check(), filled(SOLVED), check()]),
                            ("to fill and locked", [cell(SOLVED, solution=True, locked=True), check()]),
                            ("an older version", [cell(SOLVED, solution=True, schema_version=2), check()])):
            with self.subTest(what):
                self.assertNotEqual(check_exercises.in_nbgraders_form({"cells": cells}), [])

    def test_only_a_kind_message_counts_as_one(self):
        self.assertEqual(check_exercises.kind("digits.exercises.NotYet: label is still null", "still null"), [])
        for error in (None, "digits.exercises.NotYet: no", "java.lang.NullPointerException: still null\n\tat Cell.run(1)",
                      "digits.exercises.NotYet: still null\n\tat Cell.run(1)"):
            with self.subTest(error):
                self.assertNotEqual(check_exercises.kind(error, "still null"), [])


if __name__ == "__main__":
    unittest.main()
