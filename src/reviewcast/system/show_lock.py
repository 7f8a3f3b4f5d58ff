"""One run at a time works on a show."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from reviewcast.model.errors import StorageError
from reviewcast.system.cache_tag import mark_folder
from reviewcast.system.locks import choose_mode, hold_file


@contextmanager
def lock_show(show: Path) -> Iterator[None]:
    """Hold a show against other runs.

    Raise LockedError when another run holds it; a killed run holds nothing.
    """
    with _lock(show, "lock", f"Another run of reviewcast is at work on {show}."):
        yield


@contextmanager
def lock_sync(show: Path) -> Iterator[None]:
    """Hold a show against other syncs, for all of one: its steps take the show's own lock.

    Raise LockedError as `lock_show` does.
    """
    with _lock(show, "sync.lock", f"Another sync is at work on {show}."):
        yield


@contextmanager
def _lock(show: Path, name: str, busy: str) -> Iterator[None]:
    place = show / ".reviewcast" / name
    held = hold_file(place, busy=busy, mode=choose_mode(show))
    with ExitStack() as stack:
        try:
            (show / ".reviewcast").mkdir(exist_ok=True)
            mark_folder(show / ".reviewcast")
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
