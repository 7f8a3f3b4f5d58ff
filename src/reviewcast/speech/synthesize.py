"""Segments become takes; only unheard text is spoken."""

import collections
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from reviewcast.model.audio import StoredTake, TakeFigures
from reviewcast.model.errors import BudgetSpent, ClusterError, ReviewcastError, VoiceError
from reviewcast.model.events import Notify, Progressed
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Script, Segment
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.endpoints import Endpoints
from reviewcast.speech.pace import PaceOver
from reviewcast.speech.reply_checks import NeighbourHeard
from reviewcast.speech.service import Service, Speak, Spoken
from reviewcast.speech.take_checks import speak_checked
from reviewcast.speech.takes import Takes, find_takes, keep_take, key_take
from reviewcast.speech.workers import WorkerDied
from reviewcast.system.budget import Budget
from reviewcast.system.store import Store
from reviewcast.system.turns import Turns

IN_FLIGHT = 32
"""Segments that are with the workers of this machine at once, or wait for one."""

_REPORT_S = 1.0
_MOST_DEATHS = 3
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
    before: int = 0,
    total: int = 0,
    budget: Budget | None = None,
    in_flight: int = IN_FLIGHT,
    limits: Turns | Endpoints | None = None,
) -> Takes:
    """Return each segment its take, from the store or by speaking it; `force` speaks all anew.

    What is spoken is stored at once. When the voice fails for good, what is under way is still
    stored; then VoiceUnavailable or VoiceError says how much is kept. When the `budget` of the day
    is used up, it is the same with BudgetSpent. When the script is a part, `before` segments of
    the `total` are done. `in_flight` segments are spoken, or wait for a worker, at once.
    `limits` are the turns at an online voice, or its addresses, in common with other runs.
    """
    total = total or len(script.segments)
    keys = [key_take(voice, script.language, segment.spoken) for segment in script.segments]
    segments = dict(zip(keys, script.segments, strict=True))
    known: dict[str, StoredTake] = {} if force else find_takes(script, voice, store=store)
    info = describe_voice(voice)
    language, service = script.language, None
    if info.online:
        service = Service(voice, language, settings, notify, store, limits=limits, budget=budget)
    if service and known and len(known) < len(segments):
        for key in service.learn(known, segments, store):
            del known[key]
    run = _Run(keys, segments, known, service, budget, in_flight=in_flight)
    fresh = tuple(s.index for key, s in zip(keys, script.segments, strict=True) if key not in known)
    for _ in range(_MOST_DEATHS):
        if not run.waiting:
            break
        try:
            with open_pool() as pool:
                speak = service.start(pool) if service else _begin(pool, voice, script.language)
                try:
                    for key, take in run.speak_all(speak, store):
                        run.note(key, take)
                        notify(Progressed("voice", before + run.done, total))
                finally:
                    if service:  # whoever waits for a turn lets the pool go
                        service.stop()
        except BrokenExecutor:
            continue  # the whole pool is gone, with all that it should do
        except (VoiceError, BudgetSpent, ClusterError) as error:
            error.message += f" {before + run.done} of {total} segments are kept."
            raise
    if run.waiting:
        raise VoiceError(
            f"The voice {info.name} ended its process {_MOST_DEATHS} times.",
            hint="Run the same command again, or choose another voice with --voice.",
        )
    return Takes(tuple(run.known[key] for key in keys), fresh)


def _begin(pool: Executor, voice: Voice, language: str) -> Speak:
    """Return what begins to speak a segment with a voice that computes."""

    def begin(_key: str, segment: Segment) -> "Future[Spoken]":
        return pool.submit(speak_checked, voice, segment.spoken, language)

    return begin


class _Run:
    """What is known of a script's takes, and what waits to be spoken, by key."""

    def __init__(
        self,
        keys: list[str],
        segments: dict[str, Segment],
        known: dict[str, StoredTake],
        service: Service | None,
        budget: Budget | None,
        *,
        in_flight: int,
    ) -> None:
        self.known = known
        self._in_flight = in_flight
        self.waiting = collections.deque(key for key in segments if key not in known)
        self.done = len(keys) - sum(key not in known for key in keys)
        self._segments, self._service, self._budget = segments, service, budget
        self._counts = collections.Counter(keys)
        self._deaths: collections.Counter[str] = collections.Counter()
        self._doubted: set[str] = set()
        self._running: dict[Future[Spoken], str] = {}

    def note(self, key: str, take: StoredTake) -> None:
        """Keep a take that was stored just now."""
        self.known[key] = take
        self.done += self._counts[key]

    def begin(self, speak: Speak) -> None:
        """Hand workers as many of those that wait as are spoken at once."""
        while len(self._running) < self._in_flight and self.waiting:
            key = self.waiting[0]
            if self._budget:
                self._budget.reserve_speech(key, len(self._segments[key].spoken))
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
                    try:
                        self.begin(speak)
                    except BudgetSpent as error:
                        failure = error  # what is under way may end
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
            if self._budget:
                self._budget.release_speech()
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
        kept = keep_take(take, segment, key, store=store, figures=figures, is_proven=is_proven)
        if self._budget:
            self._budget.settle_speech(key, kept.figures.samples / kept.figures.rate_hz)
        return kept
