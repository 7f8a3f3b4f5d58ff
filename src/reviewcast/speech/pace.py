"""How fast an online voice is asked, and when to wait or to stop."""

import random
import threading
import time
from collections.abc import Callable

from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.system.turns import Clock, Turns

Wait = Callable[[threading.Condition, float], object]


class PaceOver(VoiceUnavailable):
    """No more requests are sent: the service has refused for too long, or the run has ended."""


def is_refusal(error: VoiceError) -> bool:
    """True if a service asks to be asked later, which is no failure of the text."""
    return isinstance(error, VoiceUnavailable) and (
        error.slow_down or error.retry_after_s is not None
    )


class Pace:
    """Spaces the requests of a run, holds all of them when the service asks to slow down, and ends.

    A refusal (429) holds every request back, for as long as the service asks or for a wait that
    doubles from `first_wait_s` to `longest_wait_s`, with as much again at random. The circuit
    opens when nothing was answered for `patience_s`, or the service asks for a longer wait than
    that: then every turn raises PaceOver, and no more requests are sent. Safe for threads.
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
                    left_s = self._turns.take()
                    if not left_s:
                        self._answered = now if self._answered is None else self._answered
                        return
                self._wait(self._changed, left_s)

    def note_answer(self) -> None:
        """Note that the service has spoken: all is well."""
        with self._changed:
            self._answered = self._clock()
            self._has_answered = True
            self._rounds = self._refused = 0

    def note_failure(self, error: VoiceUnavailable) -> bool:
        """Note that a request failed; True if it was a refusal, whose wait begins now.

        Raise PaceOver when that opens the circuit.
        """
        with self._changed:
            self._refuse_when_ended()
            now = self._clock()
            since_s = now - (now if self._answered is None else self._answered)
            refused = is_refusal(error)
            self._refused += refused
            asked_s = error.retry_after_s or 0.0
            if since_s + asked_s > self._patience_s:
                self._end(self._explain(error, since_s), error.hint)
                self._refuse_when_ended()
            if refused:
                self._hold(now, asked_s, error)
            elif not self._has_answered and not self._told:
                self._told = True
                self._notices.append(f"{error.message.rstrip('.')}: it is asked again for a while.")
            return refused

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
