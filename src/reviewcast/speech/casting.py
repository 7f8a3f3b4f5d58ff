"""Settings become voices: an episode's, and those of its roles."""

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import ConfigError
from reviewcast.model.events import Noticed, Notify, ignore_events
from reviewcast.model.protocols import Access, Voice
from reviewcast.model.text import Change, Review, Role, Script, Segment
from reviewcast.settings.accesses import find_access
from reviewcast.settings.messages import convert_setting, refuse_unknown
from reviewcast.settings.schema import (
    AUTO,
    EMBEDDED,
    ONLINE,
    CastSettings,
    Config,
)
from reviewcast.speech.embedded import find_unsaid, list_embedded
from reviewcast.system.plugins import load_voice
from reviewcast.text.announcements import get_disclosure
from reviewcast.text.draft import Draft, list_segment_voices, read_draft, tell_unfit
from reviewcast.text.edits import apply_edits
from reviewcast.text.pieces import Manner
from reviewcast.text.read import ReviewSource
from reviewcast.text.split import fit_script, split_review
from reviewcast.text.spoken import say


class Cast(Struct, frozen=True, kw_only=True):
    """The voices of one episode: its own, those of roles, and those of single segments by name.

    `options` are those in which a role's voice differs from how it is set up else. `folder` is
    where the paths of recordings begin.
    """

    voice: Voice
    roles: Mapping[Role, Voice] = {}
    options: Mapping[Role, Mapping[str, Any]] = {}
    others: Mapping[str, Voice] = {}
    folder: Path = Path()

    def find_voice(self, segment: Segment) -> Voice:
        """Return the voice that says a segment: its own goes before that of its role."""
        if segment.voice:
            return self.others[segment.voice]
        return self.roles.get(segment.role, self.voice)

    def find_options(self, segment: Segment) -> dict[str, Any]:
        """Return the options that the segment's role changes in its voice."""
        return {} if segment.voice else dict(self.options.get(segment.role, {}))


def write_for(draft: Draft, config: Config, name: str = "") -> tuple[Cast, Script]:
    """Write the script for a voice and cast it, by default for that of the settings.

    With "auto" that is the online one. Raise ConfigError for a voice or option that there is not.
    """
    name = name or (ONLINE if config.voice.name == AUTO else config.voice.name)
    voice = make_voice(config, name)
    choices = {role: config.cast.find(role) for role in get_args(Role)}
    cast = Cast(
        voice=voice,
        roles={
            role: make_role_voice(config, role, name)
            for role, choice in choices.items()
            if any(choice)
        },
        options={role: options for role, (_, options) in choices.items() if options},
        folder=draft.file.parent,
    )
    script = script_draft(draft, config, voice, roles=cast.roles)
    others = {other: make_voice(config, other) for other in sorted(list_segment_voices(script))}
    return replace(cast, others=others), script


def write_embedded(
    write: Callable[[str], tuple[Cast, Script]],
    config: Config,
    language: str,
    *,
    notify: Notify = ignore_events,
) -> tuple[Cast, Script]:
    """Write a script for the second voice: the first in order that has a sound for all of it.

    `write` casts it for a voice's name. Why one is passed over is told.
    """
    *better, last = list_embedded(config, language)
    for candidate in better:
        reason = candidate.lack
        if not reason:
            cast, script = write(candidate.name)
            parts = part_script(script, cast)
            word = next((word for voice, part in parts if (word := find_unsaid(part, voice))), "")
            if not word:
                return cast, script
            reason = (
                f"The voice {candidate.name} has no sound for {word!r}; it speaks the episode when"
                " the lexicon says how that sounds."
            )
        notify(Noticed(reason))
    if last.remark:
        notify(Noticed(last.remark))
    return write(last.name)


def write_alone(
    draft: Draft, config: Config, *, notify: Notify = ignore_events
) -> tuple[Cast, Script]:
    """Write the script for the second voice, which then says all that is not recorded."""
    edits = tuple(replace(edit, voice=None) for edit in draft.edits)
    plain = replace(config, cast=CastSettings())

    def write(name: str) -> tuple[Cast, Script]:
        return write_for(replace(draft, edits=edits), plain, name)

    return write_embedded(write, config, draft.review.language, notify=notify)


