"""One run at a time works on a show."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from reviewcast.model.errors import StorageError
from reviewcast.system.cache_tag import mark_folder
from reviewcast.system.locks import choose_mode, hold_file

_SAVED_S = 60.0
"""Seconds in which an episode is certainly saved."""


@contextmanager
def lock_show(show: Path) -> Iterator[None]:
    """Hold a show against other runs.

    Raise LockedError when another run holds it; a killed run holds nothing.
    """
    with _lock(show, "lock", f"Another run of reviewcast is at work on {show}."):
        yield


@contextmanager
def lock_save(show: Path, *, patience_s: float = 0.0) -> Iterator[None]:
    """Hold a show while an episode of it is saved, which is short: other builds wait for that.

    Whatever else holds the show is waited for as long as `patience_s`. Raise LockedError then.
    """
    busy = f"Another run of reviewcast is at work on {show}."
    with _lock(show, "save.lock", busy, patience_s=_SAVED_S):
        with _lock(show, "lock", busy, patience_s=patience_s):
            yield


@contextmanager
def lock_episode(show: Path, review: str) -> Iterator[None]:
    """Hold the episode of a review against other builds, from its reading to its saving.

    `review` is the file's name. Raise LockedError as `lock_show` does.
    """
    digest = hashlib.sha256(os.fsencode(os.path.realpath(review))).hexdigest()[:16]
    with _lock(show, f"building/{digest}.lock", f"Another run of reviewcast builds {review}."):
        yield


@contextmanager
def lock_sync(show: Path) -> Iterator[None]:
    """Hold a show against other syncs, for all of one: its steps take the show's own lock.

    Raise LockedError as `lock_show` does.
    """
    with _lock(show, "sync.lock", f"Another sync is at work on {show}."):
        yield


@contextmanager
def _lock(show: Path, name: str, busy: str, *, patience_s: float = 0.0) -> Iterator[None]:
    place = show / ".reviewcast" / name
    held = hold_file(place, busy=busy, patience_s=patience_s, mode=choose_mode(show))
    with ExitStack() as stack:
        try:
            (show / ".reviewcast").mkdir(exist_ok=True)
            mark_folder(show / ".reviewcast")
            place.parent.mkdir(exist_ok=True)
            stack.enter_context(held)
        except OSError as error:
            raise StorageError(
                f"Cannot lock {show}: {error.strerror or error}.", hint=_explain_lock(place)
            ) from error
        yield


def _explain_lock(place: Path) -> str:
    """Return the hint for a lock that cannot be opened."""
    with suppress(OSError):
        if os.name != "nt" and place.stat().st_uid != os.geteuid():
            return f"Another user has made {place}: remove it, or make it writable for both."
    return "Make the show's folder one that can be written."
