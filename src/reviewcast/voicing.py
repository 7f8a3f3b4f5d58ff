"""The speaking half of the job: every segment gets its take, an episode one cast."""

import dataclasses
import hashlib
import math
import queue
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.accesses import find_access
from reviewcast.cache import Cache, Store, hash_key
from reviewcast.casting import (
    Cast,
    part_script,
    write_alone,
    write_embedded,
    write_for,
    write_second,
)
from reviewcast.config import AUTO, EMBEDDED, ONLINE, Config, make_voice
from reviewcast.embedded import BEST, list_embedded
from reviewcast.errors import ConfigError, SoundError, VoiceError, VoiceUnavailable
from reviewcast.events import Noticed, Notify, Warned
from reviewcast.loudness import SILENCE_LUFS
from reviewcast.model import Script, Segment, StoredTake, Take, TakeFigures
from reviewcast.polish import PolishSettings, key_polish, polish_take
from reviewcast.protocols import Voice
from reviewcast.scripting import Draft, read_draft
from reviewcast.sound import measure_take, open_recording, read_recording
from reviewcast.stages.read import ReviewSource
from reviewcast.stages.synthesize import Takes, find_takes, keep_take, key_take, synthesize_script
from reviewcast.take_checks import speak_checked
from reviewcast.trust import is_inside, require_trust
from reviewcast.workers import CHARS_PER_S, count_workers, open_pool

T = TypeVar("T")
Heard = Callable[[Script, Segment, StoredTake], None]
Absent = dict[str, str]
"""Voices that could not be reached in this run, by name, and why: they are not asked again."""

_PROBE_S = 5.0
_RECORDING = "recording 1"
_OWN_CHARS = 30
"""A shorter text, such as a rating, may stand in other reviews, too."""
_REQUEST_S = 0.5
"""What one request takes of a service that answers: assumed, most answer sooner."""
_START_S = 0.5
"""What it takes to start the processes of a voice that computes: measured."""


class VoiceShare(Struct, frozen=True, kw_only=True):
    """What a voice has to speak of an episode, in all its roles."""

    voice: str
    segments: int
    to_voice: int
    requests: int


class Plan(Struct, frozen=True, kw_only=True):
    """What a build would do; `auto` when the voice is taken only if it answers.

    `requests` are those to online voices when each is answered at once; `estimated_s` is how long
    the voices would take then, in seconds, without encoding. `voices` tells them apart.
    `otherwise` is what the second voice would do if this one failed, None when the build would
    stop or nobody is asked.
    """

    title: str
    voice: str
    auto: bool
    segments: int
    to_voice: int
    in_store: int
    requests: int
    estimated_s: float
    voices: tuple[VoiceShare, ...] = ()
    otherwise: "Plan | None" = None


def plan_episode(
    source: ReviewSource, config: Config, *, cache: Cache, force: bool = False
) -> Plan:
    """Tell what a build would have to speak; nothing is written and nobody asked."""
    draft = read_draft(source, config)
    cast, script = write_for(draft, config)
    plan = replace(
        _plan_script(cast, script, config, cache=cache, force=force),
        auto=config.voice.name == AUTO,
    )
    missing = _find_missing(script, cast, cache, force=force)
    if plan.auto and any(voice.name == ONLINE for voice, _ in missing):
        if config.voice.fallback == "none" and has_begun(script, cast, cache):
            return plan
        other = write_second(draft, config, without={ONLINE})
    elif missing and config.voice.fallback == "episode":
        other = write_alone(draft, config)
        if _is_alone(script, cast, other[0]):
            return plan
    else:
        return plan
    return replace(plan, otherwise=_plan_script(*other, config, cache=cache, force=force))


def _plan_script(cast: Cast, script: Script, config: Config, *, cache: Cache, force: bool) -> Plan:
    """Count what is missing; a recording is nobody's to speak, whether it is stored or not."""
    stored = find_voiced(script, cast, cache)
    shares: dict[str, VoiceShare] = {}
    estimated_s = 0.0
    for voice, part in part_script(script, cast):
        missing = [one.spoken for one in part.segments if force or one.index not in stored]
        texts = set(missing)  # the same text is spoken once
        estimated_s += _estimate_seconds(voice, texts, config)
        none = VoiceShare(voice=voice.name, segments=0, to_voice=0, requests=0)
        share = shares.get(voice.name, none)
        shares[voice.name] = VoiceShare(
            voice=voice.name,
            segments=share.segments + len(part.segments),
            to_voice=share.to_voice + len(missing),
            requests=share.requests + (len(texts) if voice.online else 0),
        )
    return Plan(
        title=script.title,
        voice=cast.voice.name,
        auto=False,
        segments=len(script.segments),
        to_voice=sum(share.to_voice for share in shares.values()),
        in_store=0 if force else len(stored),
        requests=sum(share.requests for share in shares.values()),
        estimated_s=round(estimated_s, 1),
        voices=tuple(shares.values()),
    )


