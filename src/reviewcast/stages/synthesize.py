"""Segments become takes; only unheard text is spoken."""

import collections
import dataclasses
import functools
import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from msgspec import Struct

from reviewcast.cache import Store, hash_key
from reviewcast.errors import ConfigError, ReviewcastError, VoiceError, VoiceUnavailable
from reviewcast.events import Noticed, Notify, Progressed, Warned
from reviewcast.model import Script, Segment, StoredTake, Take, TakeFigures
from reviewcast.opinions import DoubtfulReply, Opinions, Reply, describe_doubts, keep_silence
from reviewcast.pacing import Pace, PaceOver, find_turns
from reviewcast.protocols import Voice
from reviewcast.proving import NeighbourHeard, Proof, doubt_length, hear_take, prove_length
from reviewcast.take_checks import speak_checked
from reviewcast.workers import WorkerDied, speak_text

_FORMAT = "take 1"
_IN_FLIGHT = 32
_REPORT_S = 1.0
_MOST_DEATHS = 3


class SynthesizeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How a voice that is a service is asked, and how patient a run is when it fails."""

    connections: int = 4
    """How many requests are under way at once; a voice may allow fewer."""
    requests_per_s: float = 8.0
    """How many requests begin in a second at most."""
    attempts: int = 10
    """How often one segment is asked for; a request to slow down is no attempt."""
    patience_s: float = 180.0
    """How long a run goes on without any answer, and the longest wait that a service may ask."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 3.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("connections", 1, 16),
            ("requests_per_s", 0.01, 1000),
            ("attempts", 1, 1000),
            ("patience_s", 0.1, 86_400),
            ("first_wait_s", 0, 3600),
            ("longest_wait_s", 0, 3600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"[synthesize] {name} must be from {low} to {high}.")


class Takes(Struct, frozen=True):
    """The takes of a script's segments, in order, and how many were spoken just now.

    `fresh` are the indexes of the segments that were. `sources` are the keys of the takes as they
    were spoken, when they were polished since.
    """

    takes: tuple[StoredTake, ...]
    voiced: int
    fresh: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()


OpenPool = Callable[[], Executor]
Heard = Callable[[Segment, StoredTake], None]


def synthesize_script(
    script: Script,
    voice: Voice,
    settings: SynthesizeSettings,
    *,
    store: Store[TakeFigures],
    open_pool: OpenPool,
    notify: Notify,
    force: bool = False,
    heard: Heard | None = None,
    before: int = 0,
    total: int = 0,
) -> Takes:
    """Give each segment its take, from the store or by speaking it; `force` speaks all anew.

    What is spoken is stored at once; `heard` is given each take as soon as it is there. When the
    voice fails for good, what is under way is still stored; then VoiceUnavailable or VoiceError
    says how much is kept. When the script is a part, `before` segments of the `total` are done.
    """
    total = total or len(script.segments)
    keys = [key_take(voice, script.language, segment.spoken) for segment in script.segments]
    segments = dict(zip(keys, script.segments, strict=True))
    known: dict[str, StoredTake] = {} if force else find_takes(script, voice, store=store)
    service = _Service(voice, script.language, settings, notify) if voice.online else None
    if service and known and len(known) < len(segments):
        for key in service.learn(known, segments, store):
            del known[key]
    run = _Run(keys, segments, known, service)
    fresh = tuple(
        segment.index
        for key, segment in zip(keys, script.segments, strict=True)
        if key not in known
    )
    said = collections.defaultdict(list)
    for key, segment in zip(keys, script.segments, strict=True):
        said[key].append(segment)
    stored = [] if heard is None else [(said[key], take) for key, take in known.items()]
    if not run.waiting:
        _tell(heard, stored)
    for _ in range(_MOST_DEATHS):
        if not run.waiting:
            break
        try:
            with open_pool() as pool:
                speak = service.start(pool) if service else _begin(pool, voice, script.language)
                try:
                    run.begin(speak)
                    _tell(heard, stored)  # while the first is spoken
                    stored = []
                    for key, take in run.speak_all(speak, store):
                        run.note(key, take)
                        notify(Progressed("voice", before + run.done, total))
                        _tell(heard, [(said[key], take)])
                finally:
                    if service:  # whoever waits for a turn lets the pool go
                        service.pace.stop()
        except BrokenExecutor:
            continue  # the whole pool is gone, with all that it should do
        except VoiceError as error:
            error.message += f" {before + run.done} of {total} segments are kept."
            raise
    if run.waiting:
        raise VoiceError(
            f"The voice {voice.name} ended its process {_MOST_DEATHS} times.",
            hint="Run the same command again, or choose another voice with --voice.",
        )
    return Takes(tuple(run.known[key] for key in keys), len(fresh), fresh)


