"""Asking a service: never faster than said, all held back together, and an end to it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviewcast.model.errors import VoiceUnavailable
from reviewcast.speech.pace import Pace, PaceOver
from reviewcast.system.turns import OwnTurns, find_turns

TOO_MANY = VoiceUnavailable("It asks to slow down (429).", hint="Later.", slow_down=True)
RESET = VoiceUnavailable("It broke off.", hint="Later.")


class Watch:
    """A clock that goes on only while somebody waits."""

    def __init__(self):
        self.now, self.waits, self.lock = 100.0, [], threading.Lock()

    def __call__(self):
        return self.now

    def wait(self, _condition, seconds):
        with self.lock:
            self.waits.append(seconds)
            self.now += seconds


def make_pace(watch, *, per_s=1000.0, patience_s=60.0, first_wait_s=1.0, longest_wait_s=8.0):
    return Pace(
        OwnTurns(per_s, clock=watch),
        patience_s=patience_s,
        first_wait_s=first_wait_s,
        longest_wait_s=longest_wait_s,
        clock=watch,
        wait=watch.wait,
    )


def test_turns_are_never_nearer_than_the_rate_says():
    """Fifty requests of eight threads begin at least an eighth of a second apart."""
    watch = Watch()
    pace = make_pace(watch, per_s=8.0)
    begun = []

    def ask(_):
        pace.wait_turn()
        begun.append(watch.now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(50)))
    begun.sort()
    assert begun[-1] - begun[0] >= 49 / 8 - 1e-9
    times = iter([5.0, 5.0, 5.125])
    turns = OwnTurns(8.0, clock=lambda: next(times))
    assert turns.take() == 0.0
    assert turns.take() == pytest.approx(0.125)
    assert turns.take() == 0.0


def test_all_runs_of_a_process_share_the_turns_at_a_service():
    """A second build does not begin anew."""
    assert find_turns("one", 3.0) is find_turns("one", 3.0)
    assert find_turns("one", 3.0) is not find_turns("two", 3.0)


def test_a_refusal_holds_everybody_back():
    """After a 429 the next request waits, and each refusal in a row lets it wait longer."""
    watch = Watch()
    pace = make_pace(watch)
    pauses = []
    for _ in range(6):
        pace.wait_turn()
        before = watch.now
        assert pace.note_failure(TOO_MANY)
        pace.wait_turn()
        pauses.append(watch.now - before)
    for pause, longest in zip(pauses, (1, 2, 4, 8, 8, 8), strict=True):
        assert longest / 2 <= pause <= longest


def test_refusals_that_were_under_way_together_count_as_one_wait():
    """Four answers of 429 to four requests at once are one reason to wait, not four."""
    watch = Watch()
    pace = make_pace(watch)
    pace.wait_turn()
    for _ in range(4):
        pace.note_failure(TOO_MANY)
    pace.wait_turn()
    assert sum(watch.waits) <= 1.0


def test_the_wait_that_the_service_asks_for_is_kept():
    """Retry-After is honoured to the second, also on other failures."""
    watch = Watch()
    pace = make_pace(watch)
    pace.wait_turn()
    before = watch.now
    assert pace.note_failure(VoiceUnavailable("Busy (503).", retry_after_s=30.0))
    pace.wait_turn()
    assert watch.now - before >= 30.0


def test_an_answer_ends_the_waiting():
    """After an answer the waits begin small again."""
    watch = Watch()
    pace = make_pace(watch)
    for _ in range(5):
        pace.wait_turn()
        pace.note_failure(TOO_MANY)
    pace.wait_turn()
    pace.note_answer()
    before = watch.now
    pace.note_failure(TOO_MANY)
    pace.wait_turn()
    assert watch.now - before <= 1.0


def test_the_circuit_opens_after_the_patience():
    """Refused for a minute, nobody asks any more; the error tells how often it was."""
    watch = Watch()
    pace = make_pace(watch, patience_s=60.0)
    asked = 0

    def ask_for_ever():
        nonlocal asked
        while True:
            pace.wait_turn()
            asked += 1
            pace.note_failure(TOO_MANY)

    with pytest.raises(PaceOver, match=r"it refused \d+ requests in a row, for \d+ s") as caught:
        ask_for_ever()
    assert caught.value.hint == "Later."
    assert watch.now <= 100 + 60 + 8
    with pytest.raises(PaceOver):
        pace.wait_turn()
    assert asked < 20


def test_a_wait_beyond_the_patience_is_not_waited_for():
    """When the service asks for an hour, the run ends at once and says so."""
    watch = Watch()
    pace = make_pace(watch)
    pace.wait_turn()
    with pytest.raises(PaceOver, match="come back in 3600 s"):
        pace.note_failure(
            VoiceUnavailable("It asks to slow down (429).", retry_after_s=3600.0, slow_down=True)
        )
    assert watch.waits == []


def test_other_failures_hold_nobody_back():
    """A connection that breaks is that request's own matter."""
    watch = Watch()
    pace = make_pace(watch)
    pace.wait_turn()
    assert not pace.note_failure(RESET)
    assert not pace.note_failure(RESET)
    assert pace.take_notices() == ["It broke off: it is asked again for a while."]
    pace.note_answer()
    assert not pace.note_failure(RESET)
    assert pace.take_notices() == []


def test_a_service_that_only_breaks_off_opens_the_circuit_too():
    """Without any answer within the patience the run ends, whatever the failure."""
    watch = Watch()
    pace = make_pace(watch)
    pace.wait_turn()
    watch.now += 61
    with pytest.raises(PaceOver, match="It broke off"):
        pace.note_failure(RESET)


def test_slowing_down_is_told_once():
    """The user hears of it once in a row of refusals."""
    watch = Watch()
    pace = make_pace(watch)
    for _ in range(3):
        pace.wait_turn()
        pace.note_failure(TOO_MANY)
    assert pace.take_notices() == ["It asks to slow down (429): slower from here on."]
    assert pace.take_notices() == []


def test_the_end_of_a_run_wakes_who_waits():
    """A thread that waits for its turn ends when the run does."""
    asleep = threading.Event()

    def wait(condition, _seconds):
        asleep.set()
        condition.wait(30)

    pace = Pace(
        OwnTurns(0.001, clock=lambda: 5.0),
        patience_s=1,
        first_wait_s=1,
        longest_wait_s=1,
        clock=lambda: 5.0,
        wait=wait,
    )
    pace.wait_turn()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pace.wait_turn)
        assert asleep.wait(30)
        pace.stop()
        with pytest.raises(PaceOver):
            waiting.result(30)
