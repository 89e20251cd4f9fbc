"""Checks the notebooks: the committed ones as they are, then every one on disk executed anew in the quick profile.

    .venv/bin/python tests/notebooks/check_notebooks.py

Executed copies and what they write go to build/test. Of the variables DIGITS_…, only the folder of the data set, the
mirrors and the number of threads are passed on: the checks know what the quick profile has to come to.
"""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import rules
import test_elsewhere
import test_environment
import test_exercises
import test_rules
from check_exercises import check_exercises
from normalize import normalize, to_text
from notebooks import SAME_RESULTS, CellFailed, Reporter, digits_variables, execute, found_notebooks, java_kernel
from project import BUILD, NOTEBOOKS, run_as_script, say, shown

OUTPUT = BUILD / "test"
QUICK_LIMIT, QUICK_EPOCHS = 6_000, 3  # see digits.Settings
CELL_LIMIT = 600  # seconds; the longest cell, the quick training, takes a fraction of it


# what a notebook says that needs another's output and does not find it
PREDECESSORS = {
    "05_train.ipynb": "There is no untrained.zip yet: run the notebook 04_build first.",
    "06_evaluate.ipynb": "There is no trained.zip yet: run the notebook 05_train first.",
}


class Tally:
    """Counts what passed and failed, and says what failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, problems):
        """One check: it passed when there are no problems."""
        if problems:
            self.failed += 1
            say(f"  FAILED  {what}")
            for problem in problems:
                say("    " + problem.replace("\n", "\n    "))
        else:
            self.passed += 1
        return not problems


def check_the_tools(tally):
    """The rules report what they are for, and set-up and runner say what is wrong."""
    for what, module in (("The checks themselves, on notebooks made to break them", test_rules),
                         ("Set-up, kernel and runner, on what goes wrong", test_environment),
                         ("Binder, conda, Docker, offline, a build server", test_elsewhere),
                         ("What makes the exercises, on cells made to break it", test_exercises)):
        say(what)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(
            unittest.defaultTestLoader.loadTestsFromModule(module))
        failed = len({case.id() for case, _ in result.failures + result.errors})
        tally.passed += result.testsRun - failed
        tally.failed += failed


def check_the_runner(tally):
    """A notebook that fails is reported with its cell, and what ran before is kept; noise is seen."""
    cells = [test_rules.code('System.out.println("größe 1");', None), test_rules.code('System.err.println("noise");', None),
             test_rules.markdown("## The bad one"),
             test_rules.code('int[] none = {};\nnone[1] = 2;', None), test_rules.code('"never reached"', None)]
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "1_bad.ipynb", Path(folder) / "executed"
        path.write_text(to_text(normalize({"cells": cells})), encoding="utf-8")
        problems = []
        try:
            execute(path, output, quick_variables(), Reporter(), CELL_LIMIT)
            problems.append("a notebook with a failing cell ran to its end")
        except CellFailed as failure:
            for word in ("1_bad.ipynb", "cell 3 of 4", "none[1] = 2;", "ArrayIndexOutOfBoundsException"):
                if word not in str(failure):
                    problems.append(f"the message does not say «{word}»:\n{failure}")
        kept = json.loads((output / path.name).read_text(encoding="utf-8"))
        said = [rules.text(piece.get("text", "")) for _, piece in rules.outputs_of(kept)]
        if said[:2] != ["größe 1\n", "noise\n"]:
            problems.append(f"of the cells that ran, this was kept: {said}")
        if len(rules.ran_without_errors(kept)) != 2:
            problems.append(f"an error and noise were to be seen, found: {rules.ran_without_errors(kept)}")
        tally.check("a failing cell is reported", problems)


def check_an_interrupt(tally):
    """The stop button of a notebook ends a training within one batch and leaves its network and history usable."""
    before = ['''
        import digits.data.*; import digits.model.*; import digits.training.*; import digits.Settings;
        import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
        LabeledImages images = Mnist.load(Settings.fromEnvironment()).train().take(640);
        MultiLayerNetwork network = new MultiLayerNetwork(SeedNetwork.configuration(1, 0.9));
        network.init();
        Trainer trainer = Trainer.of(network, 1);''',
              "trainer.fit(DigitBatches.inOrder(images.take(128), 128), DigitBatches.inOrder(images.take(128), 128), 1);"]
    during = "trainer.fit(DigitBatches.inOrder(images, 128), DigitBatches.inOrder(images, 128), 1000);"
    after = ['''
        int steps = network.getIterationCount();
        for (int i = 0; i < 300 && !trainer.stopped(); i++) Thread.sleep(100);
        int more = network.getIterationCount() - steps;''',
             '"stopped " + trainer.stopped() + ", steps after the interrupt " + (more < 2 ? "0 or 1" : more) + ", epochs kept "'
             ' + (trainer.history().epochs().size() >= 1) + ", predictions " '
             '+ Predictions.of(network, DigitBatches.inOrder(images.take(10), 10)).size()']
    expected = "stopped true, steps after the interrupt 0 or 1, epochs kept true, predictions 10"
    say(f"Executing: {check_an_interrupt.__doc__}")
    told = interrupted(before, during, after, quick_variables())
    tally.check(check_an_interrupt.__doc__, [] if expected in told else [f"expected: {expected}\nfound:    {told}"])


def interrupted(before, during, after, variables):
    """What the last cell shows when the kernel is interrupted 3 s into the one in the middle."""
    async def play():
        manager = java_kernel(variables)
        await manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.client()
        client.start_channels()
        shown_last = []
        try:
            await client.wait_for_ready(timeout=120)
            for cell in before:
                await client.execute_interactive(cell, timeout=300, output_hook=lambda message: None)
            client.execute(during)
            await asyncio.sleep(3)
            await manager.interrupt_kernel()
            for cell in after:
                shown_last.clear()
                await client.execute_interactive(cell, timeout=120, output_hook=lambda message: shown_last.append(
                    message["content"].get("data", {}).get("text/plain") or "".join(message["content"].get("traceback", []))))
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)
        return "".join(shown_last)

    return asyncio.run(play())


def check_without_predecessor(tally, path, sentence):
    """A notebook started before the one whose output it needs says which to run."""
    with tempfile.TemporaryDirectory() as empty:
        try:
            execute(path, Path(empty) / "executed", {**quick_variables(), "DIGITS_OUTPUT": empty}, Reporter(), CELL_LIMIT)
            problems = ["it ran to its end"]
        except CellFailed as failure:
            problems = [] if sentence in str(failure) else [f"expected: {sentence}\nfound:    {failure}"]
    tally.check(f"{path.name}: without what it needs, it says which notebook to run", problems)


def enough_pictures(notebook, path):
    """What is wrong with the number of its pictures, or that nobody has said how many there have to be."""
    if path.name not in rules.PICTURES:
        return ["rules.PICTURES does not say how many pictures it has to show; add it there"]
    return rules.shows_pictures(notebook, rules.PICTURES[path.name])


def check_committed(tally, path, following):
    """A committed notebook as it is in the repository."""
    say(f"Committed: {shown(path)}")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for rule in (rules.ran_without_errors, rules.executed_in_order, rules.holds_no_machine_path, rules.shows_no_object_address,
                 rules.is_in_committed_form, rules.pictures_are_whole, rules.opens_and_ends_as_agreed, rules.holds_no_placeholder):
        tally.check(f"{path.name}: {rule.__doc__}", rule(notebook))
    tally.check(f"{path.name}: {rules.shows_pictures.__doc__}", enough_pictures(notebook, path))
    tally.check(f"{path.name}: {rules.comes_from_full_run.__doc__}", rules.comes_from_full_run(path.name, notebook))
    tally.check(f"{path.name}: what it links to is there", rules.local_links_resolve(notebook, path.parent))
    if following:
        tally.check(f"{path.name}: it links to the next", rules.links_to(notebook, following.name))
    return notebook


def check_executed(tally, path, committed):
    """A notebook executed in the quick profile; returns it, or None when it failed."""
    say(f"Executing: {shown(path)}")
    try:
        notebook = execute(path, OUTPUT / "notebooks", quick_variables(), Reporter(), CELL_LIMIT)
    except CellFailed as failure:
        tally.check(f"{path.name}: it runs from top to bottom", [str(failure)])
        return None
    tally.check(f"{path.name}: {rules.ran_without_errors.__doc__}", rules.ran_without_errors(notebook))
    tally.check(f"{path.name}: its pictures are whole", rules.pictures_are_whole(notebook))
    tally.check(f"{path.name}: {rules.shows_pictures.__doc__}", enough_pictures(notebook, path))
    tally.check(f"{path.name}: it shows what the committed one shows", rules.same_kinds_of_output(notebook, committed))
    return notebook


def check_results(tally, executed):
    """The numbers that the walkthrough comes to."""
    file = OUTPUT / "results.json"
    if not tally.check("the last notebook writes the results", [] if file.is_file() else [f"{shown(file)} was not written"]):
        return
    results = json.loads(file.read_text(encoding="utf-8"))
    if not tally.check("the results are sensible", rules.results_are_sensible(results, QUICK_LIMIT, QUICK_EPOCHS)):
        return
    counts = rules.expected_counts(results["source"], QUICK_LIMIT)
    texts = {**rules.lesson(counts), "06_evaluate.ipynb": [f"test accuracy {results['test_accuracy']:.4f}"]}
    for name, wanted in texts.items():
        tally.check(f"{name}: it says the shapes and counts of the lesson",
                    rules.says(executed[name], wanted) if name in executed else ["there is no such notebook"])


def quick_variables():
    """What reaches the notebooks."""
    return digits_variables(SAME_RESULTS, DIGITS_PROFILE="quick", DIGITS_OUTPUT=OUTPUT)


def main():
    """All checks; the last line counts them."""
    tally = Tally()
    shutil.rmtree(OUTPUT, ignore_errors=True)  # a notebook must not live on what an earlier run left
    check_the_tools(tally)
    check_the_runner(tally)
    check_an_interrupt(tally)
    paths = found_notebooks()
    tally.check("there are notebooks", [] if paths else [f"none was found in {NOTEBOOKS}"])
    committed = {path.name: check_committed(tally, path, following)
                 for path, following in zip(paths, paths[1:] + [None])}
    for path in paths:
        if path.name in PREDECESSORS:
            say(f"Executing: {shown(path)}, without its predecessor")
            check_without_predecessor(tally, path, PREDECESSORS[path.name])
    check_exercises(tally)
    executed = {path.name: check_executed(tally, path, committed[path.name]) for path in paths}
    if all(executed.values()):
        check_results(tally, executed)
    say(f"\n{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    run_as_script(main)
