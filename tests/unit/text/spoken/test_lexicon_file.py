"""A lexicon.toml takes words and keeps what its writer wrote."""

import pytest

from reviewcast.jobs.new_show import LEXICON
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ConfigError, UsageError
from reviewcast.text.spoken import load_lexicon
from reviewcast.text.spoken.lexicon_file import add_word, remove_word


def said(file):
    """Return what a lexicon's file says."""
    return {one.written: one.spoken for one in load_lexicon(file.read_text(encoding="utf-8"))}


def test_a_word_is_entered_and_comments_stay(tmp_path):
    """The lexicon that a show begins with keeps its explanations."""
    file = tmp_path / "lexicon.toml"
    file.write_text(LEXICON, encoding="utf-8")
    add_word(file, "Chazelle", "sha-ZELL")
    add_word(file, 'The "4.50"  from Paddington', "the four fifty")
    assert said(file) == {"Chazelle": "sha-ZELL", 'The "4.50" from Paddington': "the four fifty"}
    text = file.read_text(encoding="utf-8")
    assert all(line in text.splitlines() for line in LEXICON.splitlines())
    add_word(file, "Chazelle", "shah-ZELL")
    assert said(file)["Chazelle"] == "shah-ZELL"
    assert remove_word(file, "Chazelle")
    assert not remove_word(file, "Chazelle")
    assert remove_word(file, 'The "4.50" from Paddington')
    assert said(file) == {}


def test_an_entry_with_more_is_changed_in_its_place(tmp_path):
    """An [[entry]] of the word gets the new form and keeps its conditions."""
    file = tmp_path / "lexicon.toml"
    file.write_text(
        '[[entry]]\nwritten = "Reading"  # the town\nspoken = "Reeding"\ncase = "exact"\n',
        encoding="utf-8",
    )
    add_word(file, "Reading", "Redding")
    add_word(file, "Cannes", "can")
    (reading, cannes) = sorted(
        load_lexicon(file.read_text(encoding="utf-8")), key=lambda one: one.written, reverse=True
    )
    assert (reading.spoken, reading.case, cannes.spoken) == ("Redding", "exact", "can")
    assert "# the town" in file.read_text(encoding="utf-8")
    assert remove_word(file, "Reading")
    assert said(file) == {"Cannes": "can"}


def test_a_missing_file_is_made(tmp_path):
    """The folder comes with it, and a show finds the word."""
    add_word(tmp_path / "show" / "lexicon.toml", "Cannes", "can")
    (tmp_path / "show" / "podcast.toml").write_text("")
    (entry,) = load_config(tmp_path / "show", environ={}).lexicon
    assert (entry.written, entry.spoken) == ("Cannes", "can")
    assert not remove_word(tmp_path / "none.toml", "Cannes")


@pytest.mark.parametrize("text", ["[words\n", "[word]\na = 1\n", "words = 3\n"])
def test_a_file_that_is_no_lexicon_stays(tmp_path, text):
    """It is named, and not touched."""
    file = tmp_path / "lexicon.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lexicon\.toml"):
        add_word(file, "Cannes", "can")
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("written", "spoken"), [("", "x"), ("Cannes", " "), ("…", "x")])
def test_nothing_to_say_is_refused(tmp_path, written, spoken):
    """A word and what is said for it must hold a letter or a figure."""
    with pytest.raises(UsageError):
        add_word(tmp_path / "lexicon.toml", written, spoken)
    assert not (tmp_path / "lexicon.toml").exists()
