"""The threads and processes in which voices speak.

A process loads this module and the voice's own, and nothing else that it can do without.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from reviewcast.model.protocols import Voice, describe_voice, list_endpoints
from reviewcast.system.programs import count_cores

P = ParamSpec("P")
T = TypeVar("T")

_WORTH_A_PROCESS_S = 1.5
"""So much speaking, in seconds of a core, is worth the start of one more process."""

_THREADS = 4


class WorkerDied(Exception):
    """The process in which a job ran has ended; the next job gets a new one."""


class ProcessWorkers(Executor):
    """Processes that each do one job at a time: one that dies takes nothing but its own job along.

    The standard library's pool fails every job that waits when one of its processes dies, so each
    process here is a pool of its own, led by a thread.

    What a job gives to `tell_parent` is passed on to `listen`, from a thread for each process.
    """

    def __init__(self, workers: int, *, listen: Callable[[Any], None] | None = None) -> None:
        self._leaders = ThreadPoolExecutor(workers)
        self._own = threading.local()
        self._pools: list[ProcessPoolExecutor] = []
        self._listen = listen
        self._ears: list[threading.Thread] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a job done; its future raises WorkerDied when its process ended before it was."""
        return self._leaders.submit(lambda: self._lead(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """End all processes, after what they are doing."""
        self._leaders.shutdown(wait, cancel_futures=cancel_futures)
        with ThreadPoolExecutor() as each:  # to end takes a process a tenth of a second
            for pool in self._pools:
                each.submit(pool.shutdown, wait)
        if wait:
            for ear in self._ears:
                ear.join()

    def _lead(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        pool = getattr(self._own, "pool", None)
        if pool is None:
            pool = self._own.pool = self._open_process()
            self._pools.append(pool)
        try:
            return pool.submit(fn, *args, **kwargs).result()
        except BrokenExecutor as error:
            self._own.pool = None
            self._pools.remove(pool)
            pool.shutdown()
            raise WorkerDied from error

    def _open_process(self) -> ProcessPoolExecutor:
        """Start a process, with a pipe of its own: one that dies spoils it for no other."""
        context = multiprocessing.get_context("spawn")
        if self._listen is None:
            return ProcessPoolExecutor(1, context, initializer=_settle_worker)
        ours, theirs = context.Pipe(duplex=False)
        pool = ProcessPoolExecutor(1, context, initializer=_settle_worker, initargs=(theirs,))
        with suppress(BrokenExecutor):  # the job that comes next says so
            pool.submit(os.getpid).result()
        theirs.close()  # so that the process's end ends the thread
        ear = threading.Thread(target=_hear, args=(ours, self._listen), daemon=True)
        ear.start()
        self._ears = [*(one for one in self._ears if one.is_alive()), ear]
        return pool


def _hear(pipe: "Connection[Any, Any]", listen: Callable[[Any], None]) -> None:
    """Pass on what a process tells, until it ends."""
    with pipe:
        while True:
            try:
                message = pipe.recv()
            except Exception:  # it has ended, perhaps within a message
                return
            listen(message)


def tell_parent(message: Any) -> None:
    """Tell the process that started this one; nothing happens where it does not listen."""
    if _parent:
        with suppress(OSError):  # it has ended, and so does this one
            _parent[0].send(message)


_parent: "list[Connection[Any, Any]]" = []


def open_pool(
    voice: Voice,
    *,
    characters: int,
    connections: int = 0,
    cores: int = 0,
    in_process: bool = False,
) -> Executor:
    """Open workers for a voice: threads when it waits for a network, processes when it computes.

    With `in_process` one that computes on a single core does so in a thread of this process, and
    takes it along when it dies.
    """
    workers = count_workers(voice, characters=characters, connections=connections, cores=cores)
    if describe_voice(voice).online:
        return ThreadPoolExecutor(workers)
    if in_process and workers == 1:
        return ThreadPoolExecutor(1)
    return ProcessWorkers(workers)


def count_workers(voice: Voice, *, characters: int, connections: int = 0, cores: int = 0) -> int:
    """Return how many workers speak at once; `connections` to a service, 0: as many as it allows.

    One that is had at several addresses gets as many for each. Starting a process takes its time,
    so a short script gets fewer. One that computes gets no more than `cores`, 0: all that there
    are.
    """
    info = describe_voice(voice)
    if info.online:
        most = info.max_workers or _THREADS
        return min(connections or most, most) * len(list_endpoints(voice))
    a_process = _WORTH_A_PROCESS_S * info.chars_per_s
    return min(
        1 + int(characters // a_process), info.max_workers or count_cores(), cores or count_cores()
    )


def _settle_worker(pipe: "Connection[Any, Any] | None" = None) -> None:
    """Leave Ctrl-C to the parent, and never outlive it, nor end at leisure: it has no files."""
    import signal
    from multiprocessing.util import Finalize

    if pipe:
        _parent.append(pipe)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Finalize(None, os._exit, args=(0,), exitpriority=0)
    parent = multiprocessing.parent_process()

    def leave() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=leave, daemon=True).start()
