"""Plain American English in everything that a person reads, and the field's vocabulary in the notebooks.

No banned phrase occurs (British spelling, words that sound translated, « »), and the notebooks name every term that a
learner should be able to search for. In Java, only comments and string literals are read.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TEXTS = [
    "*.md",
    "Makefile",
    "notebooks/*.md",
    "notebooks/*.ipynb",
    "notebooks/*.yaml",
    "notebooks/solutions/*.ipynb",
    "environment/*.md",
    "environment/*.py",
    "lib/**/*.md",
    "lib/**/*.html",
    "lib/**/*.js",
    "lib/**/*.java",
    "tests/**/*.java",
]

# (regular expression, what to write instead); case does not matter, a space also stands for a line break
BANNED = [
    # British spelling
    (r"\w*colour\w*", "color"),
    (r"\w*centr(?:e|ing)\w*", "center"),
    (r"\w*neighbour\w*", "neighbor"),
    (r"\w*(?:behaviour|flavour|favour|honour|labour|rumour|vapour|harbour|endeavour)\w*", "-or"),
    (r"\w*grey\w*", "gray"),
    (r"\w+isations?\b", "-ization"),
    (
        r"\w*(?:normal|recogn|optim|initial|general|regular|minim|maxim|memor|serial|summar|organ|visual|synchron"
        r"|random|standard|custom|quant|penal|special|parallel|capital|apolog|categor|character|real|util|emphas"
        r"|stabil|final|local|vector|equal|token|modern|prior|author|material|mechan|symbol|neutral)"
        r"is(?:e|ed|es|er|ers|ing|able)\b",
        "-ize",
    ),
    (r"\w*analys(?:e|ed|er|ers|ing)\b", "analyze"),
    (
        r"\w*(?:label|model|travel|cancel|signal|level|channel|total|fuel|dial|tunnel|marshal)l(?:ed|ing|er|ers)\b",
        "a single l",
    ),
    (r"(?:licence|defence|offence|pretence)s?\b", "license, defense, offense"),
    (r"practis(?:e|ed|es|ing)\b", "practice"),
    (r"(?-i:catalogue)s?\b", "catalog (Catalogue only as the name of the type)"),
    (r"analogue\b", "analog"),
    (r"(?:learnt|unlearnt|burnt|spelt|leant|dreamt|spoilt)\b", "learned, burned, spelled …"),
    (r"(?:whilst|amongst)\b", "while, among"),
    (r"(?:programmes?|cheques?|artefacts?|ageing|judgements?|tyres?|moulds?)\b", "program, check, artifact, aging …"),
    (r"(?:fulfil|skilful|per cent|maths|metres?)\b", "fulfill, skillful, percent, math, meter"),
    # quotation marks and words that sound translated
    (r"[«»]", "“ ”"),
    (r"whoever\b", "a person who, everyone who; or name the person"),
    (r"nobody\b", "no one; better, say what does not happen"),
    (r"by heart\b", "memorize, overfit"),
    (r"exams?\b", "test set, test"),
    (r"so many\b", "this many, the number of"),
    (r"as it comes\b", "by default, out of the box"),
    (r"of (?:its|their) own\b", "a separate …, private, or leave it out"),
    (r"in force\b", "current, in effect"),
    (r"(?<!there.)(?:has|have|is|are) (?-i:none)\b(?! of)", "has no …, there is no …, is not a …"),
    (r"in the mean\b(?! time)", "on average"),
    (r"goes on (?:as|from|with|where|and)\b", "continues, resumes"),
    (r"leaves? the \w+ away\b", "leave … unset, leave … out"),
    (r"(?:images?|digits|pictures|samples|\w*bytes) a second\b", "per second"),
    (r"(?:seconds?|minutes?) an? (?:epoch|image|batch|step)\b", "per epoch, per image …"),
    (
        r"(?:multiplications|numbers|weights|parameters|neurons?|rows?) an? (?:image|map|filter|epoch|digit|class)\b",
        "per image, per map …",
    ),
]

# (file, words in it): the only places where a banned phrase may stand
ALLOWED = [
    ("notebooks/02_split.ipynb", "learns answers by heart"),  # once, to explain overfitting
    ("notebooks/11_data_sets.ipynb", "majority labelling"),  # quoted from the data set's README
    ("notebooks/13_draw_a_digit.ipynb", "contain grey levels"),  # quoted from LeCun's page
    ("lib/digits/image/Ink.java", "contain grey levels"),  # the same quotation
    ("lib/digits/pictures/EmbeddingPicture.java", "Colour schemes"),  # a title
]

VOCABULARY = """
    ablation · accuracy · activation · adversarial example · backpropagation · baseline · batch normalization
    calibration · checkpoint · confidence interval · confusion matrix · convolution · data augmentation · dropout
    early stopping · ensemble · epoch · feature map · forward pass · generalization · gradient · hyperparameter
    inference · label error · learning rate · logits · loss · mini-batch · one-hot · optimizer · overfitting · padding
    pooling · precision · recall · receptive field · regularization · softmax · stride · test set · training set
    transfer learning · validation set · weight decay
