"""Segments become takes; only unheard text is spoken."""

import dataclasses
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from msgspec import Struct

from reviewcast.cache import Store, hash_key
from reviewcast.errors import ConfigError, ReviewcastError, VoiceError, VoiceUnavailable
from reviewcast.events import Notify, Progressed
from reviewcast.model import Script, Segment, StoredTake, Take, TakeFigures
from reviewcast.protocols import Voice

_FORMAT = "take 1"
_IN_FLIGHT = 32
_MOST_DEATHS = 3
_FASTEST_CHARS_PER_S = 60.0
_SLOWEST_S = (4.0, 1.2)  # a take may last this long, and this much more for each letter


class SynthesizeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How patient a run is with a service that fails."""

    attempts: int = 8
    """How often one segment is asked for."""
    patience_s: float = 90.0
    """How long one segment may take with all its attempts."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("attempts", 1, 1000),
            ("patience_s", 0.1, 86_400),
            ("first_wait_s", 0, 3600),
            ("longest_wait_s", 0, 3600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"[synthesize] {name} must be from {low} to {high}.")


class Takes(Struct, frozen=True):
    """The takes of a script's segments, in order, and how many were spoken just now."""

    takes: tuple[StoredTake, ...]
    voiced: int


OpenPool = Callable[[], Executor]


def synthesize_script(
    script: Script,
    voice: Voice,
    settings: SynthesizeSettings,
    *,
    store: Store[TakeFigures],
    open_pool: OpenPool,
    notify: Notify,
    force: bool = False,
) -> Takes:
    """Give each segment its take, from the store or by speaking it; `force` speaks all anew.

    What is spoken is stored at once. When the voice fails for good, what is under way is still
    stored; then VoiceUnavailable or VoiceError says how much is kept.
    """
    keys = [key_take(voice, script.language, segment.spoken) for segment in script.segments]
    known: dict[str, StoredTake] = {} if force else find_takes(script, voice, store=store)
    missing = {k: s for k, s in zip(keys, script.segments, strict=True) if k not in known}
    voiced = sum(key in missing for key in keys)
    done, deaths = len(keys) - voiced, 0
    while missing:
        try:
            with open_pool() as pool:
                for key, take in _speak_all(
                    missing, voice, script.language, settings, pool=pool, store=store
                ):
                    known[key] = take
                    del missing[key]
                    done += keys.count(key)
                    notify(Progressed("voice", done, len(keys)))
        except BrokenExecutor as error:
            deaths += 1
            if deaths == _MOST_DEATHS:
                raise VoiceError(
                    f"The voice {voice.name} ended its process {deaths} times.",
                    hint="Run the same command again, or choose another voice with --voice.",
                ) from error
        except VoiceError as error:
            error.message += f" {done} of {len(keys)} segments are kept."
            raise
    return Takes(tuple(known[key] for key in keys), voiced)


def key_take(voice: Voice, language: str, spoken: str) -> str:
    """Give the key under which a take of this text stands in the store."""
    options = {
        field.name: getattr(voice, field.name)
        for field in dataclasses.fields(voice)  # type: ignore[arg-type]
        if field.metadata.get("sounds", True)
    }
    return hash_key(_FORMAT, voice.name, voice.version, options, language, spoken)


def find_takes(script: Script, voice: Voice, *, store: Store[TakeFigures]) -> dict[str, StoredTake]:
    """Find which takes of a script are in the store already."""
    found = {}
    for segment in script.segments:
        key = key_take(voice, script.language, segment.spoken)
        entry = store.find(key)
        if entry is not None:
            found[key] = StoredTake(key, entry[0])
    return found


def keep_take(take: Take, segment: Segment, key: str, *, store: Store[TakeFigures]) -> StoredTake:
    """Measure a take, hold it against its text, and store it.

    Raises VoiceError when it is silent, or far too short or long for what it should say.
    """
    from reviewcast.sound import measure_take

    figures = measure_take(take)
    duration_s = (figures.end - figures.start) / figures.rate_hz
    letters = sum(map(str.isalnum, segment.spoken))
    fixed_s, letter_s = _SLOWEST_S
    if (
        not letters / _FASTEST_CHARS_PER_S <= duration_s <= fixed_s + letter_s * letters
        or not duration_s
    ):
        raise VoiceError(
            f"The voice gave {duration_s:.2f} s for segment {segment.index + 1}: "
            f"{segment.text[:60]!r}.",
            hint="Run the same command again, or change that sentence.",
        )
    store.put(key, figures, take.pcm)
    return StoredTake(key, figures)


def speak_text(voice: Voice, text: str, language: str, settings: SynthesizeSettings | None) -> Take:
    """Speak one text, in a worker; with settings, ask again while the service is unavailable.

    Raises what the voice raises at last.
    """
    if settings is None:
        return voice.speak(text, language=language)
    import stamina

    _hush_stamina()

    def choose_wait(error: Exception) -> bool | float:
        if not isinstance(error, VoiceUnavailable):
            return False
        if error.retry_after_s is None:
            return True
        return error.retry_after_s if error.retry_after_s <= settings.patience_s else False

    for attempt in stamina.retry_context(
        on=choose_wait,
        attempts=settings.attempts,
        timeout=settings.patience_s,
        wait_initial=settings.first_wait_s,
        wait_max=settings.longest_wait_s,
        wait_jitter=settings.first_wait_s,
    ):
        with attempt:
            return voice.speak(text, language=language)
    raise AssertionError("stamina ends by returning or raising")


@functools.cache
def _hush_stamina() -> None:
    """Keep stamina from logging each retry: what matters reaches the user as an error."""
    import stamina.instrumentation

    stamina.instrumentation.set_on_retry_hooks(())


def _speak_all(
    missing: dict[str, Segment],
    voice: Voice,
    language: str,
    settings: SynthesizeSettings,
    *,
    pool: Executor,
    store: Store[TakeFigures],
) -> Iterator[tuple[str, StoredTake]]:
    """Speak and store all that is missing, a bounded number at once, in whatever order it is done.

    After a failure nothing more is begun; what is under way is still stored before it is raised.
    """
    waiting = iter(list(missing.items()))
    running: dict[Future[Take], str] = {}
    failure: Exception | None = None
    while True:
        while failure is None and len(running) < _IN_FLIGHT and (job := next(waiting, None)):
            patient = settings if voice.online else None
            future = pool.submit(speak_text, voice, job[1].spoken, language, patient)
            running[future] = job[0]
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            key = running.pop(future)
            if future.cancelled():
                continue
            error = future.exception()
            if error is None:
                try:
                    kept = keep_take(future.result(), missing[key], key, store=store)
                except ReviewcastError as refusal:
                    error = refusal
                else:
                    yield key, kept
                    continue
            if failure is None:
                failure = error if isinstance(error, Exception) else VoiceError(str(error))
                for other in running:
                    other.cancel()
    if failure is not None:
        raise failure
