"""Copies the walkthrough's network into the library, for predictions without training.

`make pretrained` takes build/models/full/trained.zip, which notebooks 4 to 6 write in a full run, and leaves out the
optimizer's state; then PretrainedTest checks that it is from a full run on the whole of MNIST.
"""

import hashlib
import io
import json
import zipfile

from project import BUILD, ROOT, Stop, run_as_script, say, shown, write_atomically


def put(trained=BUILD / "models/full/trained.zip", target=ROOT / "lib/digits/files/trained/walkthrough.zip"):
    """Writes the network with its record into the library."""
    if not trained.is_file():
        raise Stop(
            f"There is no {shown(trained)}. `make run DIGITS_DATA=FOLDER` makes it from the four files of MNIST."
        )
    content = io.BytesIO()
    with zipfile.ZipFile(trained) as old, zipfile.ZipFile(content, "w") as new:
        record = json.loads(old.read("record.json")) if "record.json" in old.namelist() else {}
        network = old.read("configuration.json") + old.read("coefficients.bin")
        if record.get("sha256") != hashlib.sha256(network).hexdigest():
            raise Stop(f"{shown(trained)} has no record of its network's training: run notebooks 4 to 6 again.")
        for name in ("configuration.json", "coefficients.bin", "normalizer.bin", "record.json"):  # each dated 1980
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED, compresslevel=9)
    if not (record.get("test") or {}).get("accuracy"):
        raise Stop(f"The network in {shown(trained)} has not been tested: run notebook 6.")
    write_atomically(target, content.getvalue())
    say(f"Written: {shown(target)} with its record, test accuracy {record['test']['accuracy']:.4f}")


if __name__ == "__main__":
    run_as_script(put)
