"""The Java libraries are those whose hashes are kept, or nothing starts."""

import json
import os
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest
from conftest import posix, put_script, run, stops

import artifacts
from project import CLASSPATH, CLUSTER_JAR, JAR, ROOT, VENV_KERNEL

POM = {"": "http://maven.apache.org/POM/4.0.0"}


@pytest.fixture
def repository(tmp_path):
    """A Maven folder whose jars are links to this machine's, and a class path of it."""
    jars = []
    for jar, name in artifacts.jars(CLASSPATH):
        copy = tmp_path / "maven" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(jar)
        jars.append(copy)
    classpath = tmp_path / "classpath.txt"
    classpath.write_text(os.pathsep.join(map(str, jars)), encoding="utf-8")
    return jars, classpath


def tamper(jar):
    content = bytearray(jar.read_bytes())
    content[len(content) // 2] ^= 1
    jar.unlink()
    jar.write_bytes(content)


@posix
def test_the_libraries_of_this_machine_are_the_pinned_ones_and_a_tampered_one_stops_everything(repository):
    jars, classpath = repository
    assert len(jars) > 40
    artifacts.check(classpath)
    for jar in (next(jar for jar in jars if "onednn" in jar.name), jars[0], jars[-1]):
        kept = jar.resolve()
        tamper(jar)
        said = stops(re.escape(jar.name), artifacts.check, classpath)
        assert "nothing was started" in said and "Delete it" in said and "\n" not in said
        jar.unlink()
        jar.write_bytes(b"")
        stops(re.escape(jar.name), artifacts.check, classpath)
        jar.unlink()
        jar.symlink_to(kept)
    artifacts.check(classpath)


@posix
def test_a_library_that_is_not_listed_stops_everything(repository):
    jars, classpath = repository
    other = jars[0].with_name("other-1.0.jar")
    other.write_bytes(b"")
    moved = jars[0].parent.parent / "9.9" / jars[0].name
    moved.parent.mkdir()
    shutil.copy(jars[0], moved)
    for jar in (other, moved):
        classpath.write_text(os.pathsep.join(map(str, [*jars, jar])), encoding="utf-8")
        assert "not in environment/artifacts.sha256" in stops(re.escape(str(jar)), artifacts.check, classpath)


@posix
def test_make_leaves_no_class_path_with_a_tampered_library(repository, tmp_path):
    jars, classpath = repository
    tamper(jars[3])
    project = tmp_path / "project"
    shutil.copytree(ROOT / "environment", project / "environment")
    for file in ("Makefile", "pom.xml"):
        shutil.copy(ROOT / file, project)
    tools = tmp_path / "tools"
    copy = f'mkdir -p build/maven && cp "{classpath}" "${{option#*=}}"'
    put_script(tools / "mvn", f'for option; do case "$option" in -Dmdep.outputFile=*) {copy};; esac; done')
    variables = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    command = ["make", f"PYTHON={sys.executable}", "build/maven/classpath.txt"]
    code, said = run(*command, cwd=project, env=variables)
    assert code != 0 and jars[3].name in said and "nothing was started" in said, said
    assert not (project / "build" / "maven" / "classpath.txt").exists()


def test_the_list_has_exactly_the_versions_of_the_pom():
    root = ElementTree.parse(ROOT / "pom.xml").getroot()
    properties = {item.tag.split("}")[1]: item.text for item in root.find("properties", POM)}

    def resolved(item, name, given):
        text = item.findtext(name, "", POM)
        while "${" in text:
            text = re.sub(r"\$\{(.*?)\}", lambda found: given[found.group(1)], text)
        return text

    names = set(artifacts.pinned())
    profiles = [{item.tag.split("}")[1]: item.text for item in profile.find("properties", POM)}
                for profile in root.find("profiles", POM) if profile.findtext("id", "", POM) != "lint"]  # fmt: skip
    for given in [properties, *({**properties, **changed} for changed in profiles)]:
        for item in root.find("dependencies", POM):
            if item.findtext("scope", "", POM) == "test":
                continue
            group, name, version = (resolved(item, part, given) for part in ("groupId", "artifactId", "version"))
            classifier = resolved(item, "classifier", given)
            file = f"{name}-{version}{'-' * bool(classifier)}{classifier}.jar"
            assert f"{group.replace('.', '/')}/{name}/{version}/{file}" in names
    one_version_each = {}
    for name in names:
        one_version_each.setdefault(name.rsplit("/", 2)[0], set()).add(name.split("/")[-2])
    assert {name: versions for name, versions in one_version_each.items() if len(versions) > 1} == {}
    both = artifacts.pinned(artifacts.LIST, artifacts.SPARK_LIST)
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in both.values()) and len(both) > len(names) + 100
    assert {name for _, name in artifacts.jars(CLASSPATH)} <= names, "made with another list"
    assert Path(artifacts.LIST).read_text("utf-8").splitlines() == sorted(
        Path(artifacts.LIST).read_text("utf-8").splitlines(), key=lambda line: line.split()[1]
    )


def test_without_a_cluster_there_is_nothing_of_spark():
    """Neither in the set-up's class path, nor in the library's jar, nor in the kernel's description."""
    assert not re.search(r"spark|scala|hadoop|digits-cluster", CLASSPATH.read_text("utf-8"))
    with zipfile.ZipFile(JAR) as jar:
        assert [name for name in jar.namelist() if name.startswith("digits/cluster") or "spark" in name] == []
    spec = json.loads((VENV_KERNEL / "kernel.json").read_text("utf-8"))
    assert not re.search(r"spark|DIGITS_CLUSTER", json.dumps(spec), re.I)
    with zipfile.ZipFile(CLUSTER_JAR) as jar:  # and the other jar has nothing else
        code = [name for name in jar.namelist() if name.endswith(".class")]
    assert len(code) > 10 and all(name.startswith("digits/cluster/") for name in code)


def test_the_set_up_downloads_no_onnx_runtime():
    """Maven fetches what tests need even for a build without tests, unless it does not know of it."""
    pom = (ROOT / "pom.xml").read_text("utf-8")
    profile = pom.partition("<id>onnxruntime</id>")[2].partition("</profile>")[0]
    assert "<name>!maven.test.skip</name>" in profile and "<scope>test</scope>" in profile
    assert pom.count("<artifactId>onnxruntime") == profile.count("<artifactId>onnxruntime") == 1
    assert "onnxruntime" not in CLASSPATH.read_text("utf-8") + artifacts.LIST.read_text("utf-8")
    set_up = (ROOT / "Makefile").read_text("utf-8").partition("# --- what the commands need")[2]
    calls = [line for line in set_up.splitlines() if "$(MAVEN)" in line and "test-compile" not in line]
    calls = [line for line in calls if "-f $<" not in line]  # of another project than pom.xml
    assert len(calls) == 4 and all("-Dmaven.test.skip=true" in call for call in calls)
    for script in ("artifacts.py", "offline.py"):
        assert '"-Dmaven.test.skip=true"' in (ROOT / "environment" / script).read_text("utf-8")
