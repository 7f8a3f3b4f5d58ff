"""Pages: the review is found, what is around it is named, nothing hidden is spoken."""

import pytest

from reviewcast.model.errors import ReviewError
from reviewcast.settings.schema import ReadSettings
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.readers.html.walker import read_html, read_html_fragment

LONG = "A sentence about the film that is long enough to be an article. " * 4
SITE = "<title>Films: The Wind — Ada</title><meta property=og:site_name content=ADA>"
OWN = """<meta property=og:site_name content=Ada><meta property=og:title content=Ada>
<title>The Wind</title>"""
SECTIONS = f"""<title>Salt – a review</title><body><nav>n</nav><h1>Salt <small>a review</small></h1>
<article><p>{LONG}</p><h1>The sea</h1><p>x</p></article>"""
POSTING = """<script type=application/ld+json>
{"@type": "BlogPosting", "headline": "The Wind", "image": ["a"], "author": "Ada"}</script>"""
PAGE = f"""<!doctype html>
<html lang="en-GB"><head><title>The Wind | Ada's films</title>
<meta property="og:site_name" content="Ada's films">
<meta property="og:title" content="The Wind | Ada's films">
<meta property="og:image" content="wind.jpg"><meta name="description" content="Sand.">
<script type="application/ld+json">{{"@graph": [{{"@type": "WebSite", "name": "x"}},
{{"@type": ["Review"], "itemReviewed": {{"@type": "Movie", "name": "The Wind",
"datePublished": "1928-11-23"}}, "author": [{{"name": "Ada Quill"}}], "datePublished": "2024-10-31",
"reviewRating": {{"ratingValue": "4.5", "bestRating": 5}}}}]}}</script>
<style>p {{ color: red }}</style></head>
<body class="post-template"><a class="skip-link" href="#c">Skip</a>
<header><nav><a href="/">Home</a></nav></header>
<main id="c"><article class="post tag-horror related-none">
<header><h1>On The Wind</h1><p class="byline">By Ada Quill</p></header>
<div class="entry-content">
<p>The <em>wind</em> gets in.<sup id="fnref:1"><a href="#fn:1">1</a></sup> {LONG}</p>
<figure><img src="a.jpg" alt="The wind"><figcaption>Sand, 1928</figcaption></figure>
<figure><blockquote><p>Close the door.</p></blockquote><figcaption>A cowhand</figcaption></figure>
<h2>Verdict</h2><p>See it. <span class="spoiler">She stays.</span></p>
<p style="display: none">keywords</p><p aria-hidden="true">*</p>
<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td><p>2</p></td></tr></table>
<ol reversed><li>Second<li>First</ol>
<iframe src="https://video.example/1" title="Trailer"></iframe>
<div class="sharedaddy"><h3>Share</h3></div>
<div class="footnotes"><ol><li id="fn:1"><p>In the desert. <a href="#fnref:1">↩</a></p></li>
<li id="fn:2">Nobody refers here.</li></ol></div>
</div>
<section id="comments"><p>First!</p></section></article><aside>Other posts</aside></main>
<footer>© Ada</footer><script>track()</script></body></html>"""


def parts(document):
    """The paragraphs as (role, text), whatever section they are in."""
    return [(p.role, p.text) for section in document.sections for p in section.paragraphs]


def test_page():
    """An article is read in order, its footnote after the paragraph that refers to it."""
    review = read_review(ReviewSource("x.html", PAGE.encode()), ReadSettings())
    assert [section.heading for section in review.sections] == [None, "Verdict"]
    assert parts(review) == [
        ("narrator", f"The wind gets in. {LONG.strip()}"),
        ("narrator", "In the desert."),
        ("quote", "Close the door."),
        ("narrator", "A cowhand"),
        ("spoiler", "See it. She stays."),
        ("list", "A; B"),
        ("list", "1"),
        ("list", "2"),
        ("list", "2. Second"),
        ("list", "1. First"),
        ("list", "Nobody refers here."),
    ]
    assert review.sections[0].paragraphs[0].emphasis == ((4, 8),)


def test_what_is_left_out():
    """Each block around the article, each picture and hidden text is named once."""
    review = read_review(ReviewSource("", PAGE.encode()), ReadSettings())
    assert sorted((o.reason, o.text) for o in review.omissions) == [
        ("caption", "Sand, 1928"),
        ("comments", "First!"),
        ("embed", "Trailer"),
        ("footer", "© Ada"),
        ("header", "By Ada Quill"),
        ("header", "Home"),
        ("hidden", "*"),
        ("hidden", "keywords"),
        ("image", "The wind"),
        ("navigation", "Skip"),
        ("sharing", "Share"),
        ("sidebar", "Other posts"),
    ]


