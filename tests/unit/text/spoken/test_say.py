"""Every difference between written and spoken text is told, and can be turned off."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples
from tests.unit.text.spoken.forms import FORMS, UNCHANGED
from tests.unit.text.texts import paragraphs

from reviewcast.model.errors import ConfigError
from reviewcast.text.spoken import FAMILIES, LexiconEntry, say

_PIECES = st.sampled_from(
    [*FORMS, *UNCHANGED, " ", ", ", ". ", "—", "/", "-", "'", '"', "*", "\u0301"]
)
_REVIEWS = st.lists(_PIECES, max_size=8).map("".join) | st.lists(_PIECES, max_size=8).map(" ".join)
_FIGURES = st.text("0123456789.,/:-–'’\"$%°+=~ AaBIVXMKDpmsthx½★*&#@()", max_size=24)
_TEXTS = _REVIEWS | _FIGURES | paragraphs | st.text(max_size=60)


def _apply(text, changes):
    parts = []
    at = 0
    for change in changes:
        assert at <= change.start <= change.end
        assert text[change.start : change.end] == change.written
        parts += (text[at : change.start], change.spoken)
        at = change.end
    return "".join(parts) + text[at:]


@settings(max_examples=count_examples(400), deadline=None)
@given(_TEXTS, st.sampled_from(["en", "en-GB", "fr", "de"]), st.sampled_from(["", "espeak"]))
@example("1\u0327\u0301 8/10", "en", "")
@example("\u200b— x —\u200b", "en", "")
def test_changes_tell_all(text, language, engine):
    """Applying the changes to the written text gives the spoken one, twice the same."""
    spoken = say(text, language=language, engine=engine)
    assert _apply(text, spoken.changes) == spoken.text
    assert spoken == say(text, language=language, engine=engine)
    assert all(change.written != change.spoken for change in spoken.changes)
    # each change has a character of its own, so there are never more of them
    assert len(spoken.changes) <= len(text)


@settings(max_examples=count_examples(150), deadline=None)
@given(_TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=3))
def test_any_emphasis_and_title(text, spans):
    """Whatever is named as title or italics, every change is told."""
    emphasis = [(min(span), max(span)) for span in spans]
    spoken = say(text, titles=[text[:5], "", "9"], emphasis=emphasis)
    assert _apply(text, spoken.changes) == spoken.text


@settings(max_examples=count_examples(200), deadline=None)
@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=9), max_size=12).map(" ".join))
def test_plain_words_stay(text):
    """A sentence of small letters is said as it is written."""
    words = [word for word in text.split() if word not in {"vs", "etc", "aka"}]
    sentence = " ".join(words)
    assert say(sentence).text == sentence


@pytest.mark.parametrize("spoken", sorted(set(FORMS.values())))
def test_spoken_form_is_final(spoken):
    """What was made to be spoken is not changed a second time."""
    assert say(spoken).text == spoken


@pytest.mark.parametrize(
    "unit", ["1,", "A.", "*", "★ ", "1-", "a/", "[a](", "\u0301", "$1 ", "II "]
)
def test_long_runs_are_harmless(unit):
    """A long run of what rules look for is said as a whole."""
    text = unit * 3000
    spoken = say(text)
    assert _apply(text, spoken.changes) == spoken.text


def test_change_names_its_place_and_rule():
    """A change tells where it was written and which rule said it."""
    (change,) = say("It gets 8/10.").changes
    assert (change.start, change.end, change.written) == (8, 12, "8/10")
    assert (change.spoken, change.rule) == ("eight out of ten", "ratings: out of")


def test_places_are_those_of_the_written_text():
    """Invisible characters before a form do not move its place."""
    text = "A\u200b \u00a08/1\u200b0  &amp; cafe\u0301 IV"
    spoken = say(text)
    assert spoken.text == "A eight out of ten and café IV"
    assert ("8/1\u200b0", "eight out of ten") in {(c.written, c.spoken) for c in spoken.changes}
    assert _apply(text, spoken.changes) == spoken.text


@pytest.mark.parametrize(
    ("text", "title", "spoken"),
    [
        ("I liked Gloom V best", "Gloom V", "I liked Gloom five best"),
        ("I liked Gloom V best", "", "I liked Gloom V best"),
        ("In 2/2/22 they meet", "2/2/22", "In two two twenty two they meet"),
        ("9 is 9/10", "9", "nine is nine out of ten"),
        ("1900 people saw 1900", "1900", "nineteen hundred people saw nineteen hundred"),
        ("It is 7/10 in 7/10", "Up", "It is seven out of ten in seven out of ten"),
        ("See AMC today", "AMC", "See AMC today"),
    ],
)
def test_titles(text, title, spoken):
    """A number in the work's own title is no count and no rating."""
    assert say(text, titles=[title]).text == spoken


