"""A podcast.toml in which every setting is explained."""

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from reviewcast.model.errors import ConfigError
from reviewcast.settings.fields import Setting, list_settings
from reviewcast.settings.schema import TABLES, Config, PolishSettings, VoiceChoice
from reviewcast.settings.tell import TellSettings
from reviewcast.settings.text import SPOKEN_FAMILIES
from reviewcast.system.plugins import list_tellers, list_voices, load_teller, load_voice

_COLUMNS, _BESIDE = 96, 30

_OPENING = """\
The settings of this show. A setting that is commented out stands at its default: take its \
leading # away to change it. For one run, a variable such as REVIEWCAST_ENCODE_CHANNELS goes \
before what stands here.\
"""


class Table(Struct, frozen=True, kw_only=True):
    """A table of podcast.toml: what it is for, and its settings."""

    name: str
    description: str
    settings: tuple[Setting, ...]


def write_settings(given: Mapping[str, Mapping[str, Any]]) -> str:
    """Write a podcast.toml: settings that are given are set, all others explained at their default.

    What is commented out loads to the same values when it is uncommented.
    """
    parts = ["\n".join(_explain(_OPENING))]
    for table in list_tables():
        lines = [f"[{table.name}]", *_explain(table.description)]
        for setting in table.settings:
            key, wanted = setting.key, given.get(table.name, {})
            value = wanted.get(key, setting.default)
            line = f"{'' if key in wanted else '# '}{key} = {format_value(value)}"
            if key in wanted and isinstance(value, tuple) and len(line) > _COLUMNS:
                entries = "".join(f"  {format_value(entry)},\n" for entry in value)
                line = f"{key} = [\n{entries}]"
            lines += _set(line, setting.description)
        parts.append("\n".join(lines).replace("\n\n\n", "\n\n").strip())
    return "\n\n".join(parts) + "\n"


def format_setting(key: str, value: object) -> str:
    """Write a setting as the line that stands in podcast.toml."""
    return f"{key} = {format_value(value)}"


def list_tables(*, plugins: bool = False) -> Iterator[Table]:
    """Return every table that podcast.toml may have, with its settings.

    A table is explained by its field in Config, or by the docstring of its class. Without
    `plugins` only voices that are built in are listed: a file with the options of another one
    does not load where that is not installed.
    """
    for field in list_settings(Config):
        if field.key == "voice":
            choice = tuple(key for key in list_settings(VoiceChoice) if key.description)
            yield Table(name="voice", description=field.description, settings=choice)
            yield _make_table("voice.polish", PolishSettings)
            yield from _list_plugin_tables("voice", list_voices(), load_voice, plugins=plugins)
        elif field.key == "tell":
            choice = tuple(key for key in list_settings(TellSettings) if key.description)
            yield Table(name="tell", description=field.description, settings=choice)
            yield from _list_plugin_tables("tell", list_tellers(), load_teller, plugins=plugins)
        elif field.key == "spoken":
            families = tuple(
                Setting(key=family, default=True, description=description)
                for family, description in SPOKEN_FAMILIES.items()
            )
            yield Table(name="spoken", description=field.description, settings=families)
        elif field.key in TABLES:
            yield _make_table(field.key, TABLES[field.key], field.description)


def _list_plugin_tables(
    table: str, names: Iterable[str], load: Callable[[str], type], *, plugins: bool
) -> Iterator[Table]:
    for name in names:
        try:
            kind = load(name)
            found = _make_table(f"{table}.{name}", kind)
        except (ConfigError, NameError):  # it cannot be used either
            continue
        if plugins or kind.__module__.startswith("reviewcast."):
            yield found


def _make_table(name: str, kind: type, description: str = "") -> Table:
    text = description or kind.__doc__ or ""
    if text.startswith(f"{kind.__name__}("):  # what a dataclass without a docstring has
        text = ""
    return Table(name=name, description=" ".join(text.split()), settings=list_settings(kind))


def _set(line: str, explanation: str) -> list[str]:
    """Put what a setting is for behind it, or, when that is too long, above it."""
    beside = f"{line:<{_BESIDE}}  # {explanation}"
    if not explanation or len(beside) <= _COLUMNS:
        return [beside if explanation else line]
    return ["", *_explain(explanation), line, ""]


def _explain(text: str) -> list[str]:
    return textwrap.wrap(
        text, _COLUMNS, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )


def format_value(value: object) -> str:
    """Write a value on one line, as TOML 1.0 has it."""
    if isinstance(value, Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # its escapes are those of JSON; DEL alone is allowed there and not here
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(format_value, value))}]"
    if isinstance(value, dict):
        inside = ", ".join(
            f"{format_value(key)} = {format_value(part)}" for key, part in value.items()
        )
        return f"{{ {inside} }}" if inside else "{}"
    raise TypeError(f"podcast.toml has no form for {value!r}.")
