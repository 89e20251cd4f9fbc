"""The notebooks' HTML shows everything without a network."""

import re
from html.parser import HTMLParser

import nbformat
import pytest

import pages
from project import NOTEBOOKS

FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.S)
IN_TEXT = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"]|\bimport\s*\(\s*['"])([^'")\s]+)""")


class Loaded(HTMLParser):
    """The addresses that a browser fetches to show a page, and its formulas."""

    def __init__(self, page):
        super().__init__()
        self.addresses, self.formulas, self.inside = [], [], None
        self.addresses += re.findall(IN_TEXT, page)
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        named = {"src", "srcset", "data", "poster", "xlink:href", *["href"] * (tag in ("link", "base", "image", "use"))}
        self.addresses += [value or "" for name, value in attrs if name in named]
        self.formulas += [tag] * (tag == "math")


def fetched(page):
    """The addresses outside the page from which it loads something."""
    return [address for address in Loaded(page).addresses if not re.match("data:|#", address)]


def test_the_test_sees_what_is_fetched():
    page = '<link href="//a/b.css"><script src="https://c/d.js"></script><style>p{background:url(http://e/f)}</style>'
    page += '<a href="https://g/">only a link</a><script type="module">await import("https://h/i.mjs")</script>'
    assert sorted(fetched(page)) == ["//a/b.css", "http://e/f", "https://c/d.js", "https://h/i.mjs"]


@pytest.mark.parametrize("name", ["09_architectures", "10_optimizers", "13_draw_a_digit"])  # formulas, a picture
def test_nothing_is_fetched_and_formulas_are_drawn(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    made = pages.page(notebook, NOTEBOOKS, name)
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    formulas = FORMULA.findall(re.sub(r"`[^`]*`", "", prose))
    assert fetched(made) == [] and len(Loaded(made).formulas) == len(formulas)


def test_a_picture_has_its_text_and_its_width():
    data = {"image/png": "iVBORw0KGgo=", "text/plain": "A <b> & c."}
    shown = nbformat.v4.new_output(
        "display_data", data, metadata={"image/png": {"alt": data["text/plain"], "width": 9}}
    )
    other = nbformat.v4.new_output("display_data", {"image/png": "iVBORw0KGgo="})
    made = pages.page(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[shown, other])]), NOTEBOOKS, "x"
    )
    image = re.search(r"<img [^>]*>", made)[0]
    assert 'alt="A &lt;b&gt; &amp; c."' in image and re.search(r'width="?9\b', image)


def test_a_fold_holds_its_text_and_code():
    prose = (
        "1. Do.\n   <details><summary>Solution</summary>\n\n   ```java\n   run();\n   ```\n\n   Done.\n\n   </details>"
    )
    made = pages.page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(prose)]), NOTEBOOKS, "x")
    fold = re.search(r"(?s)<details><summary>Solution</summary>(.*?)</details>", made)[1]
    assert "run" in fold and "Done." in fold


@pytest.mark.parametrize(
    "prose, found",
    [
        (r"so $x < y$ and $$\frac{a}{b}$$", ["<mi>x</mi>", "&lt;", "<mfrac>", 'display="block"']),
        (r"\begin{align} a &= b \\ c &= d \end{align}", ["<mtable"]),
        ("`$x$` stays", ["<code>$x$</code>"]),
        (r"it costs \$5", ["costs $5"]),
        (r"broken: $\frac{1}{$ and $\right)$", [r"$\frac{1}{$", r"$\right)$"]),
    ],
)
def test_formulas(prose, found):
    made = pages.page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(prose)]), NOTEBOOKS, "x")
    assert [text for text in found if text not in made] == []
