"""The slides: what they refer to exists, they follow the plan and load nothing; and the pages' links."""

import copy
import functools
import html
import re
from urllib.parse import unquote

import pytest
import rules
import yaml
from conftest import stops
from prose_figures import SOURCES, figures_of, repeats, results
from test_pages import fetched

import slides
from project import NOTEBOOKS, ROOT

TEXT = (NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8")
SESSIONS = yaml.safe_load(slides.LIST.read_text(encoding="utf-8"))
each_session = pytest.mark.parametrize("session", SESSIONS)
LINES = 17  # of code on a slide
WORKED_OUT = {"7.39", "11.11"}  # e squared, and the sum of e squared, e and 1


def numbers_of(text):
    return [figure for counts, figure in figures_of(re.sub(r"\[.*?\]\(.*?\)|`[^`]*`", " ", text)) if counts]


@each_session
def test_slides_follow_the_plan_and_load_nothing(session):
    entries, guide = SESSIONS[session], slides.Guide(session, TEXT)
    page = slides.page(session, entries, TEXT)
    assert fetched(page) == [] and "default-src 'none'" in page and '<html lang="en">' in page
    pictures = re.findall(r"<img[^>]*>", page)
    assert len(pictures) > 3 and all(re.search(r' alt="[^"]+', picture) for picture in pictures)
    assert [each["minute"] for each in entries if "minute" in each] == [row.start for row in guide.plan]
    asked = [begins for each in entries for begins in each.get("ask", [])]
    questions = [guide.question(begins, guide.questions).text for begins in asked]
    assert sorted(questions) == sorted(each.text for each in guide.questions)
    votes = [guide.question(each["vote"], guide.votes).text for each in entries if "vote" in each]
    assert sorted(votes) == sorted(vote.text for vote in guide.votes) and len(votes) >= 5
    assert 12 <= len(entries) - len(votes) <= 22


@each_session
def test_code_can_be_read_from_the_last_row(session):
    parts = [slides.code(*each) for entry in SESSIONS[session] for each in slides.many(entry.get("code", []))]
    lines = [html.unescape(re.sub("<[^>]*>", "", part)).splitlines() for part in parts]
    assert [part for part in lines if len(part) > LINES or max(map(len, part)) > slides.COLUMNS] == [] and lines


@pytest.mark.parametrize("session", range(1, 5))
def test_the_minutes_of_a_session_add_up(session):
    rows = slides.rows_below(f"## Session {session} ·", TEXT)
    assert sum(int(row[0]) for row in rows[1:]) == 90
    ways = re.search(r"(?s)\*\*Two sessions with homework\.\*\* First session:(.*?)Second session:(.*?)\n\n", TEXT)
    assert [sum(map(int, re.findall(r"\((\d+)\)", way))) for way in ways.groups()] == [90, 90]


def test_concept_questions_have_one_right_choice():
    votes = [vote for session in SESSIONS for vote in slides.Guide(session, TEXT).votes]
    votes += [row for row in slides.rows_below("**Session 4**", TEXT)[1:] if sum("**" in cell for cell in row) == 1]
    assert len(votes) >= 16 + 9


@each_session
def test_figures_are_results_of_its_notebooks(session):
    shown = [slides.many(entry.get(key, [])) for entry in SESSIONS[session] for key in ("code", "show")]
    paths = [path for number in {each[0] for each in sum(shown, [])} for path in NOTEBOOKS.glob(f"{number:02}_*.ipynb")]
    known = [each for path in paths for each in results(slides.read(path))]
    texts = [entry.get(key, "") for entry in SESSIONS[session] for key in ("text", "notes")]
    listed = {each for groups in SOURCES["from elsewhere"].values() for texts in groups.values() for each in texts}
    stale = {f.text for text in texts for f in numbers_of(text) if not any(repeats(f, each) for each in known)}
    assert stale - listed - WORKED_OUT == set()


@pytest.mark.parametrize(
    "entry, words",
    [
        ("{title: A, show: [16, One stop, void]}", "below “One stop”: 0 code cells contain “void”"),
        ("{title: A, show: [16, One step, s]}", "2 code cells contain “s”"),
        ("{title: A, show: [1, Looking, LabeledImages test]}", "0 code cells"),
        ("{title: A, show: [16, One step, void step], zoom: 1, colour: red}", "colour"),
        ("{text: A}", "has a title or a vote"),
        ("{title: A, ask: [Who]}", "0 questions in notebooks/TEACHING.md begin with “Who”"),
        ("{vote: T}", "questions in notebooks/TEACHING.md begin with “T”, not one"),
        ("{title: A, show: [16, A hidden layer, int units]}", "shows nothing"),
    ],
)
def test_what_cannot_be_shown_is_reported(entry, words):
    stops(re.escape(words), slides.slide, yaml.safe_load(entry), slides.Guide(2, TEXT))


def test_a_picture_has_the_description_of_its_output():
    cell = slides.cell_of(16, "One step", "FilterPicture")
    [output] = copy.deepcopy(cell.outputs)
    output.metadata["image/png"] = {"alt": 'Ten <small> pictures, "blue" and vermilion.', "width": 900}
    shown, ratio = slides.picture(output)
    assert ' alt="Ten &lt;small&gt; pictures, &quot;blue&quot; and vermilion."' in shown and 5 < ratio < 6
    output.metadata.clear()
    assert f'alt="{output.data["text/plain"]}"' in slides.picture(output)[0]


@functools.cache
def headings_of(path):
    """The names under which a page's headings can be linked to."""
    if path.suffix == ".md":
        found = re.findall(r"(?m)^#+ (.*)$", path.read_text(encoding="utf-8"))
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
    cells = slides.read(path).cells
    found = re.findall(r"(?m)^#+ (.*)$", "\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    return {heading.replace(" ", "-") for heading in found}


@pytest.mark.parametrize("name", ["README.md", "notebooks/README.md", "notebooks/TEACHING.md"])
def test_links_lead_somewhere(name):
    page = ROOT / name
    links = rules.MARKDOWN_LINK.findall(page.read_text(encoding="utf-8"))
    broken = []
    for link in (each for each in links if not re.match("[a-z]+:", each)):
        path, _, heading = unquote(link).partition("#")
        target = page.parent / path if path else page
        linked = target.suffix in (".md", ".ipynb") and heading
        if not target.exists() or linked and heading not in headings_of(target):
            broken.append(link)
    assert broken == []
