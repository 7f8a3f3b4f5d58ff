"""Requests to an online voice: how many, how fast, and when to stop."""

import collections
import queue
from collections.abc import Callable
from concurrent.futures import Executor, Future

from reviewcast.audio.measure import measure_take
from reviewcast.model.audio import StoredTake, Take, TakeFigures
from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.events import Notify, Warned
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Segment
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.endpoint_gate import EndpointGate
from reviewcast.speech.endpoints import Endpoints
from reviewcast.speech.gates import Gate, SingleGate
from reviewcast.speech.limits import find_endpoints
from reviewcast.speech.opinions import DoubtfulReply, Opinions, Reply, describe_doubts, keep_silence
from reviewcast.speech.pace import Pace, PaceOver
from reviewcast.speech.reply_checks import NeighbourHeard, Proof, doubt_length, hear_take
from reviewcast.speech.take_checks import speak_checked
from reviewcast.system.budget import Budget
from reviewcast.system.http import try_again
from reviewcast.system.store import Store
from reviewcast.system.turns import Turns, find_turns

Spoken = Take | tuple[Take, TakeFigures]
"""A take, measured where it was spoken or not."""

Speak = Callable[[str, Segment], "Future[Spoken]"]


class Service:
    """A voice that is a service: asked at its pace, again when it fails, and its replies proven.

    No segment is asked for more often than `attempts`, whatever goes wrong with it.
    """

    def __init__(
        self,
        voice: Voice,
        language: str,
        settings: SynthesizeSettings,
        notify: Notify,
        store: Store[TakeFigures],
        *,
        budget: Budget | None = None,
        limits: Turns | Endpoints | None = None,
    ) -> None:
        self._language, self._settings = language, settings
        self._name = describe_voice(voice).name
        self._notify, self._budget = notify, budget
        self._asked: collections.Counter[str] = collections.Counter()
        self._proof, self._opinions = Proof(), Opinions()
        self._warnings: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._gate: Gate
        limits = limits or find_endpoints(voice, settings)
        if isinstance(limits, Endpoints):
            self._gate = EndpointGate(
                limits, patience_s=settings.patience_s, store=store, budget=budget
            )
        else:
            pace = Pace(
                limits or find_turns(self._name, settings.requests_per_s),
                patience_s=settings.patience_s,
                first_wait_s=settings.first_wait_s,
                longest_wait_s=settings.longest_wait_s,
            )
            self._gate = SingleGate(voice, pace)

    def learn(
        self, known: dict[str, StoredTake], segments: dict[str, Segment], store: Store[TakeFigures]
    ) -> set[str]:
        """Learn from takes that are stored; return the keys of those that cannot be right."""
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
        """Return what begins to speak a segment."""
        return lambda key, segment: pool.submit(self._speak, key, segment)

    def stop(self) -> None:
        """End the run: whoever waits for a turn gets none."""
        self._gate.stop()

    def report(self) -> list[str]:
        """Report notices and warnings; return the keys of takes that must be asked for again."""
        for event in self._gate.take_events():
            self._notify(event)
        while not self._warnings.empty():
            self._notify(Warned(self._warnings.get()))
        return self._proof.take_doubted()

    def may_ask(self, key: str) -> bool:
        """True if a segment was asked for less often than it may be."""
        return self._asked[key] < self._settings.attempts

    def _speak(self, key: str, segment: Segment) -> Spoken:
        """Return a segment as spoken, asked for until its reply is proven, in a thread.

        Raises what the voice raises at last, NeighbourHeard when others are to be asked first.
        """
        settings = self._settings
        try:
            return try_again(
                lambda: self._ask(key, segment),
                on=_is_worth_another_try,
                attempts=max(1, settings.attempts - self._asked[key]),
                first_wait_s=settings.first_wait_s,
                longest_wait_s=settings.longest_wait_s,
            )
        except VoiceUnavailable as error:
            if not _is_worth_another_try(error):
                raise
            reply = self._opinions.find_best(key)
            if reply is None:
                raise
            return self._accept(key, reply, segment)

    def _ask(self, key: str, segment: Segment) -> Spoken:
        """Return the reply to one request.

        It is asked again after a wait that the service demands, and at another address.
        """
        visit = self._gate.open_visit(segment.spoken)
        while True:
            self._gate.enter(visit)
            try:
                if self._budget:
                    self._budget.take_request()
                take = speak_checked(visit.voice, segment.spoken, self._language)
            except VoiceError as error:
                if self._gate.note_failure(visit, error):
                    continue
                if isinstance(error, VoiceUnavailable):
                    self._asked[key] += 1
                raise
            finally:
                self._gate.leave(visit)
            self._asked[key] += 1
            self._gate.note_answer(visit)
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
                describe_doubts(reply, segment, voice=self._name, asked=self._asked[key])
            )
        return reply.take, reply.figures


def _is_worth_another_try(error: Exception) -> bool:
    return isinstance(error, VoiceUnavailable) and not isinstance(error, PaceOver | NeighbourHeard)
