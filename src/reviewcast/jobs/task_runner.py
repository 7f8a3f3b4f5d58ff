"""Tasks on any executor: a bounded number at once, told in their order, none lost with a worker."""

import collections
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Generic, TypeVar

from msgspec import Struct

from reviewcast.speech.workers import WorkerDied

T = TypeVar("T")
R = TypeVar("R")

MOST_DEATHS = 3
"""So often a task may lose its worker; then it is not begun again."""

TICK_S = 0.2
"""Seconds after which it is asked again whether more may be begun, at the latest."""

_DEATHS = (WorkerDied, BrokenExecutor)


class Outcome(Struct, Generic[T, R], frozen=True):
    """What became of a task: its result, or else the error that its job raised.

    `deaths` are the workers that ended under it. A task that was given up after MOST_DEATHS has the
    error of the last one, and `is_quarantined`.
    """

    task: T
    result: R | None = None
    error: BaseException | None = None
    deaths: int = 0
    is_quarantined: bool = False


def run_tasks(
    tasks: Iterable[T],
    job: Callable[[T, int], R],
    pool: Executor,
    *,
    in_flight: int,
    ahead: int = 0,
    find_room: Callable[[], int] | None = None,
    deaths: tuple[type[BaseException], ...] = _DEATHS,
) -> Generator[Outcome[T, R], None, None]:
    """Do a job for each task on the workers of a pool; yield what became of each, in their order.

    The job is a function of a module, for workers in other processes: it takes the task and which
    attempt this is, from 1. Tasks are taken from their iterable when there is room for them:
    `in_flight` are with the pool at once, and `ahead` more may be done before their turn to be
    yielded has come. `find_room` is asked, at least every TICK_S, how many may be with the pool
    just now; from when it returns 0 nothing more is begun: what a worker has in hand is still
    waited for, and yielded as far as all before it is done, too.

    A job whose future raises one of `deaths` lost its worker, and is begun again before all
    others, until it has done so MOST_DEATHS times. The pool stays open. When the caller leaves the
    iterator, what waits for a worker is called off.
    """
    run = _Run[T, R](job, pool, deaths)
    source = iter(tasks)
    try:
        while True:
            room = min(in_flight, find_room()) if find_room else in_flight
            if room <= 0:
                run.call_off()
            else:
                run.begin(source, room, most=in_flight + ahead)
            yield from run.take_finished()
            if run.is_over:
                return
            run.wait()
    finally:
        run.call_off()


class _Run(Generic[T, R]):
    """The tasks that were taken and not yielded yet, by their numbers."""

    def __init__(
        self, job: Callable[[T, int], R], pool: Executor, deaths: tuple[type[BaseException], ...]
    ) -> None:
        self._job, self._pool, self._deaths = job, pool, deaths
        self._tasks: dict[int, T] = {}
        self._died: collections.Counter[int] = collections.Counter()
        self._again: collections.deque[int] = collections.deque()
        self._running: dict[Future[R], int] = {}
        self._finished: dict[int, Outcome[T, R]] = {}
        self._taken = self._yielded = 0
        self._is_stopped = self._is_drained = False

    @property
    def is_over(self) -> bool:
        """True if nothing is left that could still be yielded."""
        if self._running:
            return False
        return self._is_stopped or (self._is_drained and not self._again and not self._finished)

    def begin(self, source: Iterator[T], room: int, *, most: int) -> None:
        """Hand the pool tasks until `room` are with it, or `most` wait for an earlier one."""
        while not self._is_stopped and len(self._running) < room:
            if self._again:
                self._submit(self._again.popleft())
                continue
            if self._is_drained or self._taken - self._yielded >= most:
                return
            try:
                self._tasks[self._taken] = next(source)
            except StopIteration:
                self._is_drained = True
                return
            self._taken += 1
            self._submit(self._taken - 1)

    def _submit(self, number: int) -> None:
        future = self._pool.submit(self._job, self._tasks[number], self._died[number] + 1)
        self._running[future] = number

    def call_off(self) -> None:
        """Begin nothing more, not even what waits for a worker."""
        self._is_stopped = True
        for future in list(self._running):
            if future.cancel():
                del self._running[future]

    def wait(self) -> None:
        """Wait until something is done, for TICK_S at most, and note what became of it."""
        for future in wait(self._running, TICK_S, return_when=FIRST_COMPLETED).done:
            number = self._running.pop(future)
            if not future.cancelled():  # else by the pool, when all is called off
                self._note(number, future)

    def _note(self, number: int, future: "Future[R]") -> None:
        error, task = future.exception(), self._tasks[number]
        if error is None:
            outcome = Outcome(task, future.result(), deaths=self._died[number])
        elif isinstance(error, self._deaths):
            self._died[number] += 1
            if self._died[number] < MOST_DEATHS:
                self._again.append(number)
                return
            outcome = Outcome(task, None, error, self._died[number], is_quarantined=True)
        else:
            outcome = Outcome(task, None, error, self._died[number])
        self._finished[number] = outcome

    def take_finished(self) -> Iterator[Outcome[T, R]]:
        """Yield what is done, as far as all before it is."""
        while self._yielded in self._finished:
            outcome = self._finished.pop(self._yielded)
            del self._tasks[self._yielded]
            self._yielded += 1
            yield outcome
