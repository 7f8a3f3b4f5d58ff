"""Settings become voices: an episode's, and those of its roles."""

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct

from reviewcast.model.disclosure import Speaker
from reviewcast.model.errors import ConfigError
from reviewcast.model.protocols import Access, Voice, describe_voice
from reviewcast.model.text import Role, Segment
from reviewcast.settings.accesses import find_access
from reviewcast.settings.messages import convert_setting, refuse_unknown
from reviewcast.settings.schema import CastSettings, Config
from reviewcast.system.plugins import load_voice


class Cast(Struct, frozen=True, kw_only=True):
    """The voices of one episode: its own, those of roles, and those of single segments by name.

    `options` are those in which a role's voice differs from how it is set up else. `folder` is
    where the paths of recordings begin, and `recorded` who is heard in them. `cloned` are those
    that are copies of the author's voice.
    """

    voice: Voice
    roles: Mapping[Role, Voice] = {}
    options: Mapping[Role, Mapping[str, Any]] = {}
    others: Mapping[str, Voice] = {}
    folder: Path = Path()
    recorded: Speaker = "recording"
    cloned: tuple[Voice, ...] = ()

    @property
    def name(self) -> str:
        """The name of the episode's own voice."""
        return describe_voice(self.voice).name

    def find_voice(self, segment: Segment) -> Voice:
        """Return the voice that says a segment: its own goes before that of its role."""
        if segment.voice:
            return self.others[segment.voice]
        return self.roles.get(segment.role, self.voice)

    def name_voice(self, segment: Segment) -> str:
        """Return the name of the voice that says a segment."""
        return describe_voice(self.find_voice(segment)).name

    def find_options(self, segment: Segment) -> dict[str, Any]:
        """Return the options that the segment's role changes in its voice."""
        return {} if segment.voice else dict(self.options.get(segment.role, {}))


def make_cast(config: Config, name: str, folder: Path) -> Cast:
    """Return a voice with those of roles beside it; none of single segments.

    Raise ConfigError for a voice or option that there is not.
    """
    voice = make_voice(config, name)
    choices = {role: config.cast.find(role) for role in get_args(Role)}
    changed = {role: find_changes(config, role, name) for role in choices}
    return Cast(
        voice=voice,
        roles={
            role: make_role_voice(config, role, name)
            for role, choice in choices.items()
            if any(choice)
        },
        options={role: changes for role, changes in changed.items() if changes},
        folder=folder,
        recorded="recording" if config.show.recordings == "human" else "synthetic",
    )


def list_voice_accesses(config: Config, *, every: bool = False) -> list[Access]:
    """List what the voices of a show reach; with `every` also those that only have options.

    A voice that cannot be made is passed over: what is wrong is told where it is needed.
    """
    names = set(config.voice.use)
    if every:
        names |= set(config.voice.options)
    found: list[Access] = []
    for name in sorted(names):
        with suppress(ConfigError):
            found += find_access(make_voice(config, name))
    for role in CastSettings.__struct_fields__:
        with suppress(ConfigError):
            found += find_access(make_role_voice(config, role, config.voice.use[0]))
    return list(dict.fromkeys(found))


def make_voice(config: Config, name: str) -> Voice:
    """Make a voice with the options that the settings give it.

    Raise ConfigError when there is none of that name, or an option is wrong.
    """
    return _make_voice(config, name, config.voice.options.get(name, {}), f"[voice.{name}]")


def make_role_voice(config: Config, role: str, own: str) -> Voice:
    """Make the voice of a role in an episode that the voice `own` speaks.

    Raise ConfigError as `make_voice` does, and for an option that not every voice has which may
    turn out to be the episode's own.
    """
    name, _ = config.cast.find(role)
    changes = find_changes(config, role, own)
    voice = make_voice(config, name or own)
    if not changes:
        return voice
    where = f"[cast] {role}"
    speakers = [name or own]
    if not name and config.voice.may_pass:
        speakers = list(config.voice.use)
    fields = [_list_options(speaker) for speaker in speakers]
    refuse_unknown(changes, set().union(*fields), where)
    for option in changes:
        for speaker, known in zip(speakers, fields, strict=True):
            if option not in known:
                other = next(one for one in speakers if option in _list_options(one))
                raise ConfigError(
                    f"{where} sets {option}, which the voice {speaker} does not have,"
                    " and may be the episode's: [voice] use names it.",
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


def find_changes(config: Config, role: str, own: str) -> dict[str, Any]:
    """Return the options that a role changes in its voice, where `own` is the episode's."""
    name, changes = config.cast.find(role)
    _take_own(changes, name or own, f"[cast] {role}")
    return changes


def find_cloned(config: Config, cast: Cast) -> tuple[Voice, ...]:
    """Return the voices of a cast that the settings call copies of the author's own.

    A role whose options make another voice of it has to say so again. Raise ConfigError for a
    voice that cannot be a clone.
    """
    voices = (cast.voice, *cast.others.values(), *cast.roles.values())
    names = dict.fromkeys(describe_voice(voice).name for voice in voices)
    cloned = [
        make_voice(config, name)
        for name in names
        if _take_own(dict(config.voice.options.get(name, {})), name, f"[voice.{name}]")
    ]
    for role, voice in cast.roles.items():
        name, changes = config.cast.find(role)
        if _take_own(changes, name or cast.name, f"[cast] {role}"):
            cloned.append(voice)
    return tuple(cloned)


_OWN = "own"
"""The option, of any voice, that calls it a copy of the author's own."""


def _take_own(options: dict[str, Any], name: str, where: str) -> bool:
    """Take that option out of a voice's options and return it; one with such a field keeps it."""
    if _OWN not in options or _OWN in _list_options(name):
        return False
    value = options.pop(_OWN)
    if not isinstance(value, bool):
        raise ConfigError(f"{where} own must be true or false.")
    if value and describe_voice(load_voice(name)).stock:
        raise ConfigError(
            f"{where} says own = true, and {name} has no voice that is the author's.",
            hint="It is for a voice that was cloned from your own; leave it out here.",
        )
    return value


def _make_voice(config: Config, name: str, options: dict[str, Any], where: str) -> Voice:
    kind, options = load_voice(name), dict(options)
    _take_own(options, name, where)
    refuse_unknown(options, _list_options(name), where)
    voice = convert_setting(options, kind, where)
    files = {
        field.name: _place_file(value, config.folder)
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        if field.metadata.get("file") and (value := getattr(voice, field.name))
    }
    return dataclasses.replace(voice, **files) if files else voice  # type: ignore[no-any-return]


def _list_options(name: str) -> set[str]:
    return {field.name for field in dataclasses.fields(load_voice(name))}  # type: ignore[arg-type]


def _place_file(value: str, folder: Path | None) -> str:
    """Return the path of a file that a setting names: a relative one is the show's."""
    try:
        return str((folder or Path()) / Path(value).expanduser())
    except RuntimeError as error:
        raise ConfigError(
            f"There is no home folder for {value}.", hint="Write out the whole path."
        ) from error
