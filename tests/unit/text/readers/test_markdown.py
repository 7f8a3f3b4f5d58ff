"""Markdown: what is said, in which role, and what is left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.model.errors import ReviewError
from reviewcast.model.text import Omission
from reviewcast.settings.schema import ReadSettings, SplitSettings
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.readers.markdown.walker import read_markdown
from reviewcast.text.split import split_review


def read(text: str):
    """The paragraphs as (role, text), whatever section they are in."""
    document = read_markdown(text)
    return [(p.role, p.text) for section in document.sections for p in section.paragraphs]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("An *emphasised*, __strong__ ***loud*** w**or**d.", "An emphasised, strong loud word."),
        ("A ~~struck~~ word.", "A word."),
        ("Rating: ***1/2", "Rating: ***1/2"),
        ("**Rating:** ***", "Rating: ***"),
        ("**Rating: ** good", "Rating: good"),
        ("It ends here. **", "It ends here."),
        ("Say `code()` and ``a`b``.", "Say code() and a`b."),
        ("A [link](https://example.org 'title') here.", "A link here."),
        ("A [link][1].\n\n[1]: https://example.org 'title'", "A link."),
        ("<https://example.org/x>", "https://example.org/x"),
        ("One\ntwo  \nthree\\\nfour", "One two three four"),
        ("\\*kept\\* \\# \\[x\\] \\\\", "*kept* # [x] \\"),
        ("AT&amp;T &copy; &#233;&nbsp;x", "AT&T © é x"),
        ("snake_case 2 * 3 * 4 # 5", "snake_case 2 * 3 * 4 # 5"),
        ("A <b>bold</b><br>new <!-- hidden --> line", "A bold new line"),
        ("<p>The <em>Great</em>, mes<b>mer</b>ising</p>", "The Great, mesmerising"),
        ("<p>One<br/>two</p>", "One two"),
        ('<a href="x" title="a > b">word</a> end', "word end"),
        ('<div title="a > b">word</div>', "word"),
        ("<div>a &lt;b&gt; &mdash; c</div>", "a <b> — c"),
        ("<!-- one\n\ntwo --> three", "three"),
        ("<!DOCTYPE html>\nword", "word"),
        ("A **bold ** and *open, M*A*S*H.", "A bold and open, M*A*S*H."),
        ("f*ck this **. **", "f*ck this."),
        ("A 5* hotel.", "A 5* hotel."),
        ("2 * 3 ** 4 \\*x\\*", "2 * 3 4 *x*"),
        ("[[Page]], [[Page|words]] and [[1]](u)", "Page, words and [1]"),
        ("==marked== a == b", "marked a == b"),
        (":star::star: :popcorn_time: at 10:30:00", "⭐⭐ popcorn time at 10:30:00"),
        ("[text]{.small} *em*{:.x} a{: .y}", "text em a"),
        ("[a](https://x.example/a\nb) [b](/x y) c", "a b c"),
        ("[a](<a href='x'\nrel=y>z</a>) [b](/x 'A title')", "a b"),
        ("[a][Ref] and [b][] and [b].\n\n[ref]: x 'A title'\n[b]: y", "a and b and b."),
        ("[a](javascript:x) [b]()", "a b"),
        ("The HTML.\n\n*[HTML]: Hypertext", "The HTML."),
        ("$x_1$ and a_b", "$x_1$ and a_b"),
        ("x<sup>2</sup> H<sub>2</sub>O <q>said</q>", "x² H2O “said”"),
        ("&#150; &copy 2020 &amp;amp; \\&eacute;", "– &copy 2020 &amp; &eacute;"),
        ("A<!--more-->B %%hidden%%", "AB"),
        ("[TOC]\n\nText", "Text"),
        ("<p markdown='1'>A [link](x) **b**</p>", "A link b"),
        ("One[^x].", "One."),
    ],
)
def test_inline(source, text):
    """Markup is never spoken, its words are."""
    assert read(source) == [("narrator", text)]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("> A\n> b\n>\n> > c", [("quote", "A b"), ("quote", "c")]),
        ("- a\n- b\n\n  c", [("list", "a"), ("list", "b"), ("list", "c")]),
        ("1. a\n   - b\n2. c", [("list", "a"), ("list", "b"), ("list", "c")]),
        ("- > a", [("quote", "a")]),
        ("> <p>a</p>", [("quote", "a")]),
        ("a\n\n---\n\nb", [("narrator", "a"), ("narrator", "b")]),
        ("|a|b|\n|-|:-:|\n|*c*||", [("list", "a; b"), ("list", "c")]),
        ("|a|\n|-|\n|d \\| e|", [("list", "a"), ("list", "d | e")]),
        ("text\n\n#### small", [("narrator", "text"), ("title", "small")]),
        ("> ## quoted", [("title", "quoted")]),
        ("#\n\n##\n\ntext", [("narrator", "text")]),
        ("|a|\n|-|\n|b|c *d*|", [("list", "a"), ("list", "b; c d")]),
        (
            "10. a\n9. b\n\nc\n\n1. d",
            [("list", "10. a"), ("list", "9. b"), ("narrator", "c"), ("list", "d")],
        ),
        ("2. a\n\nb\n\n1. c", [("list", "2. a"), ("narrator", "b"), ("list", "1. c")]),
        ("1. a\n\nb\n\n2. c", [("list", "1. a"), ("narrator", "b"), ("list", "2. c")]),
        ("1. a\n1. b\n   - c", [("list", "a"), ("list", "b"), ("list", "c")]),
        (
            "- [x] a\n- [ ] *b*\n\n[x] c",
            [("list", "☑ a"), ("list", "☐ b"), ("narrator", "[x] c")],
        ),
        ("A\n: b\n: c", [("list", "A"), ("list", "b"), ("list", "c")]),
        ("> [!NOTE] a\n> b", [("quote", "a b")]),
        (
            "::: warning Take care\na\n:::\nb",
            [("narrator", "Take care"), ("narrator", "a"), ("narrator", "b")],
        ),
        (
            "<ul><li>a<li>b</ul><p>c<p>d",
            [("list", "a"), ("list", "b"), ("narrator", "c"), ("narrator", "d")],
        ),
        ("<h2>A</h2>", []),
        ("<p>One</p><p>two</p>", [("narrator", "One"), ("narrator", "two")]),
    ],
)
def test_roles(source, parts):
    """Quotes, lists, tables and small headings have their roles."""
    assert read(source) == parts


def test_sentences_are_no_code():
    """A paragraph that is set in by four spaces is read all the same."""
    source = "One.\n\n    The *tide* comes in,\n    and the two of them do not say a word.\n\nTwo."
    said = "The tide comes in, and the two of them do not say a word."
    assert read(source) == [("narrator", "One."), ("narrator", said), ("narrator", "Two.")]


def test_paragraphs_of_html_are_no_code():
    """Of what is set in by four spaces, paragraphs of HTML are read, and code beside them not."""
    source = (
        "One.\n\n    <p>The <em>tide</em> comes in, and nobody says one word about all of it.</p>\n"
        "\n"
        "    <div>It goes out again, and they are all a little older.<br>Twice.</div>\n\n"
        "    x = tide(1)\n"
    )
    assert read(source) == [
        ("narrator", "One."),
        ("narrator", "The tide comes in, and nobody says one word about all of it."),
        ("narrator", "It goes out again, and they are all a little older. Twice."),
    ]
    assert Omission("x = tide(1)", "code") in read_markdown(source).omissions


@pytest.mark.parametrize(
    ("source", "omission"),
    [
        ("![A *moon*](moon.png)", Omission("A *moon*", "image")),
        ("![](moon.png)", Omission("moon.png", "image")),
        ("[![A moon](moon.png)](x)", Omission("A moon", "image")),
        ("```python\nx = 1\n```", Omission("x = 1", "code")),
        ("    x = 1", Omission("x = 1", "code")),
        ("<script>\nx = 1\n</script>", Omission("x = 1", "script")),
        ("<STYLE>p {}</STYLE>", Omission("p {}", "style")),
        ("a <script>x</script>", Omission("x", "script")),
        ("~~struck~~ <del></del>", Omission("struck", "struck out")),
        ('![a](x "Under it")', Omission("Under it", "caption")),
        ("<img src=x alt='A moon'>", Omission("A moon", "image")),
        ("<figure><figcaption>Under *it*</figcaption></figure>", Omission("Under *it*", "caption")),
        ("<iframe src='https://x' title='Trailer'></iframe>", Omission("Trailer", "embed")),
        ("<p hidden>a</p>", Omission("a", "hidden")),
        ("<span style='display:none'>a</span>", Omission("a", "hidden")),
        ("<div class='x' hidden>\n\n*a*\n\n</div>", Omission("a", "hidden")),
        ("<insert joke>", Omission("<insert>", "unknown tag")),
        ("![[moon.png]]", Omission("moon.png", "image")),
        ("![](data:image/png;base64,AAAA)", Omission("image", "image")),
        ("<img src='data:image/png;base64,AAAA'>", Omission("image", "image")),
        (
            "    the_sea(x) is what we say to it in the end. And so on, and so on.",
            Omission("the_sea(x) is what we say to it in the end. And so on, and so on.", "code"),
        ),
        ("[^1]: alone", Omission("alone", "footnote without a mark")),
        ("%%a note%%", Omission("a note", "comment")),
        ("<!-- never closed\n\n*the* rest", Omission("never closed *the* rest", "comment")),
    ],
)
def test_omissions(source, omission):
    """What is not spoken is named."""
    assert omission in read_markdown(f"before\n\n{source}").omissions


def test_footnotes():
    """A note follows the paragraph, item, row or heading that refers to it, once, unmarked."""
    source = (
        "# Title[^h]\n\na[^1] b[^2], again[^1] ^[An *inner* one.]\n\n"
        "- item[^3]\n- next\n\n> q[^4]\n\n"
        "[^1]: One.\n\n    > and more\n\n[^2]: Two.\n[^3]: Three.\n[^4]: Four.\n[^h]: Head.\n"
    )
    assert read(source) == [
        ("narrator", "Head."),
        ("narrator", "a b, again"),
        ("narrator", "One."),
        ("quote", "and more"),
        ("narrator", "Two."),
        ("narrator", "An inner one."),
        ("list", "item"),
        ("narrator", "Three."),
        ("list", "next"),
        ("quote", "q"),
        ("narrator", "Four."),
    ]


@pytest.mark.parametrize(
    ("source", "spans"),
    [
        ("*The Wind* and _it_ **x**", ["The Wind", "it"]),
        ("a <i> b </i> <cite>c</cite>", ["b", "c"]),
        ("*a [l](u)\nb*", ["a l b"]),
        ("**x**", []),
    ],
)
def test_emphasis(source, spans):
    """What is set in italics is known by its place: it may be a title."""
    (paragraph,) = read_markdown(source).sections[0].paragraphs
    assert [paragraph.text[start:end] for start, end in paragraph.emphasis] == spans


def test_summary():
    """A spoiler's summary is a part of it, and so is its footnote."""
    source = "<details><summary>Open</summary>\n\na[^1]\n\n</details>\n\nb\n\n[^1]: c"
    said = [("spoiler", "Open"), ("spoiler", "a"), ("spoiler", "c"), ("narrator", "b")]
    assert read(source) == said


