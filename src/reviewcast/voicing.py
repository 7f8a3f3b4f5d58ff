"""The speaking half of the job: every segment gets its take."""

import dataclasses
import hashlib
import math
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.cache import Cache, hash_key
from reviewcast.config import AUTO, EMBEDDED, ONLINE, Config, make_voice
from reviewcast.errors import ConfigError, SoundError, VoiceError
from reviewcast.events import Noticed, Notify
from reviewcast.model import Script, Segment, StoredTake, Take
from reviewcast.protocols import Voice
from reviewcast.scripting import Draft, list_voices, read_draft, script_draft
from reviewcast.sound import measure_take, open_recording
from reviewcast.stages.read import ReviewSource
from reviewcast.stages.synthesize import Takes, find_takes, keep_take, key_take, synthesize_script
from reviewcast.workers import count_workers, open_pool

_PROBE_S = 5.0
_RECORDING = "recording 1"
_REQUEST_S = 0.5
"""What one request takes of a service that answers: assumed, most answer sooner."""
_START_S = 0.5
"""What it takes to start the processes of a voice that computes: measured."""
_CHARS_PER_S = 250.0
"""What a core speaks of a voice that does not tell: assumed, a small neural one's rate."""


class Plan(Struct, frozen=True, kw_only=True):
    """What a build would do; `auto` when the voice is taken only if it answers.

    `requests` are those to online voices when each is answered at once; `estimated_s` is how long
    the voices would take then, in seconds, without encoding. `otherwise` is what the embedded
    voice would do if the online one did not answer, None when nobody is asked.
    """

    title: str
    voice: str
    auto: bool
    segments: int
    to_voice: int
    in_store: int
    requests: int
    estimated_s: float
    otherwise: "Plan | None" = None


class Cast(Struct, frozen=True):
    """Who says what: the episode's voice, the voices of single segments by name, recordings.

    `folder` is where the paths of recordings begin.
    """

    voice: Voice
    others: Mapping[str, Voice]
    folder: Path

    def find_voice(self, segment: Segment) -> Voice:
        """Give the voice that says a segment."""
        return self.others.get(segment.voice, self.voice)


def plan_episode(
    source: ReviewSource, config: Config, *, cache: Cache, force: bool = False
) -> Plan:
    """Tell what a build would have to speak; nothing is written and nobody asked."""
    draft = read_draft(source, config)
    if config.voice.name != AUTO:
        return _plan_script(*write_for(draft, config), cache=cache, force=force)
    plan = _plan_script(*write_for(draft, config, ONLINE), cache=cache, force=force)
    if not plan.to_voice:
        return replace(plan, auto=True)
    otherwise = _plan_script(*write_for(draft, config, EMBEDDED), cache=cache, force=force)
    return replace(plan, auto=True, otherwise=otherwise)


def _plan_script(cast: Cast, script: Script, *, cache: Cache, force: bool) -> Plan:
    """Count what is missing; a recording is nobody's to speak, whether it is stored or not."""
    stored = find_voiced(script, cast, cache)
    to_voice = requests = 0
    estimated_s = 0.0
    for voice, part in _part_script(script, cast):
        missing = [one.spoken for one in part.segments if force or one.index not in stored]
        to_voice += len(missing)
        texts = set(missing)  # the same text is spoken once
        requests += len(texts) if voice.online else 0
        estimated_s += _estimate_seconds(voice, texts)
    return Plan(
        title=script.title,
        voice=cast.voice.name,
        auto=False,
        segments=len(script.segments),
        to_voice=to_voice,
        in_store=0 if force else len(stored),
        requests=requests,
        estimated_s=round(estimated_s, 1),
    )


def _estimate_seconds(voice: Voice, texts: Collection[str]) -> float:
    """Estimate how long a voice takes for some texts."""
    if not texts:
        return 0.0
    characters = sum(map(len, texts))
    workers = count_workers(voice, characters=characters)
    if voice.online:
        return _REQUEST_S * math.ceil(len(texts) / workers)
    return _START_S + characters / getattr(voice, "chars_per_s", _CHARS_PER_S) / workers


def write_for(draft: Draft, config: Config, name: str = "") -> tuple[Cast, Script]:
    """Write the script for a voice, by default the one of the settings, and cast it."""
    voice = make_voice(config, name or config.voice.name)
    script = script_draft(draft, config, voice)
    others = {other: make_voice(config, other) for other in sorted(list_voices(script))}
    return Cast(voice, others, draft.file.parent), script


def cast_draft(
    draft: Draft, config: Config, cache: Cache, *, notify: Notify, force: bool = False
) -> tuple[Cast, Script]:
    """Choose the voice of the episode and write its script."""
    return choose_cast(
        lambda name: write_for(draft, config, name), config, cache, notify=notify, force=force
    )


