"""Makes slides of the sessions of notebooks/TEACHING.md in build/slides, one file each, for any browser: `make slides`.

notebooks/slides.yaml lists them. Pictures, code and results come from the committed notebooks; the plan, its questions
and the concept questions come from TEACHING.md. The files load nothing: no network is needed.
"""

import base64
import functools
import html
import re
from collections import namedtuple
from textwrap import wrap

import nbformat
import yaml
from jinja2 import Template
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import JavaLexer

from pages import Prose
from project import BUILD, NOTEBOOKS, ROOT, Stop, run_as_script, say, shown, write_atomically

LIST = NOTEBOOKS / "slides.yaml"
KEYS = {"title", "minute", "text", "code", "show", "zoom", "ask", "vote", "notes"}
COLUMNS = 84  # of a line of code that can be read from the last row
BESIDE = 1.7  # a picture that is not wider than this many times its height stands beside the text

read = functools.cache(functools.partial(nbformat.read, as_version=4))

Row = namedtuple("Row", "start activity")  # of a session's plan
Question = namedtuple("Question", "text answer choices")


def prose(text):
    """Markdown as HTML; formulas become MathML."""
    return MarkdownWithMath(renderer=Prose(escape=False, exclude_anchor_links=True)).render(text)


def inline(text):
    """A line of Markdown as HTML without a paragraph around it, its links as plain text."""
    return prose(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)).strip().removeprefix("<p>").removesuffix("</p>")


def rows_below(line, text):
    """The rows, lists of cells, of the table that follows a line in TEACHING.md."""
    below = text.partition(line)[2] if line in text else ""
    table = re.search(r"(?m)(?:^\|.*\n)+", below)
    if not table:
        raise Stop(f"notebooks/TEACHING.md has no table below “{line.strip()}”.")
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table[0].splitlines()]
    return [row for row in rows if set(row[0]) != set("-")]


class Guide:
    """What TEACHING.md says about a session: title, plan, questions."""

    def __init__(self, session, text):
        heading = re.search(rf"(?m)^## (Session {session} · .*?)(?: \(.*\))?\n", text)
        if not heading:
            raise Stop(f"notebooks/TEACHING.md has no session {session}.")
        self.title = heading[1]
        self.plan, self.questions, self.votes, start = [], [], [], 0
        for minutes, activity, ask in rows_below(heading[0], text)[1:]:
            self.plan.append(Row(start, inline(activity)))
            self.questions += [Question(*map(inline, found), []) for found in re.findall(r"(\S.*?) \*(.+?)\*", ask)]
            start += int(minutes)
        for asks, *choices, why in rows_below(f"**Session {session}**", text)[1:]:
            [right] = [n for n, choice in enumerate(choices) if choice.startswith("**")]
            choices = [inline(choice.strip("*")) for choice in choices]
            answer = f"{'ABC'[right]}: {choices[right].rstrip('.')}. {inline(why)}"
            self.votes.append(Question(inline(asks), answer, choices))

    def question(self, begins, questions):
        """The only question that begins with these words."""
        found = [each for each in questions if html.unescape(each.text).startswith(begins)]
        if len(found) != 1:
            raise Stop(f"{self.title}: {len(found)} questions in notebooks/TEACHING.md begin with “{begins}”, not one.")
        return found[0]


def cell_of(number, heading, words):
    """The only code cell of a notebook that stands below a heading and contains some words."""
    [path] = NOTEBOOKS.glob(f"{number:02}_*.ipynb")
    found, below = [], ""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            below = ([below] + re.findall(r"(?m)^##+ (.*)$", cell.source))[-1]
        elif below == heading and words in cell.source:
            found.append(cell)
    if len(found) != 1:
        place = f"{shown(path)}, below “{heading}”"
        raise Stop(f"notebooks/slides.yaml: {place}: {len(found)} code cells contain “{words}”, not one.")
    return found[0]


