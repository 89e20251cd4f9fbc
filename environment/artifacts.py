"""Verifies the Java libraries against the hashes that this project keeps, before any of them is loaded.

artifacts.py check [FILE [LIST …]]  compares the libraries of a class path with artifacts.sha256, or with other lists;
                                    stops at the first difference
artifacts.py lock                   resolves the class paths of all platforms with Maven and writes artifacts.sha256
                                    anew, spark.sha256, what the profile spark adds, and the benchmark's djl.sha256
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from project import CLASSPATH, ROOT, Stop, run_as_script, say, shown, write_atomically

LIST = ROOT / "environment" / "artifacts.sha256"  # lines as sha256sum prints them, names relative to Maven's folder
SPARK_LIST = ROOT / "environment" / "spark.sha256"
DJL = ROOT / "tests" / "benchmark" / "djl.xml"  # the libraries of a peer in the benchmark
# Profiles of pom.xml, and JavaCPP's name of the platform, by which ND4J's libraries pick their own binaries
PLATFORMS = {
    "": "linux-x86_64",
    "linux-plain": "linux-x86_64",
    "linux-avx512": "linux-x86_64",
    "linux-arm64": "linux-arm64",
    "macos-x86_64": "macosx-x86_64",
    "macos-arm64": "macosx-arm64",
    "windows": "windows-x86_64",
    "spark": "linux-x86_64",  # Spark's own jars are the same everywhere
}


def sha256(file):
    """The checksum of a file; hashlib.file_digest is newer than the oldest Python that works here."""
    digest = hashlib.sha256()
    with open(file, "rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def pinned(*lists):
    """The hashes by the jars' names relative to Maven's folder."""
    lines = [line.split() for kept in lists or [LIST] for line in Path(kept).read_text("utf-8").splitlines()]
    return {name: digest for digest, name in lines}


def jars(classpath, *lists):
    """The jars of a class path, each with its name relative to the Maven folder that it lies in."""
    names = pinned(*lists)
    for jar in map(Path, Path(classpath).read_text("utf-8").strip().split(os.pathsep)):
        places = [Path(*jar.parts[-length:]).as_posix() for length in range(4, len(jar.parts) + 1)]
        yield jar, next((place for place in places if place in names), None)


def check(classpath=CLASSPATH, *lists):
    """Stops unless each jar of a class path is the one whose hash is kept."""
    digests, kept = pinned(*lists), shown(Path([LIST, *lists][-1]))
    for jar, name in jars(classpath, *lists):
        if name is None:
            raise Stop(
                f"{jar} is not in {kept}, so nothing was started. If you chose it yourself, add it with: make lock-java"
            )
        if sha256(jar) != digests[name]:
            raise Stop(
                f"{jar} is not the file that it should be (its SHA-256 differs from {kept}), so "
                "nothing was started. Delete it and run the command again to fetch it anew."
            )


def lock():
    """Writes the hashes of the class paths of all platforms."""
    wanted = [
        (profile or platform, ROOT / "pom.xml", [f"-Djavacpp.platform={platform}", *[f"-P{profile}"] * bool(profile)])
        for profile, platform in PLATFORMS.items()
    ]
    lists = {"spark": SPARK_LIST, "djl": DJL.with_suffix(".sha256")}
    found = {kept: {} for kept in [LIST, *lists.values()]}
    with tempfile.TemporaryDirectory() as scratch:
        repository = Path(scratch) / "maven"  # empty: what lies in the user's own folder is not trusted
        for name, pom, options in [*wanted, ("djl", DJL, [])]:
            say(f"Resolving the libraries for {name}")
            classpath = Path(scratch) / "classpath"
            command = [shutil.which("mvn"), "-B", "-ntp", "-q", "-f", pom, f"-Dmaven.repo.local={repository}"]
            command += ["-DincludeScope=runtime", *options, f"-Dmdep.outputFile={classpath}", "-Dmaven.test.skip=true"]
            if subprocess.call([*map(str, command), "dependency:build-classpath"], cwd=ROOT) != 0:
                raise Stop("Maven failed; its messages are above.")
            for jar in map(Path, classpath.read_text("utf-8").strip().split(os.pathsep)):
                found[lists.get(name, LIST)][jar.relative_to(repository).as_posix()] = sha256(jar)
    found[SPARK_LIST] = {name: digest for name, digest in found[SPARK_LIST].items() if name not in found[LIST]}
    for kept, digests in found.items():
        write_atomically(kept, "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())))


def main():
    """Does what the command line says."""
    name, *rest = sys.argv[1:]
    return lock() if name == "lock" else check(*rest)


if __name__ == "__main__":
    run_as_script(main)
