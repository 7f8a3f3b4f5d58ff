"""Turns at a service: its requests begin at a distance, over all processes that share a folder."""

import functools
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from reviewcast.model.errors import LockedError
from reviewcast.system.keys import hash_key
from reviewcast.system.locks import choose_mode, hold_file

_FOLDER = "turns"
_PATIENCE_S = 5.0
_TIME = struct.Struct("<d")

Clock = Callable[[], float]


class Turns(Protocol):
    """What says when the next request may go."""

    def take(self) -> float:
        """Take the next turn when it is there; else return the seconds until it is."""
        ...


class OwnTurns:
    """A token bucket that holds one token: requests begin at least 1/rate apart."""

    def __init__(self, per_s: float, clock: Clock = time.monotonic) -> None:
        self._apart_s, self._clock = 1 / per_s, clock
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take the next turn when it is there; else return the seconds until it is."""
        with self._lock:
            now = self._clock()
            if now < self._next:
                return self._next - now
            self._next = now + self._apart_s
            return 0.0


class SharedTurns:
    """The same for all processes that name the same file, which holds the time of the last turn.

    Each keeps its own rate from the last turn that any of them took, by a clock that all processes
    of the machine have in common. A time that lies ahead is of before a restart of the machine,
    and counts no more. Where the file cannot be locked or written a process keeps to the rate by
    itself. A process that is killed holds nothing.
    """

    def __init__(self, path: Path, per_s: float, clock: Clock = time.monotonic) -> None:
        self._path, self._apart_s, self._clock = path, 1 / per_s, clock
        self._own = OwnTurns(per_s, clock)
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take the next turn when it is there; else return the seconds until it is."""
        folder = self._path.parent
        with self._lock:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                place = self._path.with_name(f"{self._path.name}.lock")
                mode = choose_mode(folder)
                with hold_file(place, busy="", patience_s=_PATIENCE_S, mode=mode):
                    now = self._clock()
                    left_s = self._find_last() + self._apart_s - now
                    if 0 < left_s <= self._apart_s:
                        return left_s
                    self._path.write_bytes(_TIME.pack(now))
                    return 0.0
            except (OSError, LockedError):
                return self._own.take()

    def _find_last(self) -> float:
        try:
            return float(_TIME.unpack(self._path.read_bytes())[0])
        except (FileNotFoundError, struct.error):
            return float("-inf")


@functools.cache
def find_turns(service: str, per_s: float, folder: Path | None = None) -> Turns:
    """Return the turns at a service, one row for all processes that share a folder.

    `service` is its name and, where there are several, its address. Without a folder it is one row
    for this process.
    """
    if folder is None:
        return OwnTurns(per_s)
    return SharedTurns(folder / _FOLDER / hash_key(service)[:32], per_s)
