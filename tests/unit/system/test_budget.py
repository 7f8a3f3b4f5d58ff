"""A day's budget: never more than it allows, whatever is killed, and whatever the clock says."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from reviewcast.model.errors import BudgetSpent, StorageError
from reviewcast.system.budget import Budget

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_budget(tmp_path, clock):
    """Return what opens the budget of a show, as each run does."""

    def open_it(requests=10, speech_s=0.0, **options):
        path = tmp_path / "budget.json"
        return Budget(path, requests=requests, speech_s=speech_s, clock=clock, **options)

    return open_it


def count_requests(budget, most=50):
    """Ask until the budget refuses."""
    for count in range(most):
        try:
            budget.take_request()
        except BudgetSpent:
            return count
    return most


def test_several_runs_share_a_day(open_budget, clock):
    """No run has more than the others have left; a new day has all of it."""
    first = open_budget()
    for _ in range(7):
        first.take_request()
    assert count_requests(open_budget()) == 3
    assert count_requests(open_budget()) == 0
    clock.now += timedelta(hours=13)
    assert count_requests(open_budget()) == 10


def test_it_is_noted_before_it_is_spent(open_budget):
    """A run that is killed at any moment has told what it took."""
    budget = open_budget()
    budget.take_request()
    assert open_budget().read_today().requests == 1  # the first run was never closed
    spoken = open_budget(0, 600)
    spoken.reserve_speech("a", 900)
    assert open_budget(0, 600).read_today().speech_s == pytest.approx(100)


def test_threads_never_take_more(open_budget):
    """Of many that ask at once just as many get a turn as there are."""
    budget = open_budget(25)
    taken = []

    def run():
        taken.append(count_requests(budget))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 25
    assert open_budget(25).read_today().requests == 25


def test_the_day_is_that_of_utc(open_budget, clock):
    """Wherever the machine is: its midnight begins no new day."""
    clock.now = datetime(2026, 12, 1, 23, 59, tzinfo=timezone(timedelta(hours=-5)))
    assert count_requests(open_budget()) == 10
    clock.now = datetime(2026, 12, 2, 0, 1, tzinfo=timezone(timedelta(hours=-5)))
    assert count_requests(open_budget()) == 0


def test_a_clock_that_is_put_back_gives_nothing_anew(open_budget, clock):
    """Nor does one that goes back and forth; each day of the wrong time counts once."""
    assert count_requests(open_budget()) == 10
    for hours in (-30, +30, -80, +80):
        clock.now += timedelta(hours=hours)
        assert count_requests(open_budget()) == 0
    clock.now += timedelta(days=1)
    assert count_requests(open_budget()) == 10


def test_a_clock_that_was_ahead_blocks_one_day(open_budget, clock):
    """What was spent years ahead counts on the day on which that is found, and then no more."""
    clock.now += timedelta(days=1500)
    assert count_requests(open_budget()) == 10
    clock.now -= timedelta(days=1500)
    budget = open_budget()
    assert budget.find_ahead() == "2031-01-09"
    assert count_requests(budget) == 0
    clock.now += timedelta(days=1)
    assert not open_budget().find_ahead()
    assert count_requests(open_budget()) == 10


def test_speech_is_set_apart_and_then_measured(open_budget):
    """What was set apart gives way to what was measured; what was not spoken is given back."""
    budget = open_budget(0, 60)
    budget.reserve_speech("a", 360)  # 40 s
    with pytest.raises(BudgetSpent, match="1 minutes of speech"):
        budget.reserve_speech("b", 360)
    budget.settle_speech("a", 25)
    assert open_budget(0, 60).read_today().speech_s == 25
    again = open_budget(0, 60)
    again.reserve_speech("c", 270)
    again.release_speech()
    assert open_budget(0, 60).read_today().speech_s == 25


def test_a_text_longer_than_a_day_has_its_turn(open_budget, clock):
    """Else it would wait for ever; it is alone on its day."""
    for _ in range(2):
        budget = open_budget(0, 6)
        budget.reserve_speech("long", 900)
        budget.settle_speech("long", 70)
        with pytest.raises(BudgetSpent):
            budget.reserve_speech("short", 9)
        clock.now += timedelta(days=1)


def test_once_refused_no_shorter_text_is_begun(open_budget):
    """So that reviews are finished one after another."""
    budget = open_budget(0, 60)
    budget.reserve_speech("a", 360)
    for characters in (360, 9):
        with pytest.raises(BudgetSpent):
            budget.reserve_speech(characters, characters)


def test_without_limits_nothing_is_written(open_budget, tmp_path):
    """It only counts; nor does a dry run write."""
    budget = open_budget(0)
    assert count_requests(budget) == 50
    assert budget.read_today().requests == 50
    open_budget(5, dry_run=True).take_request()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"version": 2}', b"\xff"])
def test_a_record_that_cannot_be_read(open_budget, tmp_path, data):
    """What was spent is not known then: it is said, and nothing is spent."""
    (tmp_path / "budget.json").write_bytes(data)
    with pytest.raises(StorageError) as caught:
        open_budget()
    assert caught.value.hint