def test_metadata():
    """A page's own data fill the fields, each with where it came from."""
    review = read_review(ReviewSource("x.htm", PAGE.encode()), ReadSettings())
    assert (review.title, review.subject, review.author) == (
        "On The Wind",
        "The Wind (1928)",
        "Ada Quill",
    )
    assert (review.rating, review.date, review.language) == ("4.5/5", "2024-10-31", "en-GB")
    assert review.origins == {
        "title": "text",
        "subject": "JSON-LD",
        "author": "JSON-LD",
        "rating": "JSON-LD",
        "date": "JSON-LD",
        "language": "html lang",
        "image": "OpenGraph",
        "description": "meta",
    }


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>The Wind</title>", "The Wind"),
        ("<title>The Wind | Films</title>", "The Wind"),
        ("<title>Film - The Wind</title>", "Film - The Wind"),
        (SITE, "Films: The Wind"),
        ("<title>Ada » The Wind</title><meta property=og:site_name content=Ada>", "The Wind"),
        ("<meta name=twitter:title content='The Wind'><title>x</title>", "The Wind"),
        ("<script type=application/ld+json>{broken</script><title>The Wind</title>", "The Wind"),
        (POSTING, "The Wind"),
        (OWN, "The Wind"),
    ],
)  # fmt: skip
def test_titles(head, title):
    """A title is taken from the head without the site's name."""
    assert read_html(f"<html><head>{head}</head><body><p>Text</p>").metadata["title"] == title


@pytest.mark.parametrize(
    ("page", "title", "headings"),
    [
        ("<title>Ada's films - Salt</title><body><h3>Salt</h3><p>x", "Salt", [None]),
        ("<body><h2>Salt</h2><p>x", "Salt", [None]),
        ("<title>Ada's films</title><body><h2>The sea</h2><p>x", "Ada's films", ["The sea"]),
        (SECTIONS, "Salt a review", [None, "The sea"]),
    ],
)
def test_headings(page, title, headings):
    """The heading that the head speaks of is the title, wherever it stands."""
    document = read_html(f"<html>{page}")
    assert document.metadata["title"] == title
    assert [section.heading for section in document.sections] == headings


SOURCE = """---
title: Salt
stars: 4
---
<h2>{{ title }}</h2>
<p>Posted {{ date | date: "%d" }}{% include share.html %} by <a href="{{ site.url }}">Ada</a>.</p>
<p>It runs. {% if page.x %}It stays.{% endif %}</p>
<script>if (a) {{ b() }}</script><p>}} It ends.</p>
"""


def test_source():
    """A page with front matter is one that a blog is made of: its templates are no text."""
    review = read_review(ReviewSource("x.html", SOURCE.encode()), ReadSettings())
    assert (review.title, review.rating, review.origins["title"]) == (
        "Salt",
        "4 stars",
        "front matter",
    )
    assert [text for _, text in parts(review)] == [
        "Posted by Ada.",
        "It runs. It stays.",
        "}} It ends.",
    ]
    assert [(o.reason, o.text) for o in review.omissions] == [
        ("variable", "{{ date }}"),
        ("shortcode", "share"),
    ]


def test_microdata():
    """Microdata and microformats are read where there is no JSON-LD."""
    page = (
        "<article><span itemprop=itemReviewed><b itemprop=name>Smile</b></span>"
        "<meta itemprop=ratingValue content=7><span class=p-best>10</span>"
        "<time class=dt-published datetime=2024-01-02>soon</time><p>Text</p></article>"
    )
    assert read_html(page).metadata == {
        "subject.title": "Smile",
        "rating.value": "7",
        "rating.max": "10",
        "date": "2024-01-02",
    }


@pytest.mark.parametrize(
    ("body", "first"),
    [
        (f"<nav>n</nav><div class=e-content><p>{LONG}</p></div>", LONG),
        (f"<nav>n</nav><div><div class=x><p>Short.</p><p>{LONG}</p></div><p>y</p></div>", "Short."),
        (f"<nav>n</nav><div itemprop=reviewBody>{LONG}{LONG}</div><article>no</article>", LONG * 2),
        ("<p>Only this.", "Only this."),
        ("<nav>n</nav><p>Too short for an article.</p>", "Too short for an article."),
    ],
)
def test_article(body, first):
    """The article is found by its name, else where most paragraphs are."""
    document = read_html(f"<html><body>{body}</body></html>")
    assert parts(document)[0][1] == " ".join(first.split())


