"""podcast.toml, the environment and the command line become one Config."""

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import msgspec
from msgspec import Struct

from reviewcast.cache import CacheSettings
from reviewcast.errors import ConfigError
from reviewcast.model import Show
from reviewcast.plugins import list_voices, load_voice
from reviewcast.polish import PolishSettings
from reviewcast.protocols import Voice
from reviewcast.readers.languages import read_language
from reviewcast.spoken import Entry, load_lexicon, say
from reviewcast.stages.encode import EncodeSettings
from reviewcast.stages.feed import FeedSettings
from reviewcast.stages.master import MasterSettings
from reviewcast.stages.release import PublishSettings
from reviewcast.stages.site import SiteSettings
from reviewcast.stages.split import SplitSettings
from reviewcast.stages.stitch import StitchSettings
from reviewcast.stages.synthesize import SynthesizeSettings

AUTO = "auto"
"""The voice's name that stands for the online one, or when that does not speak an embedded one."""
ONLINE, EMBEDDED = "gtts", "espeak"
"""The second is the last resort: it is always there and has every language."""
_EMBEDDED_VOICES = (EMBEDDED, "hibari")
_PREFIX = "REVIEWCAST_"
_OTHER_VARIABLES = {
    "VOICE": ("voice", "name"),
    "VOICE_FALLBACK": ("voice", "fallback"),
    "VOICE_SECOND": ("voice", "second"),
    "CACHE": None,
    "LEXICON": None,
    "QUIET": None,
    "TRUST": None,
}
Fallback = Literal["none", "episode"]
_LEXICON = "lexicon.toml"
_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
"""TOML's kinds of values, as msgspec calls them and as a writer does."""
_CORRECT = "Correct it in podcast.toml or the variable."


class VoiceChoice(Struct, frozen=True):
    """The voice's name, or "auto", what follows when it fails, and the options of each voice.

    With the `fallback` "episode" the `second` voice speaks the whole episode when this one fails
    for good; with "none" the build stops. "" is the best embedded one of the review's language.
    """

    name: str = AUTO
    fallback: Fallback = "none"
    second: str = ""
    options: dict[str, dict[str, Any]] = {}
    polish: PolishSettings = PolishSettings()


class CastSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Who says the segments of a role, "" for the episode's own voice.

    It is the name of a voice or its options, of which `name` says whose they are: without it they
    change the episode's own voice.
    """

    narrator: str | dict[str, Any] = ""
    quote: str | dict[str, Any] = ""
    title: str | dict[str, Any] = ""
    spoiler: str | dict[str, Any] = ""
    """The warning and what it warns of."""
    list: str | dict[str, Any] = ""

    def __post_init__(self) -> None:
        for role in self.__struct_fields__:
            name, _ = self.find(role)
            if not isinstance(name, str):
                raise ConfigError(f"In [cast], the name of {role} must be a text.")
            if name:
                _refuse_unknown_voice(name, f"[cast] {role}")

    def find(self, role: str) -> tuple[str, dict[str, Any]]:
        """Give the name of a role's voice, "" for the episode's own, and the changed options."""
        value = getattr(self, role)
        options = {"name": value} if isinstance(value, str) else dict(value)
        return options.pop("name", ""), options


class Config(Struct, frozen=True, kw_only=True):
    """All settings of a run.

    `spoken` turns families of spoken forms off or says a written form otherwise; `lexicon` holds
    the show's words, then the user's. `folder` is where podcast.toml lies, None without one, and
    `cache_folder` what REVIEWCAST_CACHE names. `variables` are the settings, by table and key,
    that do not come from podcast.toml but from the user: from a variable or the command line.
    """

    show: Show = Show()
    voice: VoiceChoice = VoiceChoice()
    cast: CastSettings = CastSettings()
    spoken: dict[str, bool | str] = {}
    lexicon: tuple[Entry, ...] = ()
    split: SplitSettings = SplitSettings()
    synthesize: SynthesizeSettings = SynthesizeSettings()
    stitch: StitchSettings = StitchSettings()
    master: MasterSettings = MasterSettings()
    encode: EncodeSettings = EncodeSettings()
    feed: FeedSettings = FeedSettings()
    site: SiteSettings = SiteSettings()
    publish: PublishSettings = PublishSettings()
    cache: CacheSettings = CacheSettings()
    folder: Path | None = None
    cache_folder: Path | None = None
    variables: frozenset[tuple[str, str]] = frozenset()


_TABLES: dict[str, Any] = {
    "show": Show,
    "cast": CastSettings,
    "split": SplitSettings,
    "synthesize": SynthesizeSettings,
    "stitch": StitchSettings,
    "master": MasterSettings,
    "encode": EncodeSettings,
    "feed": FeedSettings,
    "site": SiteSettings,
    "publish": PublishSettings,
    "cache": CacheSettings,
}


def load_config(
    folder: Path | None, *, environ: Mapping[str, str] = os.environ, voice: str | None = None
) -> Config:
    """Read the podcast.toml of a show's folder, if any; variables and arguments go before it.

    Raises ConfigError for what is unknown or has a wrong value.
    """
    tables = _read_toml(folder / "podcast.toml") if folder else {}
    cache, variables = _overlay_environment(tables, environ)
    if voice is not None:
        tables.setdefault("voice", {})["name"] = voice
    settings = {
        name: _decode(table, _TABLES[name], f"[{name}]")
        for name, table in tables.items()
        if name in _TABLES
    }
    if "show" in settings:
        settings["show"] = _tidy_language(settings["show"])
    return Config(
        **settings,
        voice=_read_voice(tables.get("voice", {})),
        spoken=_read_spoken(tables.get("spoken", {})),
        lexicon=_read_lexicons(folder, environ),
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


def make_voice(config: Config, name: str) -> Voice:
    """Make a voice with the options that the settings give it.

    Raises ConfigError when there is none of that name, or an option is wrong.
    """
    return _make_voice(config, name, config.voice.options.get(name, {}), f"[voice.{name}]")


def make_role_voice(config: Config, role: str, own: str) -> Voice:
    """Make the voice of a role in an episode that the voice `own` speaks.

    Raises ConfigError as `make_voice` does, and for an option that not every voice has which may
    turn out to be the episode's own.
    """
    name, changes = config.cast.find(role)
    voice = make_voice(config, name or own)
    if not changes:
        return voice
    where = f"[cast] {role}"
    speakers = [name or own]
    if not name and config.voice.name == AUTO:
        speakers = [ONLINE, *([second] if (second := config.voice.second) else _EMBEDDED_VOICES)]
    fields = [_list_options(speaker) for speaker in speakers]
    _refuse_unknown(changes, set().union(*fields), where)
    for option in changes:
        for speaker, known in zip(speakers, fields, strict=True):
            if option not in known:
                other = next(one for one in speakers if option in _list_options(one))
                raise ConfigError(
                    f"{where} sets {option}, which the voice {speaker} does not have,"
                    " and auto may take that one.",
                    hint=f'Name the voice: {role} = {{ name = "{other}", {option} = … }}',
                )
    name = name or own
    options = {**config.voice.options.get(name, {}), **changes}
    try:
        return _make_voice(config, name, options, where)
    except ConfigError as error:
        if where not in error.message:
            error.message = f"In {where}: {error.message}"
        raise


def _make_voice(config: Config, name: str, options: dict[str, Any], where: str) -> Voice:
    kind = load_voice(name)
    _refuse_unknown(options, _list_options(name), where)
    voice = _convert(options, kind, where)
    files = {
        field.name: _place_file(value, config.folder)
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        if field.metadata.get("file") and (value := getattr(voice, field.name))
    }
    return dataclasses.replace(voice, **files) if files else voice  # type: ignore[no-any-return]


def _list_options(name: str) -> set[str]:
    return {field.name for field in dataclasses.fields(load_voice(name))}  # type: ignore[arg-type]


def _place_file(value: str, folder: Path | None) -> str:
    """Give the path of a file that a setting names: a relative one begins at the show's folder."""
    try:
        return str((folder or Path()) / Path(value).expanduser())
    except RuntimeError as error:
        raise ConfigError(
            f"There is no home folder for {value}.", hint="Write out the whole path."
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:  # whatever tomllib meets in a broken file
        raise ConfigError(
            f"{path} is not valid TOML: {error}.", hint="Correct it, or move it away."
        ) from error
    _refuse_unknown(tables, {*_TABLES, "voice", "spoken"}, str(path.name))
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
        for table, kind in _TABLES.items()
        for field in msgspec.structs.fields(kind)
    }
    for variable, value in sorted(environ.items()):
        if not variable.startswith(_PREFIX) or not value:
            continue
        name = variable.removeprefix(_PREFIX)
        place = known.get(name) or _OTHER_VARIABLES.get(name)
        if place:
            tables.setdefault(place[0], {})[place[1]] = _parse_variable(value, place)
            variables.add(place)
        elif name not in _OTHER_VARIABLES:
            near = difflib.get_close_matches(name, [*known, *_OTHER_VARIABLES], 1)
            raise ConfigError(
                f"There is no setting for the variable {variable}.",
                hint=f"Did you mean {_PREFIX}{near[0]}?" if near else "Unset it.",
            )
    return environ.get(f"{_PREFIX}CACHE", ""), frozenset(variables)


