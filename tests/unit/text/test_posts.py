"""Messages keep within the limits of services, as readers count characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast.text.posts import compose_post, count_graphemes, cut_graphemes

LINK = "https://example.org/film"
TEXT = "{show}: {title}\n{rating}\n{link}"
VALUES = {"show": "Film talk", "title": "The General", "rating": "★★★★", "link": LINK}
FAMILY = "👨‍👩‍👧‍👦"


def test_fields_are_replaced_and_empty_lines_left_out():
    """A line of which nothing is there is no line; what has no field stays."""
    assert compose_post(TEXT, VALUES) == f"Film talk: The General\n★★★★\n{LINK}"
    assert compose_post(TEXT, VALUES | {"rating": ""}) == f"Film talk: The General\n{LINK}"
    assert compose_post("New!\n{rating}", {"rating": ""}) == "New!"


def test_values_are_no_templates():
    """Braces in a title are text."""
    assert compose_post("{title}", VALUES | {"title": "{link} {0.__class__}"}) == (
        "{link} {0.__class__}"
    )


@pytest.mark.parametrize("letter", ["a", "é", FAMILY, "नि", "한"])
def test_a_long_title_gives_way_and_the_link_stays(letter):
    """The title is cut between characters as readers see them, and the limit is used."""
    title = f"{letter} " * 400
    text = compose_post(TEXT, VALUES | {"title": title}, most_graphemes=300)
    assert 290 <= count_graphemes(text) <= 300
    assert text.endswith(f"…\n★★★★\n{LINK}")
    assert text.startswith(f"Film talk: {letter} {letter}")
    assert set(text[11 : text.index("…")].split()) == {letter}


def test_a_link_counts_as_the_service_counts_it():
    """Mastodon counts 23 characters for any link."""
    link = LINK + "/x" * 300
    values = VALUES | {"title": "t" * 900, "link": link}
    text = compose_post(TEXT, values, most_graphemes=500, link_graphemes=23)
    assert text.endswith(link)
    assert count_graphemes(text) - count_graphemes(link) + 23 == 500


def test_bytes_are_limited_too():
    """300 families are 7,500 bytes, and Bluesky takes 3,000."""
    values = VALUES | {"title": FAMILY * 280}
    text = compose_post(TEXT, values, most_graphemes=300, most_bytes=3000)
    assert len(text.encode()) <= 3000
    assert text.endswith(LINK)
    assert text.count(FAMILY) > 100


def test_a_link_that_is_too_long_itself_goes():
    """What is left is the text: a broken link leads nowhere."""
    values = VALUES | {"link": LINK + "/x" * 300}
    assert compose_post(TEXT, values, most_graphemes=300) == "Film talk: The General\n★★★★"


def test_nobody_is_mentioned_by_a_title():
    """@midnight is a show, and an account of the server as well; a link keeps its @."""
    values = VALUES | {"title": "@midnight, me@example.org", "link": "https://m.example/@jo/1"}
    text = compose_post(TEXT, values, most_graphemes=500)
    assert "@\u200bmidnight, me@example.org" in text
    assert "https://m.example/@jo/1" in text
    assert "@midnight" in compose_post(TEXT, values)
    assert "@\u200bmidnight" in compose_post(TEXT, values, may_mention=True)
    called = compose_post("@all {title}", VALUES | {"title": "<!channel> <b>"}, may_mention=True)
    assert called == "@all <\u200b!channel> <b>", "what the show itself writes may call people"


@given(st.text(max_size=80), st.text(max_size=80), st.integers(1, 120), st.integers(0, 200))
def test_no_limit_is_ever_passed(title, rating, most, most_bytes):
    """Whatever a title holds."""
    values = VALUES | {"title": title, "rating": rating}
    text = compose_post(TEXT, values, most_graphemes=most, most_bytes=most_bytes)
    assert count_graphemes(text) <= most
    assert not most_bytes or len(text.encode()) <= most_bytes


def test_a_cut_parts_no_character():
    """Flags, accents and families stay whole."""
    assert cut_graphemes("e\u0301🇩🇪" + FAMILY, 2) == "e\u0301🇩🇪"
