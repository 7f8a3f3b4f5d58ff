"""Posts of Ghost of which an export has only the editor's own document."""

import json

import pytest
from tests.unit.shelf.test_sources import NOW

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.detect import open_data
from reviewcast.shelf.read_source import read_reviews_of
from reviewcast.shelf.sources.ghost_documents import render_document


def text(said, marks=0):
    return {"type": "extended-text", "text": said, "format": marks}


def block(kind, *children, **more):
    return {"type": kind, "children": list(children), **more}


LEXICAL = block(
    "root",
    block("extended-heading", text("Plot"), tag="h2"),
    block("paragraph", text("Two men "), text("meet", 2), text(" & "), text("part", 3)),
    block("paragraph", text("See "), block("link", text("here"), url="https://a.example/?a=1&b=2")),
    block("paragraph", text("One"), {"type": "linebreak"}, text("two <b>")),
    block("list", block("listitem", text("first")), block("listitem", text("second")), tag="ol"),
    block("extended-quote", text("I do what I do best.")),
    {"type": "horizontalrule"},
    {
        "type": "image",
        "src": "https://a.example/x.jpg",
        "alt": "A face",
        "caption": "At <i>night</i>",
    },
    {"type": "callout", "calloutText": "Mind the <b>end</b>", "calloutEmoji": "!"},
    {"type": "toggle", "heading": "More", "content": "<p>Told here.</p>"},
    {"type": "markdown", "markdown": "## Verdict\n\nIt is *fine*."},
    {"type": "codeblock", "code": "x < y", "language": "c"},
    {"type": "bookmark", "url": "https://a.example/b", "metadata": {"title": "Ran"}},
    {"type": "unheard-of", "title": "Kept", "number": 3},
    {"type": "email", "html": "<p>canarymail</p>"},
    {"type": "signup", "header": "canarysignup"},
    {"type": "html", "html": "<p>canarygated</p>", "visibility": {"web": {"nonMember": False}}},
    {"type": "html", "html": "<p>Seen by all.</p>", "visibility": {"web": {"nonMember": True}}},
    {"type": "paywall"},
    block("paragraph", text("canarypaid")),
)

MOBILEDOC = {
    "version": "0.3.1",
    "atoms": [["soft-return", "", {}]],
    "cards": [
        ["image", {"src": "https://a.example/x.jpg", "caption": "At night"}],
        ["markdown", {"markdown": "It is *fine*."}],
        ["hr", {}],
        ["email", {"html": "canarymail"}],
    ],
    "markups": [["em"], ["strong"], ["a", ["href", "https://a.example/"]]],
    "sections": [
        [1, "h2", [[0, [], 0, "Plot"]]],
        [1, "p", [[0, [], 0, "Two "], [0, [0, 1], 1, "men"], [0, [], 1, " meet"], [1, [], 0, 0]]],
        [1, "p", [[0, [2], 1, "Here"], [0, [], 0, " & there"]]],
        [3, "ul", [[[0, [], 0, "first"]], [[0, [], 0, "second"]]]],
        [1, "blockquote", [[0, [], 0, "I do what I do best."]]],
        *([10, at] for at in range(4)),
        [2, "https://a.example/y.jpg"],
        [1, "p", []],
    ],
}


def read(document, editor, **options):
    """Import a post that has this document alone."""
    post = {"id": "1", "title": "Heat", "type": "post", "status": "published"}
    post |= {editor: json.dumps(document), "html": None, "published_at": "2020-01-02"}
    data = json.dumps({"db": [{"data": {"posts": [post]}}]}).encode()
    return read_reviews_of(open_data(data, "x.json"), now=NOW, **options)


def test_lexical():
    """All that a page shows is there, in its order; what is for members or mails is not."""
    (review,) = read({"root": LEXICAL}, "lexical").reviews
    said = review.text
    parts = [
        "## Plot",
        "Two men *meet*",
        "See [here](https://a.example/?a=1&b=2)",
        "One\\\ntwo \\<b>",
        "1. first\n2. second",
        "> I do what I do best.",
        "---",
        "![A face](https://a.example/x.jpg)",
        "At *night*",
        "Mind the **end**",
        "More",
        "Told here.",
        "## Verdict",
        "It is *fine*.",
        "x < y",
        "[Ran](https://a.example/b)",
        "Kept",
        "Seen by all.",
    ]
    places = [said.find(part) for part in parts]
    assert -1 not in places, (said, [part for part in parts if part not in said])
    assert places == sorted(places)
    assert "canary" not in said
    (paid,) = read({"root": LEXICAL}, "lexical", include_paid=True).reviews
    assert "canarypaid" in paid.text and "canarygated" in paid.text
    assert "canarymail" not in paid.text and "canarysignup" not in paid.text


def test_mobiledoc():
    """Marks that open and close over several runs, lists, cards and images."""
    (review,) = read(MOBILEDOC, "mobiledoc").reviews
    assert review.text.split("\n\n") == [
        "## Plot",
        "Two ***men** meet*",
        "[Here](https://a.example/) & there",
        "- first\n- second",
        "> I do what I do best.",
        "![](https://a.example/x.jpg)",
        "At night",
        "It is *fine*.",
        "---",
        "![](https://a.example/y.jpg)",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "x",
        "[]",
        "{}",
        '{"root": 1}',
        '{"sections": [[1]]}',
        '{"sections": [[10, 7]], "cards": []}',
        '{"sections": [[1, "p", [[0, [9], 0, "x"]]]], "markups": []}',
        '{"sections": [7]}',
        '{"root":' + '{"children":[' * 100 + "]}" * 100 + "}",
        '{"root":' + '{"children":[' * 90_000,
    ],
)
def test_what_is_no_document(written):
    """It is a sentence, never a traceback."""
    with pytest.raises(ReviewError, match=r"^Its text is .*\.$"):
        render_document(written)


def test_odd_values_are_passed_over():
    """Fields that are none of what they are named for."""
    nodes = [None, 7, {"type": 3}, text(None), text("Kept", "x"), {"type": "image", "images": [1]}]
    nodes += [{"type": "bookmark", "metadata": 1}, {"type": "html", "html": 1}, {"text": "Kept"}]
    document = {"root": block("root", *nodes, block("heading", text("Kept"), tag="<script>"))}
    made = render_document(json.dumps(document))
    assert made.count("Kept") == 3 and "script" not in made
