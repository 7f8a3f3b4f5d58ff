"""podcast.toml, variables and arguments become one Config."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from reviewcast.model.errors import ConfigError
from reviewcast.model.languages import read_language
from reviewcast.settings.accesses import reach_file
from reviewcast.settings.messages import decode_settings, refuse_unknown
from reviewcast.settings.schema import (
    AUTO,
    EMBEDDED,
    ONLINE,
    TABLES,
    Config,
    Fallback,
    PolishSettings,
    Show,
    VoiceChoice,
    refuse_unknown_voice,
)
from reviewcast.system.plugins import list_voices
from reviewcast.system.resources import find_bundled
from reviewcast.system.trust import require_trust

PREFIX = "REVIEWCAST_"


_OTHER_VARIABLES = {
    "VOICE": ("voice", "name"),
    "VOICE_FALLBACK": ("voice", "fallback"),
    "VOICE_SECOND": ("voice", "second"),
    "CACHE": None,
    "LEXICON": None,
    "QUIET": None,
    "TRUST": None,
}


def load_settings(
    folder: Path | None, *, environ: Mapping[str, str] = os.environ, voice: str | None = None
) -> Config:
    """Read the podcast.toml of a show's folder, if any; variables and arguments go before it.

    Its lexicon is left empty: text/spoken/lexicon_file.py reads that.

    Raise ConfigError for what is unknown or has a wrong value.
    """
    tables = _read_toml(folder / "podcast.toml") if folder else {}
    cache, variables = _overlay_environment(tables, environ)
    if voice is not None:
        tables.setdefault("voice", {})["name"] = voice
    settings = {
        name: decode_settings(table, TABLES[name], f"[{name}]")
        for name, table in tables.items()
        if name in TABLES
    }
    if "show" in settings:
        settings["show"] = _tidy_language(settings["show"])
    return Config(
        **settings,
        voice=_read_voice(tables.get("voice", {})),
        spoken=tables.get("spoken", {}),
        folder=folder,
        cache_folder=Path(cache) if cache else None,
        variables=variables,
    )


def _tidy_language(show: Show) -> Show:
    code = read_language(show.language)
    if code.casefold() != show.language.strip().replace("_", "-").casefold():
        raise ConfigError(
            f"[show] language is {show.language!r}, and no language has that code.",
            hint=f"Write {code}." if code else "Write its code, such as en, fr or pt-BR.",
        )
    return msgspec.structs.replace(show, language=code)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:  # whatever tomllib meets in a broken file
        raise ConfigError(
            f"{path} is not valid TOML: {error}.", hint="Correct it, or move it away."
        ) from error
    refuse_unknown(tables, {*TABLES, "voice", "spoken"}, str(path.name))
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(
                f"In {path.name}, {name} must be a table.", hint=f"Write it as [{name}]."
            )
    return tables


def _overlay_environment(
    tables: dict[str, Any], environ: Mapping[str, str]
) -> tuple[str, frozenset[tuple[str, str]]]:
    """Put REVIEWCAST_TABLE_KEY variables into the tables.

    Return the cache folder, if it is named, and the settings that were put in, by table and key.
    """
    variables = set()
    known = {
        f"{table}_{field.name}".upper(): (table, field.name)
        for table, kind in TABLES.items()
        for field in msgspec.structs.fields(kind)
    }
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX) or not value:
            continue
        name = variable.removeprefix(PREFIX)
        place = known.get(name) or _OTHER_VARIABLES.get(name)
        if place:
            tables.setdefault(place[0], {})[place[1]] = _parse_variable(value, place)
            variables.add(place)
        elif name not in _OTHER_VARIABLES:
            near = difflib.get_close_matches(name, [*known, *_OTHER_VARIABLES], 1)
            raise ConfigError(
                f"There is no setting for the variable {variable}.",
                hint=f"Did you mean {PREFIX}{near[0]}?" if near else "Unset it.",
            )
    return environ.get(f"{PREFIX}CACHE", ""), frozenset(variables)


def list_variables(table: str) -> list[str]:
    """Return the variables that go before settings of a table and are not called as they are."""
    return [
        f"{PREFIX}{name}" for name, place in _OTHER_VARIABLES.items() if place and place[0] == table
    ]


def _parse_variable(value: str, place: tuple[str, str]) -> object:
    """Take a variable as it is; for a setting of several lines, as a JSON list or one line."""
    table, key = place
    default = getattr(TABLES[table](), key) if table in TABLES else ""
    if not isinstance(default, tuple):
        return value
    try:
        return msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError:
        return [value]


def _read_polish(table: dict[str, Any]) -> dict[str, Any]:
    polish = table.get("polish", {})
    if not isinstance(polish, dict):
        raise ConfigError("[voice.polish] must be a table.", hint="Write it as [voice.polish].")
    return polish


def _read_voice(table: dict[str, Any]) -> VoiceChoice:
    polish = decode_settings(_read_polish(table), PolishSettings, "[voice.polish]")
    options = {name: value for name, value in table.items() if isinstance(value, dict)}
    rest = {name: value for name, value in table.items() if name not in options}
    options.pop("polish", None)
    refuse_unknown(rest, {"name", "fallback", "second"}, "[voice]")
    if options:
        refuse_unknown(options, set(list_voices()), "[voice]")
    for name, value in rest.items():
        if not isinstance(value, str):
            raise ConfigError(f"[voice] {name} must be a text.")
    if rest.get("fallback", "none") not in get_args(Fallback):
        near = difflib.get_close_matches(rest["fallback"], get_args(Fallback), 1)
        raise ConfigError(
            f"[voice] fallback cannot be {rest['fallback']!r}.",
            hint=f"Did you mean {near[0]}?" if near else 'Write "none" or "episode".',
        )
    if rest.get("second"):
        refuse_unknown_voice(rest["second"], "[voice] second")
    choice = VoiceChoice(**rest, options=options, polish=polish)
    if (choice.name, choice.second) == (AUTO, ONLINE):
        raise ConfigError(
            f"[voice] second is {ONLINE}, which {AUTO} takes first.",
            hint=f"Name another one, such as {EMBEDDED}.",
        )
    return choice


def find_asset(value: str, default: str, config: Config, setting: tuple[str, str]) -> Path:
    """Return the path of a sound or cover: the default one, or one in the show's folder.

    Raise ConfigError for one outside of it that the user has not confirmed.
    """
    if value != "default":
        if setting not in config.variables:
            require_trust(reach_file(value, config))
        return (config.folder or Path()) / Path(value).expanduser()
    return find_bundled(default)