"""

JAVA_TEXT = re.compile(
    r'//[^\n]*|/\*.*?\*/|"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"'
    r"|(?P<char>'(?:\\.|[^'\\\n])+')",
    re.S,
)


def spaced(words):
    """A regular expression in which a space also stands for a line break, with the asterisk or slashes of a comment."""
    return words.replace(" ", r"(?: |\s*\n[\s*/#]*)")


PATTERNS = [
    (re.compile(("" if banned[0] == "[" else r"\b") + spaced(banned), re.I), better) for banned, better in BANNED
]


def only_texts(java):
    """Java's comments and string literals, everything else replaced by spaces, so that lines stay where they are."""
    kept = [" " if character != "\n" else "\n" for character in java]
    for match in JAVA_TEXT.finditer(java):
        if not match["char"]:
            kept[match.start() : match.end()] = match.group()
    return "".join(kept)


def parts(path):
    """[(where, text)] of a file: a notebook has one for each cell, other files have one."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".java":
        return [("", only_texts(text))]
    if path.suffix != ".ipynb":
        return [("", text)]
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    return [
        (f"cell {number}, ", only_texts(source) if kind == "code" else source)
        for number, (kind, source) in enumerate(cells)
    ]


def problems(name, where, text):
    """A sentence for each banned phrase in a text."""
    for file, words in ALLOWED:
        if file == name:
            text = re.sub(spaced(words), lambda match: re.sub(r"\S", "_", match.group()), text)
    found = [
        (match.start(), re.sub(r"\s*\n[\s*/#]*", " ", match.group()), better)
        for pattern, better in PATTERNS
        for match in pattern.finditer(text)
    ]
    return [
        f"{name}: {where}line {text.count(chr(10), 0, start) + 1}: “{phrase}”; better: {better}"
        for start, phrase, better in sorted(found)
    ]


def files():
    """The names of all files that a person reads."""
    found = {path.relative_to(ROOT).as_posix() for pattern in TEXTS for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(name for name in found if "node_modules" not in name)


def prose():
    """The markdown of all notebooks, with a single space wherever there is space."""
    sources = []
    for path in sorted((ROOT / "notebooks").glob("**/[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return " ".join("\n".join(sources).lower().split())


@pytest.mark.parametrize("name", files())
def test_holds_no_banned_phrase(name):
    found = [problem for where, text in parts(ROOT / name) for problem in problems(name, where, text)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name, words", ALLOWED)
def test_each_exception_is_needed_and_used_once(name, words):
    text = "\n".join(text for _, text in parts(ROOT / name))
    assert len(re.findall(spaced(words), text)) == 1
    assert problems("elsewhere", "", words)


@pytest.mark.parametrize("term", re.split(r"\s*[·\n]\s*", VOCABULARY.strip()))
def test_the_notebooks_name_the_term(term):
    assert re.search(rf"\b{re.escape(term)}", prose()), f"No notebook explains “{term}”."


@pytest.mark.parametrize(
    "text",
    [
        "the colour",
        "centreOfMass()",
        "it is normalised",
        "a labelled image",
        "the exam",
        "by heart",
        "1,834 images a second",
        "a thread of\n     * its own",
        "it has\n    // none",
        "«so»",
    ],
)
def test_catches(text):
    assert problems("a file", "", text)


@pytest.mark.parametrize(
    "text",
    [
        "for example",
        "examine",
        "concentrate on the central part",
        "precise noise",
        "a second image",
        "Catalogue.MNIST",
        "labeled",
        "otherwise",
        "has nonempty rows",
        "it goes on to the next",
    ],
)
def test_lets_pass(text):
    assert not problems("a file", "", text)


def test_reads_javas_comments_and_strings_but_no_code():
    java = (
        'int exam = 1; // an exam\nString s = "colour"; char c = \'"\'; int grey; /* centre */'
        'String t = """\n  nobody""";'
    )
    found = problems("A.java", "", only_texts(java))
    assert [re.search("“(.*)”", problem)[1] for problem in found] == ["exam", "colour", "centre", "nobody"]
    assert [re.search(r"line (\d)", problem)[1] for problem in found] == ["1", "2", "2", "3"]
