"""The round trip with real Keras, version 2 and 3: what we write they load, what they write we read, and both predict the same.

    python tests/keras/round_trip.py             the round trip; `make keras` sets everything up and calls it
    python tests/keras/round_trip.py fixtures    makes the models in tests/digits/keras/fixtures anew

Both versions are installed into environments of their own below build/ (TensorFlow comes along: some gigabytes, some minutes).
TensorFlow 2.15 needs Python 3.10 or 3.11; on a newer one, the round trip is done with Keras 3 alone, and says so.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "environment"), str(ROOT / "tests" / "benchmark")]
import bench
import setup
from project import BUILD, Stop, run_as_script, say, shown

HERE = ROOT / "tests" / "keras"
FOLDER = BUILD / "keras"
FIXTURES = ROOT / "tests" / "digits" / "keras" / "fixtures"
CLOSE = 1e-5  # predictions
EVALUATION = 1e-4  # loss: Keras computes it in 32-bit floats


def versions():
    """{version: its Python}."""
    pythons = {3: bench.peer_python("keras")}
    if sys.version_info < (3, 12):
        pythons[2] = setup.locked_python(FOLDER / "keras2", HERE / "keras2.txt", "Keras 2")
    else:
        say("Keras 2: left out, because its TensorFlow needs Python 3.11 or older and this is %s." % sys.version.split()[0])
    return dict(sorted(pythons.items()))


def lines(command, what):
    """The lines of JSON that a program prints."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=str(ROOT))
    if done.returncode != 0:
        raise Stop("%s\n%s" % ("\n".join("  | " + line for line in done.stderr.splitlines()[-25:]), what + " failed."))
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def check(found, problems, what, ours=None):
    """Shows one result, and notes where it is not close enough."""
    bad = [] if found["difference"] <= CLOSE else ["predictions differ by %.1e" % found["difference"]]
    if ours:
        bad += ["%s is %s, ours %s" % (key, found[key], ours[key]) for key, most in (("loss", EVALUATION), ("accuracy", 1e-6), ("parameters", 0))
                if not abs(found[key] - ours[key]) <= most]
    say("  %-22s %9s parameters   largest difference %.1e%s%s" % (
        found["file"], format(found["parameters"], ","), found["difference"],
        "   loss %.4f, accuracy %.2f" % (found["loss"], found["accuracy"]) if ours else "", "   FAILED" if bad else ""))
    problems += ["%s, %s: %s" % (what, found["file"], problem) for problem in bad]


def round_trip():
    """Both directions with both versions."""
    pythons, classpath, problems = versions(), bench.compile_java(), []
    ours = FOLDER / "ours"
    shutil.rmtree(str(ours), ignore_errors=True)
    written = {line["file"]: line for line in lines(bench.java(classpath, "digits.keras.RoundTrip", "write", ours), "Writing our networks")}
    for version, python in pythons.items():
        results = lines([python, HERE / "models.py", "try"] + [ours / name for name in written], "Keras %d, loading our files," % version)
        say("Ours, read by Keras %s" % results[0]["keras"])
        for result in results:
            check(result, problems, "Keras %d" % version, written[result["file"]])
    for version, python in pythons.items():
        theirs = FOLDER / ("theirs%d" % version)
        shutil.rmtree(str(theirs), ignore_errors=True)
        lines([python, HERE / "models.py", "make", theirs], "Keras %d, making its models," % version)
        say("Keras %d's, read by us" % version)
        for result in lines(bench.java(classpath, "digits.keras.RoundTrip", "read", theirs), "Reading Keras's models"):
            check(result, problems, "ours")
    if problems:
        raise Stop("\n".join(problems))
    say("All predictions agree within %.0e." % CLOSE)


def fixtures():
    """Makes the fixtures anew."""
    setup.set_up()
    for version, python in versions().items():
        setup.call([python, HERE / "models.py", "make", FIXTURES], "Keras %d could not make its models." % version)
    say("Made anew: %s" % shown(FIXTURES))


if __name__ == "__main__":
    run_as_script(fixtures if sys.argv[1:] == ["fixtures"] else round_trip)