def _estimate_seconds(voice: Voice, texts: Collection[str], config: Config) -> float:
    """Estimate how long a voice takes for some texts."""
    if not texts:
        return 0.0
    settings = config.synthesize
    characters = sum(map(len, texts))
    workers = count_workers(voice, characters=characters, connections=settings.connections)
    if voice.online:
        waits_s = _REQUEST_S * math.ceil(len(texts) / workers)
        return max(waits_s, (len(texts) - 1) / settings.requests_per_s)
    return _START_S + characters / getattr(voice, "chars_per_s", CHARS_PER_S) / workers


def voice_draft(
    draft: Draft,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
    heard: Heard | None = None,
) -> tuple[Cast, Script, Takes]:
    """Cast a draft, write its script, and give each segment its take.

    `heard` is given each take, with the script and the segment, as soon as it is there.
    """

    def perform(cast: Cast, script: Script) -> tuple[Cast, Script, Takes]:
        takes = voice_script(
            script, cast, config, cache, notify=notify, force=force, absent=absent, heard=heard
        )
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
        if _is_alone(script, cast, other[0]):
            raise
        notify(Warned(f"{error.message} So {_tell_second(other[0])}"))
    return perform(*other)


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
        notify(Noticed(f"{reason}: {_tell_second(other[0])}"))
        return other
    if may_stop:
        return cast, script
    for candidate in list_embedded(config, script.language):
        make_voice(config, candidate.name)  # a mistake there is told before it is needed
    for voice, _ in _find_missing(script, cast, cache, force=force):
        if voice.name in absent:
            other = write_alone(draft, config, notify=notify)
            notify(Warned(f"{absent[voice.name]} So {_tell_second(other[0])}"))
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
    notify(Noticed(f"{reason}: {_tell_second(other[0])}"))
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
    """Tell whether the online voice has spoken a part of this very review."""
    found = find_voiced(script, cast, cache)
    return any(
        segment.index in found
        and not segment.recording
        and cast.find_voice(segment).name == ONLINE
        and _is_own(segment)
        for segment in script.segments
    )


def _is_own(segment: Segment) -> bool:
    """Tell whether a text stands in this review alone: headings and added lines do not."""
    span = segment.span
    if span.section < 0 or span.paragraph < 0:
        return span.section == -1  # the review's title
    return len(segment.text) >= _OWN_CHARS


def _is_alone(script: Script, cast: Cast, other: Cast) -> bool:
    """Tell whether the voice that would stand in says all of it already, as it would say it."""
    return all(voice == other.voice for voice, _ in part_script(script, cast))


def _tell_second(cast: Cast) -> str:
    name = cast.voice.name
    kind = "embedded voice" if name in {EMBEDDED, *BEST.values()} else "voice"
    return f"the {kind} {name} speaks the whole episode."