def code(number, heading, words):
    """The part of a cell's code, up to the blank lines around it, that contains the words, as HTML.

    Comments are left out where they make a line too long for a slide, and lines that are still too long are wrapped.
    """
    [source] = [part for part in re.split(r"\n\s*\n", cell_of(number, heading, words).source) if words in part][:1]
    source = re.sub(rf"(?m)^(?=.{{{COLUMNS + 1}}})(.*?) *// .*$", r"\1", source)
    lines = [wrap(line, COLUMNS, subsequent_indent=re.match(" *", line)[0] + 8 * " ") for line in source.splitlines()]
    colored = highlight("\n".join(sum(lines, [])), JavaLexer(), HtmlFormatter(nowrap=True)).rstrip()
    return f"<pre><code>{colored}</code></pre>"


def picture(output):
    """A picture as an HTML image, with its description, and its width divided by its height."""
    data = "".join(output.data["image/png"].split())
    size = base64.b64decode(data[:64])
    ratio = int.from_bytes(size[16:20], "big") / int.from_bytes(size[20:24], "big")
    alt = output.metadata.get("image/png", {}).get("alt") or output.data.get("text/plain", "")
    shape = ' class="strip"' if ratio > 5 else ""
    return f'<img{shape} src="data:image/png;base64,{data}" alt="{html.escape(alt)}">', ratio


def results(number, heading, words, zoom):
    """What a cell shows: its pictures, or else its text, or else its HTML; and how wide that is for its height."""
    outputs = cell_of(number, heading, words).outputs
    pictures = [picture(output) for output in outputs if "image/png" in output.get("data", {})]
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
    tables = [output.get("data", {}).get("text/html", "") for output in outputs]
    if pictures:
        return pictures
    if any(texts):
        return [(f'<pre class="output">{html.escape("".join(texts).rstrip())}</pre>', 9)]
    if any(tables):
        return [(f'<div class="html" style="zoom:{zoom}">{"".join(tables)}</div>', 9)]
    raise Stop(f"notebooks/slides.yaml: the cell of notebook {number} with “{words}” shows nothing.")


def many(references):
    """One reference as a list of one."""
    return references if not references or isinstance(references[0], list) else [references]


def slide(entry, guide):
    """What the template needs to know about a slide."""
    unknown = set(entry) - KEYS
    if unknown or not {"title", "vote"} & set(entry):
        raise Stop(f"notebooks/slides.yaml: a slide has a title or a vote, and no {unknown or 'other key'}: {entry}")
    references = many(entry.get("show", []))
    parts = [part for each in references for part in results(*each, entry.get("zoom", 1.2))]
    codes = many(entry.get("code", []))
    numbers = sorted({each[0] for each in references + codes})
    ask = [guide.question(begins, guide.questions) for begins in entry.get("ask", [])]
    choices = []
    if "vote" in entry:
        vote = guide.question(entry["vote"], guide.votes)
        ask, choices = [Question("Answer", vote.answer, [])], vote.choices
    return {
        "title": vote.text if choices else inline(entry["title"]),
        "text": prose(entry.get("text", "")),
        "code": [code(*each) for each in codes],
        "shown": [part for part, _ in parts],
        "beside": bool(parts) and bool(entry.get("text") or codes or ask) and max(ratio for _, ratio in parts) < BESIDE,
        "ask": ask,
        "choices": choices,
        "notes": prose(entry.get("notes", "")),
        "source": f"notebook {' and '.join(map(str, numbers))}" if numbers else "",
    }


def page(session, entries, text):
    """The HTML of a session's slides."""
    guide = Guide(session, text)
    starts = [0]
    for entry in entries:
        starts.append(entry.get("minute", starts[-1]))
    slides = [slide(entry, guide) for entry in entries]
    template = Template((ROOT / "environment" / "slides.html").read_text("utf-8"))
    return template.render(title=guide.title, rows=guide.plan, slides=slides, starts=starts)


def main():
    """Writes all sessions."""
    text = (NOTEBOOKS / "TEACHING.md").read_text("utf-8")
    for session, entries in yaml.safe_load(LIST.read_text("utf-8")).items():
        file = BUILD / "slides" / f"{session}.html"
        write_atomically(file, page(session, entries, text))
        say(f"Written: {shown(file)}, {len(entries) + 1} slides, {file.stat().st_size / 1e6:.1f} MB")
    say("Open a file in a browser: → next, ← back, N notes in a second window, P print.")


if __name__ == "__main__":
    run_as_script(main)
