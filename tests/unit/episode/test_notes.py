"""Show notes: what stays of a review, what never does, and how long both may be."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from tests.support.budget import count_examples

from reviewcast.episode.notes import compose_notes, format_notes
from reviewcast.episode.notes_tables import list_tables
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.model.text import Paragraph, Review, Section
from reviewcast.settings.schema import ReadSettings
from reviewcast.text.read import ReviewSource, read_review

KEPT = {"p", "h3", "blockquote", "ul", "ol", "li", "em", "strong", "a", "br"}
CHAPTERS = (
    EpisodeChapter("Opening", 0.0),
    EpisodeChapter("The plot & <more>", 61.9),
    EpisodeChapter("Verdict", 3725.0),
)
ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><style><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=data:text/html,<script>alert(1)</script>>x</a>",
    "<a href='https://x.org/' onclick='alert(1)' style='x:y'>x</a>",
    "<p onmouseover=alert(1)>x",
    '<a title="</p><script>alert(1)</script>" href="https://x.org/">x</a>',
    "<iframe src='https://x.org/'></iframe>",
    "<style>@import 'https://x.org/'</style>",
    "<!--><script>alert(1)</script>-->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<form action=https://x.org/><input name=x>",
    "<meta http-equiv=refresh content=0>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def compose(text="", rating="", subject="", author="", chapters=(), link=""):
    return compose_notes(
        text, rating=rating, subject=subject, author=author, chapters=chapters, link=link
    )


def check_clean(notes):
    """Hold notes against what they may be made of, as a browser reads them."""
    for node in LexborHTMLParser(notes).body.css("*"):
        if node.tag == "body":
            continue
        assert node.tag in KEPT, notes
        if node.tag == "a":
            assert set(node.attributes) == {"href", "rel"}
            assert node.attributes["rel"] == "nofollow noopener"
            assert re.match(r"(https?://|mailto:)[!-~]+\Z", node.attributes["href"]), notes
        else:
            assert not node.attributes, notes


def read_visible(notes):
    return LexborHTMLParser(notes).body.text()


def test_all_parts():
    """What is reviewed and how it was rated, the review, its chapters, the way to it."""
    description, notes = compose(
        "<h2>The plot</h2><p>It is <i>good</i> &amp; <b>bold</b>.</p>",
        rating="★★★½",
        subject="Nights & <Wind>",
        author="Ann",
        chapters=CHAPTERS,
        link="https://example.org/r?a=1&b=2",
    )
    assert description == (
        "Nights & <Wind> · ★★★½ · Ann\n\n"
        "The plot\n\n"
        "It is good & bold.\n\n"
        "00:00:00 Opening\n"
        "00:01:01 The plot & <more>\n"
        "01:02:05 Verdict\n\n"
        "https://example.org/r?a=1&b=2"
    )
    assert notes == (
        "<p><strong>Nights &amp; &lt;Wind&gt;</strong> · ★★★½ · Ann</p>\n"
        "<h3>The plot</h3>\n"
        "<p>It is <em>good</em> &amp; <strong>bold</strong>.</p>\n"
        "<p>00:00:00 Opening<br>\n"
        "00:01:01 The plot &amp; &lt;more&gt;<br>\n"
        "01:02:05 Verdict</p>\n"
        '<p><a href="https://example.org/r?a=1&amp;b=2" rel="nofollow noopener">'
        "https://example.org/r?a=1&amp;b=2</a></p>"
    )


def test_nothing_to_say():
    """Without anything known there is nothing, and no empty paragraph."""
    assert compose() == ("", "")
    assert compose("<p> </p><h2></h2><div>\n</div>") == ("", "")
    assert compose(rating="8/10") == ("8/10", "<p>8/10</p>")


@pytest.mark.parametrize(
    ("text", "notes", "description"),
    [
        ("one<p>two", "<p>one</p>\n<p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "<p>one</p>\n<p>two</p>", "one\n\ntwo"),
        ("<p>one<br>two</p>", "<p>one<br>two</p>", "one\ntwo"),
        ("<h1>A</h1><h6>B</h6>c", "<h3>A</h3>\n<h3>B</h3>\n<p>c</p>", "A\n\nB\n\nc"),
        (
            "<ul><li>a<li><p>b</p><p>c</p></ul>",
            "<ul><li>a</li>\n<li>b<br>c</li>\n</ul>",
            "• a\n• b\nc",
        ),
        (
            "<ol><li>a<ul><li>b</ul></ol>",
            "<ol><li>a<ul><li>b</li>\n</ul>\n</li>\n</ol>",
            "• a\n• b",
        ),
        ("<li>alone", "<ul><li>alone</li>\n</ul>", "• alone"),
        (
            "<blockquote>a<p>b</blockquote>c",
            "<blockquote><p>a</p>\n<p>b</p>\n</blockquote>\n<p>c</p>",
            "a\n\nb\n\nc",
        ),
        ("<p><em>a</p><p>b</em></p>", "<p><em>a</em></p>\n<p>b</p>", "a\n\nb"),
        ("<em>a <em>b</em> c</em>", "<p><em>a b</em> c</p>", "a b c"),
        ("<table><tr><td>a<td>b</table>", "<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("3 < 4 & 5 &gt; 4 &eacute;", "<p>3 &lt; 4 &amp; 5 &gt; 4 é</p>", "3 < 4 & 5 > 4 é"),
        ("a<!-- b --><?c d?>e", "<p>ae</p>", "ae"),
        ("<p title=it's>a</p>", "<p>a</p>", "a"),
        ("a<!-- b", "<p>a</p>", "a"),
        ("<a href=mailto:a@b.org>x</a>", None, "x"),
    ],
)
def test_markup(text, notes, description):
    """Known markup becomes the few elements of notes, and text in the same order."""
    given_description, given_notes = compose(text)
    assert given_description == description
    if notes is not None:
        assert given_notes == notes
    check_clean(given_notes)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://x.org/é?q=a b#c", "https://x.org/%C3%A9?q=a%20b#c"),
        ("/about", "https://example.org/about"),
        ("next.html", "https://example.org/2026/next.html"),
        ("//cdn.org/x", "https://cdn.org/x"),
        ("#fn1", "https://example.org/2026/r.html#fn1"),
        ("mailto:ann@example.org", "mailto:ann@example.org"),
        ("MAILTO:a@b.org?bcc=c@d.org", None),
        ("ftp://x.org/", None),
        ("javascript:alert(1)", None),
        ("https://[broken", None),
        ("", "https://example.org/2026/r.html"),
    ],
)
def test_links(href, expected):
    """Links lead to the web or to a mailbox, as seen from the written review."""
    _, notes = compose(f'<a href="{href}">x</a>', link="https://example.org/2026/r.html")
    first = notes.partition("</p>")[0]
    found = re.search('href="([^"]*)"', first)
    assert (found[1] if found else None) == expected


def test_relative_link_without_a_page():
    """Without the review's own address a relative link is only its text."""
    assert compose('<a href="/about">x</a>')[1] == "<p>x</p>"


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_script_survives(attack):
    """Nothing that runs, loads or styles survives, in the review or in a name."""
    check_clean(compose(f"a{attack}b")[1])
    check_clean(compose(f"<p>{attack}")[1])
    chapters = (EpisodeChapter(attack, 0.0),) * 3
    _, notes = compose(subject=attack, rating=attack, author=attack, chapters=chapters)
    check_clean(notes)
    assert "alert(1)" not in re.sub(r"<[^>]*>|[^<]*", "", notes)
    _, notes = compose("a", link=attack)
    assert notes == "<p>a</p>"