@pytest.mark.parametrize(
    "source",
    ["<div>" * 301 + "x", "<b>" * 301 + "x", "<ul><li>" * 301 + "x", "<table><tr><td>" * 301 + "x"],
)
def test_too_deep(source):
    """What is nested too deeply is refused before the parser sees it."""
    with pytest.raises(ReviewError, match="nested over 300 levels deep"):
        read_html(source)


@pytest.mark.parametrize(
    "source",
    ["<p>" * 1000 + "x", "<br>" * 1000 + "x", "<div></div>" * 1000, "(<page.Tag at 0x7f>)" * 1000],
)
def test_not_deep(source):
    """Tags that close themselves are not nested, nor those that a broken template left."""
    assert read_html(f"{source}<p>text")


@pytest.mark.parametrize(
    ("source", "omissions"),
    [
        ("<script>a()</script><style>b</style><template>c</template><p>x</p>", []),
        ("<p>x</p><noscript>Turn it on</noscript>", [("noscript", "Turn it on")]),
        ("<p hidden>a</p><p class='sr-only'>b</p>", [("hidden", "a"), ("hidden", "b")]),
        ("<form><button>Go</button></form>", [("form", "Go")]),
        ("<ruby>漢<rt>kan</rt></ruby>", [("reading aid", "kan")]),
        ("<svg><title>A star</title></svg>", [("image", "A star")]),
        ("<del>old</del><pre>x = 1</pre>", [("struck out", "old"), ("code", "x = 1")]),
        ("<pre>The tide comes in, and the two of them do not say a word.</pre>", []),
        ("<spoiler>She stays.</spoiler>", []),
        (
            "<p>[caption width='3']Salt[/caption]",
            [("shortcode", "caption width='3'"), ("shortcode", "caption")],
        ),
        ("<embed src=a.swf><audio src=b.mp3>c</audio>", [("embed", "a.swf"), ("embed", "b.mp3 c")]),
        ("<frameset><noframes>No frames</noframes></frameset>", []),
    ],
)
def test_never_spoken(source, omissions):
    """Scripts are no text; what is hidden, struck or moving is named."""
    document = read_html_fragment(source)
    assert [(o.reason, o.text) for o in document.omissions] == omissions


def test_a_page_of_frames():
    """A page without a body has no text to speak, and loses none."""
    page = b"<html><frameset><frame><noframes>No frames</noframes></frameset></html>"
    with pytest.raises(ReviewError, match="holds no text to speak"):
        read_review(ReviewSource("x.html", page), ReadSettings())


def test_declared_encoding():
    """A page that says what it is written in is believed."""
    page = b"<html><head><meta charset=windows-1251></head><body><p>\xcf\xf0\xe8\xe2\xe5\xf2</p>"
    review = read_review(ReviewSource("x.html", page), ReadSettings())
    assert parts(review) == [("narrator", "Привет")]
    assert review.notes == ()


def test_docutils_notes():
    """Notes that stand in tables, as Pelican has them, follow their paragraph too."""
    document = read_html_fragment(
        '<p>One <a class="footnote-reference" href="#id2" id="id1">[1]</a>.</p><p>Two.</p>'
        '<table class="docutils footnote" id="id2"><tr><td class="label">'
        '<a class="fn-backref" href="#id1">[1]</a></td><td>The note.</td></tr></table>'
    )
    assert [text for _, text in parts(document)] == ["One .", "The note.", "Two."]


def test_images_of_sections():
    """The article's own, also those that a page fetches late; nothing of what is around it."""
    page = f"""<body><header><img src=logo.png></header><article><h1>T</h1><p>{LONG}</p>
    <h2>One</h2><figure><img src="data:image/gif;base64,R0" data-src="one.jpg" width=800>
    <figcaption>Sand</figcaption></figure><p>Text.</p><h2>Two</h2>
    <p><img src=smiley.png width=16 height=16> Text. <img src="two.jpg"></p></article>
    <aside><img src=ad.png></aside></body>"""
    assert [list(section.images) for section in read_html(page).sections] == [
        [],
        [(0, "one.jpg")],
        [(0, "two.jpg")],
    ]