def write_second(
    draft: Draft, config: Config, *, without: Collection[str], notify: Notify = ignore_events
) -> tuple[Cast, Script]:
    """Write the script for the second voice in place of "auto"; roles keep their voices.

    Where one would need a voice out of `without`, the second says all.
    """

    def write(name: str) -> tuple[Cast, Script]:
        return write_for(draft, config, name)

    cast, script = write_embedded(write, config, draft.review.language, notify=notify)
    if any(voice.name in without for voice, _ in part_script(script, cast)):
        return write_alone(draft, config)
    return cast, script


def write_script(
    source: ReviewSource, config: Config, *, notify: Notify = ignore_events
) -> tuple[Review, Cast, Script]:
    """Read a review and write the script that a build with the same settings would speak.

    With "auto" it is that for the second voice.
    """
    draft = read_draft(source, config, notify=notify)
    if config.voice.name == AUTO:
        cast, script = write_embedded(
            lambda name: write_for(draft, config, name), config, draft.review.language
        )
    else:
        cast, script = write_for(draft, config)
    tell_unfit(draft, script, notify)
    return draft.review, cast, script


def part_script(script: Script, cast: Cast) -> list[tuple[Voice, Script]]:
    """Part a script by its voices, the episode's own first; recordings are nobody's."""
    parts: list[tuple[Voice, list[Segment]]] = [(cast.voice, [])]
    for segment in script.segments:
        if segment.recording:
            continue
        voice = cast.find_voice(segment)
        own = next((segments for known, segments in parts if known == voice), None)
        if own is None:
            parts.append((voice, [segment]))
        else:
            own.append(segment)
    return [
        (voice, replace(script, segments=tuple(segments))) for voice, segments in parts if segments
    ]


def list_voice_accesses(config: Config, *, every: bool = False) -> list[Access]:
    """List what the voices of a show reach; with `every` also those that only have options.

    A voice that cannot be made is passed over: what is wrong is told where it is needed.
    """
    own = ONLINE if config.voice.name == AUTO else config.voice.name
    names = {own}
    if config.voice.name == AUTO or config.voice.fallback != "none":
        names.add(config.voice.second)
    if every:
        names |= set(config.voice.options)
    found: list[Access] = []
    for name in sorted(names):
        with suppress(ConfigError):
            found += find_access(make_voice(config, name))
    for role in CastSettings.__struct_fields__:
        with suppress(ConfigError):
            found += find_access(make_role_voice(config, role, own))
    return list(dict.fromkeys(found))


_EMBEDDED_VOICES = (EMBEDDED, "hibari")


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
    name, changes = config.cast.find(role)
    voice = make_voice(config, name or own)
    if not changes:
        return voice
    where = f"[cast] {role}"
    speakers = [name or own]
    if not name and config.voice.name == AUTO:
        speakers = [ONLINE, *([second] if (second := config.voice.second) else _EMBEDDED_VOICES)]
    fields = [_list_options(speaker) for speaker in speakers]
    refuse_unknown(changes, set().union(*fields), where)
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


_DEFAULT = "default"


def script_draft(
    draft: Draft, config: Config, voice: Voice, *, roles: Mapping[Role, Voice]
) -> Script:
    """Write the script of a review for its voices: within their limits, in forms they read well.

    `roles` are said by voices of their own. The writer's edits are applied; those that fit no
    segment are left alone.
    """
    review = draft.review
    titles = {review.title, review.subject, re.sub(r" \(\d{4}\)$", "", review.subject)}

    def suit(voice: Voice) -> Manner:
        def speak(text: str, emphasis: Sequence[tuple[int, int]]) -> tuple[str, tuple[Change, ...]]:
            spoken = say(
                text,
                language=review.language,
                titles=sorted(titles - {""}),
                emphasis=emphasis,
                overrides=config.spoken,
                entries=config.lexicon,
                engine=voice.name,
            )
            return " ".join(spoken.text.split()), spoken.changes

        return Manner(voice.max_chars, speak)

    disclosure = config.show.disclosure
    if disclosure == _DEFAULT:
        disclosure = get_disclosure(review.language)
    settings = msgspec.structs.replace(config.split, closing=(*config.split.closing, disclosure))
    usual = suit(voice)
    manners = {role: suit(other) for role, other in roles.items()}
    script = split_review(
        review, settings, max_chars=usual.max_chars, say=usual.say, manners=manners
    )
    if not draft.edits:
        return script
    script, _ = apply_edits(script, draft.edits)
    limits = {name: make_voice(config, name).max_chars for name in list_segment_voices(script)}

    def find_limit(segment: Segment) -> int:
        return limits.get(segment.voice) or manners.get(segment.role, usual).max_chars

    return fit_script(script, settings, find_limit=find_limit)
