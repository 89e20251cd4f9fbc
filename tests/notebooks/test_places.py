"""Folders with strange names, locales, and homes: each works, or is refused in a sentence before anything happens."""

import json
import os
import shutil
import string
import sys
from pathlib import Path

import pytest
from conftest import posix, put_script, run, says, stops

import java
import kernel
import notebooks
import project
import setup
from project import ROOT

STRANGE = [
    "a b",
    "größe",
    "数字",
    "🙂",
    "$HOME",
    "${HOME}",
    "$$",
    "it's",
    '"q"',
    "back\\slash",
    "100%",
    "a%20b",
    "#1",
    "a;b",
    "[x]",
]
UNUSABLE = ["🙂", ":", "a:b", "a*", "why?", "a\nb"]


@pytest.fixture
def machine(tmp_path):
    """The variables of a machine with a JDK and Maven; their commands do nothing."""
    said = f"    java.home = {tmp_path}/bin/home\n    java.specification.version = 17"
    put_script(tmp_path / "bin" / "java", f"echo '{said}' >&2")
    for file in ("mvn", "home/bin/javac"):
        put_script(tmp_path / "bin" / file)
    (tmp_path / "me").mkdir()
    return {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path / "me")}


def check(folder, environment):
    """What the set-up's first step says in a copy of the project in that folder."""
    shutil.copytree(ROOT / "environment", folder / "environment")
    return run(sys.executable, "environment/setup.py", "check", cwd=folder, env=environment)


@posix
@pytest.mark.parametrize("name", [*STRANGE, *UNUSABLE])
def test_a_folder_works_or_is_refused_before_anything_happens(name, tmp_path, machine):
    folder = tmp_path / "at" / name
    code, said = check(folder, machine)
    if name in UNUSABLE:
        assert code == 1 and sorted(os.listdir(folder)) == ["environment"], said
        says(said, "The project's folder is", "class path cannot hold “", "move the project")
    else:
        assert (code, said) == (0, "")
        assert str(folder) in (folder / "build/made-with/python").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STRANGE)
def test_jupyter_hands_names_to_the_kernel_unchanged(name, tmp_path, variables, monkeypatch):
    for file in ("digits.jar", "classpath.txt"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / file).write_text("nd4j.jar", encoding="utf-8")
    monkeypatch.setattr(java, "JAR", tmp_path / name / "digits.jar")
    monkeypatch.setattr(java, "CLASSPATH", tmp_path / name / "classpath.txt")
    monkeypatch.setattr(java, "find_jdk", lambda: ("jdk", 17, 3))
    variables(DIGITS_OUTPUT=str(tmp_path / name), JAVA_HOME=str(tmp_path / name))
    spec = json.loads(json.dumps(kernel.jjava_kernelspec()))
    seen = {
        key: string.Template(value).safe_substitute(HOME="/root", PATH="/bin") for key, value in spec["env"].items()
    }
    assert seen["DIGITS_OUTPUT"] == str(tmp_path / name)
    assert seen["JJAVA_CLASSPATH"].split(os.pathsep)[0] == str(tmp_path / name / "digits.jar")
    assert spec["argv"][0] == str(tmp_path / name / "bin" / "java")


