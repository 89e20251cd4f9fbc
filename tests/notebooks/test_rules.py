"""The rules themselves, tried on notebooks made to break them: each has to be reported, and a good one left in peace."""

import base64
import copy
import struct
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import rules
from normalize import normalize, png_size, to_text


def png(width, height):
    """A black picture."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" * (width + 1)) * height
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")).decode("ascii")


def markdown(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source, count, *outputs):
    return {"cell_type": "code", "execution_count": count, "metadata": {}, "outputs": list(outputs), "source": source}


def stream(content, name="stdout"):
    return {"output_type": "stream", "name": name, "text": content}


def shown(**data):
    mimes = {"png": "image/png", "html": "text/html", "plain": "text/plain"}
    return {"output_type": "display_data", "metadata": {}, "data": {mimes[key]: value for key, value in data.items()}}


def good():
    """A notebook that breaks no rule."""
    return normalize({"cells": [
        markdown("# Two steps\n\n## What you will learn\nMuch.\n\n## What you need\nNothing.\n\n## How long it takes\nA second."),
        code("var split = split();", 1, stream("(4800, 28, 28)\n(1200, 28, 28)\n(1000, 28, 28)\n")),
        markdown("Prose, with a [link](https://example.org/tmp/x) elsewhere and a ratio of 3:4."),
        code("display(picture)", 2, shown(png=png(3, 2), plain="BufferedImage@1a2b3c4d"), shown(html="<b>1</b>", plain="<b>1</b>")),
        markdown("## Summary\nDone.\n\n## Exercises\n1. Again.\n\nNext: [the next one](02_next.ipynb)"),
    ]})


class RulesTest(unittest.TestCase):
    """Each rule reports what breaks it."""

    def setUp(self):
        self.notebook = good()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def reports(self, problems, *words):
        """Exactly one problem, which says these words."""
        self.assertEqual(1, len(problems), problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_a_good_notebook_breaks_no_rule(self):
        (self.folder / "02_next.ipynb").write_text("{}")
        for rule in (rules.ran_without_errors, rules.executed_in_order, rules.holds_no_machine_path, rules.pictures_are_whole,
                     rules.shows_no_object_address, rules.is_in_committed_form, rules.opens_and_ends_as_agreed,
                     rules.holds_no_placeholder):
            self.assertEqual([], rule(self.notebook), rule.__name__)
        self.assertEqual([], rules.links_to(self.notebook, "02_next.ipynb"))
        self.assertEqual([], rules.local_links_resolve(self.notebook, self.folder))
        self.assertEqual([], rules.same_kinds_of_output(self.notebook, self.notebook))

    def test_errors_and_standard_error(self):
        self.notebook["cells"][1]["outputs"].append({"output_type": "error", "ename": "E", "evalue": "why", "traceback": []})
        self.reports(rules.ran_without_errors(self.notebook), "code cell 1", "E: why")
        self.notebook["cells"][1]["outputs"][-1] = stream("SLF4J: noise", "stderr")
        self.reports(rules.ran_without_errors(self.notebook), "code cell 1", "SLF4J: noise")

    def test_order_of_execution(self):
        for counts in ((2, 1), (1, 3), (None, None), (1, None), (7, 8)):
            self.notebook["cells"][1]["execution_count"], self.notebook["cells"][3]["execution_count"] = counts
            self.reports(rules.executed_in_order(self.notebook), str(list(counts)))
        self.reports(rules.executed_in_order({"cells": [markdown("no code")]}), "no code")

    def test_paths_of_a_machine(self):
        for path in ("/home/ann/digits/x.gz", "/Users/ann/x", "/tmp/x/models", "/root" + "/.cache/x", "C:\\Users\\ann", "D:\\data",
                     str(rules.ROOT / "notebooks")):
            notebook = good()
            notebook["cells"][1]["outputs"] = [stream(f"read from {path}\n")]
            self.assertTrue(rules.holds_no_machine_path(notebook), path)
            notebook = good()
            notebook["cells"][0]["source"] = [f"put it into `{path}`"]
            self.assertTrue(rules.holds_no_machine_path(notebook), path)
        for harmless in ("build/models/full/trained.zip", "~/.cache/digits", "0/1", "at 10:30", "https://x.org/home/a"):
            notebook = good()
            notebook["cells"][1]["outputs"] = [stream(harmless)]
            self.assertEqual([], rules.holds_no_machine_path(notebook), harmless)

    def test_addresses_of_objects(self):
        for address in ("[J@79139842", "org.x.Network@5d1659ea"):
            self.notebook["cells"][1]["outputs"] = [stream(address)]
            self.reports(rules.shows_no_object_address(self.notebook), address)

    def test_stale_metadata(self):
        def changed(change):
            notebook = good()
            change(notebook)
            return rules.is_in_committed_form(notebook)

        cell = "cell 4"
        self.reports(changed(lambda n: n["cells"][3]["metadata"].update(execution={"iopub.status.busy": "now"})), cell, "metadata")
        self.reports(changed(lambda n: n["cells"][3].update(id="4f1c")), cell, "id")
        self.reports(changed(lambda n: n["cells"][3]["outputs"][0].update(transient={"display_id": "1"})), cell, "outputs")
        self.reports(changed(lambda n: n["cells"][3]["outputs"][0]["data"].update({"text/plain": ["BufferedImage@1f"]})), cell)
        self.reports(changed(lambda n: n["metadata"]["language_info"].update(version="17.0.1")), "metadata", "17.0.1")
        self.reports(changed(lambda n: n["metadata"].update(widgets={})), "metadata", "widgets")
        self.reports(changed(lambda n: n["metadata"]["kernelspec"].update(display_name="Java (j!)")), "Java (j!)")
        self.reports(changed(lambda n: n["cells"].append(markdown(" "))), "empty cells")

    def test_the_committed_form_is_its_own(self):
        self.assertEqual(to_text(self.notebook), to_text(normalize(self.notebook)))
        twice = {**self.notebook, "cells": self.notebook["cells"] + [copy.deepcopy(self.notebook["cells"][2])]}
        ids = [cell["id"] for cell in normalize(twice)["cells"]]
        self.assertEqual(len(ids), len(set(ids)), "cells with equal text have ids of their own")
        self.assertEqual(ids[:5], [cell["id"] for cell in self.notebook["cells"]])
        cut = [stream("a"), stream("b\n"), stream("c", "stderr")]
        joined = normalize({"cells": [code("x", 1, *cut)]})["cells"][0]["outputs"]
        self.assertEqual([["ab\n"], ["c"]], [output["text"] for output in joined])

    def test_a_live_page_leaves_no_address(self):
        frame = '<div class="digits-live"><iframe src="http://127.0.0.1:4711/0123456789abcdef/"></iframe>\n<p>a tab</p></div>'
        self.notebook["cells"][3]["outputs"][1]["data"]["text/html"] = [f"<b>1</b>{frame}<b>2</b>"]
        self.reports(rules.is_in_committed_form(self.notebook), "cell 4", "outputs")
        clean = rules.text(normalize(self.notebook)["cells"][3]["outputs"][1]["data"]["text/html"])
        self.assertNotIn("127.0.0.1", clean)
        self.assertRegex(clean, "^<b>1</b><p>.*run this cell.*</p><b>2</b>$")

    def test_pictures(self):
        self.assertEqual((3, 2), png_size(png(3, 2)))
        for content in ("", "AAAA", png(3, 2)[:40], png(0, 2), "é"):
            self.notebook["cells"][3]["outputs"][0]["data"]["image/png"] = content
            self.reports(rules.pictures_are_whole(self.notebook), "code cell 2")

    def test_number_of_pictures(self):
        self.assertEqual([], rules.shows_pictures(self.notebook, 1))
        self.reports(rules.shows_pictures(self.notebook, 2), "shows 1 pictures", "at least 2")

    def test_opening_and_end(self):
        for section in rules.OPENING:
            notebook = good()
            notebook["cells"][0]["source"] = ["".join(notebook["cells"][0]["source"]).replace(section, "Something else")]
            self.reports(rules.opens_and_ends_as_agreed(notebook), section)
        for section in rules.CLOSING:
            notebook = good()
            notebook["cells"][4]["source"] = ["".join(notebook["cells"][4]["source"]).replace(section, "Something else")]
            self.reports(rules.opens_and_ends_as_agreed(notebook), section)
        self.notebook["cells"][0]["source"][0] = "## Not a title\n"
        self.reports(rules.opens_and_ends_as_agreed(self.notebook), "title")

    def test_links(self):
        self.reports(rules.links_to(self.notebook, "02_other.ipynb"), "02_other.ipynb")
        self.reports(rules.local_links_resolve(self.notebook, self.folder), "02_next.ipynb", "does not exist")
        self.notebook["cells"][4]["source"] = ["![plan](attachment:plan.png) and <img src='gone.png'>"]
        self.assertEqual(2, len(rules.local_links_resolve(self.notebook, self.folder)))

    def test_missing_outputs(self):
        for position, name in ((0, "picture"), (1, "HTML")):
            executed = good()
            del executed["cells"][3]["outputs"][position]
            self.reports(rules.same_kinds_of_output(executed, self.notebook), "code cell 2 shows 0 of 1", name)

    def test_counts(self):
        self.assertEqual((48_000, 12_000, 10_000), rules.expected_counts("mirror", 2**31 - 1))
        self.assertEqual((4_800, 1_200, 1_000), rules.expected_counts("folder", 6_000))
        self.assertEqual((3_200, 800, 1_000), rules.expected_counts("sample", 6_000))

    def test_what_a_lesson_says(self):
        texts = ["(4800, 28, 28)", "(1200, 28, 28)", "(1000, 28, 28)"]
        self.assertEqual([], rules.says(self.notebook, texts))
        self.reports(rules.says(self.notebook, texts + ["(999, 28, 28)"]), "(999, 28, 28)")
        self.reports(rules.says(self.notebook, ["var split"]), "var split")  # in a source, not in a result
        self.assertEqual(["(4800, 28, 28)", "(1200, 28, 28)", "(1000, 28, 28)", "in training and validation: 0"],
                         rules.lesson((4_800, 1_200, 1_000))["02_split.ipynb"])
        self.assertEqual(["train (60000, 28, 28)", "test  (10000, 28, 28)"],
                         rules.lesson((48_000, 12_000, 10_000))["01_load.ipynb"])

    def test_a_quick_run_is_not_committed(self):
        self.reports(rules.comes_from_full_run("05_train.ipynb", self.notebook), "profile full: 10 epochs")
        self.assertEqual(4, len(rules.comes_from_full_run("02_split.ipynb", self.notebook)))
        self.notebook["cells"][1]["outputs"] = [
            stream("(48000, 28, 28)\n(12000, 28, 28)\n(10000, 28, 28)\nin training and validation: 0\n")]
        self.assertEqual([], rules.comes_from_full_run("02_split.ipynb", self.notebook))
        self.notebook["cells"][3]["outputs"].append(shown(html="<b>This is a 5,000-digit sample</b>"))
        self.reports(rules.comes_from_full_run("02_split.ipynb", self.notebook), "code cell 2", "sample")

    def test_placeholders(self):
        self.notebook["cells"][2]["source"] = ["It takes %T05% on two cores, 100 % of them, \"%,d of %d\""]
        self.reports(rules.holds_no_placeholder(self.notebook), "cell 3", "%T05%")

    def test_results(self):
        sensible = {"dataset": "MNIST", "source": "sample", "train": 3200, "validation": 800, "test": 1000, "batch": 128,
                    "parameters": 597738, "epochs": 3, "seed": 42, "threads": 2, "test_loss": 0.3, "test_accuracy": 0.9,
                    "train_seconds": 30.5, "images_per_second": 300.0, "peak_resident_mb": 1200.0, "versions": {"java": "17"}}
        self.assertEqual([], rules.results_are_sensible(sensible, 6000, 3))
        for key in sensible:
            lacking = {name: value for name, value in sensible.items() if name != key}
            self.reports(rules.results_are_sensible(lacking, 6000, 3), key)
        for key, value in {"source": "moon", "train": 4800, "test": 0, "parameters": 597737, "epochs": 10, "test_accuracy": 1.1,
                           "test_loss": float("nan"), "images_per_second": 0, "peak_resident_mb": True, "versions": {}}.items():
            problems = rules.results_are_sensible({**sensible, key: value}, 6000, 3)
            self.assertTrue(any(problem.startswith(key + " is") for problem in problems), (key, problems))

        for peak, linux, fine in ((1999.9, True, True), (0, True, False), (2000, True, False), (-1, True, False), (0, False, True),
                                  (1200, False, True), (2000, False, False), (-1, False, False), (float("nan"), False, False)):
            problems = rules.results_are_sensible({**sensible, "peak_resident_mb": peak}, 6000, 3, linux)
            self.assertEqual(fine, not problems, (peak, linux, problems))


if __name__ == "__main__":
    unittest.main()