def test_emphasis_makes_a_title_likely():
    """What stands in italics or quotation marks is read as a title."""
    assert say("Then Gloom V came").text == "Then Gloom V came"
    assert say("Then Gloom V came", emphasis=[(5, 12)]).text == "Then Gloom five came"
    assert say("Then “Gloom V” came").text == "Then “Gloom five” came"
    assert say("11.12.13 in 6/6/06").text != say("6/6/06", emphasis=[(0, 6)]).text


@pytest.mark.parametrize("engine", ["espeak", "piper"])
def test_letter_a_for_voices_that_take_it_for_the_article(engine):
    """A lone A is written so that the voice does not say "uh"."""
    assert say("an A- from A24", engine=engine).text == "an eh minus from eh twenty four"
    assert say("Grade: A", engine=engine).text == "Grade: eh"
    assert say("Vitamin A.", engine=engine).text == "Vitamin eh."
    assert say("A film", engine=engine).text == "A film"


def test_family_is_turned_off():
    """Each family of rules can be turned off by its name, each rule by its own."""
    assert say("B+", overrides={"ratings": False}).text == "B+"
    assert say("B+", overrides={"ratings: grade": False}).text == "B+"
    assert say("B+ ★★", overrides={"ratings: grade": False}).text == "B+ two stars"
    assert say("B+", overrides={"ratings": True}).text == "B plus"
    assert say("*so*", overrides={"markup": False, "typography": False}).text == "*so*"
    assert say("Se7en", overrides={"titles": False, "numbers": False}).text == "Se7en"
    assert say("8/10", overrides=dict.fromkeys(FAMILIES, False)).text == "8/10"


def test_form_is_replaced():
    """A single written form can be given words of its own, before all else."""
    assert say("a 8/10, no 18/10", overrides={"8/10": "eight of ten"}).text.startswith(
        "a eight of ten, no "
    )
    entries = [LexiconEntry("Rocky IV", "the fourth Rocky")]
    assert say("Rocky IV", overrides={"Rocky IV": "Rocky"}, entries=entries).text == "Rocky"


def test_unknown_family_is_refused():
    """A name that no family has is refused with the nearest one."""
    with pytest.raises(ConfigError) as caught:
        say("x", overrides={"rating": False})
    assert "ratings" in caught.value.hint
    with pytest.raises(ConfigError):
        say("x", overrides={"zzzzzz": False})


@pytest.mark.parametrize("language", ["nl", "sv", "pl", "pt"])
def test_other_languages_keep_their_forms(language):
    """Numbers, numerals and the like are the voice's where the language is not English."""
    assert say("24/7 en 1994, Rocky IV & Q", language=language).text == "24/7 en 1994, Rocky IV & Q"
    assert say("un *film*—bon", language=language).text == "un film — bon"
    assert say("(voir https://www.le-cap.fr/a?b=1).", language=language).text == "(voir le-cap.fr)."
    assert say("http://localhost:8000/x", language=language).text == "http://localhost:8000/x"


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("en", "October eighth, twenty nineteen"),
        ("en-US", "October eighth, twenty nineteen"),
        ("en-GB", "the tenth of August, twenty nineteen"),
    ],
)
def test_numeric_dates_follow_the_country(language, spoken):
    """Day and month change places with the country of the language."""
    assert say("10/8/2019", language=language).text == spoken


def test_sentence_with_many_forms():
    """Forms stand beside each other without harm."""
    text = (
        "J.J. Abrams’ $190M sequel (PG-13, 132 min.) opened Dec. 20, 2019; No. 1 in 3D, 4K & IMAX."
    )
    assert say(text).text == (
        "J J Abrams’ one hundred ninety million dollar sequel (P G thirteen, "
        "one hundred thirty two minutes) opened December twentieth, twenty nineteen; "
        "number one in three D, four K and IMAX."
    )


def test_slash_in_a_title():
    """The halves of a title in italics belong together, in other languages, too."""
    assert say("Tide/Turn ist gut", language="de", emphasis=[(0, 9)]).text == "Tide Turn ist gut"
    assert say("Tide/Turn ist gut", language="de").text == "Tide, Turn ist gut"
