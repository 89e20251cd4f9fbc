"""Notebooks as HTML pages that need no network: nbconvert's own load scripts for formulas and diagrams from servers."""

from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

WITHOUT_SCRIPTS = """{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block data_png scoped -%}
{{ super() | replace("<img ", '<img alt="' + (output.metadata.get("image/png", {}).get("alt")
or output.data["text/plain"] or "") | escape_html + '" ', 1) }}
{%- endblock -%}
"""


class Prose(IPythonRenderer):
    """Markdown with formulas in MathML, which browsers draw without a script; what is not TeX stays as it is."""

    def inline_math(self, body):
        return formula(body, "inline") or super().inline_math(body)

    def block_math(self, body):
        return formula(body, "block") or super().block_math(body)

    def latex_environment(self, name, body):
        whole = rf"\begin{{{name}}}{body}\end{{{name}}}"
        return formula(whole, "block") or super().latex_environment(name, body)

    def _html_embed_images(self, html):
        """Leaves HTML without images as it is: nbconvert's parser would close a fold before its contents."""
        return super()._html_embed_images(html) if "<img" in html else html


def formula(tex, display):
    """The MathML of a formula; None if there is none."""
    try:
        return convert(tex, display=display)
    except Exception:  # of many kinds, among them IndexError
        return None


class Pages(HTMLExporter):
    """HTML with everything that it shows inside."""

    def __init__(self, **options):
        super().__init__(embed_images=True, raw_template=WITHOUT_SCRIPTS, **options)

    @pass_context
    def markdown2html(self, context, source):
        """The filter for the cells with prose."""
        attachments = context.get("cell", {}).get("attachments", {})
        path = context.get("resources", {}).get("metadata", {}).get("path", "")
        renderer = Prose(escape=False, attachments=attachments, embed_images=True, path=path)
        return MarkdownWithMath(renderer=renderer).render(source)


def page(notebook, folder, name):
    """The HTML of a notebook whose pictures are in a folder."""
    resources = {"metadata": {"path": str(folder), "name": name}}
    return Pages().from_notebook_node(notebook, resources=resources)[0]