def _parse_variable(value: str, place: tuple[str, str]) -> object:
    """Take a variable as it is; for a setting of several lines, as a JSON list or one line."""
    table, key = place
    default = getattr(_TABLES[table](), key) if table in _TABLES else ""
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
    polish = _decode(_read_polish(table), PolishSettings, "[voice.polish]")
    options = {name: value for name, value in table.items() if isinstance(value, dict)}
    rest = {name: value for name, value in table.items() if name not in options}
    options.pop("polish", None)
    _refuse_unknown(rest, {"name", "fallback", "second"}, "[voice]")
    if options:
        _refuse_unknown(options, set(list_voices()), "[voice]")
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
        _refuse_unknown_voice(rest["second"], "[voice] second")
    choice = VoiceChoice(**rest, options=options, polish=polish)
    if (choice.name, choice.second) == (AUTO, ONLINE):
        raise ConfigError(
            f"[voice] second is {ONLINE}, which {AUTO} takes first.",
            hint=f"Name another one, such as {EMBEDDED}.",
        )
    return choice


def _refuse_unknown_voice(name: str, where: str) -> None:
    known = list_voices()
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, 1)
        raise ConfigError(
            f"{where} names {name!r}, and there is no such voice.",
            hint=f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}.",
        )


def _read_spoken(table: dict[str, Any]) -> dict[str, bool | str]:
    for name, value in table.items():
        if not isinstance(value, bool | str):
            raise ConfigError(
                f"[spoken] {name} must be false, or how it is said.",
                hint='Such as ratings = false, or "8/10" = "eight of ten".',
            )
    say("", overrides=table)  # refuses families that there are not
    return table


def find_lexicon_file(folder: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Give where a show keeps its lexicon, or without one the user."""
    if folder:
        return folder / _LEXICON
    if own := environ.get(f"{_PREFIX}LEXICON"):
        return Path(own)
    import platformdirs

    return Path(platformdirs.user_config_dir("reviewcast", appauthor=False), _LEXICON)


def _read_lexicons(folder: Path | None, environ: Mapping[str, str]) -> tuple[Entry, ...]:
    """Read the show's lexicon.toml and the user's; of two entries for a word the show's holds."""
    files = [find_lexicon_file(folder, environ)] if folder else []
    files.append(find_lexicon_file(None, environ))
    if (own := environ.get(f"{_PREFIX}LEXICON")) and not files[-1].is_file():
        raise ConfigError(f"There is no lexicon {own}.", hint=f"Correct or unset {_PREFIX}LEXICON.")
    entries: list[Entry] = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"Cannot read {file}: {error}.", hint="Correct or move it."
            ) from error
        try:
            found = load_lexicon(text)
        except ConfigError as error:
            raise ConfigError(f"In {file}: {error.message}", hint=error.hint) from error
        known = {(entry.written, entry.language) for entry in entries}
        entries += [entry for entry in found if (entry.written, entry.language) not in known]
    return tuple(entries)


def _decode(table: dict[str, Any], kind: Any, where: str) -> Any:
    _refuse_unknown(table, {field.name for field in msgspec.structs.fields(kind)}, where)
    return _convert(table, kind, where)


def _convert(table: dict[str, Any], kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(table, kind, strict=False)
    except ConfigError as error:
        error.hint = error.hint or _CORRECT
        raise
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, ConfigError):
            cause.hint = cause.hint or _CORRECT
            raise cause from error
        raise _explain(str(error), kind, where) from error


def _explain(text: str, kind: Any, where: str) -> ConfigError:
    """Say in plain words what msgspec says of a value."""
    message, _, place = text.partition(" - at ")
    name = place.strip("`").removeprefix("$").removeprefix(".")
    setting = f"{where} {name}".strip()
    if wrong := re.fullmatch(r"Invalid enum value (.+)", message):
        choices = get_args(get_type_hints(kind).get(name))
        words = ", ".join(f'"{choice}"' for choice in choices)
        hint = f"Write one of {words}." if words else _CORRECT
        return ConfigError(f"{setting} cannot be {wrong[1]}.", hint=hint)
    if wrong := re.fullmatch(r"Expected `(.+)`, got `(.+)`", message):
        wanted, given = (
            " or ".join(_KINDS.get(part, part) for part in found.split(" | "))
            for found in wrong.groups()
        )
        return ConfigError(f"{setting} must be {wanted}, and is {given}.", hint=_CORRECT)
    return ConfigError(f"In {where}: {text}.", hint=_CORRECT)


def _refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known))}."
            raise ConfigError(f"{where} has an unknown setting {name!r}.", hint=hint)
