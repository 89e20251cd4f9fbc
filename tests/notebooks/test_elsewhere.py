"""What carries the project elsewhere (Binder, conda, Docker, a build server, a room without internet), without going there."""

import json
import os
import re
import stat
import subprocess
import sys
import unittest
from pathlib import Path
from unittest import mock

import yaml

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2] / "environment"),
                str(Path(__file__).resolve().parents[2] / "tests" / "binder")]
import binder
import kernel
import offline
import setup
from project import ROOT, Stop
from test_environment import Folder

PINNED = re.compile(r"(?m)^[\s#\"'-]*([A-Za-z][\w.-]*)\s*={1,2}\s*([0-9][\w.]*)")


def read(name):
    """A file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


class ListsTest(unittest.TestCase):
    """Each version is written in one place."""

    def test_no_package_is_pinned_twice(self):
        lock = {name.lower() for name, _ in PINNED.findall(read("environment/requirements.txt"))}
        self.assertGreater(len(lock), 80)
        self.assertIn("jupyter-server-proxy", lock, "notebook 13 is shown through it")
        others = ["environment/sample.txt", "environment/environment.yml", "environment/Dockerfile", "binder/apt.txt",
                  "binder/requirements.txt", ".github/workflows/test.yml"]
        seen = []
        for file in others:
            found = [name.lower() for name, _ in PINNED.findall(read(file))]
            self.assertEqual([], [name for name in found if name in lock], f"{file} repeats the lock")
            seen += found
        self.assertEqual(["mlxtend"], seen)
        java = [version for version in re.findall(r"<version>([^<]*)</version>", read("pom.xml"))]
        self.assertGreater(len(java), 15)
        for file in others:
            self.assertNotIn("M2.1", read(file), f"{file} repeats the pom")

    def test_the_check_sees_pins(self):
        text = "jupyterlab==4.6.6 \\\n  - python=3.12\n      - nbclient == 0.11\n    - openjdk>=17\n# see nbformat\n"
        self.assertEqual(["jupyterlab", "python", "nbclient"], [name for name, _ in PINNED.findall(text)])

    def test_binder_takes_the_lock(self):
        lines = read("binder/requirements.txt").split("\n")
        self.assertEqual(["-r ../environment/requirements.txt", ""], lines)
        self.assertTrue((ROOT / "binder" / lines[0].split()[1]).is_file())

    def test_conda_takes_the_lock(self):
        listed = yaml.safe_load(read("environment/environment.yml"))
        self.assertEqual(["-r requirements.txt"], listed["dependencies"][-1]["pip"])
        names = {re.split("[=<>]", entry)[0] for entry in listed["dependencies"][:-1]}
        self.assertLessEqual({"python", "pip", "openjdk", "maven", "make"}, names)

    def test_docker_takes_binder_s_lists(self):
        text = read("environment/Dockerfile")
        for line in re.findall(r"(?m)^COPY (.*)$", text):
            for source in [word for word in line.split() if not word.startswith("--")][:-1]:
                self.assertTrue((ROOT / source).exists(), source)
        for words in ("apt.txt", "-r binder/requirements.txt", "RUN binder/postBuild", 'ENTRYPOINT ["/srv/digits/binder/start"]', "USER jovyan"):
            self.assertIn(words, text)
        self.assertLess(text.index("USER jovyan"), text.index("binder/postBuild"), "without root")

    def test_apt_names_what_set_up_asks_for(self):
        packages = read("binder/apt.txt").split()
        for asked in re.findall(r"apt install (\S+)", setup.HOW_TO_GET["JDK"] + setup.HOW_TO_GET["Maven"]):
            self.assertIn(asked, packages)


@unittest.skipIf(os.name == "nt", "Binder is Linux")
class ScriptsTest(Folder):
    """binder/postBuild and binder/start, with a Python that only notes what it is asked."""

    def setUp(self):
        super().setUp()
        python = self.folder / "python"
        python.write_text(f'#!/bin/sh\necho "$1 $2" >> {self.folder}/calls\n[ "$2" != "$FAILS" ]\n', encoding="utf-8")
        python.chmod(0o755)

    def script(self, name, *arguments, **variables):
        """Runs it; (exit code, what it printed, the calls of Python)."""
        done = subprocess.run([str(ROOT / "binder" / name), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              cwd=str(self.folder), env={"PATH": f"{self.folder}:/usr/bin:/bin", "HOME": str(self.folder), **variables})
        calls = self.folder / "calls"
        return done.returncode, done.stdout, calls.read_text().splitlines() if calls.exists() else []

    def test_they_may_be_executed(self):
        for name in ("postBuild", "start"):
            self.assertTrue((ROOT / "binder" / name).stat().st_mode & stat.S_IXUSR, name)

    def test_start_caps_and_goes_on_to_the_command(self):
        code, said, calls = self.script("start", "env")
        self.assertEqual(0, code, said)
        self.assertEqual([f"{ROOT}/environment/kernel.py write"], calls)
        variables = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        for name, value in (("DIGITS_PROFILE", "quick"), ("DIGITS_THREADS", "1"), ("DIGITS_HEAP", "512m"), ("DIGITS_OFF_HEAP", "768m")):
            self.assertEqual(value, variables.get(name), name)
        self.assertIn("the quick profile is the default", variables["DIGITS_NOTE"])

    def test_start_leaves_what_was_chosen(self):
        said = self.script("start", "env", DIGITS_PROFILE="full", DIGITS_THREADS="4", DIGITS_HEAP="2g")[1].splitlines()
        for line in ("DIGITS_PROFILE=full", "DIGITS_THREADS=4", "DIGITS_HEAP=2g", "DIGITS_NOTE="):
            self.assertIn(line, said)

    def test_start_stops_without_a_kernel(self):
        code, said, _ = self.script("start", "echo", "on and on", FAILS="write")
        self.assertNotEqual(0, code)
        self.assertNotIn("on and on", said)

    def test_post_build_stops_at_the_first_failure(self):
        self.assertEqual((1, ["environment/setup.py here"]), self.script("postBuild", FAILS="here")[::2])


class PagesTest(unittest.TestCase):
    """What the pages promise is there."""

    def test_links(self):
        for page in ("README.md", "environment/README.md"):
            text, folder = read(page), (ROOT / page).parent
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                self.assertTrue((folder / target).exists(), f"{page}: {target}")
        headings = {re.sub("[^a-z -]", "", line.lower()).replace(" ", "-") for line in re.findall("(?m)^## (.*)$", read("environment/README.md"))}
        anchors = re.findall(r"environment/README\.md#([\w-]+)", read("README.md"))
        self.assertEqual([], [anchor for anchor in anchors if anchor not in headings])
        self.assertGreater(len(anchors), 1)

    def test_binder_opens_the_first_notebook(self):
        for page in ("README.md", "environment/README.md"):
            notebook = re.search(r"\?urlpath=lab/tree/(\S+?\.ipynb)", read(page)).group(1)
            self.assertTrue((ROOT / notebook).is_file(), notebook)

    def test_jupyterlab_knows_binder_s_settings(self):
        schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
        for plugin, settings in json.loads(read("binder/overrides.json")).items():
            package, name = plugin.split(":")
            known = json.loads((schemas / package / f"{name}.json").read_text(encoding="utf-8"))["properties"]
            self.assertLessEqual(set(settings), set(known))


class HereTest(Folder):
    """Set-up in the Python environment that runs it."""

    def setUp(self):
        super().setUp()
        self.other = self.folder / "conda"
        (self.other / "bin").mkdir(parents=True)
        (self.other / "bin" / "python").write_text("")
        for name, value in (("VENV", self.folder / ".venv"), ("BUILD", self.folder / "build"), ("LOCK", self.folder / "lock"),
                            ("VENV_PYTHON", self.folder / ".venv" / "bin" / "python"), ("say", lambda text: None)):
            self.patch(setup, name, value)
        self.patch(setup.sys, "prefix", str(self.other))

    def test_it_stands_for_the_project_s_own_and_clean_leaves_it_alone(self):
        for _ in range(2):
            setup.use_this_python()
            self.assertTrue(setup.VENV_PYTHON.samefile(self.other / "bin" / "python"))
        setup.command_clean()
        self.assertFalse(os.path.lexists(setup.VENV))
        self.assertTrue((self.other / "bin" / "python").is_file())

    def test_another_s_environment_is_never_emptied(self):
        setup.use_this_python()
        with mock.patch.object(setup, "call") as call, mock.patch("venv.create") as create:
            setup.make_venv()
        create.assert_not_called()
        self.assertIn("--require-hashes", call.call_args.args[0])
        self.assertTrue((self.other / "bin" / "python").is_file())

    def test_an_environment_of_the_project_s_own_is_not_replaced(self):
        (self.folder / ".venv").mkdir()
        with self.assertRaises(Stop) as caught:
            setup.use_this_python()
        self.assertIn("make clean", str(caught.exception))


class OfflineTest(Folder):
    """The folder for computers without internet."""

    def test_everything_is_taken_from_the_folder(self):
        for module in (setup, kernel):
            self.patch(module, "OFFLINE", self.folder)
        self.patch(setup, "find_maven", lambda: "mvn")
        self.assertEqual([], setup.pip_source())
        self.assertNotIn("-o", setup.maven("jdk")[0])
        for name in ("wheels", "maven", "mnist"):
            (self.folder / name).mkdir()
        self.assertEqual(["--no-index", "--find-links", self.folder / "wheels"], setup.pip_source())
        self.assertEqual(["-o", f"-Dmaven.repo.local={self.folder / 'maven'}"], setup.maven("jdk")[0][-2:])
        others = {name: value for name, value in os.environ.items() if not name.startswith("DIGITS_")}   # a folder that is named wins
        with mock.patch.object(kernel, "library_classpath", lambda: ["a.jar"]), mock.patch.dict(os.environ, others, clear=True):
            self.assertEqual(str(self.folder / "mnist"), kernel.kernel_environment()["DIGITS_DATA"])

    def test_each_platform_gets_its_packages(self):
        lock = ("tornado==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via jupyter\n"
                "pywinpty==3.1 ; os_name == 'nt' \\\n    --hash=sha256:cc\n"
                "soup==2.0 ; python_full_version < '3.11.5' \\\n    --hash=sha256:dd\nsoup==4.0 ; python_full_version >= '3.11.5' \\\n"
                "    --hash=sha256:ee\n")
        self.assertEqual(["tornado==1.0 --hash=sha256:aa --hash=sha256:bb", "soup==2.0 --hash=sha256:dd"],
                         list(offline.locked(lock, "linux-x86_64", "3.11.0")))
        self.assertEqual(["tornado==1.0 --hash=sha256:aa --hash=sha256:bb", "pywinpty==3.1 --hash=sha256:cc", "soup==4.0 --hash=sha256:ee"],
                         list(offline.locked(lock, "windows", "3.11.30")))

    def test_each_platform_gets_the_binaries_that_its_profile_names(self):
        text = read("pom.xml")
        for name in offline.PLATFORMS:
            if name != "linux-x86_64":
                self.assertIn(f"<id>{name}</id>", text)
            for option in offline.profile_properties(name):
                self.assertNotIn("$", option)
        self.assertEqual(["-Dnd4j.platform=macosx-arm64", "-Dnd4j.classifier=macosx-arm64", "-Ddnnl.platform=macosx-x86_64"],
                         offline.profile_properties("macos-arm64"))
        self.assertIn("-Ddnnl.platform=windows-x86_64", offline.profile_properties("windows"))

    def test_data_sets_beside_the_one_that_is_named(self):
        for name in ("mnist", "fashion-mnist", "empty"):
            (self.folder / name).mkdir()
        for name in ("mnist", "fashion-mnist"):
            for stem in offline.NEEDED:
                (self.folder / name / f"{stem}-idx.gz").write_text("")
        self.variables(DIGITS_DATA=str(self.folder / "mnist"), XDG_CACHE_HOME=str(self.folder / "cache"))
        self.assertEqual({"mnist", "fashion-mnist"}, set(offline.data_folders()))
        self.variables(DIGITS_DATA=str(self.folder / "empty"), XDG_CACHE_HOME=str(self.folder / "cache"))
        with self.assertRaises(Stop) as caught:
            offline.data_folders()
        self.assertIn(str(self.folder / "empty"), str(caught.exception))

    def test_a_folder_that_holds_something_else_is_left_alone(self):
        (self.folder / "thesis.tex").write_text("")
        with mock.patch.object(sys, "argv", ["offline.py", "--to", str(self.folder)]), self.assertRaises(Stop):
            offline.main()
        self.assertTrue((self.folder / "thesis.tex").exists())

    def test_the_copy_has_what_git_knows_and_nothing_that_was_made(self):
        offline.copy_project(self.folder / "copy")
        for name in ("pom.xml", "environment/setup.py", "notebooks/01_load.ipynb"):
            self.assertEqual(read(name), (self.folder / "copy" / name).read_text(encoding="utf-8"))
        self.assertEqual([], [name for name in ("build", ".venv", ".git") if (self.folder / "copy" / name).exists()])


class WorkflowTest(unittest.TestCase):
    """The build server's description."""

    def setUp(self):
        self.text = read(".github/workflows/test.yml")
        self.job = yaml.safe_load(self.text)["jobs"]["test"]

    def test_actions_are_pinned_to_commits(self):
        used = re.findall(r"uses: (.*)", self.text)
        self.assertEqual(len(used), sum("uses" in step for step in self.job["steps"]))
        for action in used:
            self.assertRegex(action, r"^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")

    def test_it_tests_caches_and_keeps(self):
        self.assertIn("make test", [step.get("run") for step in self.job["steps"]])
        steps = {step["uses"].partition("@")[0]: step["with"] for step in self.job["steps"] if "uses" in step}
        for folder in ("~/.m2/repository", "~/.cache/pip", "~/.cache/digits-jvm"):
            self.assertIn(folder, steps["actions/cache"]["path"])
        for file in re.findall(r"'([\w./]+)'", re.search(r"hashFiles\((.*?)\)", steps["actions/cache"]["key"]).group(1)):
            self.assertTrue((ROOT / file).is_file(), file)
        self.assertEqual("build/test/notebooks/", steps["actions/upload-artifact"]["path"], "where check_notebooks.py writes")


@unittest.skipUnless(sys.platform == "linux", "reads /proc")
class MemoryTest(unittest.TestCase):
    """What the measurement of Binder's memory adds up."""

    def test_a_child_s_memory_counts(self):
        child = subprocess.Popen([sys.executable, "-c", "x = bytearray(50_000_000); print(1, flush=True); input()"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            child.stdout.readline()
            self.assertIn(child.pid, binder.tree(os.getpid()))
            alone, together = binder.memory([os.getpid()]), binder.memory(binder.tree(os.getpid()))
            for one, both in zip(alone, together):
                self.assertGreater(both - one, 47)
        finally:
            child.communicate(b"\n")


if __name__ == "__main__":
    unittest.main()
