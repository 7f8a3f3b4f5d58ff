"""What is written for one voice and not for another, since they read differently."""

import json

import pytest
from tests.support.program import Program

from reviewcast.text.spoken import say
from reviewcast.text.spoken.rules.readings import READINGS, find_reading

ENGINES = ("espeak", "gtts", "hibari")


def say_each(text, *, titles=("IT",)):
    return [say(text, titles=titles, engine=engine).text for engine in ENGINES]


def test_forms_that_no_voice_reads_are_said_for_all():
    """Ratings and numbered things are words before any voice sees them."""
    for text, said in (
        ("It has 4.5/5.", "It has four and a half out of five."),
        ("No. 5 is it.", "number five is it."),
    ):
        assert [one.lower() for one in say_each(text)] == [said.lower()] * 3


def test_a_name_that_one_voice_misreads_is_written_for_it_alone():
    """Two of three stumble over one accent, and one of these over another."""
    assert say_each("Penélope Cruz is in it.") == [
        "Penelope Cruz is in it.",
        "Penélope Cruz is in it.",
        "Penelope Cruz is in it.",
    ]
    assert say_each("José is in it.") == ["José is in it."] * 2 + ["Ho-say is in it."]


def test_a_title_in_capitals_is_a_word():
    """A voice that would spell it gets it in small letters; elsewhere it may be an abbreviation."""
    assert say_each("IT scares, says the IT department.", titles=["IT"])[1].startswith("IT")
    assert say_each("I saw “IT”, in the US.", titles=[]) == [
        "I saw “It”, in the US.",
        "I saw “IT”, in the US.",
        "I saw “It”, in the US.",
    ]


def test_the_letter_a_is_no_article():
    """Most voices here would take it for one."""
    assert say_each("I like plan A.") == ["I like plan eh.", "I like plan A.", "I like plan eh."]


def test_it_is_turned_off_like_all_forms():
    """As a family, or one rule of it."""
    for name in ("voices", "voices: words"):
        said = say("Penélope is in it.", engine="hibari", overrides={name: False})
        assert said.text == "Penélope is in it."


def test_other_languages_are_left_alone():
    """An accent belongs there."""
    text = "Penélope está aquí."
    assert say(text, language="es", engine="espeak").text == text


@pytest.mark.parametrize("name", sorted(READINGS))
def test_the_tables_hold_what_their_rules_can_find(name):
    """Words have an accent, capitals are capitals, and nothing is said as it is written."""
    reading = find_reading(name)
    assert not any(word.isascii() or word == said for word, said in reading.words.items())
    assert all(word.isupper() for word in reading.capitals)


def test_the_script_shows_what_differs(tmp_path):
    """`script --explain` tells the rule for the voice that is asked for, and none for another."""
    review = tmp_path / "r.md"
    review.write_text("# A short one\n\nPenélope Cruz is the best part of it.\n")
    program = Program(tmp_path / "cache")
    rules = {}
    for name in ("hibari", "gtts"):
        result = program.run("script", review, "--voice", name, "--explain", "--json")
        changes = [
            one for segment in json.loads(result.out)["segments"] for one in segment["changes"]
        ]
        rules[name] = [(one["written"], one["spoken"], one["rule"]) for one in changes]
    assert rules == {"hibari": [("Penélope", "Penelope", "voices: words")], "gtts": []}