@pytest.mark.parametrize("source", ["![[" * 20_000, "[" * 500, "[^a" * 500, "^[" * 500])
def test_open_brackets(source):
    """A heap of brackets that never close is refused before it takes for ever."""
    with pytest.raises(ReviewError, match="opens over 200 brackets"):
        read_markdown(source)


@pytest.mark.parametrize("source", ["[a](b) " * 500, "[\n\n" * 500, "\\[" * 500])
def test_many_brackets(source):
    """Many brackets that close, or stand alone, are no heap."""
    assert read_markdown(source).sections


@pytest.mark.parametrize("source", ["<b>" * 301 + "x", "<div>\n\n" * 301 + "x"])
def test_tags_too_deep(source):
    """Tags that nobody closes are refused too."""
    with pytest.raises(ReviewError, match="nested over 300 levels deep"):
        read_markdown(source)


@pytest.mark.parametrize(
    ("source", "title", "headings"),
    [
        ("# T\n\na\n\n## H\n\nb", "T", [None, "H"]),
        ("T\n=\n\na\n\nH\n-\n\nb", "T", [None, "H"]),
        ("# T #\n## H ##\nb", "T", [None, "H"]),
        ("## H\n\na\n\n# J", "", ["H", "J"]),
        ("a\n\n# H\n\nb", "", [None, "H"]),
        ("---\ntitle: T\n---\n# T\n\na", "T", [None]),
        ("---\ntitle: T\n---\n# Other\n\na", "Other", [None]),
        ("---\ntitle: T\n---\n# Other\n\na\n\n# More\n\nb", "", ["Other", "More"]),
        ("---\ntitle: 'T: a'\n---\n### T – A\n\na\n\n# More\n\nb", "T – A", [None, "More"]),
        ("# *T* [l](x) `c`\n\na", "T l c", [None]),
        ("# ![x](y)\n\na", "", [None]),
    ],
)
def test_headings(source, title, headings):
    """The first heading above all text is the title, the others begin sections."""
    document = read_markdown(source)
    assert document.title == title
    assert [section.heading for section in document.sections] == headings