def choose_cast(
    write: Callable[[str], tuple[Cast, Script]],
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
) -> tuple[Cast, Script]:
    """Choose a voice; `write` casts a script for the voice of a name, "" for that of the settings.

    "auto" is the online voice when it answers a first request within a few seconds (what it
    says is kept), or when all that it should say is in the store; else the embedded one.
    """
    if config.voice.name != AUTO:
        return write("")
    cast, script = write(ONLINE)
    found = {} if force else find_voiced(script, cast, cache)
    unheard = next(
        (one for one in script.segments if one.index not in found and not one.recording), None
    )
    if unheard is None:
        return cast, script
    voice = cast.find_voice(unheard)
    if not voice.online:
        unheard = next((one for one in script.segments if not one.voice), unheard)
        voice = cast.find_voice(unheard)
    probe = dataclasses.replace(voice, timeout_s=_PROBE_S)  # type: ignore[type-var]
    key = key_take(voice, script.language, unheard.spoken)
    try:
        take = run_within(_PROBE_S, lambda: probe.speak(unheard.spoken, language=script.language))
        keep_take(take, unheard, key, store=cache.takes)
    except (VoiceError, ConfigError, TimeoutError) as error:
        reason = str(error).rstrip(".") or "Google's voice does not answer"
        notify(Noticed(f"{reason}: the embedded voice {EMBEDDED} speaks the whole episode."))
        return write(EMBEDDED)
    return cast, script


def find_voiced(script: Script, cast: Cast, cache: Cache) -> dict[int, StoredTake]:
    """Find the segments whose take is in the store, by index."""
    found: dict[int, StoredTake] = {}
    for voice, part in _part_script(script, cast):
        takes = find_takes(part, voice, store=cache.takes)
        for segment in part.segments:
            take = takes.get(key_take(voice, script.language, segment.spoken))
            if take:
                found[segment.index] = take
    for segment in script.segments:
        if segment.recording:
            key, _ = _key_recording(segment, cast.folder)
            entry = cache.takes.find(key)
            if entry:
                found[segment.index] = StoredTake(key, entry[0])
    return found


def voice_script(
    script: Script,
    cast: Cast,
    config: Config,
    cache: Cache,
    *,
    notify: Notify,
    force: bool = False,
) -> Takes:
    """Give each segment its take: from its voice, from the store, or from its recording.

    Raises what voices raise, or SoundError for a recording that cannot be used.
    """
    made: dict[int, StoredTake] = {
        segment.index: _store_recording(segment, cast.folder, cache)
        for segment in script.segments
        if segment.recording
    }
    voiced = 0
    for voice, part in _part_script(script, cast):
        characters = sum(len(segment.spoken) for segment in part.segments)

        def open_workers(voice: Voice = voice, characters: int = characters) -> Executor:
            return open_pool(voice, characters=characters)

        takes = synthesize_script(
            part,
            voice,
            config.synthesize,
            store=cache.takes,
            open_pool=open_workers,
            notify=notify,
            force=force,
        )
        voiced += takes.voiced
        made |= {
            segment.index: take for segment, take in zip(part.segments, takes.takes, strict=True)
        }
    return Takes(tuple(made[segment.index] for segment in script.segments), voiced)


def _part_script(script: Script, cast: Cast) -> list[tuple[Voice, Script]]:
    """Part a script by its voices, the episode's first; recordings are nobody's."""
    parts: dict[str, list[Segment]] = {}
    for segment in script.segments:
        if not segment.recording:
            parts.setdefault(segment.voice, []).append(segment)
    return [
        (cast.find_voice(segments[0]), replace(script, segments=tuple(segments)))
        for _, segments in sorted(parts.items())
    ]


def _key_recording(segment: Segment, folder: Path) -> tuple[str, bytes]:
    path = folder / segment.recording
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SoundError(
            f"Cannot open the recording {path} of segment {segment.index + 1}:"
            f" {error.strerror or error}.",
            hint="Put it there, or take it out of the edits.",
        ) from error
    return hash_key(_RECORDING, hashlib.sha256(data).hexdigest()), data


def _store_recording(segment: Segment, folder: Path, cache: Cache) -> StoredTake:
    """Measure a recording and store it as a take."""
    key, data = _key_recording(segment, folder)
    entry = cache.takes.find(key)
    if entry:
        return StoredTake(key, entry[0])
    take = open_recording(data, segment.recording)
    figures = measure_take(take)
    cache.takes.put(key, figures, take.pcm)
    return StoredTake(key, figures)


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
