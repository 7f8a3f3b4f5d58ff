"""podcast.toml, variables and arguments become one Config."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from reviewcast.model.errors import ConfigError, suggest
from reviewcast.model.languages import read_language
from reviewcast.settings.accesses import reach_file
from reviewcast.settings.messages import convert_setting, decode_settings, refuse_unknown
from reviewcast.settings.schema import (
    DEFAULT_USE,
    TABLES,
    Config,
    PolishSettings,
    Show,
    VoiceChoice,
    refuse_unknown_voice,
)
from reviewcast.settings.tell import TellSettings
from reviewcast.system.files import reporting
from reviewcast.system.plugins import list_tellers, list_voices
from reviewcast.system.resources import find_bundled
from reviewcast.system.trust import require_trust

PREFIX = "REVIEWCAST_"

_OTHER_VARIABLES = {
    "VOICE": None,
    "VOICE_USE": ("voice", "use"),
    "VOICE_WHEN_IT_FAILS": ("voice", "when_it_fails"),
    "VOICE_ANSWER_WITHIN_S": ("voice", "answer_within_s"),
    "VOICE_FALLBACK": ("voice", "fallback"),
    "VOICE_SECOND": ("voice", "second"),
    "CACHE": None,
    "LEXICON": None,
    "TELL_USE": ("tell", "use"),
    "TELL_TEXT": ("tell", "text"),
    "TELL_MOST": ("tell", "most"),
    "TELL_WITHIN_DAYS": ("tell", "within_days"),
    "TELL_CONFIRM_S": ("tell", "confirm_s"),
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
    choice, remarks = _read_voice(
        tables.get("voice", {}), voice or environ.get(f"{PREFIX}VOICE") or None
    )
    settings = {
        name: decode_settings(table, TABLES[name], f"[{name}]")
        for name, table in tables.items()
        if name in TABLES
    }
    if "show" in settings:
        settings["show"] = _tidy_language(settings["show"])
    return Config(
        **settings,
        voice=choice,
        tell=_read_tell(tables.get("tell", {})),
        spoken=tables.get("spoken", {}),
        folder=folder,
        cache_folder=Path(cache) if cache else None,
        variables=variables,
        remarks=remarks,
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
        with reporting(f"read {path}", kind=ConfigError):
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # whatever tomllib meets in a broken file
        raise ConfigError(
            f"{path} is not valid TOML: {error}.", hint="Correct it, or move it away."
        ) from error
    refuse_unknown(tables, {*TABLES, "voice", "spoken", "tell"}, str(path.name))
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
        f"{table}_{name}".upper(): (table, name)
        for table, kind in TABLES.items()
        for name in kind.__struct_fields__
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
    default = getattr(TABLES[table](), key) if table in TABLES else (() if key == "use" else "")
    if not isinstance(default, tuple):
        return value
    try:
        return msgspec.json.decode(value, type=list[str])
    except msgspec.DecodeError:
        return [value]


def _read_tell(table: dict[str, Any]) -> TellSettings:
    """Return where episodes are announced; tables within [tell] are the options of each service."""
    options = {name: value for name, value in table.items() if isinstance(value, dict)}
    rest = {name: value for name, value in table.items() if name not in options}
    known = {field.name for field in msgspec.structs.fields(TellSettings)} - {"options"}
    refuse_unknown(rest, known, "[tell]")
    if isinstance(rest.get("use"), str):
        rest["use"] = [rest["use"]]
    settings: TellSettings = convert_setting(rest, TellSettings, "[tell]")
    for name in (*settings.use, *options):
        refuse_unknown({name: None}, set(list_tellers()), "[tell]")
    return msgspec.structs.replace(settings, options=options)


def _read_polish(table: dict[str, Any]) -> dict[str, Any]:
    polish = table.get("polish", {})
    if not isinstance(polish, dict):
        raise ConfigError("[voice.polish] must be a table.", hint="Write it as [voice.polish].")
    return polish


def _read_voice(table: dict[str, Any], voice: str | None) -> tuple[VoiceChoice, tuple[str, ...]]:
    """Return the choice of voices, `voice` before that of the table, and what is told of it."""
    polish = decode_settings(_read_polish(table), PolishSettings, "[voice.polish]")
    options = {name: value for name, value in table.items() if isinstance(value, dict)}
    rest = {name: value for name, value in table.items() if name not in options}
    options.pop("polish", None)
    refuse_unknown(rest, {*_VOICE_KEYS, *_OLD_KEYS}, "[voice]")
    if options:
        refuse_unknown(options, set(list_voices()), "[voice]")
    old = {name: rest.pop(name) for name in _OLD_KEYS if name in rest}
    translated = _translate_old(old, voice)
    if old and "use" in rest:
        raise ConfigError(
            f"[voice] sets use, and {next(iter(old))} as well.", hint="Keep use alone."
        )
    if isinstance(rest.get("use"), str):
        rest["use"] = [rest["use"]]
    choice = convert_setting({**translated, **rest}, VoiceChoice, "[voice]")
    for name in choice.use if "use" in rest else ():
        refuse_unknown_voice(name, "[voice] use")
    if voice is not None and not old:
        choice = msgspec.structs.replace(choice, use=DEFAULT_USE if voice == _AUTO else (voice,))
    remarks: tuple[str, ...] = ()
    if old:
        remarks = (_tell_new(list(old), choice),)
    return msgspec.structs.replace(choice, options=options, polish=polish), remarks


_VOICE_KEYS = ("use", "when_it_fails", "answer_within_s")
_OLD_KEYS = ("name", "fallback", "second")

_AUTO = "auto"
"""The old name of the voice that stood for the usual ones in order."""


def _translate_old(old: dict[str, Any], voice: str | None) -> dict[str, Any]:
    """Return what the old keys of [voice] say in the words of the new ones.

    Raise ConfigError for a value that they could not have.
    """
    if not old:
        return {}
    for name, value in old.items():
        if not isinstance(value, str):
            raise ConfigError(f"[voice] {name} must be a text.")
    fallback = old.get("fallback", "none")
    if fallback not in _OLD_FALLBACKS:
        hint = suggest(fallback, _OLD_FALLBACKS, otherwise='Write "none" or "episode".')
        raise ConfigError(f"[voice] fallback cannot be {fallback!r}.", hint=hint)
    name, second = voice or old.get("name") or _AUTO, old.get("second", "")
    if second:
        refuse_unknown_voice(second, "[voice] second")
    first, *usual = DEFAULT_USE
    if name == _AUTO and second == first:
        raise ConfigError(
            f"[voice] second is {first}, which {_AUTO} takes first.",
            hint=f"Name another one, such as {usual[-1]}.",
        )
    use = [first if name == _AUTO else name]
    if name == _AUTO or fallback == "episode":
        use += [one for one in ([second] if second else usual) if one not in use]
    return {
        "use": use,
        "when_it_fails": "next" if fallback == "episode" else "stop",
        # a voice that was named was never tried before it spoke
        **({} if name == _AUTO else {"answer_within_s": 0}),
    }


_OLD_FALLBACKS = ("none", "episode")


def _tell_new(old: list[str], choice: VoiceChoice) -> str:
    """Return the remark that says how what old keys set is written now."""
    names = ", ".join(f'"{name}"' for name in choice.use)
    new = [f"use = [{names}]"]
    if choice.when_it_fails == "next":
        new.append('when_it_fails = "next"')
    if len(choice.use) > 1 and not choice.may_pass:
        new.append("answer_within_s = 0")
    verb = "has a new name" if len(old) == 1 else "have new names"
    return f"[voice] {' and '.join(old)} {verb}: {' and '.join(new)}."


def find_asset(value: str, default: str, config: Config, setting: tuple[str, str]) -> Path:
    """Return the path of a sound or cover: the default one, or one in the show's folder.

    Raise ConfigError for one outside of it that the user has not confirmed.
    """
    if value != "default":
        if setting not in config.variables:
            require_trust(reach_file(value, config))
        return (config.folder or Path()) / Path(value).expanduser()
    return find_bundled(default)