@pytest.mark.parametrize("depth", [15, 25, 40])
def test_deep_but_read(depth):
    """Deep quotes and lists keep their text."""
    assert read(">" * depth + " deep") == [("quote", "deep")]
    assert read("- " * depth + "deep") == [("list", "deep")]


@pytest.mark.parametrize("source", [">" * 101, "- " * 101, "> - " * 40])
def test_too_deep(source):
    """What is nested too deeply is refused, not dropped."""
    with pytest.raises(ReviewError, match="nested over 100 levels deep"):
        read_markdown(f"{source}deep")


words = st.lists(st.text("abcdefghijkl", min_size=1, max_size=9), min_size=1, max_size=12)
inline = st.sampled_from(
    ["{}", "*{}*", "**{}**", "[{}](https://x.example/#TARGET)", "`{}`", "=={}==", "<b>{}</b>"]
)


@st.composite
def blocks(draw) -> tuple[str, list[str], list[str]]:
    """A block of Markdown, the words that are to be spoken, and those that are left out."""
    said = draw(words)
    marked = " ".join(draw(inline).format(word) for word in said)
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return f"{'#' * draw(st.integers(1, 6))} {marked}", said, []
    if kind == 1:
        return f"> {marked}\n>\n> > {marked}", said * 2, []
    if kind == 2:
        return f"- {marked}\n  1. {marked}\n", said * 2, []
    if kind == 3:
        cells = " | ".join(said)
        return f"| {cells} |\n|{'-|' * len(said)}\n| {cells} |", said * 2, []
    if kind == 4:
        return "```TARGET\n" + " ".join(said) + "\n```", [], said
    if kind == 5:
        # a line in italics just below it would be its caption
        return f"![{' '.join(said)}](TARGET.png)\n\nhere", ["here"], said
    if kind == 6:
        return f'<div class="TARGET"><p>{" ".join(said)}</p></div>', said, []
    if kind == 7:
        return f"{' '.join(said)}\n---", said, []
    if kind == 8:
        return "<!-- TARGET -->", [], []
    return marked + ".", said, []


