"""The set-up, the kernel's description and the notebook runner, tried on what goes wrong, without Java and Maven."""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2] / "environment")]
import kernel
import notebooks
import pretrained
import setup
import test_rules
from normalize import normalize, to_text
from project import BUILD, Stop


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


class PretrainedTest(Folder):
    """What the library takes as its trained network."""

    def trained(self, weights=b"weights", profile="full", epochs=10, accuracy=0.993):
        """A file that looks like a trained network's, with its record."""
        file = self.folder / "trained.zip"
        with zipfile.ZipFile(str(file), "w") as content:
            for name in pretrained.ENTRIES + ("updaterState.bin",):
                content.writestr(name, weights)
        test = {"images": 10_000, "loss": 0.02, "accuracy": accuracy} if accuracy else None
        file.with_suffix(".json").write_text(json.dumps({
            **pretrained.FULL_RUN, "profile": profile, "epochs": [{"validationAccuracy": 0.99}] * epochs, "test": test,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}), encoding="utf-8")
        return file

    def put(self, trained):
        """Puts it into a folder of the test's, and returns the file and its record."""
        self.patch(pretrained, "say", lambda text: None)
        target = self.folder / "library" / "walkthrough.zip"
        pretrained.put(trained, target)
        return target.read_bytes(), json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))

    def test_the_updaters_state_stays_out_and_the_record_fits(self):
        content, record = self.put(self.trained())
        with zipfile.ZipFile(str(self.folder / "library" / "walkthrough.zip")) as written:
            self.assertEqual(list(pretrained.ENTRIES), written.namelist())
            self.assertEqual(b"weights", written.read("coefficients.bin"))
        self.assertEqual(hashlib.sha256(content).hexdigest(), record["sha256"])
        self.assertEqual(content, self.put(self.trained())[0])

    def test_anything_but_a_full_run_is_refused(self):
        for trained, says in ((lambda: self.trained(profile="quick"), "profile quick, not full"),
                              (lambda: self.trained(epochs=3), "3 epochs, not 10"),
                              (lambda: self.trained(accuracy=None), "run notebook 6"),
                              (lambda: self.trained(accuracy=0.97), "97.00 %"),
                              (lambda: self.folder / "missing.zip", "a full run has to come first")):
            with self.assertRaisesRegex(Stop, says):
                self.put(trained())
        other = self.trained()
        other.write_bytes(b"another network")
        with self.assertRaisesRegex(Stop, "tells of another training"):
            self.put(other)
        other.with_suffix(".json").write_text("[]", encoding="utf-8")
        with self.assertRaisesRegex(Stop, "is no training's record"):
            self.put(other)
        self.assertFalse((self.folder / "library").exists())


class PrerequisitesTest(Folder):
    """What set-up says of a machine that lacks something."""

    def path(self, **programs):
        """Makes a folder with these shell scripts the whole PATH."""
        self.variables(PATH=str(self.folder))
        for name, script in programs.items():
            file = self.folder / name
            file.write_text("#!/bin/sh\n" + script, encoding="utf-8")
            file.chmod(0o755)

    def java(self, version, *tools):
        """A fake java of that version, whose home has these tools; returns the script."""
        home = self.folder / "home"
        (home / "bin").mkdir(parents=True, exist_ok=True)
        for tool in tools:
            (home / "bin" / tool).write_text("")
            (home / "bin" / tool).chmod(0o755)
        return f"echo '    java.home = {home}' >&2; echo '    java.specification.version = {version}' >&2"

    def stopped(self, check):
        """The message with which a check fails."""
        with self.assertRaises(Stop) as caught:
            check()
        return str(caught.exception)

    def says(self, message, *texts):
        for text in texts:
            self.assertIn(text, message)

    def test_all_that_is_missing_is_said_at_once(self):
        self.path()
        message = self.stopped(setup.check_prerequisites)
        self.says(message, "A JDK 17 or newer is needed: there is no java on the PATH", "openjdk-17-jdk",
                  "Maven 3.6.3 or newer is needed: there is no mvn on the PATH", "apt install maven")

    def test_nothing_is_installed_before_everything_is_there(self):
        self.path(java=self.java(21, "javac"))
        for step in ("make_venv", "fetch_sample", "build_library", "only_one"):
            self.patch(setup, step, mock.Mock(side_effect=AssertionError(step + " was called")))
        message = self.stopped(setup.set_up)
        self.says(message, "Maven 3.6.3 or newer")
        self.assertNotIn("JDK", message)

    def test_all_is_there(self):
        self.path(java=self.java(17, "javac"), mvn="")
        self.assertEqual((self.folder / "home", 17), setup.check_prerequisites())

    def test_a_java_that_will_not_do(self):
        for version in ("1.8", "11", "16"):
            self.path(java=self.java(version, "javac"))
            self.says(self.stopped(setup.find_jdk), "A JDK 17 or newer is needed", f"is version {version}.")
        self.path(java="exit 1")
        self.says(self.stopped(setup.find_jdk), "is version unknown.")

    def test_a_runtime_without_a_compiler(self):
        self.path(java=self.java(17))
        self.says(self.stopped(setup.find_jdk), str(self.folder / "home"), "is a runtime without a compiler (bin/javac)")

    def test_java_home_that_holds_no_java(self):
        self.variables(PATH=str(self.folder), JAVA_HOME=str(self.folder / "gone"))
        self.says(self.stopped(setup.find_jdk), f"JAVA_HOME is {self.folder / 'gone'}, where there is no bin/java")

    def test_python(self):
        self.patch(setup.sys, "version_info", (3, 9, 18))
        self.says(self.stopped(setup.check_python), "Python 3.10 or newer is needed", "apt install python3")
        self.patch(setup.sys, "version_info", (3, 10, 0))
        with mock.patch.dict(sys.modules, {"ensurepip": None}):
            self.says(self.stopped(setup.check_python), "Python's venv is needed", "python3-venv")


