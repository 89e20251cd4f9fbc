"""The exchange of files with real Keras, versions 2 and 3: each loads what the other wrote and predicts the same.

    python tests/keras/round_trip.py             the round trip; `make keras` sets everything up and calls it
    python tests/keras/round_trip.py fixtures    makes the models in tests/digits/keras/fixtures again
    python tests/keras/round_trip.py choose FOLDER    copies those of kinds.py, made by any version, to the fixtures

Each version has an environment of its own below build/ (with TensorFlow: some gigabytes, some minutes).
TensorFlow 2.15 needs Python 3.10 or 3.11; with a newer one only Keras 3 takes part.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import bench

from project import BUILD, PYTHON_IN_VENV, ROOT, Stop, run_as_script, say, shown

HERE = ROOT / "tests" / "keras"
FOLDER = BUILD / "keras"
FIXTURES = ROOT / "tests" / "digits" / "keras" / "fixtures"
KINDS = FIXTURES / "kinds"
# the kinds of kinds.py among the fixtures, by the version that writes them; the others only for `make keras`
FIXED_H5 = {"212": ["nested"], "215": ["vector_image"], "3": ["nested_graph", "matrix"]}
FIXED = {
    "212": ["functional", "branches", "nested", "normalized", "functional_windows", "nested_windows"],
    "215": ["rectifiers", "activations", "windows", "regularized", "channels_first", "nested_windows"],
    "3": (
        "activations rectifiers windows normalized branches operations nested functional reshaped turned matrix vector"
        " pixels standardized any_size logits logits_unsaid logits_pooled linear convolutional"
        " pixelwise channels_first mixed_float16"
    ).split(),
}
CLOSE = 1e-5  # predictions
EVALUATION = 1e-4  # loss: Keras computes it in 32-bit floats


def versions():
    """{version: its Python}."""
    pythons = {2: FOLDER / "keras2" / PYTHON_IN_VENV, 3: bench.peer_python("keras")}
    if not pythons[2].exists():
        say(
            f"Keras 2: left out, because its TensorFlow needs Python 3.10 or 3.11 and this is {sys.version.split()[0]}."
        )
        del pythons[2]
    return pythons


def lines(command, what):
    """The lines of JSON that a program prints."""
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=str(ROOT)
    )
    if done.returncode != 0:
        raise Stop("%s\n%s" % ("\n".join("  | " + line for line in done.stderr.splitlines()[-25:]), what + " failed."))
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def check(found, problems, what, ours=None):
    """Shows one result, and notes where it is not close enough."""
    bad = [] if found["difference"] <= CLOSE else ["predictions differ by %.1e" % found["difference"]]
    if ours:
        bad += [
            "%s is %s, ours %s" % (key, found[key], ours[key])
            for key, most in (("loss", EVALUATION), ("accuracy", 1e-6), ("parameters", 0))
            if not abs(found[key] - ours[key]) <= most
        ]
    say(
        "  %-22s %9s parameters   largest difference %.1e%s%s"
        % (
            found["file"],
            format(found["parameters"], ","),
            found["difference"],
            "   loss %.4f, accuracy %.2f" % (found["loss"], found["accuracy"]) if ours else "",
            "   FAILED" if bad else "",
        )
    )
    problems += ["%s, %s: %s" % (what, found["file"], problem) for problem in bad]


def round_trip():
    """Both directions with both versions."""
    pythons, classpath, problems = versions(), bench.test_classpath(), []
    ours = FOLDER / "ours"
    shutil.rmtree(str(ours), ignore_errors=True)
    written = {
        line["file"]: line
        for line in lines(
            bench.java_program(classpath, "digits.keras.RoundTrip", "write", ours), "Writing our networks"
        )
    }
    for version, python in pythons.items():
        results = lines(
            [python, HERE / "models.py", "try"]
            + [ours / name for name in written if version == 3 or name.endswith(".h5")],
            "Keras %d, loading our files," % version,
        )
        say("Ours, read by Keras %s" % results[0]["keras"])
        for result in results:
            check(result, problems, "Keras %d" % version, written[result["file"]])
    for version, python in pythons.items():
        theirs = FOLDER / ("theirs%d" % version)
        shutil.rmtree(str(theirs), ignore_errors=True)
        lines([python, HERE / "models.py", "make", theirs], "Keras %d, making its models," % version)
        lines([python, HERE / "kinds.py", theirs], "Keras %d, making models of all kinds," % version)
        say("Keras %d's, read by us" % version)
        for result in lines(
            bench.java_program(classpath, "digits.keras.RoundTrip", "read", theirs), "Reading Keras's models"
        ):
            check(result, problems, "ours")
    if problems:
        raise Stop("\n".join(problems))
    say("All predictions agree within %.0e." % CLOSE)


def fixtures():
    """Makes the fixtures again."""
    for version, python in versions().items():
        lines([python, HERE / "models.py", "make", FIXTURES], f"Keras {version}, making the fixtures,")
        kinds = FOLDER / ("kinds%d" % version)
        lines([python, HERE / "kinds.py", kinds], f"Keras {version}, making models of all kinds,")
        choose(kinds)
    say(
        f"Made again: {shown(FIXTURES)}. Those of TensorFlow 2.12 need it: kinds.py FOLDER, round_trip.py choose FOLDER"
    )


def choose(folder):
    """Copies the kinds that are fixtures; archives are compressed, as when people zip them again."""
    KINDS.mkdir(exist_ok=True)
    for version, names in FIXED.items():
        for name in ["keras%s_%s" % (version, name) for name in names]:
            if not (folder / (name + ".keras")).exists():
                continue
            with zipfile.ZipFile(folder / (name + ".keras")) as archive:
                with zipfile.ZipFile(KINDS / (name + ".keras"), "w", zipfile.ZIP_DEFLATED) as packed:
                    for entry in archive.namelist():
                        packed.writestr(zipfile.ZipInfo(entry), archive.read(entry), zipfile.ZIP_DEFLATED)
            shutil.copy(folder / (name + ".f32"), KINDS)
        for name in ["keras%s_%s" % (version, name) for name in FIXED_H5[version]]:
            if (folder / (name + ".h5")).exists():
                shutil.copy(folder / (name + ".h5"), KINDS)
                shutil.copy(folder / (name + ".f32"), KINDS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["choose"]:
        choose(Path(sys.argv[2]))
    else:
        run_as_script(fixtures if sys.argv[1:] == ["fixtures"] else round_trip)
