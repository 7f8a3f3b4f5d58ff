"""The speaking half of the job: every segment gets its take, an episode one cast."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from reviewcast.model.audio import StoredTake
from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.events import Notify, Warned
from reviewcast.model.protocols import Voice
from reviewcast.model.text import Script
from reviewcast.settings.accesses import find_access
from reviewcast.settings.schema import Config
from reviewcast.speech.casting import (
    Cast,
    part_script,
    write_alone,
)
from reviewcast.speech.fallback import Absent, cast_draft, find_missing, is_alone, tell_second
from reviewcast.speech.synthesize import synthesize_script
from reviewcast.speech.takes import Takes, choose_polish, find_or_polish, store_recording
from reviewcast.speech.workers import open_pool
from reviewcast.system.cache import Cache
from reviewcast.system.trust import require_trust
from reviewcast.text.draft import Draft

T = TypeVar("T")


def voice_draft(
    draft: Draft,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
) -> tuple[Cast, Script, Takes]:
    """Cast a draft, write its script, and return each segment its take."""

    def perform(cast: Cast, script: Script) -> tuple[Cast, Script, Takes]:
        takes = voice_script(script, cast, config, cache, notify=notify, force=force, absent=absent)
        return cast, script, takes

    return perform_draft(draft, config, cache, perform, notify=notify, force=force, absent=absent)


def perform_draft(
    draft: Draft,
    config: Config,
    cache: Cache,
    perform: Callable[[Cast, Script], T],
    *,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
) -> T:
    """Cast a draft and have it performed, in whole or in part.

    When a voice fails for good in it, and the settings say so, it is performed anew by the second
    voice alone. Raises what voices raise.
    """
    cast, script = cast_draft(draft, config, cache, notify=notify, force=force, absent=absent)
    try:
        return perform(cast, script)
    except VoiceError as error:
        if config.voice.fallback != "episode":
            raise
        other = write_alone(draft, config, notify=notify)
        if is_alone(script, cast, other[0]):
            raise
        notify(Warned(f"{error.message} So {tell_second(other[0])}"))
    return perform(*other)


def voice_script(
    script: Script,
    cast: Cast,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
) -> Takes:
    """Return each segment its take: from its voice, from the store, or from its recording.

    A voice that cannot be reached any more is noted in `absent`. Raises what voices raise, or
    SoundError for a recording that cannot be used.
    """
    sources: dict[int, StoredTake] = {
        segment.index: store_recording(segment, cast.folder, cache)
        for segment in script.segments
        if segment.recording
    }
    parts = part_script(script, cast)
    total = sum(len(part.segments) for _, part in parts)
    fresh: list[int] = []
    done = 0
    if any(find_access(voice) for voice, _ in parts):
        missing = find_missing(script, cast, cache, force=force)
        require_trust(access for voice, _ in missing for access in find_access(voice))
    for voice, part in parts:
        characters = sum(len(segment.spoken) for segment in part.segments)

        def open_workers(voice: Voice = voice, characters: int = characters) -> Executor:
            return open_pool(
                voice, characters=characters, connections=config.synthesize.connections
            )

        try:
            takes = synthesize_script(
                part,
                voice,
                config.synthesize,
                store=cache.takes,
                open_pool=open_workers,
                notify=notify,
                force=force,
                before=done,
                total=total,
            )
        except VoiceUnavailable:
            if absent is not None:
                absent[voice.name] = f"The voice {voice.name} does not answer any more."
            raise
        fresh += takes.fresh
        sources.update(zip((one.index for one in part.segments), takes.takes, strict=True))
        done += len(part.segments)
    every = tuple(
        find_or_polish(sources[segment.index], choose_polish(segment, cast, config), cache.takes)
        for segment in script.segments
    )
    keys = tuple(sources[segment.index].key for segment in script.segments)
    return Takes(every, len(fresh), tuple(sorted(fresh)), keys)
