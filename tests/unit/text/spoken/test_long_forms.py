"""A written form whose spoken form is over the limit is cut between words of what is said."""

import pytest

from reviewcast.model.text import Paragraph, Review, Section
from reviewcast.settings.schema import SplitSettings
from reviewcast.text.split import split_review
from reviewcast.text.spoken import say


def speak(text, emphasis):
    spoken = say(text, emphasis=emphasis)
    return " ".join(spoken.text.split()), spoken.changes


def split(text, max_chars=100):
    review = Review(
        title="", slug="x", sections=(Section(heading=None, paragraphs=(Paragraph(text),)),)
    )
    return split_review(review, SplitSettings(), max_chars=max_chars, say=speak)


@pytest.mark.parametrize(
    "text",
    [
        "1,234,567,890.12",
        "(9,876,543,210.987654321)",
        "It made $1,234,567,890.12 in 1,234,567,890 theatres, they say.",
        "See 978,333,444,555.12/987,654,321,123.45 now, if you can.",
    ],
)
def test_long_number(text):
    """All words of a long number are said in order, and no part is over the limit."""
    segments = split(text).segments
    assert all(len(segment.spoken) <= 100 for segment in segments)
    said = " ".join(segment.spoken for segment in segments)
    assert said.split() == speak(text, ())[0].split()
    assert "".join(segment.text for segment in segments).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("max_chars", [40, 60, 100])
def test_number_that_fits_stays_whole(max_chars):
    """A cut falls beside a number, a date or a price that is short enough, never inside it."""
    text = (
        "It earned 7.5/10 from the 12,345 people who came to see it on October 10, 2019 at "
        "10:30 p.m. in all the 1,234 theatres of $20 million each that had it then."
    )
    forms = ("7.5/10", "12,345", "October 10, 2019", "10:30 p.m.", "1,234", "$20 million")
    segments = split(text, max_chars).segments
    for form in forms:
        assert any(form in segment.text for segment in segments), form


def test_no_scrap_is_left():
    """A word or two that a cut beside a number leaves alone joins what is said beside it."""
    text = "It made $1,234,567,890.12 in 1,234,567,890 theatres on 10 October 2019, they say."
    assert all(len(segment.spoken) > 15 for segment in split(text).segments)


def test_what_is_not_said_is_told():
    """Ornaments and the paths of addresses are among the omissions, by name."""
    script = split("Loved it 😂 and www.example.org/salt too. Go on🔥")
    found = {(omission.text, omission.reason) for omission in script.omissions}
    assert found == {
        ("😂", "an ornament"),
        ("🔥", "an ornament"),
        ("/salt", "path of an address"),
    }


def test_title_in_italics_is_whole():
    """A mark inside a title in italics ends no sentence."""
    text = "I saw Oh, God! Book Two with my mother. It was fine, and long enough for an evening."
    review = Review(
        title="",
        slug="x",
        sections=(Section(heading=None, paragraphs=(Paragraph(text, emphasis=((6, 23),)),)),),
    )
    script = split_review(review, SplitSettings(run_chars=0), max_chars=1000, say=speak)
    assert script.segments[0].text.endswith("my mother.")
