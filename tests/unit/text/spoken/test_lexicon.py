"""A lexicon says a show's words its own way, and says what is wrong with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.model.errors import ConfigError
from reviewcast.text.spoken import LexiconEntry, load_lexicon, say

_TOML = """
[words]
"Chazelle" = "sha-ZELL"
"gif" = "jif"

[[entry]]
written = "Saoirse Ronan"
spoken = "SUR-sha Ronan"
ipa = "ˈsɜːrʃə ˈroʊnən"
case = "exact"
voices = ["espeak"]

[[entry]]
written = "euro"
spoken = "yoo-ro"
whole_word = false
language = "en"
"""


def test_load_lexicon():
    """Plain words come first, then the detailed entries, in the order of the file."""
    assert load_lexicon(_TOML) == (
        LexiconEntry("Chazelle", "sha-ZELL"),
        LexiconEntry("gif", "jif"),
        LexiconEntry(
            "Saoirse Ronan",
            "SUR-sha Ronan",
            ipa="ˈsɜːrʃə ˈroʊnən",
            case="exact",
            voices=("espeak",),
        ),
        LexiconEntry("euro", "yoo-ro", whole_word=False, language="en"),
    )
    assert load_lexicon("") == ()


@pytest.mark.parametrize(
    ("toml", "message", "hint"),
    [
        ("[word]\na = 'b'", "'word'", "words"),
        ("[[entry]]\nwriten = 'a'", "'writen'", "written"),
        ("[[entry]]\nwritten = 'a'\nspoken = 'b'\ncolour = 1", "'colour'", "It knows"),
        ("[[entry]]\nspoken = 'b'", "written", "[words]"),
        ("[[entry]]\nwritten = 'a'", "neither", "[words]"),
        ("[[entry]]\nwritten = ' '\nspoken = 'b'", "nothing written", "[words]"),
        ("[[entry]]\nwritten = 'a'\nspoken = 'b'\ncase = 'Smart'", "Smart", "[words]"),
        ("[words]\na = 1", "'a'", "[words]"),
        ("words = 1", "words", "[words]"),
        ("entry = 1", "entry", "[words]"),
        ("entry = [1]", "entry", "[words]"),
        ("[words", "TOML", "[words]"),
    ],
)
def test_wrong_lexicon(toml, message, hint):
    """What cannot be used is refused by name, with a hint."""
    with pytest.raises(ConfigError) as caught:
        load_lexicon(toml)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("entry", "text", "spoken"),
    [
        (LexiconEntry("Chazelle", "sha-ZELL"), "Chazelle's film", "sha-ZELL's film"),
        (LexiconEntry("Chazelle", "sha-ZELL"), "CHAZELLE, chazelle", "sha-ZELL, chazelle"),
        (LexiconEntry("Chazelle", "sha-ZELL"), "Chazelles", "Chazelles"),
        (LexiconEntry("gif", "jif"), "Gif, GIF and gif", "Jif, Jif and jif"),
        (LexiconEntry("gif", "jif", case="exact"), "Gif and gif", "Gif and jif"),
        (LexiconEntry("GIF", "jif", case="ignore"), "Gif and gif", "jif and jif"),
        (LexiconEntry("euro", "yoo-ro", whole_word=False), "neurotic euros", "nyoo-rotic yoo-ros"),
        (
            LexiconEntry("8/10", "quite good"),
            "8/10 and 18/10",
            "quite good and eighteen out of ten",
        ),
        (LexiconEntry("Rocky IV", "Rocky for"), "Rocky IV, Rocky III", "Rocky for, Rocky three"),
        (LexiconEntry("Björk", "byerk"), "Bjo\u0308rk", "byerk"),
        (LexiconEntry("New  York", "Gotham"), "New\u00a0York", "Gotham"),
        (LexiconEntry("X", "ecks", language="fr"), "X", "X"),
        (LexiconEntry("X", "ecks", language="en"), "X", "ecks"),
        (LexiconEntry("X", "ecks", voices=("gtts",)), "X", "X"),
        (LexiconEntry("(sic)", "so written"), "it is (sic).", "it is so written."),
    ],
)
def test_entry(entry, text, spoken):
    """An entry is found by its rules of case and whole words, before any other rule."""
    assert say(text, entries=[entry]).text == spoken


def test_longest_entry_wins():
    """Of entries that overlap the longest is said, whatever their order."""
    short, long = LexiconEntry("New York", "Gotham"), LexiconEntry("York Times", "paper")
    for entries in ([short, long], [long, short]):
        assert say("New York Times", entries=entries).text == "New paper"


def test_entry_protects_its_span():
    """An entry that says a form as it is written keeps it from the rules."""
    assert say("GTA V", entries=[LexiconEntry("GTA V", "GTA V")]).text == "GTA V"


def test_ipa_is_handed_on():
    """The change carries the pronunciation, even where the respelling is empty."""
    (change,) = say("Saoirse", entries=[LexiconEntry("Saoirse", ipa="ˈsɜːrʃə")]).changes
    assert (change.spoken, change.ipa, change.rule) == ("Saoirse", "ˈsɜːrʃə", "lexicon")


def test_entry_of_a_voice():
    """An entry for some voices is said by those alone."""
    entry = LexiconEntry("X", "ecks", voices=("espeak",))
    assert say("X", entries=[entry], engine="espeak").text == "ecks"


@settings(max_examples=count_examples(100), deadline=None)
@given(st.text(max_size=40), st.text(min_size=1, max_size=6), st.booleans())
def test_any_entry(text, written, whole_word):
    """Whatever an entry holds, nothing is raised."""
    say(text + written, entries=[LexiconEntry(written, "x", whole_word=whole_word)])


@settings(max_examples=count_examples(200), deadline=None)
@given(st.text(max_size=80))
def test_any_toml(text):
    """Whatever a file holds, it is read or refused."""
    try:
        load_lexicon(text)
    except ConfigError as error:
        assert error.hint
