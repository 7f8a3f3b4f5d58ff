"""Turns that processes share: never more than the rate, and no harm without a file."""

import itertools
import multiprocessing
import time

import pytest

from reviewcast.system.turns import OwnTurns, SharedTurns, find_turns


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        """Return the time that was set."""
        return self.now


@pytest.fixture
def clock():
    """Return a clock that is set by hand."""
    return Clock()


def take_at(turns, clock, now):
    """Ask for a turn at a time."""
    clock.now = now
    return turns.take()


def test_two_share_a_row(tmp_path, clock):
    """Whoever comes next waits from the last turn of any of them, at its own rate."""
    one, two = (SharedTurns(tmp_path / "a" / "row", per_s, clock) for per_s in (2.0, 1.0))
    assert take_at(one, clock, 100.0) == 0.0
    assert take_at(one, clock, 100.1) == pytest.approx(0.4)
    assert take_at(two, clock, 100.1) == pytest.approx(0.9)
    assert take_at(one, clock, 100.5) == 0.0
    assert take_at(two, clock, 101.5) == 0.0
    other = SharedTurns(tmp_path / "a" / "other", 2.0, clock)
    assert take_at(other, clock, 101.5) == 0.0


def test_a_time_of_before_a_restart_counts_no_more(tmp_path, clock):
    """The clock of the machine then begins anew."""
    turns = SharedTurns(tmp_path / "row", 1.0, clock)
    assert take_at(turns, clock, 90_000.0) == 0.0
    assert take_at(turns, clock, 3.0) == 0.0
    assert take_at(turns, clock, 3.5) == pytest.approx(0.5)


@pytest.mark.parametrize("data", [b"", b"abc", b"\xff" * 8])
def test_a_broken_file_stops_nothing(tmp_path, clock, data):
    """It is written anew."""
    (tmp_path / "row").write_bytes(data)
    turns = SharedTurns(tmp_path / "row", 1.0, clock)
    assert take_at(turns, clock, 5.0) == 0.0
    assert take_at(turns, clock, 5.25) == pytest.approx(0.75)


def test_without_a_file_the_rate_is_kept_alone(tmp_path, clock):
    """As where a folder cannot be made."""
    (tmp_path / "file").write_bytes(b"")
    turns = SharedTurns(tmp_path / "file" / "row", 1.0, clock)
    assert take_at(turns, clock, 5.0) == 0.0
    assert take_at(turns, clock, 5.25) == pytest.approx(0.75)


def take_many(path, count, queue):
    """Take turns in a process of its own, and tell when each was granted."""
    times = []

    def clock():
        times.append(time.monotonic())
        return times[-1]

    turns = SharedTurns(path, 200.0, clock)
    granted = []
    while len(granted) < count:
        left_s = turns.take()
        if left_s:
            time.sleep(left_s)
        else:
            granted.append(times[-1])
    queue.put(granted)


def test_processes_never_exceed_the_rate(tmp_path):
    """Of three processes together no two turns are nearer than they may be."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    processes = [
        context.Process(target=take_many, args=(tmp_path / "row", 40, queue)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    granted = sorted(itertools.chain.from_iterable(queue.get(timeout=120) for _ in processes))
    for process in processes:
        process.join(120)
    assert len(granted) == 120
    apart = [after - before for before, after in itertools.pairwise(granted)]
    assert min(apart) >= 1 / 200 - 1e-9


def test_rows_of_a_process(tmp_path):
    """There is one for a service and a rate, without a folder of this process alone."""
    assert find_turns("one", 3.0) is find_turns("one", 3.0)
    assert isinstance(find_turns("one", 3.0), OwnTurns)
    assert isinstance(find_turns("one", 3.0, tmp_path), SharedTurns)
