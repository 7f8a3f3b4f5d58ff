"""Tasks on an executor: in their order, a bounded number at once, none lost with a worker."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reviewcast.jobs.task_runner import MOST_DEATHS, run_tasks
from reviewcast.speech.workers import ProcessWorkers, WorkerDied, tell_parent


def test_results_come_in_the_order_of_the_tasks():
    """A later task that is done first waits for its turn."""
    second_done = threading.Event()

    def job(task, _attempt):
        if task == 0:
            assert second_done.wait(60)
        else:
            second_done.set()
        return task * 10

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(run_tasks([0, 1], job, pool, in_flight=2))
    assert [(one.task, one.result) for one in outcomes] == [(0, 0), (1, 10)]


def test_tasks_are_taken_when_there_is_room_for_them():
    """Of many tasks no more are read than are at work, or wait for an earlier one."""
    taken, most = 0, 0

    def list_tasks():
        nonlocal taken
        for number in range(50):
            taken += 1
            yield number

    with ThreadPoolExecutor(2) as pool:
        for done, _ in enumerate(
            run_tasks(list_tasks(), lambda task, _: task, pool, in_flight=2, ahead=3)
        ):
            most = max(most, taken - done)
    assert taken == 50
    assert most <= 2 + 3


def test_an_error_of_one_task_stops_no_other():
    """What a job raises is in its outcome."""

    def job(task, _attempt):
        if task == 1:
            raise ValueError("no")
        return task

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(run_tasks(range(3), job, pool, in_flight=2))
    assert [type(one.error) for one in outcomes] == [type(None), ValueError, type(None)]
    assert not any(one.is_quarantined for one in outcomes)


def test_a_task_whose_worker_died_is_begun_again():
    """It has its result then, and how many workers it took."""
    attempts = []

    def job(task, attempt):
        attempts.append((task, attempt))
        if task == "a" and attempt == 1:
            raise WorkerDied
        return task

    with ThreadPoolExecutor(1) as pool:
        outcomes = list(run_tasks(["a", "b"], job, pool, in_flight=1))
    assert [(one.result, one.deaths) for one in outcomes] == [("a", 1), ("b", 0)]
    assert attempts == [("a", 1), ("a", 2), ("b", 1)]


def test_no_more_is_begun_when_there_is_no_room():
    """What is in hand is still waited for."""
    begun = []

    def job(task, _attempt):
        begun.append(task)
        return task

    with ThreadPoolExecutor(1) as pool:
        outcomes = list(
            run_tasks(range(9), job, pool, in_flight=1, find_room=lambda: 0 if begun else 1)
        )
    assert begun == [0]
    assert [one.result for one in outcomes] == [0]


def test_room_may_grow():
    """A second task is begun when there is room for it, although nothing was done meanwhile."""
    asked, second = 0, threading.Event()

    def find_room():
        nonlocal asked
        asked += 1
        return 1 if asked < 3 else 2

    def job(task, _attempt):
        if task:
            second.set()
        else:
            assert second.wait(60)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(run_tasks([0, 1], job, pool, in_flight=2, find_room=find_room))
    assert [one.error for one in outcomes] == [None, None]


def leave(task, attempt):
    """End the process at what is poisoned."""
    folder, name = task
    Path(folder, f"{name}-{attempt}").touch()
    if name == "poisoned":
        os._exit(3)
    tell_parent(f"{name} is done")
    return name


def test_a_task_that_kills_its_workers_is_put_aside(tmp_path):
    """After the third death; the others are done, and were heard."""
    heard = []
    tasks = [(str(tmp_path), name) for name in ("a", "poisoned", "b", "c")]
    with ProcessWorkers(1, listen=heard.append) as pool:
        outcomes = list(run_tasks(tasks, leave, pool, in_flight=2, ahead=4))
    assert [one.result for one in outcomes] == ["a", None, "b", "c"]
    assert [one.is_quarantined for one in outcomes] == [False, True, False, False]
    assert outcomes[1].deaths == MOST_DEATHS
    assert {path.name for path in tmp_path.glob("poisoned-*")} == {
        f"poisoned-{attempt}" for attempt in range(1, MOST_DEATHS + 1)
    }
    assert heard[0] == "a is done"
