"""Processes that speak: each does one job at a time, and its death is its own."""

import os
import threading

import pytest
from tests.support.tones import ToneVoice

from reviewcast.speech.workers import ProcessWorkers, WorkerDied, count_workers, open_pool


def test_a_death_takes_nothing_but_its_own_job_along():
    """Of forty jobs on two processes, those that die fail, and all others are done."""
    with ProcessWorkers(2) as pool:
        futures = [pool.submit(os._exit if n % 10 == 3 else abs, n) for n in range(40)]
        for number, future in enumerate(futures):
            if number % 10 == 3:
                with pytest.raises(WorkerDied):
                    future.result(60)
            else:
                assert future.result(60) == number


def test_an_error_comes_back_as_it_is():
    """What a job raises is raised by its future."""
    with ProcessWorkers(1) as pool, pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result(60)


def test_processes_are_kept():
    """One after another, jobs are done by the same process, which is not ours."""
    with ProcessWorkers(1) as pool:
        first, second = (pool.submit(os.getpid).result(60) for _ in range(2))
    assert first == second != os.getpid()


def test_a_service_allows_no_more_connections_than_it_says():
    """The settings may ask for fewer than the voice allows, not for more."""

    class Online(ToneVoice):
        online = True
        max_workers = 8

    assert count_workers(Online(), characters=0) == 8
    assert count_workers(Online(), characters=0, connections=3) == 3
    assert count_workers(Online(), characters=0, connections=16) == 8
    both, names = threading.Barrier(2), set()

    def meet():
        both.wait(30)
        names.add(threading.current_thread().name)

    with open_pool(Online(), characters=0, connections=2) as pool:
        for one in [pool.submit(meet) for _ in range(8)]:
            one.result()
    assert len(names) == 2
