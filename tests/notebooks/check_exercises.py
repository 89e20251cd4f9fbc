"""Checks the exercises: one kernel for each lesson plays a student who has not begun, then one who errs, then one who knows.

    .venv/bin/python tests/notebooks/check_exercises.py [2_network …]

It is a part of check_notebooks.py.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import rules
from exercises import EXERCISES, SOLUTIONS, answered, exercise, found_solutions, nbgrader
from normalize import to_text
from notebooks import ANSI, SAME_RESULTS, digits_variables, interruptible, java_kernel
from project import BUILD, run_as_script, say, shown
from wrong_answers import WRONG_ANSWERS

LEAST = 8  # exercises
CELL_LIMIT = 300  # seconds
TELL = 5  # of a cell that takes longer, in seconds
KEYS = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}


def in_nbgraders_form(notebook):
    """Its cells' metadata is nbgrader's, version 3: each cell to fill is followed by its check, which gives points."""
    problems, ids, waiting = [], set(), None
    for number, cell in enumerate(notebook["cells"], 1):
        about = cell["metadata"].get("nbgrader")
        if about is None:
            continue
        wanted = KEYS | ({"points"} if about.get("grade") else set())
        if set(about) != wanted or about.get("schema_version") != 3 or about.get("task") or cell["cell_type"] != "code":
            problems.append(f"cell {number}: {about}")
            continue
        if about["grade_id"] in ids or not about["grade_id"]:
            problems.append(f"cell {number}: its name «{about['grade_id']}» is empty or taken")
        ids.add(about["grade_id"])
        if about["locked"] == about["solution"]:
            problems.append(f"cell {number} has to be either to fill or locked")
        if about["solution"]:
            waiting = about["grade_id"]
        elif about["grade"]:
            if about["grade_id"] != f"check_{waiting}" or not about["points"] > 0:
                problems.append(f"cell {number}: «{about['grade_id']}» gives {about['points']} points and follows «{waiting}»")
            waiting = None
    return problems + ([f"«{waiting}» has no check"] if waiting else [])


def has_no_results(notebook):
    """It holds no results: they are the student's."""
    return [f"code cell {number} has results" for number, cell in enumerate(rules.code_cells(notebook), 1)
            if cell["outputs"] or cell["execution_count"] is not None]


def opens_with_title_and_time(notebook):
    """It opens with a title, how it works and how long it takes."""
    prose = rules.text(notebook["cells"][0]["source"])
    return [f"it does not say «{word}»" for word in ("# Exercises", "How it works", "How long it takes") if word not in prose]


def check_as_committed(tally):
    """Solutions and exercises as they are in the repository; returns the solutions."""
    paths = found_solutions()
    count = 0
    say(f"Committed: {shown(EXERCISES)} and {shown(SOLUTIONS)}")
    for path in paths:
        solution = json.loads(path.read_text(encoding="utf-8"))
        count += sum(bool(nbgrader(cell, "grade")) for cell in solution["cells"])
        made = EXERCISES / path.name
        handed_out = made.read_text(encoding="utf-8") if made.is_file() else ""
        tally.check(f"exercises/{path.name}: it is what `make exercises` makes of its solution",
                    [] if handed_out == to_text(exercise(solution)) else ["it differs, or is missing; run `make exercises`"])
        if handed_out:
            tally.check(f"exercises/{path.name}: {has_no_results.__doc__}", has_no_results(json.loads(handed_out)))
            tally.check(f"exercises/{path.name}: what it links to is there", rules.local_links_resolve(json.loads(handed_out), EXERCISES))
        for rule in (in_nbgraders_form, opens_with_title_and_time, rules.ran_without_errors, rules.executed_in_order,
                     rules.holds_no_machine_path, rules.shows_no_object_address, rules.is_in_committed_form,
                     rules.pictures_are_whole, rules.holds_no_placeholder):
            tally.check(f"solutions/{path.name}: {rule.__doc__}", rule(solution))
        tally.check(f"solutions/{path.name}: what it links to is there", rules.local_links_resolve(solution, SOLUTIONS))
    names = {path.name for path in paths}
    tally.check("each exercise has a solution", [f"{path.name} has none" for path in EXERCISES.glob("*.ipynb") if path.name not in names])
    tally.check(f"there are {LEAST} exercises or more", [] if count >= LEAST else [f"there are {count}"])


