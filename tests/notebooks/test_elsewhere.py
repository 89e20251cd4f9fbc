"""What carries the project elsewhere (Binder, conda, Docker, a build server, a room without internet), tried here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import rules
import yaml
from conftest import posix, put_script, run, stops

import binder
import java
import offline
import setup
from project import ROOT

DATA = rules.table("elsewhere.yaml")
PINNED = re.compile(r"(?m)^[\s#\"'-]*([A-Za-z][\w.-]*)\s*={1,2}\s*([0-9][\w.]*)")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_no_version_is_written_twice():
    pins = "jupyterlab==4.6.6 \\\n  - python=3.12\n      - nbclient == 0.11\n    - openjdk>=17\n# see nbformat\n"
    assert [name for name, _ in PINNED.findall(pins)] == ["jupyterlab", "python", "nbclient"], "the check sees pins"
    lock = {name.lower() for name, _ in PINNED.findall(read("environment/requirements.txt"))}
    assert len(lock) > 80 and "jupyter-server-proxy" in lock
    others = ["environment/sample.txt", "environment/environment.yml", "environment/Dockerfile", "binder/apt.txt"]
    others += ["binder/requirements.txt", ".github/workflows/test.yml", ".pre-commit-config.yaml"]
    assert [name.lower() for file in others for name, _ in PINNED.findall(read(file))] == ["mlxtend"]
    assert [file for file in others if "M2.1" in read(file)] == [], "versions of Java libraries"


def test_binder_conda_docker_and_the_build_server_take_the_same_lists():
    for file, texts in DATA["says"].items():
        assert [text for text in texts if not re.search(text, read(file))] == [], file
    *packages, pip = yaml.safe_load(read("environment/environment.yml"))["dependencies"]
    assert pip == {"pip": ["-r requirements.txt"]}
    assert {"python", "pip", "openjdk", "maven", "make"} <= {re.split("[=<>]", package)[0] for package in packages}
    copied = re.findall(r"(?m)^COPY (.*)$", read("environment/Dockerfile"))
    files = [name for line in copied for name in line.split()[:-1] if not name.startswith("--")]
    asked = re.search(r"apt install (.*)", setup.HOW_TO_GET).group(1).replace("python3-venv", "").split()
    assert len(asked) == 2 and set(asked) <= set(read("binder/apt.txt").split())
    text = read(".github/workflows/test.yml")
    steps = yaml.safe_load(text)["jobs"]["test"]["steps"]
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == sum("uses" in step for step in steps)
    assert [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)] == []
    assert [step["run"] for step in steps if "run" in step] == ["make lint", "make test"]
    options = {step["uses"].partition("@")[0]: step["with"] for step in steps if "uses" in step}
    cache = options["actions/cache"]
    assert {"~/.m2/repository", "~/.cache/pip", "~/.cache/digits-jvm"} <= set(cache["path"].split())
    hashed = re.findall(r"'([\w./]+)'", re.search(r"hashFiles\((.*?)\)", cache["key"]).group(1))
    assert hashed and [file for file in [*files, *hashed] if not (ROOT / file).exists()] == []
    assert options["actions/upload-artifact"]["path"] == "build/test/notebooks/"


@posix
def test_binder_s_scripts(tmp_path):
    for name in ("python", "make"):  # they note their arguments
        put_script(tmp_path / name, f'echo "$1 $2" >> {tmp_path}/calls\n[ "$1" != "$FAILS" ]')

    def binder_s(name, *arguments, **variables):
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), **variables}
        done = run(ROOT / "binder" / name, *arguments, cwd=tmp_path, env=environment)
        return *done, (tmp_path / "calls").read_text().splitlines()

    code, said, calls = binder_s("start", "env")
    assert (code, calls) == (0, [f"{ROOT}/environment/kernel.py "])
    caps = {"DIGITS_PROFILE=quick", "DIGITS_THREADS=1", "DIGITS_HEAP=512m", "DIGITS_OFF_HEAP=768m"}
    assert caps <= set(said.splitlines()) and "the quick profile is the default" in said
    said = binder_s("start", "env", DIGITS_PROFILE="full", DIGITS_THREADS="4", DIGITS_HEAP="2g")[1].splitlines()
    assert {"DIGITS_PROFILE=full", "DIGITS_THREADS=4", "DIGITS_HEAP=2g", "DIGITS_NOTE="} <= set(said)
    code, said, _ = binder_s("start", "echo", "on and on", FAILS=f"{ROOT}/environment/kernel.py")
    assert code != 0 and "on and on" not in said, "without a kernel"
    code, _, calls = binder_s("postBuild", FAILS="here")
    assert code != 0 and calls[3:] == ["here PYTHON=python"], "it stops at the first failure"


def test_links_on_the_pages_and_binder_s_settings():
    for page in ("README.md", "environment/README.md"):
        links = [(ROOT / page).parent / link for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(page))]
        links += [ROOT / link for link in re.findall(r"\?urlpath=lab/tree/(\S+?\.ipynb)", read(page))]
        assert [link for link in links if not link.exists()] == []
    headings = re.findall("(?m)^## (.*)$", read("environment/README.md"))
    anchors = set(re.findall(r"environment/README\.md#([\w-]+)", read("README.md")))
    assert anchors <= {heading.lower().replace(" ", "-") for heading in headings}
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, settings in json.loads(read("binder/overrides.json")).items():
        schema = schemas / f"{plugin.replace(':', '/')}.json"
        assert set(settings) <= set(json.loads(schema.read_text(encoding="utf-8"))["properties"])


@posix
def test_an_offline_copy_takes_everything_from_its_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    monkeypatch.setattr(java, "OFFLINE", tmp_path / "offline")
    for name in ("wheels", "maven", "mnist"):
        assert "DIGITS_DATA" not in java.library_variables()
        (tmp_path / "offline" / name).mkdir(parents=True)
    assert java.library_variables()["DIGITS_DATA"] == str(tmp_path / "offline" / "mnist")
    _, said = run("make", "-C", tmp_path, "-f", ROOT / "Makefile", "--print-data-base", "--dry-run", "help")
    assert "\nPIP_SOURCE := --no-index --find-links offline/wheels\n" in said
    assert "\nMAVEN_LOCAL := -o -Dmaven.repo.local=offline/maven\n" in said


def test_each_platform_gets_its_packages_and_has_a_profile():
    for platform, python, wanted in DATA["packages"]:
        assert list(offline.locked(DATA["lock"], platform, python)) == wanted
    assert [name for name in offline.PLATFORMS if f"<id>{name}</id>" not in read("pom.xml")] == ["linux-x86_64"]
    assert offline.profiles("windows") == "-P!linux-arm64,!macos-x86_64,!macos-arm64,windows"
    assert "!windows" in offline.profiles("linux-x86_64") and "!linux-x86_64" not in offline.profiles("macos-arm64")


def test_the_library_says_where_the_data_sets_are(tmp_path, monkeypatch):
    script = "print('mnist\\tC:/my data/mnist')"
    monkeypatch.setattr(java, "program", lambda main: ([sys.executable, "-c", script], None))
    assert offline.data_folders() == {"mnist": Path("C:/my data/mnist")}
    script = "raise SystemExit(1)"
    stops("could not list the data sets", offline.data_folders)


def test_only_an_empty_folder_or_an_earlier_copy_is_replaced(tmp_path, monkeypatch):
    def offline_copy(target):
        monkeypatch.setattr(sys, "argv", ["offline.py", "--to", str(target), "--for", "windows"])
        offline.main()
        return files_in(target)

    def files_in(folder):
        return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}

    copy, mine, project = tmp_path / "copy", tmp_path / "mine", tmp_path / "project"
    for file in ("pom.xml", "build/big.jar", ".git/config", "lib/A.java"):
        put_script(project / file)
    values = {"ROOT": project, "OFFLINE": project / "offline", "copy_data": Path.mkdir}
    for name, value in (values | dict.fromkeys(["fetch_wheels", "fetch_maven"], lambda *_: None)).items():
        monkeypatch.setattr(offline, name, value)
    wanted = {"lib/A.java", str(offline.MARKER), "pom.xml"}
    for target in (copy, project / "inside"):
        target.mkdir()
        assert offline_copy(target) == wanted
        (target / "old").write_text("")
        assert offline_copy(target) == wanted
    put_script(mine / "offline" / "thesis.tex")
    for target in (mine, mine / "offline" / "thesis.tex", tmp_path):
        stops("was not made by `make offline`", offline_copy, target)
    assert (mine / "offline" / "thesis.tex").exists()
    for broken in ("copy_data", "put_in_place"):
        with monkeypatch.context() as patch, pytest.raises(OSError):
            patch.setattr(offline, broken, lambda *_: (_ for _ in ()).throw(OSError("disk full")))
            offline_copy(copy)
        assert files_in(copy) == wanted, "a copy that fails leaves the earlier one"
    assert sorted(os.listdir(tmp_path)) == ["copy", "mine", "project"], "nothing is left beside it"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_of_a_child_counts_for_binder():
    command = [sys.executable, "-c", "x = bytearray(50_000_000); print(1, flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        alone, together = binder.memory([os.getpid()]), binder.memory(binder.tree(os.getpid()))
        child.communicate(b"\n")
    assert all(both - one > 47 for one, both in zip(alone, together))