def test_few_or_late_chapters():
    """Apple reads lists of at least three chapters, from 0 on; others are not listed."""
    for chapters in (CHAPTERS[:2], CHAPTERS[1:], (*CHAPTERS[1:], *CHAPTERS[1:])):
        assert compose(chapters=chapters) == ("", "")


def test_long_review_gives_way():
    """A long review is cut at a word; the chapters and the link behind it are whole."""
    description, notes = compose(
        f"<p>{'Ein schöner Satz. ' * 1000}</p>",
        subject="S",
        chapters=CHAPTERS,
        link="https://example.org/",
    )
    assert 3900 < len(description.encode()) <= 4000
    assert description.endswith("Verdict\n\nhttps://example.org/")
    assert re.search(r"(Ein|schöner|Satz\.)…\n\n00:00:00 Opening", description)
    assert notes.count("Satz") == 1000


def test_many_chapters_leave_room():
    """Hundreds of chapters take half of the description; the notes list them all."""
    chapters = tuple(EpisodeChapter(f"Kapitel {n} {'ü' * 50}", n * 10.0) for n in range(500))
    description, notes = compose("<p>word</p>" * 2000, chapters=chapters, link="https://x.org/")
    assert 3800 < len(description.encode()) <= 4000
    assert description.count("Kapitel") > 10
    assert description.count("word") > 200
    assert description.endswith("ü\n\nhttps://x.org/")
    assert notes.count("Kapitel") == 500


@pytest.mark.parametrize(
    "text",
    [
        "<blockquote>" * 50_000 + "x",
        "<ul><li>" * 50_000 + "x",
        "<b>" * 50_000 + "x",
        "<p><em><strong>x" * 20_000,
        "<div>" * 50_000 + "x",
        '<a "' * 10_000 + "x",
        "<" * 50_000 + "x",
        "</script" * 10_000 + "x",
        "x<script>" * 20_000,
        "<a href=" + " " * 100_000 + "x",
        "".join(f"<font a={n}>" for n in range(20_000)) + "<p>x" * 20_000,
        "&" * 50_000 + "x",
        "x" + "\n " * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_size(text):
    """No nesting and no repetition makes the time grow beyond its length."""
    started = time.process_time()
    description, notes = compose(text)
    assert time.process_time() - started < 3
    assert len(description.encode()) <= 4000
    assert "x" in notes
    deepest = depth = 0
    for closing in re.findall(r"<(/?)(?!br)[a-z]", notes):
        depth += -1 if closing else 1
        deepest = max(deepest, depth)
    assert depth == 0
    assert deepest <= 55


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [f"<{slash}{name}>" for name in [*KEPT, "div", "h1", "b", "td"] for slash in ("", "/")]
            + ["<a href='https://x.org/'>", "<", ">", "&", "&amp;", "&#1;", "&#xFFFE;", "\x00"]
        ),
        st.text(st.characters(exclude_categories=()), max_size=8),
    ),
    max_size=40,
)


