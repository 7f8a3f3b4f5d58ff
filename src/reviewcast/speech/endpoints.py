"""The addresses at which one voice can be had: which is asked next, which rest, which are left out.

Nothing here waits or sends, and all times are given, so that hours can be tested in no time.
"""

import collections
import random
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal

from reviewcast.model.errors import VoiceError, VoiceUnavailable
from reviewcast.model.events import Event, Noticed, Warned
from reviewcast.model.protocols import Voice, describe_voice, list_endpoints
from reviewcast.settings.schema import SynthesizeSettings
from reviewcast.speech.endpoint_shares import save_times
from reviewcast.speech.same_voice import Spoken, describe_difference
from reviewcast.system.turns import Turns

State = Literal["resting", "asked", "heard", "ready", "out"]

_RECENT = 8
_LEAST_RECENT = 4
_SLOW_TIMES = 3
_LEAST_SLOW_S = 1.0
_FIXED_CHARACTERS = 50
"""What a request costs whatever its text is, in characters: assumed, so that a long text after
short ones is no sign of a slow server."""

_LEAST_REST_S = 0.05
_AWAY_S = 60.0
"""The rest of an address that has not answered for as long as the patience of a build."""

_MOST_DIFFERENT = 3
"""So often the sentence may sound otherwise at an address: some models vary by themselves."""

_LOOK_AGAIN_S = 300.0


class Endpoint:
    """An address, and how it does: `most` requests may be under way there at once.

    It is `ready` once it has said the sentence by which all are compared, and for as long as it
    answers. Else it is `resting` until it is `asked` for that sentence, has `heard` itself before
    the first address has, or is `out`.
    """

    def __init__(self, voice: Voice, turns: Turns, most: int) -> None:
        self.voice, self.turns, self.most = voice, turns, most
        self.address = str(getattr(voice, "base_url", ""))
        self.state: State = "resting"
        self.until = 0.0
        self.under_way = self.rounds = self.different = 0
        self.times: collections.deque[float] = collections.deque(maxlen=_RECENT)
        self.paces: collections.deque[float] = collections.deque(maxlen=_RECENT)
        self.spoken: Spoken | None = None
        self.away_since: float | None = None
        self.reason = ""

    def find_usual_s(self) -> float:
        """Return how long its last requests took on average; 0 when it had none."""
        return sum(self.times) / len(self.times) if self.times else 0.0


