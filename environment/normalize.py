"""The form in which notebooks are committed: prose, code and results, and nothing that changes from run to run.

Front ends and kernels add timings, versions, display ids and random cell ids; with any of them in git, every run would
look like a change. Applying the form twice changes nothing more, and that is how the tests recognise it.
"""

import base64
import hashlib
import json
import re
import struct

KERNELSPEC = {"display_name": "Java", "language": "java", "name": "java"}

# as the kernel reports it, without its version
LANGUAGE_INFO = {
    "codemirror_mode": "java",
    "file_extension": ".jshell",
    "mimetype": "text/x-java-source",
    "name": "Java",
    "pygments_lexer": "java",
}

# the page to draw on: its address leads nowhere when the kernel has ended, and holds the key to it while it runs
LIVE = re.compile(r'<div class="digits-live">.*?</div>', re.S)
NOT_LIVE = "<p><i>While this notebook's kernel runs, the page to draw on is here: run this cell.</i></p>"

KEPT_CELL_METADATA = {"tags", "nbgrader"}  # what the exercises tell nbgrader about a cell


def normalize(notebook):
    """The notebook (as parsed JSON, format 4) in the committed form; the argument stays as it is."""
    notebook = json.loads(json.dumps(notebook))
    seen = {}
    cells = [_cell(cell, seen) for cell in notebook["cells"] if _text(cell["source"]).strip()]
    return {
        "cells": cells,
        "metadata": {"kernelspec": dict(KERNELSPEC), "language_info": dict(LANGUAGE_INFO)},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def to_text(notebook):
    """The bytes of a notebook file as text: one way only, so that equal notebooks are equal files."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def png_size(content):
    """(width, height) in pixels of a PNG given as base64 text or as bytes; None if it is no PNG with something on it."""
    try:
        data = base64.b64decode(content) if isinstance(content, str) else content
        if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or b"IEND" not in data[-12:]:
            return None
        width, height = struct.unpack(">II", data[16:24])
    except (ValueError, struct.error):
        return None
    return (width, height) if width and height else None


def _text(source):
    return source if isinstance(source, str) else "".join(source)


def _lines(text):
    return text.splitlines(keepends=True)


def _cell(cell, seen):
    source = re.sub(r"[ \t]+$", "", _text(cell["source"]), flags=re.M).strip("\n")
    kept = {
        "cell_type": cell["cell_type"],
        "id": _cell_id(cell["cell_type"], source, seen),
        "metadata": {key: value for key, value in cell.get("metadata", {}).items() if key in KEPT_CELL_METADATA and value},
        "source": _lines(source),
    }
    if cell.get("attachments"):
        kept["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        kept["execution_count"] = cell.get("execution_count")
        kept["outputs"] = [_output(output) for output in _joined(cell.get("outputs", []))]
    return kept


def _cell_id(kind, source, seen):
    """An id that follows from the content, so that inserting a cell leaves the others' ids alone."""
    count = seen[kind, source] = seen.get((kind, source), 0) + 1
    return hashlib.sha256(f"{kind}\n{count}\n{source}".encode("utf-8")).hexdigest()[:12]


def _joined(outputs):
    """Neighbouring pieces of one stream as one output: where a kernel cuts them is chance."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == last.get("output_type") == "stream" and output["name"] == last["name"]:
            last["text"] = _text(last["text"]) + _text(output["text"])
        else:
            joined.append(dict(output))
    return joined


def _output(output):
    kept = {key: value for key, value in output.items() if key != "transient"}
    if "text" in kept:
        kept["text"] = _lines(_text(kept["text"]))
    if "data" in kept:
        kept["data"] = _data(kept["data"])
        kept["metadata"] = kept.get("metadata", {})
    return kept


def _data(data):
    kept = {}
    for mime, value in data.items():
        if mime == "image/png":
            kept[mime] = "".join(_text(value).split())
        elif mime.startswith("text/") or mime == "image/svg+xml":
            kept[mime] = _lines(LIVE.sub(NOT_LIVE, _text(value)))
        else:
            kept[mime] = value
    if kept.get("text/html") == kept.get("text/plain"):
        kept.pop("text/plain", None)  # the kernel gives displayed HTML a second time, as text
    size = png_size(kept.get("image/png", ""))
    if size:
        # Java's own words for a picture hold its address in memory
        kept["text/plain"] = ["picture, %d × %d pixels" % size]
    return kept