class KernelTest(Folder):
    """The kernel's description and where it is registered."""

    def setUp(self):
        super().setUp()
        self.jar, self.others = self.folder / "digits.jar", [str(self.folder / "nd4j.jar"), str(self.folder / "tablesaw.jar")]
        jjava = self.folder / "jjava"
        jjava.mkdir()
        for file in (self.jar, self.folder / "python", jjava / "jjava.jar", jjava / "jjava-launcher.jar"):
            file.write_text("")
        (self.folder / "classpath.txt").write_text(os.pathsep.join(self.others) + "\n", encoding="utf-8")
        for name, value in (("JAR", self.jar), ("CLASSPATH", self.folder / "classpath.txt"), ("VENV_KERNEL", jjava),
                            ("VENV_PYTHON", self.folder / "python"), ("say", lambda text: self.said.append(text))):
            self.patch(kernel, name, value)
        self.said = []
        self.variables()
        self.prefix = self.folder / "prefix"
        self.prefix.mkdir()
        self.file = self.prefix / "share" / "jupyter" / "kernels" / "java" / "kernel.json"

    def ijava(self):
        """An unpacked release of IJava."""
        folder = self.folder / "ijava-1.3.0"
        (folder / "java").mkdir(parents=True)
        (folder / "java" / "ijava-1.3.0.jar").write_text("")
        return folder

    def register(self, **options):
        """Registers with these options of the command line."""
        kernel.register(argparse.Namespace(**{"ijava": None, "prefix": str(self.prefix), "replace": False, **options}))
        return json.loads(self.file.read_text(encoding="utf-8"))

    def test_what_the_description_says(self):
        spec = kernel.jjava_kernelspec()
        self.assertEqual(("java", "message"), (spec["language"], spec["interrupt_mode"]))
        self.assertEqual("{connection_file}", spec["argv"][-1])
        variables = spec["env"]
        classpath = os.pathsep.join([str(self.jar)] + self.others)
        self.assertEqual([classpath, classpath], [variables["JJAVA_CLASSPATH"], variables["IJAVA_CLASSPATH"]])
        options = variables["JJAVA_JVM_OPTS"].split()
        self.assertEqual(kernel.jvm_options(), options, "the launcher takes them apart at white space")
        for option in ("-Xmx768m", "-Dorg.bytedeco.javacpp.maxbytes=1g", "-Djava.awt.headless=true", "-Dfile.encoding=UTF-8",
                       "-Duser.language=en", "-Duser.country=US"):
            self.assertIn(option, options)
        self.assertEqual(str(BUILD), variables["DIGITS_OUTPUT"])
        self.assertEqual(str(kernel.usable_cores()), variables["OMP_NUM_THREADS"])
        self.assertNotIn("PATH", variables)

    def test_what_the_user_has_set(self):
        self.variables(DIGITS_THREADS=" 3 ", DIGITS_OUTPUT="elsewhere", JAVA_HOME=str(self.folder / "jdk"), DIGITS_HEAP=" 300M")
        spec = kernel.jjava_kernelspec()
        self.assertEqual(["-Xmx300m", "-Dorg.bytedeco.javacpp.maxbytes=1g"], spec["env"]["JJAVA_JVM_OPTS"].split()[:2])
        self.assertEqual("3", spec["env"]["OMP_NUM_THREADS"])
        self.assertEqual(os.path.abspath("elsewhere"), spec["env"]["DIGITS_OUTPUT"])
        self.assertEqual(str(self.folder / "jdk" / "bin" / "java"), spec["argv"][0])
        self.assertEqual(str(self.folder / "jdk" / "bin") + os.pathsep + "${PATH}", spec["env"]["PATH"])

    def test_ijava_has_the_options_on_its_command_line(self):
        argv = self.register(ijava=str(self.ijava()))["argv"]
        self.assertEqual([], [option for option in kernel.jvm_options() if option not in argv])
        self.assertTrue(argv[argv.index("-jar") + 1].endswith("ijava-1.3.0.jar"), argv)

    def test_a_folder_that_is_no_ijava(self):
        (self.folder / "empty").mkdir()
        for name, found in (("gone", "no such folder"), ("empty", "no such jar")):
            with self.assertRaises(Stop) as caught:
                self.register(ijava=str(self.folder / name))
            for words in (str(self.folder / name), "one java/ijava-<version>.jar was expected", "found: " + found):
                self.assertIn(words, str(caught.exception))
        self.assertFalse(self.file.exists())

    def test_a_prefix_that_does_not_exist(self):
        with self.assertRaises(Stop) as caught:
            self.register(prefix=str(self.folder / "typo"))
        self.assertIn(f"{self.folder / 'typo'} is no folder", str(caught.exception))
        self.assertFalse((self.folder / "typo").exists())

    def test_registering_again(self):
        self.assertEqual(kernel.jjava_kernelspec(), self.register())
        self.register()
        self.assertIn("make clean", self.said[-1])

    def test_anothers_kernel_is_left_alone_unless_told(self):
        self.file.parent.mkdir(parents=True)
        for content, name in (('{"display_name": "Java (mine)", "argv": []}', "Java (mine)"), ("{", "unreadable")):
            self.file.write_text(content, encoding="utf-8")
            with self.assertRaises(Stop) as caught:
                self.register()
            for words in (str(self.file.parent), name, "--replace"):
                self.assertIn(words, str(caught.exception))
            self.assertEqual(content, self.file.read_text(encoding="utf-8"))
            self.assertEqual("Java", self.register(replace=True)["display_name"])
            self.assertEqual(content, self.file.with_name("kernel.json.before").read_text(encoding="utf-8"))

    def test_memory_that_is_no_size(self):
        for text in ("lots", "-1m", "0g", "1.5g", "700"):
            self.variables(DIGITS_OFF_HEAP=text)
            with self.assertRaises(Stop) as caught:
                kernel.jvm_options()
            self.assertIn(f'DIGITS_OFF_HEAP is "{text}"', str(caught.exception))

    def test_before_set_up(self):
        self.jar.unlink()
        with self.assertRaises(Stop) as caught:
            self.register()
        self.assertIn("make setup", str(caught.exception))


