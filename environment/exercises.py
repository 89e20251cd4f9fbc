"""Makes the exercises from their solutions, so that nothing is written twice.

Solutions have nbgrader's marks: the lines between “BEGIN SOLUTION” and “END SOLUTION” become “YOUR CODE HERE”, as
`nbgrader generate_assignment` does it. `exercises.py refresh` first executes the solutions with the full settings.
"""

import re
import sys

import nbformat
from nbconvert.preprocessors import ClearOutputPreprocessor

from normalize import normalize
from notebooks import executed_in_full, found_notebooks, write_notebook
from project import BUILD, NOTEBOOKS, Stop, run_as_script, say, shown

SOLUTIONS = NOTEBOOKS / "solutions"
EXERCISES = NOTEBOOKS / "exercises"
STUB = "// YOUR CODE HERE"  # nbgrader's own for Java
SOLUTION = re.compile(r"(?ms)^([ \t]*)// BEGIN SOLUTION\n((?!BEGIN SOLUTION).)*?^[ \t]*// END SOLUTION$")


def answered(source, answer=STUB):
    """The source of a cell with this answer in place of each solution."""
    lines = answer.splitlines()
    result = SOLUTION.sub(lambda match: "\n".join(match.group(1) + line for line in lines), source)
    if "BEGIN SOLUTION" in result or "END SOLUTION" in result:
        raise Stop(f"The marks of the solutions do not match:\n{source}")
    return result


def exercise(solution):
    """The notebook for students: stubs in place of solutions, and no results."""
    notebook, _ = ClearOutputPreprocessor().preprocess(normalize(solution), {})
    for cell in notebook.cells:
        if ("BEGIN SOLUTION" in cell.source) != cell.metadata.get("nbgrader", {}).get("solution", False):
            raise Stop(f"The marks of a solution and nbgrader's metadata disagree about this cell:\n{cell.source}")
        cell.source = answered(cell.source)
    return notebook


def main():
    """Writes the solutions in their committed form, and the exercises."""
    paths = found_notebooks(SOLUTIONS)
    solutions = [nbformat.read(path, as_version=4) for path in paths]
    if sys.argv[1:] == ["refresh"]:
        solutions = executed_in_full(paths, BUILD / "solutions", "make exercises ARGS=refresh")
    for path, solution in zip(paths, solutions):
        write_notebook(path, normalize(solution))
        target = EXERCISES / path.name
        say(f"{'Made' if write_notebook(target, exercise(solution)) else 'Unchanged'}: {shown(target)}")


if __name__ == "__main__":
    run_as_script(main)
