"""The glossary: complete, in order, and each term is explained where the glossary says."""

import functools
import json
import re
from urllib.parse import unquote

import pytest
import rules

from project import NOTEBOOKS

TEXT = (NOTEBOOKS / "GLOSSARY.md").read_text(encoding="utf-8")
TERMS = {part.split("\n")[0]: part.partition("\n")[2] for part in re.split(r"(?m)^## ", TEXT)[1:]}
WANTED = [term for terms in rules.table("glossary.yaml").values() for term in terms]


def anchor(heading):
    """What JupyterLab makes of a heading; of a term, which is in small letters, GitHub makes the same."""
    return heading.replace(" ", "-")


@functools.cache
def prose(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown") + "\n"


@functools.cache
def sections(path):
    """The prose below each heading of a notebook up to the next one, by the heading's anchor; the title's is ""."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", prose(path).replace("*", ""))
    parts = re.findall(r"(?m)^#+ +(.*?) *\n((?:(?!^#+ ).*\n?)*)", plain)
    return {anchor(heading): f"{heading}\n{text}" for heading, text in parts} | {"": "\n".join(parts[0])}


def names(term, text):
    """Whether a text has the term, as a singular or plural and across line breaks."""
    return re.search(r"\b" + r"\s+".join(map(re.escape, term.split())), text, re.I)


def problems_of(term, places):
    """Why a term's places are not where it is introduced; a place is notebook.ipynb#anchor."""
    for place in places:
        name, _, heading = place.partition("#")
        if not (NOTEBOOKS / name).is_file():
            yield f"“{term}”: there is no {name}"
        elif (text := sections(NOTEBOOKS / name).get(unquote(heading))) is None:
            yield f"“{term}”: {name} has no heading “{unquote(heading)}”"
        elif not names(term, text):
            yield f"“{term}” does not occur in {place}"


@pytest.mark.parametrize("term", TERMS)
def test_the_term_is_explained_and_occurs_where_the_glossary_says(term):
    explanation, _, introduced = TERMS[term].partition("→")
    assert explanation.strip(), "no explanation"
    links = re.findall(r"\]\(([^)]*)\)", introduced)
    assert links, f"“{term}” names no notebook"
    assert list(problems_of(term, links)) == []
    assert set(re.findall(r"\]\(#([^)]*)\)", explanation)) <= set(map(anchor, TERMS))


def test_terms_are_unique_in_alphabetical_order_and_small_letters():
    found = re.findall(r"(?m)^## (.*)", TEXT)
    assert found == sorted(set(found), key=lambda term: term.lower().replace("-", " "))
    capitals = [term for term in found if term != term.lower()]
    assert capitals == ["AUROC", "t-SNE"], "GitHub links in lower case"


def test_no_term_of_the_vocabulary_is_missing():
    assert [term for term in WANTED if term not in TERMS] == []
    assert len(WANTED) == len(set(WANTED))


def test_each_link_to_the_glossary_leads_to_a_term():
    known, links = set(map(anchor, TERMS)), []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        links += [(path.name, link) for link in re.findall(r"\]\(GLOSSARY\.md#([^)]*)\)", prose(path))]
    assert [(name, link) for name, link in links if link not in known] == []
    linking = {name[:2] for name, _ in links}
    wanted = {f"{number:02}" for number in (*range(1, 15), 16, 18, 19, 20)}
    assert linking >= wanted, "each of these links a first use or more"


def test_a_wrong_place_is_noticed():
    assert list(problems_of("seed", ["01_load.ipynb#Settings"])) == []
    for place in ("00_none.ipynb#Settings", "01_load.ipynb#Setting", "01_load.ipynb#How-long-it-takes"):
        assert list(problems_of("seed", [place])), place