@settings(max_examples=count_examples(300), deadline=None)
@given(pieces=PIECES)
def test_any_markup(pieces):
    """Whatever the markup, notes are clean, the same twice, and say all that could be seen."""
    text = "".join(pieces)
    description, notes = compose(text)
    check_clean(notes)
    assert compose(text) == (description, notes)
    assert compose(notes)[1].replace("\n", "") == notes.replace("\n", "")
    seen = re.sub(r"[\s•]", "", read_visible(notes))
    assert re.sub(r"[\s•]", "", description) == seen


@settings(max_examples=count_examples(200), deadline=None)
@given(text=st.text("abc <>&;/='\"\n", max_size=60), size=st.integers(0, 3))
def test_words_survive(text, size):
    """Escaped text comes through word by word."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    description, _ = compose(f"<p>{escaped}</p>" * size)
    assert description.split() == (text * size if not text.strip() else f"{text} " * size).split()


def test_every_code_point():
    """Every code point in a review leaves notes that XML can hold."""
    from lxml import etree

    root = etree.Element("notes")
    for start in range(0, 0x110000, 0x4000):
        numbers = range(start, start + 0x4000)
        texts = ["".join(map(chr, numbers))]
        if start < 0x10000 or start == 0xE0000:
            texts.append("".join(f"&#{number};" for number in numbers))
        for text in texts:
            description, notes = compose(text, subject=text[:200], rating=text[-200:])
            root.text = description + notes  # raises for what XML cannot hold
            check_clean(notes)


def test_a_review_becomes_notes():
    """Headings, quotes, lists, italics and links come out as HTML; foreign signs are escaped."""
    text = "See Alien & its <sequel> now."
    review = Review(
        title="T",
        slug="t",
        sections=(
            Section(
                "Plot & more",
                (
                    Paragraph(text, emphasis=((4, 9),), links=((4, 24, "https://x.org/?a=1&b"),)),
                    Paragraph("Quoted.", "quote"),
                    Paragraph("One.", "list"),
                    Paragraph("Two.", "list"),
                    Paragraph("He dies.", "spoiler"),
                ),
            ),
        ),
    )
    assert format_notes(review) == (
        "<h3>Plot &amp; more</h3>\n"
        '<p>See <a href="https://x.org/?a=1&amp;b"><em>Alien</em>'
        " &amp; its &lt;sequel&gt;</a> now.</p>\n"
        "<blockquote><p>Quoted.</p></blockquote>\n"
        "<ul><li>One.</li><li>Two.</li></ul>\n"
        "<p>(Spoilers: in the episode.)</p>\n"
    )


@pytest.mark.parametrize(
    ("written", "notes"),
    [
        ("1. a\n2. b\n\nc\n\n- d", "<ol><li>a</li><li>b</li></ol>\n<p>c</p>\n<ul><li>d</li></ul>"),
        (
            "1. a\n\n   b\n2. c\n   - d\n3. e",
            "<ol><li>a<br>b</li><li>c<ul><li>d</li></ul></li><li>e</li></ol>",
        ),
        (
            "1. a\n\n* c\n\n| F | Y |\n|--|--|\n| g | 1979 |",
            "<ol><li>a</li></ol>\n<ul><li>c</li></ul>\n<ul><li>F; Y</li><li>g; 1979</li></ul>",
        ),
        ("2. a\n1. b", "<ul><li>2. a</li><li>1. b</li></ul>"),
        (
            "<ol><li>a<ol><li>b<li>c</ol><li>d</ol><ol><li>e</ol>",
            "<ol><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ol>\n<ol><li>e</li></ol>",
        ),
        (
            "<table><tr><th>F<th>Y<tr><td>g<td>1979</table><table><tr><td>h</table>",
            "<ul><li>F; Y</li><li>g; 1979</li></ul>\n<ul><li>h</li></ul>",
        ),
    ],
)
def test_lists_stay_apart(written, notes):
    """Numbered lists keep their numbers, inner ones their place, tables a row for each item."""
    source = ReviewSource("x.md", f"It begins.\n\n{written}\n\nIt ends.\n".encode())
    found = format_notes(read_review(source, ReadSettings()))
    assert list_tables(found) == f"<p>It begins.</p>\n{notes}\n<p>It ends.</p>\n"
    check_clean(compose(found)[1])
