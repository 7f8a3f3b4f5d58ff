"""A lock on this machine's file systems that is free again when its process is dead."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from reviewcast.model.errors import LockedError

_NO_FLOCK = {errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOLCK}
_SOFT = ".soft"


@contextlib.contextmanager
def hold_file(
    path: Path, *, busy: str, patience_s: float = 0.0, mode: int = 0o644
) -> Iterator[None]:
    """Hold a lock file, which is made when it is not there.

    A file system without `flock`, such as some that lie on a network, has a second file beside it
    that names its process and machine: it is taken over when that process was on this machine and
    is dead. Raise LockedError with the sentence `busy` when another process holds it, OSError when
    the file cannot be made.
    """
    import filelock

    lock: filelock.BaseFileLock = filelock.FileLock(
        path, timeout=patience_s, mode=mode, fallback_to_soft=False
    )
    try:
        try:
            lock.acquire()
        except OSError as error:
            if error.errno not in _NO_FLOCK:  # also filelock's Timeout, which has none
                raise
            # not the same file: where there is flock it stays when its run has ended
            soft = path.with_name(path.name + _SOFT)
            lock = filelock.SoftFileLock(soft, timeout=patience_s, mode=mode)
            lock.acquire()
    except filelock.Timeout as error:
        hint = "Wait until it has ended."
        if isinstance(lock, filelock.SoftFileLock):
            soft = Path(lock.lock_file)
            hint += (
                f" This file system has no flock: if {_name_holder(soft)} is not running any more,"
                f" remove {soft}"
            )
        raise LockedError(busy, hint=hint) from error
    try:
        yield
    finally:
        lock.release()


def choose_mode(folder: Path) -> int:
    """Return a lock's permissions: who may write to the folder may hold its lock, too."""
    try:
        return 0o644 | (os.stat(folder).st_mode & 0o022)
    except OSError:  # it is said when the lock is made
        return 0o644


def _name_holder(path: Path) -> str:
    """Return a name for the process that holds a soft lock."""
    try:
        pid, machine, *_ = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return "the other run"
    return f"process {pid[:20]} on {machine.partition('?')[0][:60]}"