class Student:
    """One kernel, and what it answered last."""

    def __init__(self, client):
        self.client = client

    async def run(self, source):
        """(what was printed, the error's text or None, what went to standard error)."""
        printed, error, noise = [], [], []

        def hook(message):
            content = message["content"]
            if message["msg_type"] == "error":
                error.append("\n".join(content["traceback"]))
            elif message["msg_type"] == "stream":
                (noise if content["name"] == "stderr" else printed).append(content["text"])
        started = time.monotonic()
        await self.client.execute_interactive(source, timeout=CELL_LIMIT, output_hook=hook)
        seconds = time.monotonic() - started
        if seconds > TELL:
            say(f"  {seconds:.0f} s  {source.splitlines()[0]}")
        return "".join(printed), ANSI.sub("", "".join(error)) if error else None, "".join(noise)


def kind(error, words):
    """What is wrong with a check's failure: it has to be a NotYet that says these words, and nothing else but its message."""
    if error is None:
        return ["the check passed"]
    problems = [] if error.startswith("digits.exercises.NotYet: ") else [f"it is no kind message:\n{error}"]
    if words not in error:
        problems.append(f"expected: {words}\nfound:    {error}")
    if "\tat " in error:
        problems.append(f"it has a stack trace:\n{error}")
    return problems


async def play(tally, name, cells, student):
    """One lesson: each exercise unfilled, with each of the wrong answers, and solved."""
    filled = None
    for cell in cells:
        source = rules.text(cell["source"])
        if nbgrader(cell, "solution"):
            filled = (nbgrader(cell, "grade_id"), source)
            continue
        if not nbgrader(cell, "grade"):
            _, error, noise = await student.run(source)
            tally.check(f"{name}: a cell that is ready runs", [text for text in (error, noise) if text])
            continue
        grade_id, answer = filled
        _, error, noise = await student.run(answered(answer))
        tally.check(f"{grade_id}: the cell runs unfilled", [text for text in (error, noise) if text])
        _, error, _ = await student.run(source)
        tally.check(f"{grade_id}: unfilled, it does not pass, and the check says so kindly", kind(error, "yet"))
        wrong = WRONG_ANSWERS.get(grade_id, [])
        tally.check(f"{grade_id}: three wrong answers are tried", [] if len(wrong) >= 3 else [f"there are {len(wrong)}"])
        for text, words in wrong:
            await student.run(answered(answer, text))
            _, error, _ = await student.run(source)
            tally.check(f"{grade_id}: a wrong answer gets help: {text.splitlines()[-1]}", kind(error, words))
        _, error, noise = await student.run(answer)
        tally.check(f"{grade_id}: the solution runs", [text for text in (error, noise) if text])
        said, error, noise = await student.run(source)  # to nbgrader, anything on standard error is a failure
        problems = [text for text in (error, noise) if text]
        tally.check(f"{grade_id}: the solution passes", problems or ([] if "Right" in said else [f"the check said: {said}"]))


async def in_a_kernel(path, work):
    """Does the work with a student's kernel in the exercises' folder."""
    output = BUILD / "test" / "exercises"
    output.mkdir(parents=True, exist_ok=True)
    manager = java_kernel(digits_variables(SAME_RESULTS, DIGITS_PROFILE="quick", DIGITS_OUTPUT=output))
    await manager.start_kernel(cwd=str(path.parent), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=120)
        await work(Student(client))
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def check_exercises(tally, only=()):
    """All of it, or only the committed form and these notebooks."""
    check_as_committed(tally)
    asked = set()
    for path in found_solutions():
        if only and path.stem not in only:
            continue
        say(f"Playing: {shown(EXERCISES / path.name)}, unfilled, wrong and solved")
        cells = rules.code_cells(json.loads(path.read_text(encoding="utf-8")))
        asked |= {nbgrader(cell, "grade_id") for cell in cells if nbgrader(cell, "solution")}
        try:
            interruptible(lambda: in_a_kernel(path, lambda student: play(tally, path.name, cells, student)))
        except (TimeoutError, RuntimeError) as problem:
            tally.check(f"{path.name}: it can be played to its end", [repr(problem)])
    if not only:
        tally.check("wrong answers belong to exercises", [f"{name} is none" for name in WRONG_ANSWERS if name not in asked])


def main():
    """The exercises alone."""
    from check_notebooks import Tally
    tally = Tally()
    check_exercises(tally, sys.argv[1:])
    say(f"\n{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    run_as_script(main)
