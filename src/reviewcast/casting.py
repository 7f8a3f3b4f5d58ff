"""Who says what: an episode's voice, those of roles and of single segments, and recordings."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.config import AUTO, ONLINE, CastSettings, Config, make_role_voice, make_voice
from reviewcast.embedded import find_unsaid, list_embedded
from reviewcast.events import Noticed, Notify, ignore_events
from reviewcast.model import Review, Role, Script, Segment
from reviewcast.protocols import Voice
from reviewcast.scripting import Draft, list_voices, read_draft, script_draft, tell_unfit
from reviewcast.stages.read import ReviewSource


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
        """Give the voice that says a segment: its own goes before that of its role."""
        if segment.voice:
            return self.others[segment.voice]
        return self.roles.get(segment.role, self.voice)

    def find_options(self, segment: Segment) -> dict[str, Any]:
        """Give the options that the segment's role changes in its voice."""
        return {} if segment.voice else dict(self.options.get(segment.role, {}))


def write_for(draft: Draft, config: Config, name: str = "") -> tuple[Cast, Script]:
    """Write the script for a voice and cast it, by default for that of the settings.

    With "auto" that is the online one. Raises ConfigError for a voice or option that there is not.
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
    others = {other: make_voice(config, other) for other in sorted(list_voices(script))}
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
