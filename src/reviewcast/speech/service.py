"""Requests to an online voice: how many, how fast, and when to stop."""

import collections
import functools
import queue
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future

from reviewcast.model.audio import StoredTake, Take, TakeFigures
from reviewcast.model.errors import VoiceUnavailable
from reviewcast.model.events import Noticed, Notify, Warned
from reviewcast.model.protocols import Voice
from reviewcast.model.text import Segment
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.opinions import DoubtfulReply, Opinions, Reply, describe_doubts, keep_silence
from reviewcast.speech.reply_checks import (
    NeighbourHeard,
    Proof,
    doubt_length,
    hear_take,
)
from reviewcast.speech.take_checks import speak_checked
from reviewcast.system.http import try_again
from reviewcast.system.store import Store

Clock = Callable[[], float]
Wait = Callable[[threading.Condition, float], object]


class PaceOver(VoiceUnavailable):
    """Nobody is asked any more: the service has refused for too long, or the run has ended."""


class Turns:
    """A token bucket that holds one token: requests begin at least 1/rate apart."""

    def __init__(self, per_s: float) -> None:
        self._apart_s = 1 / per_s
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self, now: float) -> float:
        """Take the next turn when it is there; else give the seconds until it is."""
        with self._lock:
            if now < self._next:
                return self._next - now
            self._next = now + self._apart_s
            return 0.0


@functools.cache
def find_turns(_service: str, per_s: float) -> Turns:
    """Return the turns at a service, one row for the whole process."""
    return Turns(per_s)


class Pace:
    """Spaces the requests of a run, holds all of them when the service asks to slow down, and ends.

    A refusal (429) holds every request back, for as long as the service asks or for a wait that
    doubles from `first_wait_s` to `longest_wait_s`, with as much again at random. The circuit
    opens when nothing was answered for `patience_s`, or the service asks for a longer wait than
    that: then every turn raises PaceOver, and nobody is asked any more. Safe for threads.
    """

    def __init__(
        self,
        turns: Turns,
        *,
        patience_s: float,
        first_wait_s: float,
        longest_wait_s: float,
        clock: Clock = time.monotonic,
        wait: Wait = threading.Condition.wait,
    ) -> None:
        self._turns = turns
        self._patience_s = patience_s
        self._first_wait_s, self._longest_wait_s = first_wait_s, longest_wait_s
        self._clock, self._wait = clock, wait
        self._changed = threading.Condition()
        self._answered: float | None = None  # when the last answer came, or the first request went
        self._held_until = 0.0
        self._rounds = self._refused = 0
        self._has_answered = self._told = False
        self._ended: tuple[str, str] | None = None  # why nobody is asked any more, and the hint
        self._notices: list[str] = []

    def wait_turn(self) -> None:
        """Wait until the next request may go.

        Raise PaceOver once the circuit is open or the run has ended.
        """
        with self._changed:
            while True:
                self._refuse_when_ended()
                now = self._clock()
                left_s = self._held_until - now
                if left_s <= 0:
                    left_s = self._turns.take(now)
                    if not left_s:
                        self._answered = now if self._answered is None else self._answered
                        return
                self._wait(self._changed, left_s)

    def note_answer(self) -> None:
        """Say that the service has spoken: all is well."""
        with self._changed:
            self._answered = self._clock()
            self._has_answered = True
            self._rounds = self._refused = 0

    def note_failure(self, error: VoiceUnavailable) -> bool:
        """Say that a request failed; tell whether it was a refusal, whose wait begins now.

        Raise PaceOver when that opens the circuit.
        """
        with self._changed:
            self._refuse_when_ended()
            now = self._clock()
            since_s = now - (now if self._answered is None else self._answered)
            is_refusal = error.slow_down or error.retry_after_s is not None
            self._refused += is_refusal
            asked_s = error.retry_after_s or 0.0
            if since_s + asked_s > self._patience_s:
                self._end(self._explain(error, since_s), error.hint)
                self._refuse_when_ended()
            if is_refusal:
                self._hold(now, asked_s, error)
            elif not self._has_answered and not self._told:
                self._told = True
                self._notices.append(f"{error.message.rstrip('.')}: it is asked again for a while.")
            return is_refusal

    def stop(self) -> None:
        """End the run: whoever waits for a turn gets none."""
        with self._changed:
            self._end("The run has ended.", "")

    def take_notices(self) -> list[str]:
        """Return what the user should know since this was last asked."""
        with self._changed:
            notices, self._notices = self._notices, []
            return notices

    def _hold(self, now: float, asked_s: float, error: VoiceUnavailable) -> None:
        """Hold all requests; those that were under way together are refused as one."""
        if now >= self._held_until:
            self._rounds += 1
            wait_s = min(self._longest_wait_s, self._first_wait_s * 2 ** min(self._rounds - 1, 60))
            # to come back at another moment than everybody else
            wait_s *= 0.5 + random.random() / 2  # noqa: S311
            self._held_until = now + max(asked_s, wait_s)
            if self._rounds == 1:
                self._notices.append(f"{error.message.rstrip('.')}: slower from here on.")
        else:
            self._held_until = max(self._held_until, now + asked_s)

    def _end(self, message: str, hint: str) -> None:
        self._ended = self._ended or (message, hint)
        self._changed.notify_all()

    def _refuse_when_ended(self) -> None:
        if self._ended is not None:
            message, hint = self._ended
            raise PaceOver(message, hint=hint)

    def _explain(self, error: VoiceUnavailable, since_s: float) -> str:
        message = error.message.rstrip(".")
        if error.retry_after_s and error.retry_after_s > self._patience_s:
            return f"{message}, and to come back in {error.retry_after_s:.0f} s."
        if self._refused > 1:
            return f"{message}: it refused {self._refused} requests in a row, for {since_s:.0f} s."
        return f"{message}."


Spoken = Take | tuple[Take, TakeFigures]
"""A take, measured where it was spoken or not."""

Speak = Callable[[str, Segment], "Future[Spoken]"]


class Service:
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

    def report(self) -> list[str]:
        """Tell what is to be told; return the keys of takes that must be asked for again."""
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
        """Ask once; while the service asks to slow down, again after its wait."""
        from reviewcast.audio.measure import measure_take

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
