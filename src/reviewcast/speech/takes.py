"""Takes are found in the store, or kept there.

What needs NumPy is imported where it is used: a plan only looks for takes.
"""

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.audio import StoredTake, Take, TakeFigures
from reviewcast.model.errors import SoundError
from reviewcast.model.protocols import Voice, describe_voice, list_endpoints
from reviewcast.model.text import Script, Segment
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config, PolishSettings
from reviewcast.speech.casting import Cast
from reviewcast.speech.narration import Narration
from reviewcast.speech.polish_key import key_polish
from reviewcast.system.cache import Cache
from reviewcast.system.keys import KeySeries, hash_key
from reviewcast.system.plugins import find_voice_version
from reviewcast.system.store import Store
from reviewcast.system.trust import is_inside

_FORMAT = "take 1"


class Takes(Struct, frozen=True):
    """The takes of a script's segments, in order.

    `fresh` are the indexes of the segments that were spoken just now. `sources` are the keys of
    the takes as they were spoken, when they were polished since.
    """

    takes: tuple[StoredTake, ...]
    fresh: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def voiced(self) -> int:
        """How many segments were spoken just now."""
        return len(self.fresh)


def key_take(voice: Voice, language: str, spoken: str) -> str:
    """Return the key under which a take of this text stands in the store."""
    return key_takes(voice, language).hash_key(spoken)


def key_takes(voice: Voice, language: str) -> KeySeries:
    """Return the keys under which takes of a voice in a language stand in the store.

    One that can be had at several addresses has those of the first, which the others are held
    against: so one may be added behind it, and nothing is spoken anew.
    """
    voice = list_endpoints(voice)[0]
    options = {
        field.name: getattr(voice, field.name)
        for field in dataclasses.fields(voice)  # type: ignore[arg-type]
        if field.metadata.get("sounds", True)
    }
    name, version = describe_voice(voice).name, find_voice_version(voice)
    return KeySeries(_FORMAT, name, version, options, language)


def find_takes(script: Script, voice: Voice, *, store: Store[TakeFigures]) -> dict[str, StoredTake]:
    """Find which takes of a script are in the store already, by their keys."""
    return {take.key: take for take in _find_each(script, voice, store) if take}


def _find_each(
    script: Script, voice: Voice, store: Store[TakeFigures]
) -> Iterator[StoredTake | None]:
    """Yield for each segment its take in the store, None when it is not there."""
    keys = key_takes(voice, script.language)
    for segment in script.segments:
        key = keys.hash_key(segment.spoken)
        figures = store.peek(key)
        yield StoredTake(key, figures, store.identify(key)) if figures else None


def keep_take(
    take: Take,
    segment: Segment,
    key: str,
    *,
    store: Store[TakeFigures],
    figures: TakeFigures | None = None,
    is_proven: bool = False,
) -> StoredTake:
    """Measure a take, hold it against its text unless that was done, and store it.

    Raise VoiceError when it is silent, or far too short or long for what it should say.
    """
    from reviewcast.audio.measure import measure_take
    from reviewcast.speech.reply_checks import prove_length

    figures = figures or measure_take(take)
    if not is_proven:
        prove_length(figures, segment)
    figures = store.keep(key, figures, take.pcm)
    return StoredTake(key, figures, store.identify(key))


_RECORDING = "recording 1"


def find_voiced(narration: Narration, cache: Cache) -> dict[int, StoredTake]:
    """Find the segments whose take is in the store, by index."""
    found: dict[int, StoredTake] = {}
    for voice, part in narration.list_parts():
        takes = _find_each(part, voice, cache.takes)
        for segment, take in zip(part.segments, takes, strict=True):
            if take:
                found[segment.index] = take
    for segment in narration.script.segments:
        if segment.recording:
            key, _ = _key_recording(segment, narration.cast.folder)
            figures = cache.takes.peek(key)
            if figures:
                found[segment.index] = StoredTake(key, figures, cache.takes.identify(key))
    return found


def find_polished(narration: Narration, run: Run) -> dict[int, StoredTake]:
    """Return the takes that an episode would have of the segments that are in the store, by index.

    What is not polished yet is polished now.
    """
    segments, store = narration.script.segments, run.cache.takes
    return {
        index: find_or_polish(
            take, choose_polish(segments[index], narration.cast, run.settings), store
        )
        for index, take in find_voiced(narration, run.cache).items()
    }


def choose_polish(segment: Segment, cast: Cast, config: Config) -> PolishSettings:
    """Return what a segment's take needs: what is clean by its making has only its speed set.

    A recording keeps the speed at which it was spoken.
    """
    settings = config.voice.polish
    if segment.recording:
        return replace(settings, speed=1.0)
    if describe_voice(cast.find_voice(segment)).clean:
        return replace(settings, high_pass_hz=0, clean_edges=False, de_ess_db=0)
    return settings


def find_or_polish(
    take: StoredTake, settings: PolishSettings, store: Store[TakeFigures]
) -> StoredTake:
    """Return the take as it is after polishing, from the store or made from it."""
    from reviewcast.audio.loudness import SILENCE_LUFS
    from reviewcast.audio.measure import measure_take
    from reviewcast.speech.polish import polish_take

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


def _key_recording(segment: Segment, folder: Path) -> tuple[str, bytes]:
    from reviewcast.audio.files.decode import read_recording

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


def store_recording(segment: Segment, folder: Path, cache: Cache) -> StoredTake:
    """Measure a recording and store it as a take."""
    from reviewcast.audio.files.decode import open_recording
    from reviewcast.audio.measure import measure_take

    key, data = _key_recording(segment, folder)
    stored = cache.takes.peek(key)
    if stored:
        return StoredTake(key, stored, cache.takes.identify(key))
    take = open_recording(data, segment.recording)
    figures = measure_take(take)
    cache.takes.put(key, figures, take.pcm)
    return StoredTake(key, figures, cache.takes.identify(key))
