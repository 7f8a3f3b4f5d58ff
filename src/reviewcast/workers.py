"""The threads and processes in which voices speak.

A process loads this module and the voice's own, and nothing else that it can do without.
"""

import os
import threading
from concurrent.futures import Executor

from reviewcast.protocols import Voice

_CHARS_A_PROCESS = 8000
_THREADS = 4


def open_pool(voice: Voice, *, characters: int) -> Executor:
    """Open workers for a voice: threads when it waits for a network, processes when it computes."""
    workers = count_workers(voice, characters=characters)
    if voice.online:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(workers)
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_settle_worker,
    )


def count_workers(voice: Voice, *, characters: int) -> int:
    """Give how many workers speak at once.

    Starting a process costs as much as speaking some thousand characters, so a short script gets
    fewer.
    """
    if voice.online:
        return voice.max_workers or _THREADS
    return min(1 + characters // _CHARS_A_PROCESS, voice.max_workers or count_cores())


def count_cores() -> int:
    """Give the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _settle_worker() -> None:
    """Leave Ctrl-C to the parent, and never outlive it."""
    import multiprocessing
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def leave() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=leave, daemon=True).start()