@settings(max_examples=count_examples(150), deadline=None)
@given(st.lists(blocks(), max_size=8), st.sampled_from([20, 100, 1000]))
def test_never_spoken(parts, limit):
    """Of any mixture of blocks every word is spoken or left out by name, and no markup is."""
    parts = [("Start here.", ["Start", "here"], []), *parts]
    front = "---\ntitle: A title\nTARGET: TARGET\n---\n"
    source = front + "\n\n".join(block for block, _, _ in parts)
    review = read_review(ReviewSource("x.md", source.encode()), ReadSettings())
    script = split_review(review, SplitSettings(), max_chars=limit)
    spoken = " ".join(segment.spoken for segment in script.segments)
    left_out = " ".join(omission.text for omission in script.omissions)
    assert not set("*`#|[]<>~-_=") & set(spoken)
    assert "TARGET" not in spoken + left_out
    assert spoken.replace(";", " ").replace(".", " ").split() == [
        word for said in (["A", "title"], *(said for _, said, _ in parts)) for word in said
    ]
    assert left_out.split() == [word for _, _, omitted in parts for word in omitted]


@pytest.mark.parametrize("source", [">" * 50 + "a\n" + "b\n" * 3000, ("- " * 40 + "a\n") * 3000])
def test_long_and_deep(source):
    """A long text within deep quotes or lists is refused: every level would look at every line."""
    with pytest.raises(ReviewError, match="nested over 100 levels deep"):
        read_markdown(source)


@pytest.mark.parametrize("source", ["> a\n" * 3000, "- a\n" * 3000, ("*" * 40 + "\n") * 2000])
def test_long_and_flat(source):
    """A long quote, list or row of rules is not deep."""
    assert read_markdown(f"{source}\n\ntext").sections


@pytest.mark.parametrize(
    ("source", "images"),
    [
        ("# T\n\n![p](p.jpg)\n\nText.", [[(0, "p.jpg")]]),
        ("![p](p.jpg)\n\n# T\n\nText.", [[(0, "p.jpg")]]),
        ("A\n\n![x](<a b.png> 'title') and ![y](y.png)\n\nC", [[(1, "a b.png"), (1, "y.png")]]),
        ("[![x](x.png)](https://example.org) A\n\n![y][ref]\n\n[ref]: y.jpg",
         [[(0, "x.png"), (1, "y.jpg")]]),
        ("A\n\n![x](x.png)\n\n## B\n\nC\n\n![y](y.png)", [[(1, "x.png")], [(1, "y.png")]]),
        ("## B ![x](x.png)\n\nC", [[(0, "x.png")]]),
        ("<figure>\n<img src='a&amp;b.jpg' alt=x>\n</figure>\n\nC", [[(0, "a&b.jpg")]]),
        ("<img src='x.png' width=16> ![y](data:image/png;base64,AAAA) C", [[]]),
        ("<img hidden src='x.png'><div hidden><img src='y.png'></div> C", [[]]),
        ("C\n\n<details><img src='x.png'> dies</details>", [[]]),
        ("C\n\n<div class=spoiler>\n\n![x](x.png)\n\nShe dies.\n\n</div>", [[]]),
        ("C `![x](x.png)`\n\n    ![x](x.png)\n", [[]]),
    ],
)  # fmt: skip
def test_images(source, images):
    """Those that all may see are told with where they stand; no ornament, nothing that spoils."""
    assert [list(section.images) for section in read_markdown(source).sections] == images