def _tell(heard: Heard | None, takes: Iterable[tuple[list[Segment], StoredTake]]) -> None:
    """Give takes to whoever listens, for each segment that has them."""
    if heard:
        for segments, take in takes:
            for segment in segments:
                heard(segment, take)


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
        figures = store.peek(key)
        if figures is not None:
            found[key] = StoredTake(key, figures, store.identify(key))
    return found


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

    Raises VoiceError when it is silent, or far too short or long for what it should say.
    """
    from reviewcast.sound import measure_take

    figures = figures or measure_take(take)
    if not is_proven:
        prove_length(figures, segment)
    figures = store.keep(key, figures, take.pcm)
    return StoredTake(key, figures, store.identify(key))


Spoken = Take | tuple[Take, TakeFigures]
"""A take, measured where it was spoken or not."""
Speak = Callable[[str, Segment], "Future[Spoken]"]


def _begin(pool: Executor, voice: Voice, language: str) -> Speak:
    """Give what begins to speak a segment with a voice that computes."""

    def begin(_key: str, segment: Segment) -> "Future[Spoken]":
        return pool.submit(speak_text, voice, segment.spoken, language)

    return begin


class _Service:
    """A voice that is a service: asked at its pace, again when it fails, and its replies proven.

    No segment is asked for more often than `attempts`, whatever goes wrong with it.
    """

    def __init__(
        self, voice: Voice, language: str, settings: SynthesizeSettings, notify: Notify
    ) -> None:
        self._voice, self._language, self._settings = voice, language, settings
        self._notify = notify
        self._asked: collections.Counter[str] = collections.Counter()
        self._proof, self._opinions = Proof(), Opinions()
        self._warnings: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.pace = Pace(
            find_turns(voice.name, settings.requests_per_s),
            patience_s=settings.patience_s,
            first_wait_s=settings.first_wait_s,
            longest_wait_s=settings.longest_wait_s,
        )

    def learn(
        self, known: dict[str, StoredTake], segments: dict[str, Segment], store: Store[TakeFigures]
    ) -> set[str]:
        """Learn from takes that are stored; give the keys of those that cannot be right."""
        return self._proof.learn(
            hear_take(
                Take(store.load(key), take.figures.rate_hz),
                take.figures,
                segments[key],
                key,
                is_stored=True,
            )
            for key, take in known.items()
        )

    def start(self, pool: Executor) -> Speak:
        """Give what begins to speak a segment."""
        return lambda key, segment: pool.submit(self._speak, key, segment)

    def report(self) -> list[str]:
        """Tell what is to be told; give the keys of takes that must be asked for again."""
        for notice in self.pace.take_notices():
            self._notify(Noticed(notice))
        while not self._warnings.empty():
            self._notify(Warned(self._warnings.get()))
        return self._proof.take_doubted()

    def may_ask(self, key: str) -> bool:
        """True if a segment was asked for less often than it may be."""
        return self._asked[key] < self._settings.attempts

    def _speak(self, key: str, segment: Segment) -> Spoken:
        """Ask for a segment until its reply is proven, in a thread.

        Raises what the voice raises at last, NeighbourHeard when others are to be asked first.
        """
        import stamina

        _hush_stamina()
        settings = self._settings
        try:
            for attempt in stamina.retry_context(
                on=_is_worth_another_try,
                attempts=max(1, settings.attempts - self._asked[key]),
                timeout=None,
                wait_initial=settings.first_wait_s,
                wait_max=settings.longest_wait_s,
                wait_jitter=settings.first_wait_s,
            ):
                with attempt:
                    return self._ask(key, segment)
        except VoiceUnavailable as error:
            if not _is_worth_another_try(error):
                raise
            reply = self._opinions.find_best(key)
            if reply is None:
                raise
            return self._accept(key, reply, segment)
        raise AssertionError("stamina ends by returning or raising")

    def _ask(self, key: str, segment: Segment) -> Spoken:
        """Ask once; while the service asks to slow down, again after its wait."""
        from reviewcast.sound import measure_take

        while True:
            self.pace.wait_turn()
            try:
                take = speak_checked(self._voice, segment.spoken, self._language)
            except VoiceUnavailable as error:
                if self.pace.note_failure(error):
                    continue
                self._asked[key] += 1
                raise
            self._asked[key] += 1
            self.pace.note_answer()
            figures = measure_take(take)
            doubts = dict.fromkeys(
                take.doubts
                + doubt_length(figures, segment)
                + self._proof.doubt_pace(figures, segment)
            )
            reply = self._opinions.weigh(key, Reply(take, figures, tuple(doubts)))
            if reply is None:
                raise DoubtfulReply(f"The voice {' and '.join(doubts)}.")
            return self._accept(key, reply, segment)

    def _accept(self, key: str, reply: Reply, segment: Segment) -> Spoken:
        """Hold a reply against the others, and warn of what is doubted and kept."""
        reply = keep_silence(reply)
        heard = hear_take(reply.take, reply.figures, segment, key)
        is_last = not self.may_ask(key)
        doubts = reply.doubts + self._proof.prove(heard, segment, is_last=is_last)
        if doubts:
            reply = Reply(reply.take, reply.figures, doubts)
            self._warnings.put(
                describe_doubts(reply, segment, voice=self._voice.name, asked=self._asked[key])
            )
        return reply.take, reply.figures


def _is_worth_another_try(error: Exception) -> bool:
    return isinstance(error, VoiceUnavailable) and not isinstance(error, PaceOver | NeighbourHeard)


@functools.cache
def _hush_stamina() -> None:
    """Keep stamina from logging each retry: what matters reaches the user as an error."""
    import stamina.instrumentation

    stamina.instrumentation.set_on_retry_hooks(())


class _Run:
    """What is known of a script's takes, and what waits to be spoken, by key."""

    def __init__(
        self,
        keys: list[str],
        segments: dict[str, Segment],
        known: dict[str, StoredTake],
        service: _Service | None,
    ) -> None:
        self.known = known
        self.waiting = collections.deque(key for key in segments if key not in known)
        self.done = len(keys) - sum(key not in known for key in keys)
        self._segments, self._service = segments, service
        self._counts = collections.Counter(keys)
        self._deaths: collections.Counter[str] = collections.Counter()
        self._doubted: set[str] = set()
        self._running: dict[Future[Spoken], str] = {}

    def note(self, key: str, take: StoredTake) -> None:
        """Keep a take that was stored just now."""
        self.known[key] = take
        self.done += self._counts[key]

    def begin(self, speak: Speak) -> None:
        """Let workers speak as many of those that wait as are spoken at once."""
        while len(self._running) < _IN_FLIGHT and self.waiting:
            key = self.waiting[0]
            self._running[speak(key, self._segments[key])] = key
            self.waiting.popleft()

    def speak_all(
        self, speak: Speak, store: Store[TakeFigures]
    ) -> Iterator[tuple[str, StoredTake]]:
        """Speak and store what waits, a bounded number at once, in whatever order it is done.

        A segment whose worker dies is begun again, unless it is the third. After a failure nothing
        more is begun; what is under way is still stored before it is raised.
        """
        running = self._running
        failure: Exception | None = None
        try:
            while True:
                self._ask_again()
                if failure is None:
                    self.begin(speak)
                if not running:
                    break
                limit_s = _REPORT_S if self._service else None
                for future in wait(running, limit_s, return_when=FIRST_COMPLETED).done:
                    key = running.pop(future)
                    try:
                        take = self._finish(key, future, store)
                    except ReviewcastError as error:
                        if failure is None:
                            failure = error
                            for other in running:
                                other.cancel()
                    else:
                        if take:
                            yield key, take
        finally:
            self.waiting.extendleft(running.values())  # of a pool that is gone
            running.clear()
        if failure is not None:
            raise failure

    def _ask_again(self) -> None:
        """Put takes that are known, and doubted since, back to those that wait."""
        if self._service:
            self._doubted.update(self._service.report())
            for key in self._doubted & self.known.keys():
                self._doubted.discard(key)
                if self._service.may_ask(key):
                    del self.known[key]
                    self.done -= self._counts[key]
                    self.waiting.append(key)

    def _finish(
        self, key: str, future: "Future[Spoken]", store: Store[TakeFigures]
    ) -> StoredTake | None:
        """Store what a worker gave; None when it gave nothing and is asked again or not at all."""
        segment = self._segments[key]
        where = f"segment {segment.index + 1}: {segment.text[:60]!r}"
        if future.cancelled():
            return None
        try:
            spoken = future.result()
        except WorkerDied as error:
            self._deaths[key] += 1
            if self._deaths[key] < _MOST_DEATHS:
                self.waiting.appendleft(key)  # what kills every process is found out soon
                return None
            raise VoiceError(
                f"The voice ended its process {_MOST_DEATHS} times at {where}.",
                hint="Change that sentence, or give it another voice: reviewcast preview --web",
            ) from error
        except BrokenExecutor:
            self.waiting.append(key)
            raise
        except NeighbourHeard:
            self._ask_again()  # first whoever may hold what is ours
            if self._service is None or not self._service.may_ask(key):
                raise
            self.waiting.append(key)
            return None
        except VoiceError as error:
            if not isinstance(error, PaceOver) and where not in error.message:
                error.message += f" It was {where}."
            raise
        except ReviewcastError:
            raise
        except Exception as error:
            raise VoiceError(f"The voice failed at {where}: {error}") from error
        take, figures = spoken if isinstance(spoken, tuple) else (spoken, None)
        is_proven = self._service is not None
        return keep_take(take, segment, key, store=store, figures=figures, is_proven=is_proven)