def test_the_runner_hands_a_folder_s_name_to_the_kernel_unchanged(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "VENV_KERNEL", tmp_path / "java")
    spec = {"argv": [], "env": {"A": "1"}, "display_name": "Java", "language": "java"}
    put_script(tmp_path / "java" / "kernel.json")
    (tmp_path / "java" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    env = notebooks.java_kernel({"DIGITS_DATA": "/a/$HOME/ü"}).kernel_spec.env
    assert string.Template(env["DIGITS_DATA"]).safe_substitute(HOME="/root") == "/a/$HOME/ü" and env["A"] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Java does not follow the locale")
def test_java_reads_names_in_utf8_also_where_the_locale_is_posix(tmp_path):
    source = """public class Seen { public static void main(String[] names) {
        System.out.print(new java.io.File(System.getenv("NAMED")).exists());
        System.out.print(java.nio.file.Files.exists(java.nio.file.Path.of(names[0]))); } }"""
    (tmp_path / "größe 数字").mkdir()
    (tmp_path / "größe 数字" / "Seen.java").write_text(source, encoding="utf-8")
    command = [java.java_command(), "-Xshare:auto", tmp_path / "größe 数字" / "Seen.java", tmp_path / "größe 数字"]
    environment = {**os.environ, "LC_ALL": "C", "NAMED": str(tmp_path / "größe 数字")}
    assert run(*command, env={**environment, **java.utf8_locale()}) == (0, "truetrue")


@posix
def test_a_tilde_that_the_shell_left_alone(tmp_path, variables, monkeypatch):
    variables(HOME=str(tmp_path), DIGITS_DATA="~/mnist", DIGITS_OUTPUT="~")
    home = {"DIGITS_DATA": str(tmp_path / "mnist"), "DIGITS_OUTPUT": str(tmp_path)}
    assert notebooks.digits_variables() == home
    assert java.library_variables()["DIGITS_OUTPUT"] == str(tmp_path)
    for name in ("~bob", "a/~/b", "./~", "~~"):
        assert project.absolute(name) == str(Path.cwd() / os.path.normpath(name))
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    stops("~/mnist begins with ~, but this user has no home", project.absolute, "~/mnist")


@posix
def test_a_home_where_nothing_can_be_put_is_refused(tmp_path, variables, monkeypatch):
    (tmp_path / "file").write_text("")
    for name in ("gone", "file", "a:b"):
        variables(HOME=str(tmp_path / name), PATH=os.environ.get("PATH", ""))
        message = stops(f"The home folder is {tmp_path / name}", setup.check_places)
        says(message, "HOME")
    variables(HOME=str(tmp_path))
    setup.check_places()
    monkeypatch.setattr(os, "access", lambda *_: False)
    stops("cannot put files(?s:.*)HOME=/tmp/me make setup", setup.check_places)


@posix
def test_without_an_entry_in_the_user_database_home_is_java_s_home_too(tmp_path, variables, monkeypatch):
    def nobody(number):
        raise KeyError(number)

    assert java.home_option() == [] or not java.usable(os.path.expanduser("~"))
    monkeypatch.setattr("pwd.getpwuid", nobody)
    variables(HOME=str(tmp_path))
    assert java.home_option() == [f"-Duser.home={tmp_path}"] and java.home_option()[0] in java.fixed_options()
    setup.check_places()
    variables(HOME=str(tmp_path), MAVEN_OPTS="-Xmx1g", PATH=os.environ.get("PATH", ""))
    script = f"import os; open({str(tmp_path / 'said')!r}, 'w').write(os.environ['MAVEN_OPTS'])"
    assert setup.alone([sys.executable, "-c", script]) == 0
    assert (tmp_path / "said").read_text() == f"-Xmx1g -Duser.home={tmp_path}"
    (tmp_path / "a b").mkdir()
    variables(HOME=str(tmp_path / "a b"))
    stops("free of blanks", setup.check_places)
    variables()
    monkeypatch.delitem(os.environ, "HOME", raising=False)
    stops("The home folder is ~, where this user cannot put files", setup.check_places)


def test_a_project_folder_that_cannot_be_written_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "ROOT", tmp_path / "gone")
    stops("The project's folder, .*gone, cannot be written to.*copy the project", setup.alone, ["true"])


def test_a_jdk_that_cannot_be_on_the_path_is_refused(variables):
    variables(JAVA_HOME=f"/opt/a{os.pathsep}b", PATH=os.environ.get("PATH", ""))
    stops("JAVA_HOME is .* cannot be on the PATH", java.find_jdk)
