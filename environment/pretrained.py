"""Copies the walkthrough's network into the library, for predictions without training.

`make pretrained` takes build/models/full/trained.zip and its record, which notebooks 4 to 6 write in a full run, and
leaves out the optimizer's state; then PretrainedTest checks that they are from a full run on the whole of MNIST.
"""

import hashlib
import io
import json
import zipfile

from project import BUILD, ROOT, Stop, run_as_script, say, shown, write_atomically


def put(trained=BUILD / "models/full/trained.zip", target=ROOT / "lib/digits/files/trained/walkthrough.zip"):
    """Writes the network and its record into the library."""
    if not trained.is_file():
        raise Stop(
            f"There is no {shown(trained)}. `make run DIGITS_DATA=FOLDER` makes it from the four files of MNIST."
        )
    record, content = json.loads(trained.with_suffix(".json").read_text(encoding="utf-8")), io.BytesIO()
    if record["sha256"] != hashlib.sha256(trained.read_bytes()).hexdigest():
        raise Stop(f"{shown(trained.with_suffix('.json'))} belongs to another training than {shown(trained)}.")
    with zipfile.ZipFile(trained) as old, zipfile.ZipFile(content, "w") as new:
        for name in ("configuration.json", "coefficients.bin", "normalizer.bin"):  # each dated 1980
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED, compresslevel=9)
    record["sha256"] = hashlib.sha256(content.getvalue()).hexdigest()
    write_atomically(target, content.getvalue())
    write_atomically(target.with_suffix(".json"), json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    say(f"Written: {shown(target)} and its record, test accuracy {record['test']['accuracy']:.4f}")


if __name__ == "__main__":
    run_as_script(put)