class RunnerTest(Folder):
    """Executing notebooks; a Python kernel stands in for the Java one."""

    def setUp(self):
        super().setUp()
        self.patch(notebooks, "VENV_KERNEL", self.folder / "kernels" / "java")
        self.path = self.folder / "1_short.ipynb"
        cells = [test_rules.code("import time; time.sleep(60)", None)]
        self.path.write_text(to_text(normalize({"cells": cells})), encoding="utf-8")

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


class SeedsTest(Folder):
    """Repeating trainings with several seeds; the notebooks' files stand in for the trainings."""

    def setUp(self):
        super().setUp()
        self.variables(DIGITS_DATA="data", DIGITS_EPOCHS="1")
        self.said, self.runs = [], []
        self.patch(notebooks, "BUILD", self.folder)
        self.patch(notebooks, "say", self.said.append)
        self.patch(notebooks, "run", self.run_notebooks)
        self.patch(notebooks, "found_notebooks", lambda: [Path(f"{number:02}_x.ipynb") for number in range(1, 12)])

    def run_notebooks(self, paths, output, variables, left_out=None):
        """Writes what the notebooks would have: one accuracy a seed."""
        seed, folder = int(variables["DIGITS_SEED"]), Path(variables["DIGITS_OUTPUT"])
        self.assertEqual(self.folder / "seeds" / str(seed), folder)
        self.assertEqual(("full", os.path.abspath("data")), (variables["DIGITS_PROFILE"], variables["DIGITS_DATA"]))
        self.runs.append((seed, [path.name[:2] for path in paths], left_out))
        folder.mkdir(parents=True)

        def results(dataset, accuracy, **more):
            return {"dataset": dataset, "source": "folder", "seed": seed, "test_loss": 0.5, "test_accuracy": accuracy, "train_seconds": 70, **more}

        files = {
            "results.json": results("MNIST", 0.99 + seed / 1000),
            "architectures.json": {"networks": [results("MNIST", 0.9, name="dense", validation_accuracy=0.91, history=[{}]),
                                                results("MNIST", seed / 10, name="ResNet-8", validation_accuracy=0.98)]},
            "fashion_mnist.json": results("Fashion-MNIST", 0.92),
            "fashion_mnist_augmented.json": {**results("Fashion-MNIST", 0.94), "test_loss": None},
        }
        for name, content in files.items():
            (folder / name).write_text(json.dumps(content), encoding="utf-8")

    def seeds(self, *options):
        """The command line with these words; returns what it wrote."""
        self.patch(sys, "argv", ["notebooks.py", "seeds", *options])
        notebooks.main()
        return json.loads((self.folder / "seeds.json").read_text(encoding="utf-8"))

    def test_the_walkthrough_if_nothing_else_is_said(self):
        written = self.seeds("3", "5")
        self.assertEqual([(3, ["04", "05", "06"], "skip:seeds"), (5, ["04", "05", "06"], "skip:seeds")], self.runs)
        self.assertEqual([3, 5], [row["seed"] for row in written["runs"]])
        [mean] = written["means"]
        self.assertAlmostEqual(0.994, mean["test_accuracy"])
        self.assertEqual(("walkthrough", [3, 5]), (mean["of"], mean["seeds"]))
        for words in ("walkthrough: MNIST", "0.9930", "0.9950", "0.9940", "1 min 10 s", "seeds.json"):
            self.assertIn(words, self.said[-1])

    def test_each_network_and_data_set_has_its_mean(self):
        written = self.seeds("3", "5", "--of", "architectures", "data-sets")
        self.assertEqual(["09", "11"], self.runs[0][1])
        means = {mean["name"]: mean for mean in written["means"]}
        self.assertEqual(["dense", "ResNet-8", "Fashion-MNIST", "Fashion-MNIST, augmented"], list(means))
        self.assertAlmostEqual(0.4, means["ResNet-8"]["test_accuracy"])
        self.assertAlmostEqual(0.98, means["ResNet-8"]["validation_accuracy"])
        self.assertNotIn("test_loss", means["Fashion-MNIST, augmented"], "a loss that is no number has no mean")
        self.assertNotIn("history", written["runs"][0])
        self.assertIn("data-sets: Fashion-MNIST, augmented", self.said[-1])

    def test_a_notebook_that_is_not_there(self):
        self.patch(notebooks, "found_notebooks", lambda: [Path("04_build.ipynb")])
        with self.assertRaises(Stop) as caught:
            self.seeds("3", "--of", "data-sets")
        self.assertIn("no notebook 11", str(caught.exception))

    def test_tagged_cells_are_left_out(self):
        kernels = self.folder / "kernels" / "java"
        kernels.mkdir(parents=True)
        spec = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Java", "language": "java"}
        (kernels / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        self.patch(notebooks, "VENV_KERNEL", kernels)
        path = self.folder / "1_short.ipynb"
        cells = [test_rules.code("print('first')", None), test_rules.code("print('long')", None), test_rules.code("print('last')", None)]
        cells[1]["metadata"] = {"tags": ["skip:seeds"]}
        path.write_text(to_text(normalize({"cells": cells})), encoding="utf-8")

        def printed(**options):
            executed = notebooks.execute(path, self.folder / "executed", {}, Silent(), **options)
            return ["".join(output["text"]).strip() for cell in executed["cells"] for output in cell["outputs"]]

        self.assertEqual(["first", "last"], printed(left_out="skip:seeds"))
        self.assertEqual(["first", "long", "last"], printed())


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

    def test_a_run_has_parts(self):
        self.patch(notebooks, "found_notebooks", lambda: [Path(f"{number:02}_x.ipynb") for number in range(1, 14)])
        self.assertEqual(["01", "07"], [notebooks.part_of("walkthrough")[i].name[:2] for i in (0, -1)])
        self.assertEqual(["08", "13"], [notebooks.part_of("beyond")[i].name[:2] for i in (0, -1)])
        self.assertEqual(13, len(notebooks.part_of("all")))

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
