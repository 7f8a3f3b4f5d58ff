"""Locks of this machine, also on a file system that has no flock."""

import errno
import fcntl
import multiprocessing
import os
import socket
import subprocess
import sys

import pytest
from tests.support.show import make_show

from reviewcast.model.errors import LockedError, StorageError
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.system.locks import hold_file
from reviewcast.system.show_lock import lock_show


@pytest.fixture(params=[errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def no_flock(request, monkeypatch):
    """Have a file system without flock."""

    def refuse(*_arguments):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)


def read_marker(path):
    return path.read_text().splitlines()


def run_and_die(path):
    """Hold a lock in another process, and die without giving it back."""

    def work():
        lock = hold_file(path, busy="busy")
        lock.__enter__()
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    return process.pid


@pytest.mark.parametrize("hold", ["show", "folder"])
def test_without_flock(no_flock, tmp_path, hold, recwarn):
    """Two runs exclude each other, the second one is told what to do, and nothing is left."""
    folder = make_show(tmp_path / "show")
    lock = (lambda: lock_show(folder)) if hold == "show" else FolderDestination(folder).lock
    other = (lambda: lock_show(folder)) if hold == "show" else FolderDestination(folder).lock
    with lock():
        (marker,) = folder.rglob("*lock.soft")
        with pytest.raises(LockedError) as caught, other():
            pass
        assert caught.value.exit_code == 7
        assert f"process {os.getpid()} on {socket.gethostname()}" in caught.value.hint
        assert caught.value.hint.endswith(f"remove {marker}")
    assert not marker.exists()
    with other():
        pass
    assert not [one for one in recwarn if "flock" in str(one.message)]


def test_a_dead_run_without_flock(no_flock, tmp_path):
    """The lock of a process that died on this machine is free; of another machine it is not."""
    path = tmp_path / "lock"
    pid = run_and_die(path)
    marker = tmp_path / "lock.soft"
    assert read_marker(marker)[0] == str(pid)
    with hold_file(path, busy="busy"):
        assert read_marker(marker)[0] == str(os.getpid())
    marker.write_text(f"{pid}\nelsewhere\n")
    with pytest.raises(LockedError, match="busy") as caught, hold_file(path, busy="busy"):
        pass
    assert f"if process {pid} on elsewhere is not running any more" in caught.value.hint


def test_a_file_of_flock_is_no_soft_lock(no_flock, tmp_path):
    """What a run with flock left, as it does, does not lock a file system that has none."""
    path = tmp_path / "lock"
    path.touch()
    with hold_file(path, busy="busy"):
        pass


def test_with_flock(tmp_path):
    """A process that is killed holds nothing, and there is no second file."""
    path = tmp_path / "lock"
    with hold_file(path, busy="busy"):
        code = (
            "from pathlib import Path; from reviewcast.system.locks import hold_file\n"
            f"with hold_file(Path({str(path)!r}), busy='busy'): pass"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert b"LockedError: busy" in done.stderr
    run_and_die(path)
    with hold_file(path, busy="busy"):
        assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]


def test_a_lock_that_cannot_be_made(monkeypatch, tmp_path):
    """Any other refusal is told as one."""

    def refuse(*_arguments):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StorageError, match="Cannot lock"), lock_show(make_show(tmp_path / "show")):
        pass
