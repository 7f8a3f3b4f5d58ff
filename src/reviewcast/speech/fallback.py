"""Who speaks an episode when a voice is away."""

import dataclasses
import queue
import threading
from collections.abc import Callable

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.protocols import Voice
from reviewcast.model.text import Script, Segment
from reviewcast.settings.schema import AUTO, EMBEDDED, ONLINE, Config
from reviewcast.speech.casting import (
    Cast,
    make_voice,
    part_script,
    write_alone,
    write_embedded,
    write_for,
    write_second,
)
from reviewcast.speech.embedded import BEST, list_embedded
from reviewcast.speech.take_checks import speak_checked
from reviewcast.speech.takes import find_voiced, keep_take, key_take
from reviewcast.system.cache import Cache
from reviewcast.text.draft import Draft

Absent = dict[str, str]
"""Voices that could not be reached in this run, by name, and why: they are not asked again."""


_PROBE_S = 5.0


_OWN_CHARS = 30
"""A shorter text, such as a rating, may stand in other reviews, too."""


def cast_draft(
    draft: Draft,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
) -> tuple[Cast, Script]:
    """Choose the voices of the episode and write its script.

    "auto" is the online voice when it answers a first request within a few seconds (what it
    says is kept), or when all that it should say is in the store; else the second one, unless the
    online one has begun the episode: then VoiceUnavailable is raised.
    """
    absent = {} if absent is None else absent
    may_stop = config.voice.fallback == "none"
    cast, script = write_for(draft, config)
    if config.voice.name == AUTO:
        reason = _try_online(script, cast, cache, force=force, absent=absent)
        if not reason:
            return cast, script
        if may_stop and has_begun(script, cast, cache):
            raise VoiceUnavailable(
                f"{reason}, and has spoken a part of {script.title!r} already.",
                hint="Run the same command again later. For another voice in all of it:"
                f" --voice {list_embedded(config, script.language)[0].name},"
                ' or fallback = "episode" under [voice].',
            )
        other = write_second(draft, config, without={ONLINE}, notify=notify)
        notify(Noticed(f"{reason}: {tell_second(other[0])}"))
        return other
    if may_stop:
        return cast, script
    for candidate in list_embedded(config, script.language):
        make_voice(config, candidate.name)  # a mistake there is told before it is needed
    for voice, _ in find_missing(script, cast, cache, force=force):
        if voice.name in absent:
            other = write_alone(draft, config, notify=notify)
            notify(Warned(f"{absent[voice.name]} So {tell_second(other[0])}"))
            return other
    return cast, script


def choose_cast(
    write: Callable[[str], tuple[Cast, Script]], config: Config, cache: Cache, *, notify: Notify
) -> tuple[Cast, Script]:
    """Choose a voice for words that are no episode; `write` casts them for a voice's name."""
    if config.voice.name != AUTO:
        return write(config.voice.name)
    cast, script = write(ONLINE)
    reason = _try_online(script, cast, cache, force=False, absent={})
    if not reason:
        return cast, script
    other = write_embedded(write, config, script.language, notify=notify)
    notify(Noticed(f"{reason}: {tell_second(other[0])}"))
    return other


def settle_cast(draft: Draft, config: Config, cache: Cache) -> tuple[Cast, Script]:
    """Cast a draft without asking a voice.

    With "auto" that is the online one when it has begun the episode, else the second.
    """
    cast, script = write_for(draft, config)
    if config.voice.name != AUTO or has_begun(script, cast, cache):
        return cast, script
    if len(find_voiced(script, cast, cache)) == len(script.segments):
        return cast, script
    return write_second(draft, config, without={ONLINE})


def has_begun(script: Script, cast: Cast, cache: Cache) -> bool:
    """True if the online voice has spoken a part of this very review."""
    found = find_voiced(script, cast, cache)
    return any(
        segment.index in found
        and not segment.recording
        and cast.find_voice(segment).name == ONLINE
        and _is_own(segment)
        for segment in script.segments
    )


def _is_own(segment: Segment) -> bool:
    """True if a text stands in this review alone: headings and added lines do not."""
    span = segment.span
    if span.section < 0 or span.paragraph < 0:
        return span.section == -1  # the review's title
    return len(segment.text) >= _OWN_CHARS


def is_alone(script: Script, cast: Cast, other: Cast) -> bool:
    """True if the voice that would stand in says all of it already, as it would say it."""
    return all(voice == other.voice for voice, _ in part_script(script, cast))


def tell_second(cast: Cast) -> str:
    """Return the words that say which voice stands in."""
    name = cast.voice.name
    kind = "embedded voice" if name in {EMBEDDED, *BEST.values()} else "voice"
    return f"the {kind} {name} speaks the whole episode."


def _try_online(script: Script, cast: Cast, cache: Cache, *, force: bool, absent: Absent) -> str:
    """Ask the online voice for a missing segment and keep it; return why that failed, or ""."""
    missing = [
        (voice, segment)
        for voice, segment in find_missing(script, cast, cache, force=force)
        if voice.name == ONLINE
    ]
    if not missing:
        return ""
    if ONLINE in absent:
        return absent[ONLINE].rstrip(".")
    voice, segment = next((pair for pair in missing if _is_own(pair[1])), missing[0])
    probe = dataclasses.replace(voice, timeout_s=_PROBE_S)  # type: ignore[type-var]
    try:
        take = run_within(_PROBE_S, lambda: speak_checked(probe, segment.spoken, script.language))
    except (VoiceError, TimeoutError) as error:
        absent[ONLINE] = str(error) or "Google's voice does not answer."
        return absent[ONLINE].rstrip(".")
    except ConfigError as error:  # such as a language that it does not speak
        return error.message.rstrip(".")
    if not take.doubts:  # else it is asked for once more, with the others
        key = key_take(voice, script.language, segment.spoken)
        keep_take(take, segment, key, store=cache.takes, is_proven=True)
    return ""


def find_missing(
    script: Script, cast: Cast, cache: Cache, *, force: bool
) -> list[tuple[Voice, Segment]]:
    """Find the segments that have to be spoken, and whose they are."""
    found = {} if force else find_voiced(script, cast, cache)
    return [
        (cast.find_voice(segment), segment)
        for segment in script.segments
        if not segment.recording and segment.index not in found
    ]


def run_within(limit_s: float, job: Callable[[], Take]) -> Take:
    """Run a job that may hang, in a name look-up for example, for so long.

    Raises what it raises, or TimeoutError; its thread is then left to itself.
    """
    results: queue.Queue[Take | Exception] = queue.Queue()

    def run() -> None:
        try:
            results.put(job())
        except Exception as error:
            results.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=limit_s)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result