def _try_online(script: Script, cast: Cast, cache: Cache, *, force: bool, absent: Absent) -> str:
    """Ask the online voice for a missing segment, and keep it; give why that failed, "" if not."""
    missing = [
        (voice, segment)
        for voice, segment in _find_missing(script, cast, cache, force=force)
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


def _find_missing(
    script: Script, cast: Cast, cache: Cache, *, force: bool
) -> list[tuple[Voice, Segment]]:
    """Find the segments that have to be spoken, and whose they are."""
    found = {} if force else find_voiced(script, cast, cache)
    return [
        (cast.find_voice(segment), segment)
        for segment in script.segments
        if not segment.recording and segment.index not in found
    ]


def find_voiced(script: Script, cast: Cast, cache: Cache) -> dict[int, StoredTake]:
    """Find the segments whose take is in the store, by index."""
    found: dict[int, StoredTake] = {}
    for voice, part in part_script(script, cast):
        takes = find_takes(part, voice, store=cache.takes)
        for segment in part.segments:
            take = takes.get(key_take(voice, script.language, segment.spoken))
            if take:
                found[segment.index] = take
    for segment in script.segments:
        if segment.recording:
            key, _ = _key_recording(segment, cast.folder)
            figures = cache.takes.peek(key)
            if figures:
                found[segment.index] = StoredTake(key, figures, cache.takes.identify(key))
    return found


def find_polished(
    script: Script, cast: Cast, config: Config, cache: Cache
) -> dict[int, StoredTake]:
    """Give the takes that an episode would have of the segments that are in the store, by index.

    What is not polished yet is polished now.
    """
    return {
        index: _polish(take, _choose_polish(script.segments[index], cast, config), cache.takes)
        for index, take in find_voiced(script, cast, cache).items()
    }


def _choose_polish(segment: Segment, cast: Cast, config: Config) -> PolishSettings:
    """Give what a segment's take needs: what is clean by its making has only its speed set.

    A recording keeps the speed at which it was spoken.
    """
    settings = config.voice.polish
    if segment.recording:
        return replace(settings, speed=1.0)
    if getattr(cast.find_voice(segment), "clean", False):
        return replace(settings, high_pass_hz=0, clean_edges=False, de_ess_db=0)
    return settings


def _polish(take: StoredTake, settings: PolishSettings, store: Store[TakeFigures]) -> StoredTake:
    """Give the take as it is after polishing, from the store or made from it."""
    recipe = key_polish(settings)
    if not recipe or take.figures.level_lufs <= SILENCE_LUFS:  # a pause stays as long as it is
        return take
    key = hash_key(recipe, take.key, take.digest)
    stored = store.peek(key)
    if stored:
        return StoredTake(key, stored, store.identify(key))
    raw = Take(store.load(take.key), take.figures.rate_hz, take.figures.marks)
    polished = polish_take(raw, settings)
    figures = take.figures if polished is raw else measure_take(polished)
    store.put(key, figures, polished.pcm)
    return StoredTake(key, figures, store.identify(key))


def voice_script(
    script: Script,
    cast: Cast,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
    absent: Absent | None = None,
    heard: Heard | None = None,
) -> Takes:
    """Give each segment its take: from its voice, from the store, or from its recording.

    A voice that cannot be reached any more is noted in `absent`. Raises what voices raise, or
    SoundError for a recording that cannot be used.
    """

    def hear(segment: Segment, take: StoredTake) -> None:
        polished = _polish(take, _choose_polish(segment, cast, config), cache.takes)
        made[segment.index] = polished
        sources.append(take.key)
        if heard:
            heard(script, segment, polished)

    made: dict[int, StoredTake] = {}
    sources: list[str] = []
    for segment in script.segments:
        if segment.recording:
            hear(segment, _store_recording(segment, cast.folder, cache))
    parts = part_script(script, cast)
    total = sum(len(part.segments) for _, part in parts)
    fresh: list[int] = []
    done = 0
    if any(find_access(voice) for voice, _ in parts):
        missing = _find_missing(script, cast, cache, force=force)
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
                heard=hear,
                before=done,
                total=total,
            )
        except VoiceUnavailable:
            if absent is not None:
                absent[voice.name] = f"The voice {voice.name} does not answer any more."
            raise
        fresh += takes.fresh
        done += len(part.segments)
    every = tuple(made[segment.index] for segment in script.segments)
    return Takes(every, len(fresh), tuple(sorted(fresh)), tuple(sources))


def _key_recording(segment: Segment, folder: Path) -> tuple[str, bytes]:
    path = folder / segment.recording
    if not is_inside(path, folder):
        raise SoundError(
            f"The recording {path} of segment {segment.index + 1} lies outside of the review's"
            " folder.",
            hint="Move it beside the review, and name it in the edits as it lies there.",
        )
    try:
        data = read_recording(folder / segment.recording)
    except SoundError as error:
        raise SoundError(
            f"Cannot open the recording of segment {segment.index + 1}: {error.message}",
            hint="Put it there, or take it out of the edits.",
        ) from error
    return hash_key(_RECORDING, hashlib.sha256(data).hexdigest()), data


def _store_recording(segment: Segment, folder: Path, cache: Cache) -> StoredTake:
    """Measure a recording and store it as a take."""
    key, data = _key_recording(segment, folder)
    stored = cache.takes.peek(key)
    if stored:
        return StoredTake(key, stored, cache.takes.identify(key))
    take = open_recording(data, segment.recording)
    figures = measure_take(take)
    cache.takes.put(key, figures, take.pcm)
    return StoredTake(key, figures, cache.takes.identify(key))


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
