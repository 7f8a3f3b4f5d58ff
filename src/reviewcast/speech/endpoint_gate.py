"""The gate to a voice that is had at several addresses: each text goes to the best of them."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from reviewcast.model.audio import Take, TakeFigures
from reviewcast.model.errors import ReviewcastError, StorageError, VoiceError
from reviewcast.model.events import Event
from reviewcast.speech.endpoints import Endpoint, Endpoints
from reviewcast.speech.gates import Visit
from reviewcast.speech.pace import PaceOver, Wait, is_refusal
from reviewcast.speech.same_voice import SENTENCE, measure_spoken
from reviewcast.speech.take_checks import speak_checked
from reviewcast.speech.takes import key_take
from reviewcast.system.budget import Budget
from reviewcast.system.store import Store
from reviewcast.system.turns import Clock

Start = Callable[[Callable[[], None]], None]

LANGUAGE = "en"
"""The sentence's."""


class EndpointGate:
    """The gate to a voice that is had at several addresses, for one script.

    A text whose request fails goes to another address; it has failed once it has at all that
    answer. The circuit opens when none has answered for `patience_s`, or all ask for a longer wait.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        patience_s: float,
        store: Store[TakeFigures],
        budget: Budget | None = None,
        clock: Clock = time.monotonic,
        wait: Wait = threading.Condition.wait,
        start: Start | None = None,
    ) -> None:
        self._endpoints, self._store, self._budget = endpoints, store, budget
        self._patience_s = patience_s
        self._clock, self._wait, self._start = clock, wait, start or _start_thread
        self._changed = endpoints.changed
        self._begun: float | None = None
        self._ended: ReviewcastError | None = None
        self._key = key_take(endpoints.all[0].voice, LANGUAGE, SENTENCE)

    def open_visit(self, text: str) -> Visit:
        """Return a visit for a text that is to be asked for."""
        return Visit(self._endpoints.all[0].voice, len(text))

    def enter(self, visit: Visit) -> None:
        """Wait for an address that can be asked, one that has not failed with this text first.

        Raise PaceOver once no more requests are sent, BudgetSpent when nothing is left to compare
        them with, ConfigError when a key is missing.
        """
        with self._changed:
            self._begin()
            while True:
                now = self._clock()
                for due in self._endpoints.take_due(now):
                    self._ask(due)
                self._refuse_when_ended()
                endpoint, wait_s = self._endpoints.choose(now, visit.failed)
                if endpoint is not None:
                    visit.voice, visit.endpoint, visit.begun = endpoint.voice, endpoint, now
                    return
                self._wait(self._changed, self._check_patience(now, wait_s))

    def leave(self, visit: Visit) -> None:
        """Note that the request is over."""
        with self._changed:
            if visit.endpoint:
                visit.endpoint.under_way -= 1
                self._changed.notify_all()

    def note_answer(self, visit: Visit) -> None:
        """Note that the address has spoken, and how long it took."""
        with self._changed:
            if visit.endpoint:
                now, characters = self._clock(), visit.characters
                took_s = now - visit.begun
                self._endpoints.note_answer(visit.endpoint, now, took_s, characters=characters)

    def note_failure(self, visit: Visit, error: VoiceError) -> bool:
        """Note that the address rests; True if another one is to be asked for the text."""
        with self._changed:
            self._refuse_when_ended()
            one = visit.endpoint
            if one is None:
                return False
            self._endpoints.note_failure(one, self._clock(), error)
            self._changed.notify_all()
            if is_refusal(error):
                return True
            is_new = one not in visit.failed
            visit.failed.add(one)
            return is_new and self._endpoints.has_ready(visit.failed)

    def speak(self, text: str, language: str) -> Take:
        """Return what the first address says that can be asked; raise what the last one raises."""
        visit = self.open_visit(text)
        while True:
            self.enter(visit)
            try:
                take = speak_checked(visit.voice, text, language)
            except VoiceError as error:
                if not self.note_failure(visit, error):
                    raise
            else:
                self.note_answer(visit)
                return take
            finally:
                self.leave(visit)

    def stop(self) -> None:
        """End the run."""
        with self._changed:
            self._end(PaceOver("The run has ended."))
            self._endpoints.end()

    def take_events(self) -> list[Event]:
        """Return what the user should know since this was last asked."""
        with self._changed:
            return self._endpoints.take_events()

    def _begin(self) -> None:
        """Begin the script with the first text that is asked for."""
        if self._begun is None:
            self._begun = self._clock()
            known = None
            if not self._endpoints.reference and (stored := self._store.find(self._key)):
                figures, pcm = stored
                known = measure_spoken(Take(pcm, figures.rate_hz))
            self._endpoints.begin(self._begun, known)

    def _ask(self, endpoint: Endpoint) -> None:
        """Ask an address for the sentence, beside all else."""
        try:
            if self._budget:
                self._budget.take_request()
        except ReviewcastError as error:
            endpoint.state, endpoint.until = "resting", self._clock()
            self._end(error)
            return
        self._start(lambda: self._hear(endpoint))

    def _hear(self, endpoint: Endpoint) -> None:
        try:
            take = speak_checked(endpoint.voice, SENTENCE, LANGUAGE)
            spoken = measure_spoken(take)
        except VoiceError as error:
            with self._changed:
                self._endpoints.note_silence(endpoint, self._clock(), error)
                self._changed.notify_all()
            return
        except ReviewcastError as error:  # such as a key that is missing
            with self._changed:
                self._endpoints.note_silence(
                    endpoint, self._clock(), VoiceError(error.message, hint=error.hint)
                )
                self._end(error)
            return
        with self._changed:
            self._endpoints.note_sentence(
                endpoint, self._clock(), spoken, is_doubtful=bool(take.doubts)
            )
            is_reference = self._endpoints.reference is spoken
            self._changed.notify_all()
        if is_reference:
            self._keep(take)

    def _keep(self, take: Take) -> None:
        """Keep how the first address speaks, for a run in which it is away."""
        from reviewcast.audio.measure import measure_take

        with suppress(StorageError):
            self._store.put(self._key, measure_take(take), take.pcm)

    def _check_patience(self, now: float, wait_s: float) -> float:
        """Return how long to wait at most; open the circuit when none answers for too long."""
        endpoints = self._endpoints
        if endpoints.has_ready():
            return min(wait_s, self._patience_s)
        since_s = now - max(self._begun or 0.0, endpoints.answered)
        soonest_s = 0.0 if endpoints.is_hoped_for() or wait_s == float("inf") else wait_s
        if since_s + soonest_s > self._patience_s:
            message, hint = endpoints.explain()
            self._end(PaceOver(message, hint=hint))
            self._refuse_when_ended()
        return min(wait_s, self._patience_s - since_s + 0.001)

    def _end(self, error: ReviewcastError) -> None:
        self._ended = self._ended or error
        self._changed.notify_all()

    def _refuse_when_ended(self) -> None:
        error = self._ended
        if error is not None:
            raise type(error)(error.message, hint=error.hint)  # each thread its own


def _start_thread(job: Callable[[], None]) -> None:
    threading.Thread(target=job, name="endpoint", daemon=True).start()
