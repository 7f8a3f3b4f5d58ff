"""The settings' page of the manual shows what there is, as Markdown reads it."""

import dataclasses
from itertools import pairwise
from typing import Annotated

import pytest
from markdown_it import MarkdownIt
from msgspec import Meta

from reviewcast.model.errors import ConfigError
from reviewcast.settings.fields import list_settings
from reviewcast.settings.manual import describe_settings
from reviewcast.settings.messages import convert_setting
from reviewcast.settings.template import list_tables


def read_page(page: str) -> dict[str, list[list[str]]]:
    """Read Markdown as a reader sees it: the rows of cells below each second heading."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    sections: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        if before.type == "heading_open" and before.tag == "h3":
            rows = sections.setdefault(token.content, [])
        elif token.type == "tr_open":
            rows.append([])
        elif before.type in {"th_open", "td_open"}:
            children = token.children or []
            rows[-1].append("".join(child.content for child in children))
    return sections


def test_every_setting_is_there_with_all_that_is_known_of_it():
    """Each table is a section and each setting a row: key, default, values, explanation."""
    sections = read_page(describe_settings())
    tables = list(list_tables(plugins=True))
    assert list(sections) == [f"[{table.name}]" for table in tables]
    for table in tables:
        head, *rows = sections[f"[{table.name}]"]
        assert head == ["Setting", "Default", "Values", "What it is for"]
        assert [row[0] for row in rows] == [setting.key for setting in table.settings]
        assert [row[3].replace("`", "") for row in rows] == [
            setting.description.replace("`", "") for setting in table.settings
        ]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("[stitch]", ["duck_db", "-8.0", "from -60 to 0"]),
        ("[encode]", ["channels", "2", "1 or 2"]),
        ("[encode]", ["mode", '"cbr"', '"cbr" or "vbr"']),
        ("[voice.espeak]", ["speed_wpm", "165", "from 80 to 450"]),
        ("[voice.openai]", ["base_url", '"https://api.openai.com/v1"', ""]),
        ("[spoken]", ["romans", "true", ""]),
        ("[show]", ["categories", '["TV & Film > Film Reviews"]', ""]),
    ],
)
def test_values_are_shown_as_podcast_toml_has_them(table, row):
    """Defaults stand as they would be written, bounds and choices in words."""
    assert row in [cells[:3] for cells in read_page(describe_settings())[table]]


@dataclasses.dataclass(frozen=True)
class Stranger:
    """A voice's options, explained or not, with what TOML cannot write."""

    key: str
    tone: Annotated[float, Meta(ge=0, description="How | bright.")] = 0.5
    most: Annotated[int, Meta(le=9)] = 3
    places: list[str] = dataclasses.field(default_factory=list)
    where: str | None = None


def test_the_options_of_a_voice_are_read_like_settings():
    """A dataclass gives the same; an option without an explanation or default has none."""
    found = list_settings(Stranger)
    assert [setting.key for setting in found] == ["key", "tone", "most", "places", "where"]
    assert [setting.default for setting in found] == [None, 0.5, 3, [], None]
    assert [setting.bounds for setting in found] == ["", "at least 0", "at most 9", "", ""]
    assert [setting.description for setting in found] == ["", "How | bright.", "", "", ""]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": "k", "tone": -1}, "[voice.odd] tone must be at least 0."),
        ({"key": "k", "most": "10"}, "[voice.odd] most must be at most 9."),
    ],
)
def test_the_bounds_of_an_option_hold(options, message):
    """The voice itself need not check what its fields say."""
    with pytest.raises(ConfigError) as caught:
        convert_setting(options, Stranger, "[voice.odd]")
    assert caught.value.message == message
