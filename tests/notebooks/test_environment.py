"""The set-up, the kernel's description and the notebook runner, tried on what goes wrong, without Java and Maven."""

import argparse
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2] / "environment")]
import notebooks
import test_rules
from normalize import normalize, to_text
from project import BUILD


class Silent:
    """A reporter that says nothing."""

    def __getattr__(self, name):
        return lambda *arguments: None


class Folder(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def patch(self, target, name, value):
        """Replaces something for this test."""
        patcher = mock.patch.object(target, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)

    def variables(self, **values):
        """Replaces the process's variables for this test; what is not named is unset, but for what a system needs."""
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "HOME") if name in os.environ}
        patcher = mock.patch.dict(os.environ, {**kept, **values}, clear=True)
        patcher.start()
        self.addCleanup(patcher.stop)


class RunnerTest(Folder):
    """Executing notebooks; a Python kernel stands in for the Java one."""

    def setUp(self):
        super().setUp()
        self.patch(notebooks, "VENV_KERNEL", self.folder / "kernels" / "java")
        self.path = self.folder / "1_short.ipynb"
        self.path.write_text(to_text(normalize({"cells": [test_rules.code("import time; time.sleep(60)", None)]})), encoding="utf-8")

    def kernel(self, *argv):
        """Puts a kernel with this command line in Java's place."""
        notebooks.VENV_KERNEL.mkdir(parents=True)
        spec = {"argv": list(argv), "display_name": "Java", "language": "java"}
        (notebooks.VENV_KERNEL / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")

    def failure(self, **options):
        """The message with which the notebook fails."""
        with self.assertRaises(notebooks.CellFailed) as caught, self.assertLogsOfTheClient():
            notebooks.execute(self.path, self.folder / "executed", {}, Silent(), **options)
        self.assertTrue((self.folder / "executed" / self.path.name).is_file(), "what was executed is kept")
        return str(caught.exception)

    def assertLogsOfTheClient(self):
        """Keeps what nbclient logs about the failure out of the test's output."""
        return mock.patch.object(notebooks.WatchedClient, "log", mock.Mock())

    def test_a_cell_that_takes_too_long(self):
        self.kernel(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}")
        message = self.failure(cell_timeout=1)
        for words in ("1_short.ipynb, cell 1 of 1 was stopped", "longer than the 1.0 s", "time.sleep(60)", "kernel.log"):
            self.assertIn(words, message)

    def test_a_kernel_that_does_not_start(self):
        def says_what_to_do(message):
            for words in ("1_short.ipynb: the Java kernel did not start", "kernel.log", "`make setup`"):
                self.assertIn(words, message)

        says_what_to_do(self.failure())  # there is no description of it
        self.kernel(str(self.folder / "no-such-java"), "{connection_file}")
        says_what_to_do(self.failure())
        notebooks.VENV_KERNEL.joinpath("kernel.json").unlink()
        notebooks.VENV_KERNEL.rmdir()
        self.kernel(sys.executable, "-c", "raise SystemExit('no such jar')")
        says_what_to_do(self.failure())
        self.assertIn("no such jar", (self.folder / "executed" / "kernel.log").read_text())


class VariablesTest(Folder):
    """What of the process's variables reaches the notebooks."""

    def test_folders_are_absolute_and_blank_ones_unset(self):
        self.variables(DIGITS_DATA="data", DIGITS_SEED=" 7 ", DIGITS_LIMIT="", DIGITS_MIRRORS="none", OTHER="1")
        here = os.getcwd()
        self.assertEqual({"DIGITS_DATA": os.path.join(here, "data"), "DIGITS_SEED": "7", "DIGITS_MIRRORS": "none"},
                         notebooks.digits_variables())
        self.assertEqual({"DIGITS_DATA": os.path.join(here, "data"), "DIGITS_MIRRORS": "none", "DIGITS_PROFILE": "quick",
                          "DIGITS_OUTPUT": os.path.join(here, "out")},
                         notebooks.digits_variables(notebooks.SAME_RESULTS, DIGITS_PROFILE="quick", DIGITS_OUTPUT="out"))

    def test_a_quick_run_leaves_a_full_one_alone(self):
        def folders(profile, **named):
            self.variables(**named)
            arguments = argparse.Namespace(profile=profile, output=None, notebooks=[Path("1.ipynb")])
            with mock.patch.object(notebooks, "run") as run:
                notebooks.command_run(arguments)
            _, executed, variables = run.call_args.args
            self.assertEqual(profile, variables["DIGITS_PROFILE"])
            return Path(variables["DIGITS_OUTPUT"]), executed

        self.assertEqual((BUILD, BUILD / "notebooks"), folders("full"))
        self.assertEqual((BUILD / "quick", BUILD / "quick"), folders("quick"))
        self.assertEqual((self.folder, BUILD / "quick"), folders("quick", DIGITS_OUTPUT=str(self.folder)))


if __name__ == "__main__":
    unittest.main()
