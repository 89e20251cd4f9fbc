"""Makes the exercises out of their solutions, so that nothing is written twice.

    exercises.py            brings notebooks/solutions into their committed form and makes notebooks/exercises of them
    exercises.py refresh    executes the solutions with the full settings first and puts the results back into them

A solution has nbgrader's marks: what stands between «BEGIN SOLUTION» and «END SOLUTION» becomes «YOUR CODE HERE», as
`nbgrader generate_assignment` does it. `tests/notebooks` shows that the two folders agree.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from normalize import normalize, to_text
from project import BUILD, NOTEBOOKS, Stop, run_as_script, say, shown, write_atomically

SOLUTIONS = NOTEBOOKS / "solutions"
EXERCISES = NOTEBOOKS / "exercises"
STUB = "// YOUR CODE HERE"  # nbgrader's own for Java


def parts(source):
    """[(whether it belongs to the solution, line), …]; the marks are left out, each solution begins with None as its line."""
    found, inside = [], False
    for line in source.splitlines():
        if "BEGIN SOLUTION" in line:
            if inside:
                raise Stop(f"«BEGIN SOLUTION» within a solution:\n{source}")
            inside = True
            found.append((True, None))
        elif "END SOLUTION" in line:
            if not inside:
                raise Stop(f"«END SOLUTION» without a beginning:\n{source}")
            inside = False
        else:
            found.append((inside, line))
    if inside:
        raise Stop(f"«BEGIN SOLUTION» without an end:\n{source}")
    return found


def answered(source, answer=None):
    """A cell with this answer in the place of each solution; without one, with the stub."""
    lines, marks = source.splitlines(), []
    for line in lines:
        if "BEGIN SOLUTION" in line:
            marks.append(line[:len(line) - len(line.lstrip())])
    kept = []
    for inside, line in parts(source):
        if line is None:
            kept += [marks[0] + piece for piece in (STUB if answer is None else answer).splitlines()]
            marks.pop(0)
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def nbgrader(cell, key):
    """One of nbgrader's values about a cell, or None."""
    return cell["metadata"].get("nbgrader", {}).get(key)


def exercise(solution):
    """The notebook that a student gets: stubs for solutions, and no results."""
    notebook = json.loads(json.dumps(solution))
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell["outputs"], cell["execution_count"] = [], None
        source = "".join(cell["source"])
        if nbgrader(cell, "solution"):
            if "BEGIN SOLUTION" not in source:
                raise Stop(f"This cell is to be filled in, but no solution in it is marked:\n{source}")
            cell["source"] = answered(source)
        elif "BEGIN SOLUTION" in source:
            raise Stop(f"There is a solution in a cell whose metadata does not say so:\n{source}")
    return normalize(notebook)


def found_solutions():
    """The numbered notebooks in notebooks/solutions, in order."""
    return sorted(SOLUTIONS.glob("[0-9]*.ipynb"))


def derive():
    """Writes the solutions in their committed form, and the exercises."""
    paths = found_solutions()
    if not paths:
        raise Stop(f"There is no notebook in {shown(SOLUTIONS)}.")
    for path in paths:
        solution = normalize(json.loads(path.read_text(encoding="utf-8")))
        write_atomically(path, to_text(solution))
        target = EXERCISES / path.name
        say(f"{'Made' if write_atomically(target, to_text(exercise(solution))) else 'Unchanged'}: {shown(target)}")
    for path in sorted(EXERCISES.glob("*.ipynb")):
        if not (SOLUTIONS / path.name).is_file():
            say(f"Without a solution, left as it is: {shown(path)}")


def refresh():
    """Executes the solutions with the full settings; only when all went well are they replaced."""
    from notebooks import SAME_RESULTS, digits_variables, run
    executed = run(found_solutions(), BUILD / "solutions",
                   digits_variables(SAME_RESULTS, DIGITS_PROFILE="full", DIGITS_OUTPUT=BUILD / "solutions"))
    if any("5,000-digit sample" in to_text(notebook) for notebook in executed):
        raise Stop("The solutions ran on the sample of 5,000 digits; the committed ones show the real data set and were left "
                   "as they are.\nName a folder with the four MNIST files: make exercises ARGS=refresh DIGITS_DATA=FOLDER")
    for path, notebook in zip(found_solutions(), executed):
        write_atomically(path, to_text(notebook))


def main():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["derive", "refresh"], default="derive")
    if parser.parse_args().what == "refresh":
        refresh()
    derive()


if __name__ == "__main__":
    run_as_script(main)
