"""Ornaments: short blocks around a review are told by what stands in them."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from reviewcast.text.readers.html.ornaments import name_block
from reviewcast.text.readers.html.walker import read_html

TEXT = "<p>The tide comes in, and the two of them do not say a word about the letter.</p>"
DISQUS = "<div id=disqus_thread><noscript>Turn on JavaScript.</noscript></div>"
LINKS = "<ul><li><a href=/a>The Long Pier</a><li><a href=/b>Salt</a></ul>"


def list_omissions(body: str) -> list[tuple[str, str]]:
    document = read_html(f"<html><body><article>{TEXT * 3}{body}</article></body></html>")
    said = [p.text for section in document.sections for p in section.paragraphs]
    assert said[0].startswith("The tide comes in")
    return [(o.reason, o.text) for o in document.omissions]


@pytest.mark.parametrize(
    ("body", "omissions"),
    [
        (
            "<section><b>News</b><form><input><label>Your address</label></form></section>",
            [("form", "News Your address")],
        ),
        (f"<section><h2>Réactions</h2>{DISQUS}</section>", [("comments", "Réactions")]),
        ("<h3>What do you think?</h3><div class=comments>None yet</div>",
         [("comments", "What do you think?"), ("comments", "None yet")]),
        (f"<section class=x><h2>Related books</h2>{LINKS}</section>",
         [("related", "Related books The Long Pier Salt")]),
        (f"<h2>También te puede interesar:</h2>{LINKS}",
         [("related", "También te puede interesar:"), ("related", "The Long Pier Salt")]),
        ("<p>// under <a href=/tag/sea.html>#sea</a> <a href=/tag/slow.html>#slow</a></p>",
         [("byline", "// under #sea #slow")]),
        ("<div><a href='/tag/sea'>Sea</a><style>a{}</style></div><a href=/x>Sea</a>", []),
        ("<ul><li><a rel=tag href=/x>Sea</a></ul>", [("byline", "Sea")]),
        ("<p class=meta>" + "<a href=/tag/sea>A tag of many words</a> " * 20 + "</p>",
         [("byline", "A tag of many words " * 3 + "A tag of many words…")]),
        ("<blockquote class=instagram-media>View it there</blockquote>",
         [("embed", "View it there")]),
        ("<footer>Ada<script>track()</script><style>b{}</style></footer>", [("footer", "Ada")]),
    ],
)  # fmt: skip
def test_left_out(body, omissions):
    """Forms, comments, tags and other reviews are named, with the heading above them."""
    found = list_omissions(body)
    assert [(reason, text.removesuffix(" Turn on JavaScript.")) for reason, text in found] == [
        (reason, text) for reason, text in omissions
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"<h2>Related</h2>{TEXT}",
        f"<h2>The story</h2>{LINKS}",
        "<h2>Dune (2021)</h2><div class=meta>1 of May</div><h3>The plot</h3><p>Sand.</p>",
        "<p>It is <a href=/tag/sea>wet</a> and <a href=/tag/slow>slow</a>.</p>",
        f"<div><h2>Comments</h2>{TEXT}<form><input></form></div>",
    ],
)
def test_kept(body):
    """A heading above text, a list that no phrase announces and a sentence are the review's."""
    block = LexborHTMLParser(f"<html><body>{body}</body></html>").body.child
    assert name_block(block) == ""


def test_first_heading():
    """The heading above all text is the review's own, whatever stands below it."""
    document = read_html(
        "<html><head><title>A site</title></head><body><nav>x</nav><article><div><h2>Salt</h2>"
        f"<div class=share>Share</div></div>{TEXT * 3}</article></body></html>"
    )
    assert document.sections[0].heading == "Salt"
