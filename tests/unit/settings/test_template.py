"""The podcast.toml of a new show explains everything and changes nothing."""

import re
import tomllib
import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples

from reviewcast.jobs.shows import load_config
from reviewcast.settings import schema
from reviewcast.settings.schema import DEFAULT_USE, Config, Person
from reviewcast.settings.template import list_tables, write_settings
from reviewcast.settings.text import SPOKEN_FAMILIES
from reviewcast.speech.casting import make_voice
from reviewcast.text.spoken import FAMILIES

COMMENTED = re.compile(r'^# (?=\w+ = (?:["\[{]|true|false|-?\d))', re.MULTILINE)
TABLES = list(list_tables())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_setting_is_explained(table):
    """A setting without a word on what it is for is a mistake."""
    for text in (table.description, *(setting.description for setting in table.settings)):
        assert text
        assert text[-1] in ".…>"


def test_every_table_has_its_name():
    """A message about a setting names the table in which it stands."""
    assert {name: kind.table for name, kind in schema.TABLES.items()} == {
        name: name for name in schema.TABLES
    }
    assert schema.PolishSettings.table == "voice.polish"


def test_the_families_of_spoken_forms_are_those_that_there_are():
    """[spoken] names every family in the text's own order, and no other."""
    assert tuple(SPOKEN_FAMILIES) == FAMILIES


def load(folder, text) -> Config:
    (folder / "podcast.toml").write_text(text, encoding="utf-8")
    return load_config(folder, environ={})


def plain(config: Config) -> Config:
    """Take away what differs only in how it is written."""
    tell = msgspec.structs.replace(config.tell, options={})
    return msgspec.structs.replace(
        config, voice=Config().voice, tell=tell, spoken={}, lexicon=(), folder=None
    )


def test_as_it_is_written_it_is_all_defaults(tmp_path):
    """Nothing given, nothing changed."""
    config = load(tmp_path, write_settings({}))
    assert plain(config) == Config()
    assert config.spoken == {}
    assert config.voice.use == DEFAULT_USE


def test_uncommented_it_is_the_same(tmp_path):
    """Every line that is commented out loads, to the very default that it shows."""
    text, count = COMMENTED.subn("", write_settings({}))
    assert count == sum(len(table.settings) for table in TABLES)
    config = load(tmp_path, text)
    assert plain(config) == Config()
    assert set(config.spoken.values()) == {True}
    assert config.voice.use == DEFAULT_USE
    for name in config.voice.options:
        assert make_voice(config, name) == make_voice(Config(), name)
    assert set(config.tell.options) == {"bluesky", "email", "mastodon", "webhook"}
    assert set(config.voice.options) == {"edge", "espeak", "gtts", "hibari", "openai", "piper"}


def test_what_is_given_is_set(tmp_path):
    """Given settings stand there uncommented, of every kind."""
    person = Person("Jo", url="https://example.org")
    wishes = {
        "show": {"title": "T", "language": "en", "explicit": True, "persons": (person,)},
        "split": {"opening": ("A {title}.",), "run_chars": 90},
        "master": {"loudness_lufs": -19.0},
        "site": {"subscribe": {"Apple Podcasts": "https://example.org/a"}},
    }
    text = write_settings(wishes)
    told = tomllib.loads(text)
    assert set(told["show"]) == set(wishes["show"])
    assert '\nlanguage = "en"' in text
    config = load(tmp_path, text)
    assert config.show.persons == (person,)
    assert config.show.explicit is True
    assert (config.split.opening, config.split.run_chars) == (("A {title}.",), 90)
    assert config.master.loudness_lufs == -19
    assert config.site.subscribe == {"Apple Podcasts": "https://example.org/a"}


def test_a_long_list_has_a_line_for_each_entry(tmp_path):
    """Reviews that are listed by name can be read and edited."""
    reviews = tuple(f"_posts/2026-01-{day:02}-review.md" for day in range(1, 31))
    text = write_settings({"show": {"reviews": reviews}})
    assert '\n  "_posts/2026-01-07-review.md",\n' in text
    assert load(tmp_path, text).show.reviews == reviews


@settings(deadline=None, max_examples=count_examples(50))
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text):
    """Quotes, controls, DEL and line ends in a title survive."""
    assert tomllib.loads(write_settings({"show": {"title": text}}))["show"]["title"] == text


def test_lines_are_short_enough_to_read():
    """No line but that of a long value is over 100 columns, and none has an odd space."""
    for line in write_settings({}).splitlines():
        assert len(line) <= 100
        assert line == line.rstrip()
        assert all(unicodedata.category(char) != "Cc" for char in line)
