"""Ratings that a page shows as pictures are said; every other picture is left out by name."""

import pytest

from reviewcast.model.text import Script
from reviewcast.settings.schema import ReadSettings, SplitSettings
from reviewcast.text.read import ReviewSource, read_review
from reviewcast.text.readers.shown_ratings import find_image_rating, find_star_icon
from reviewcast.text.split import split_review
from reviewcast.text.spoken import say

FULL, HALF, EMPTY = (f'<i class="fa fa-star{kind}"></i>' for kind in ("", "-half", "-o"))


def write_script(source: str, name: str = "x.md", language: str = "en") -> Script:
    review = read_review(ReviewSource(name, source.encode()), ReadSettings(language=language))

    def say_forms(text, emphasis):
        said = say(text, language=language, emphasis=emphasis)
        return said.text, said.changes

    return split_review(review, SplitSettings(), max_chars=300, say=say_forms)


def list_said(script: Script) -> list[str]:
    return [segment.spoken for segment in script.segments]


@pytest.mark.parametrize(
    ("source", "language", "said"),
    [
        ("![4/5](stars.gif)", "en", "four out of five"),
        ("Rating: ![★★★★☆](s.png)", "en", "Rating: four out of five stars"),
        ('<img src="s.png" alt="3.5 stars">', "en", "three and a half stars"),
        ("Wertung: ![4/5](stars.gif)", "de", "Wertung: vier von fünf"),
        ("Wertung: ![★★★★☆](s.png)", "de", "Wertung: vier von fünf Sternen"),
        (f"{FULL}{FULL}{FULL}{HALF}{EMPTY}", "en", "three and a half out of five stars"),
        (f"{FULL} {FULL} {FULL} {EMPTY}", "de", "drei von vier Sternen"),
    ],
)
def test_said(source, language, said):
    """A rating is said in the review's language, and its picture is no omission."""
    script = write_script(f"Ein Film.\n\n{source}\n\nEnde.", language=language)
    assert list_said(script) == ["Ein Film.", said, "Ende."]
    assert not script.omissions


def test_picture_of_a_rating_is_no_image():
    """What is said is not shown as a chapter's picture, too."""
    script = write_script("# A\n\nIt begins.\n\n![4/5](stars.gif) ![A poster](poster.png)\n")
    assert [chapter.image for chapter in script.chapters] == ["poster.png"]


@pytest.mark.parametrize("alt", ["4 dogs", "A clown", "5", "1/2 of a clown", "★ Best of 2024", ""])
def test_other_images(alt):
    """An image of anything else stays an omission."""
    assert not find_image_rating(alt)
    script = write_script(f"A film.\n\n![{alt}](x.png)\n")
    assert list_said(script) == ["A film."]
    assert [one.reason for one in script.omissions] == ["image"]


@pytest.mark.parametrize("name", ["x.md", "x.html"])
def test_lonely_icon(name):
    """One star before a word is an ornament, and no rating."""
    script = write_script(f"<p>A film.</p>\n\n<p>{FULL} Favourites</p>", name)
    assert list_said(script)[-1] == "Favourites"


@pytest.mark.parametrize(
    ("classes", "star"),
    [
        ("fas fa-star", "★"), ("far fa-star", "☆"), ("fa fa-star-half-o", "½"),
        ("fa fa-star-half-alt", "½"), ("bi bi-star-fill", "★"), ("bi bi-star", "☆"),
        ("bi bi-star-half", "½"), ("dashicons dashicons-star-filled", "★"),
        ("glyphicon glyphicon-star-empty", "☆"), ("icon-star", "★"), ("fa fa-start", ""),
        ("fa fa-heart", ""), ("starring", ""),
    ],
)  # fmt: skip
def test_icons(classes, star):
    """The icon fonts that blogs use name their stars alike."""
    assert find_star_icon("i", {"class": classes, "aria-hidden": "true"}) == star
    assert not find_star_icon("i", {"class": classes, "hidden": ""})


@pytest.mark.parametrize("name", ["x.md", "x.html"])
@pytest.mark.parametrize(
    "css",
    [
        "p.p1 {margin: 0.0px 0.0px 12.0px 0.0px; font: 12.0px Helvetica}",
        "p.p1 {margin: 0px} span.s1 {letter-spacing: 0.0px; color: #000000}",
        ".wp-block-image img {max-width: 100%;}",
        "td p {" + "margin: 0px; " * 30 + "}",
    ],
)
def test_style(css, name):
    """Rules of CSS that a program has pasted are left out by name."""
    script = write_script(f"<p>A film.</p>\n\n<p>{css}</p>\n\n<p>It ends.</p>", name)
    assert list_said(script) == ["A film.", "It ends."]
    assert [(one.text, one.reason) for one in script.omissions] == [(css.strip(), "style")]


@pytest.mark.parametrize("text", ["score {plot: 4}", "p {see below}", "A {note: good} film."])
def test_no_style(text):
    """What only looks a little like CSS is said."""
    script = write_script(f"<p>It begins.</p><p>{text}</p>", "x.html")
    assert [segment.text for segment in script.segments] == ["It begins.", text]
    assert not script.omissions
