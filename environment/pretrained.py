"""Puts the walkthrough's network of a full run into the library, for those who want to predict before they train.

    python environment/pretrained.py      `make pretrained` calls it

It takes build/models/full/trained.zip and its record, trained.json, which the notebooks 4 to 6 make with the full settings on the
whole of MNIST (`make run`), and writes lib/digits/model/trained/walkthrough.zip and walkthrough.json: configuration, weights
and scaler without the optimizer's state, which is two thirds of the file. The same network gives the same bytes.
"""

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from project import BUILD, ROOT, Stop, run_as_script, say, shown, write_atomically

TRAINED = BUILD / "models" / "full" / "trained.zip"
TARGET = ROOT / "lib" / "digits" / "model" / "trained" / "walkthrough.zip"
ENTRIES = ("configuration.json", "coefficients.bin", "normalizer.bin")
FULL_RUN = {"dataset": "MNIST", "profile": "full", "train": 48_000, "validation": 12_000}
EPOCHS, TEST_IMAGES, ACCURACY = 10, 10_000, 0.99
HOW = "`make run DIGITS_DATA=FOLDER` makes one, with the full settings, from the four files of MNIST."


def read_record(trained):
    """The record of a trained network, which has to be that of a full run and to have passed the exam."""
    file = trained.with_suffix(".json")
    for path in (trained, file):
        if not path.is_file():
            raise Stop("There is no %s: a full run has to come first.\n%s" % (shown(path), HOW))
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        found = {key: record[key] for key in FULL_RUN}
        epochs, checksum, test = len(record["epochs"]), record["sha256"], record.get("test")
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Stop("%s is no training's record: %r" % (shown(file), problem)) from None
    if hashlib.sha256(trained.read_bytes()).hexdigest() != checksum:
        raise Stop("%s tells of another training than that of %s.\n%s" % (shown(file), shown(trained), HOW))
    different = ["%s %s, not %s" % (key, found[key], wanted) for key, wanted in FULL_RUN.items() if found[key] != wanted]
    different += ["%d epochs, not %d" % (epochs, EPOCHS)] if epochs != EPOCHS else []
    if different:
        raise Stop("%s is not of a full run: %s.\n%s" % (shown(trained), "; ".join(different), HOW))
    if not test or test["images"] != TEST_IMAGES:
        raise Stop("%s has no figures on the %s test images: run notebook 6 with the full settings.\n%s"
                   % (shown(file), format(TEST_IMAGES, ","), HOW))
    if not test["accuracy"] >= ACCURACY:
        raise Stop("It recognises %.2f %% of the test images; fewer than %.0f %% are not good enough." % (100 * test["accuracy"], 100 * ACCURACY))
    return record


def weights_only(trained):
    """The bytes of the same zip without the optimizer's state, and without the date."""
    content = io.BytesIO()
    with zipfile.ZipFile(str(trained)) as old, zipfile.ZipFile(content, "w") as new:
        for name in ENTRIES:
            entry = zipfile.ZipInfo(name)  # dated 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name), compresslevel=9)
    return content.getvalue()


def put(trained=TRAINED, target=TARGET):
    """Writes both files."""
    record = read_record(trained)
    content = weights_only(trained)
    record["sha256"] = hashlib.sha256(content).hexdigest()
    changed = write_atomically(target, content)
    changed |= write_atomically(target.with_suffix(".json"), json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    say("%s: %s and its record\n  %s bytes, SHA-256 %s\n  validation accuracy %.4f, test accuracy %.4f" % (
        "Written" if changed else "Unchanged", shown(target), format(len(content), ","), record["sha256"],
        record["epochs"][-1]["validationAccuracy"], record["test"]["accuracy"]))


if __name__ == "__main__":
    run_as_script(put)
