"""The form in which notebooks are committed: prose, code and results, and nothing that changes from run to run.

nbstripout removes timings, versions and the traces of front ends; StableOutputs does what it cannot know about this
project's results. Applying the form twice changes nothing more: that is how `make lint` recognizes it.
"""

import base64
import copy
import re
import struct

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
from nbstripout import strip_output

KERNELSPEC = {"display_name": "Java", "language": "java", "name": "java"}
KEPT_CELL_METADATA = {"tags", "nbgrader"}

# the page to draw on: its address is useless when the kernel has ended, and holds the key to the page while it runs
LIVE = re.compile(r'<div class="digits-live">.*?</div>', re.S)
NOT_LIVE = "<p><i>While this notebook's kernel runs, the page to draw on is here: run this cell.</i></p>"

# Java's own text for an image contains its address in memory; our pictures have a sentence instead
JAVAS_OWN = re.compile(r"\w+@[0-9a-f]+\b")


class StableOutputs(Preprocessor):
    """Replaces the parts of an output that differ in each run: addresses of objects and of the page to draw on."""

    def preprocess_cell(self, cell, resources, index):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for mime in [mime for mime in data if mime.startswith("text/")]:
                data[mime] = LIVE.sub(NOT_LIVE, data[mime])
            if data.get("text/html") == data.get("text/plain"):
                data.pop("text/plain", None)  # the kernel adds displayed HTML a second time, as text
            if "image/png" in data and JAVAS_OWN.match(data.get("text/plain", "")):  # the address changes
                size = struct.unpack(">II", base64.b64decode(data["image/png"][:32])[16:24])
                data["text/plain"] = "picture, {} × {} pixels".format(*size)
        return cell, resources


def normalize(notebook):
    """A copy of a notebook (nbformat's, version 4.5) in the committed form."""
    notebook = copy.deepcopy(notebook)
    strange = {f"metadata.{key}" for key in notebook.metadata if key not in ("kernelspec", "language_info")}
    strange |= {f"cell.metadata.{key}" for cell in notebook.cells for key in {*cell.metadata} - KEPT_CELL_METADATA}
    extra_keys = ["metadata.language_info.version", *sorted(strange)]
    notebook = strip_output(notebook, True, True, keep_id=True, extra_keys=extra_keys, drop_empty_cells=True)
    notebook.metadata.kernelspec = nbformat.from_dict(KERNELSPEC)
    for preprocessor in (CoalesceStreamsPreprocessor(), StableOutputs()):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return notebook