class Endpoints:
    """All addresses of a voice, shared by the runs of a process: hold `changed` to use them.

    The one with the fewest requests under way is asked next, the quickest of those. One that
    refuses, fails, or becomes several times slower than it was rests, each time longer, and has to
    say the sentence again before it is asked for others. The first address decides how that
    sounds; one where it sounds otherwise is left out. Until the first has spoken none is asked,
    unless `known` tells how it spoke in an earlier run.
    """

    def __init__(
        self,
        voice: Voice,
        settings: SynthesizeSettings,
        find_turns: Callable[[Voice], Turns],
        *,
        folder: Path | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        info = describe_voice(voice)
        self._settings, self._jitter, self._name = settings, jitter, info.name
        most = min(settings.connections, info.max_workers or settings.connections)
        self.all = tuple(Endpoint(one, find_turns(one), most) for one in list_endpoints(voice))
        self.changed = threading.Condition()
        self._folder = folder
        self.known: Spoken | None = None
        self.reference: Spoken | None = None
        self.answered = float("-inf")
        self._error: VoiceError | None = None
        self._events: list[Event] = []

    def has_ready(self, avoid: Collection[Endpoint] = ()) -> bool:
        """True if one can be asked for a text, besides those to avoid."""
        return any(one.state == "ready" for one in self.all if one not in avoid)

    def begin(self, now: float, known: Spoken | None) -> None:
        """Begin a script: what was left out long ago is looked at once more."""
        self.known = self.known or known
        for one in self.all:
            if one.state == "out" and now - one.until > _LOOK_AGAIN_S:
                one.state, one.until, one.different = "resting", now, 0

    def choose(self, now: float, avoid: Collection[Endpoint] = ()) -> tuple[Endpoint | None, float]:
        """Return the one to ask now, whose turn is taken; else None and how long to wait for it.

        Those to avoid are asked only when no other is ready. The wait is infinite when it takes an
        answer to change that.
        """
        ready = [one for one in self.all if one.state == "ready"]
        ready = [one for one in ready if one not in avoid] or ready
        wait_s = min([one.until - now for one in self.all if one.state == "resting"], default=None)
        waits = [] if wait_s is None else [max(0.0, wait_s)]
        for one in sorted(ready, key=lambda one: (one.under_way, one.find_usual_s())):
            if one.under_way < one.most:
                left_s = one.turns.take()
                if not left_s:
                    one.under_way += 1
                    return one, 0.0
                waits.append(left_s)
        return None, min(waits, default=float("inf"))

    def take_due(self, now: float) -> list[Endpoint]:
        """Return those that have rested, and are to be asked for the sentence now."""
        due = []
        for one in self.all:
            if one.state == "resting" and one.until <= now:
                left_s = one.turns.take()
                if left_s:
                    one.until = now + left_s
                else:
                    one.state = "asked"
                    due.append(one)
        return due

    def note_answer(self, one: Endpoint, now: float, took_s: float, *, characters: int = 0) -> None:
        """Note that an address has spoken a text of so many characters."""
        self.answered = max(self.answered, now)
        pace_s = took_s / (_FIXED_CHARACTERS + characters)
        is_slow = len(one.paces) >= _LEAST_RECENT and pace_s > _SLOW_TIMES * max(one.paces)
        if one.state == "ready" and is_slow and took_s > _LEAST_SLOW_S:
            one.paces.clear()  # what is usual from here on is found out anew
            one.times.clear()
            self._rest(one, now, 0.0)
            self._events.append(Noticed(f"{self._tell(one)} has become slow: it rests a while."))
            return
        one.times.append(took_s)
        one.paces.append(pace_s)
        if one.state == "ready":
            one.rounds = 0

    def note_failure(self, one: Endpoint, now: float, error: VoiceError) -> None:
        """Note that a request failed at an address."""
        self._error = error
        asked_s = error.retry_after_s or 0.0 if isinstance(error, VoiceUnavailable) else 0.0
        if one.state == "ready":
            self._tell_failure(one, error)
            self._rest(one, now, asked_s)
        elif one.state == "resting":  # requests that were under way together fail as one
            one.until = max(one.until, now + asked_s)

    def note_sentence(
        self, one: Endpoint, now: float, spoken: Spoken, *, is_doubtful: bool = False
    ) -> None:
        """Note how the sentence sounds at an address that was asked for it.

        A doubtful reply decides nothing for the others before it was heard alike twice.
        """
        if one.state != "asked":
            return
        before, one.spoken, one.state = one.spoken, spoken, "heard"
        if one is self.all[0] and self.reference is None:
            if is_doubtful and (before is None or describe_difference(spoken, before)):
                one.different += 1
                if one.different < _MOST_DIFFERENT:
                    one.state, one.until = "resting", now
                    return
            self.reference = spoken
        self._compare(now)

    def note_silence(self, one: Endpoint, now: float, error: VoiceError) -> None:
        """Note that an address did not say the sentence that it was asked for."""
        self._error = error
        if one.state != "asked":
            return
        if isinstance(error, VoiceUnavailable):
            self._tell_failure(one, error)
            self._rest(one, now, error.retry_after_s or 0.0)
        elif one is self.all[0] and self.reference is None and self.known is None:
            self._ask_alone(now, error.message.rstrip("."))
        else:
            self._leave_out(one, now, error.message.rstrip("."))
        if one is self.all[0] and self.reference is None:
            self.reference = self.known
        self._compare(now)

    def end(self) -> None:
        """End a script: keep how long a request takes at each address, for plans."""
        times = {one.address: one.find_usual_s() for one in self.all if one.times}
        if self._folder and times:
            save_times(self._folder, times)

    def is_hoped_for(self) -> bool:
        """True if an address is being asked for the sentence just now."""
        return any(one.state == "asked" for one in self.all)

    def take_events(self) -> list[Event]:
        """Return what the user should know since this was last asked."""
        events, self._events = self._events, []
        return events

    def explain(self) -> tuple[str, str]:
        """Return why none can be asked, as a sentence and a hint."""
        message = self._error.message.rstrip(".") if self._error else f"{self._name} is silent"
        if self.reference is None and any(one.state == "heard" for one in self.all):
            message += ": it is the first in base_url, and unless it speaks nothing tells"
            message += " whether the others are the same voice."
            return message, "Start it, or name another one first."
        hint = self._error.hint if self._error else ""
        return f"{message}: none of the {len(self.all)} addresses answers.", hint

    def _compare(self, now: float) -> None:
        """Hold all that were heard against the first address."""
        for one in self.all:
            if one.state != "heard" or one.spoken is None or self.reference is None:
                continue
            difference = describe_difference(one.spoken, self.reference)
            if not difference:
                self._wake(one)
                continue
            one.different += 1
            if one.different < _MOST_DIFFERENT:
                one.state, one.until = "resting", now
                continue
            than = "before" if one is self.all[0] else f"{self.all[0].address} does"
            self._leave_out(one, now, f"{self._tell(one)} does not speak as {than}{difference}")

    def _tell_failure(self, one: Endpoint, error: VoiceError) -> None:
        """Tell of the first failure in a row."""
        if not one.rounds:
            self._events.append(Noticed(f"{error.message.rstrip('.')}: it is asked again later."))

    def _wake(self, one: Endpoint) -> None:
        if one.rounds and one.away_since is not None:
            self._events.append(Noticed(f"{self._tell(one)} answers again."))
        one.state, one.different, one.away_since, one.reason = "ready", 0, None, ""

    def _rest(self, one: Endpoint, now: float, asked_s: float) -> None:
        settings = self._settings
        one.rounds += 1
        one.away_since = now if one.away_since is None else one.away_since
        wait_s = settings.first_wait_s * 2 ** min(one.rounds - 1, 60)
        wait_s = min(settings.longest_wait_s, wait_s)
        if now - one.away_since > settings.patience_s:
            wait_s = max(wait_s, _AWAY_S)
        # to come back at another moment than everybody else
        wait_s = max(_LEAST_REST_S, wait_s * (0.5 + self._jitter() / 2))
        one.state, one.until = "resting", now + max(asked_s, wait_s)

    def _leave_out(self, one: Endpoint, now: float, reason: str) -> None:
        one.state, one.until = "out", now
        if all(other.state == "out" for other in self.all):
            self._ask_alone(now, reason)
        elif one.reason != reason:
            one.reason = reason
            message = f"{reason}: it is left out, so that no episode has two voices."
            self._events.append(Warned(message))

    def _ask_alone(self, now: float, reason: str) -> None:
        """Ask the first address as if it were the only one.

        A sentence that it does not say, or says otherwise than before, proves nothing of texts:
        whether it can speak those its replies tell.
        """
        first, *others = self.all
        for one in others:
            one.state, one.until = "out", now
        first.state, first.different = "ready", 0
        if first.reason != reason:
            first.reason = reason
            message = f"{reason}: nothing can be compared, and {first.address} is asked alone."
            self._events.append(Warned(message))

    def _tell(self, one: Endpoint) -> str:
        return f"The voice {self._name} at {one.address}"
