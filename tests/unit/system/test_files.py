"""A file is old or new, never a part, whatever happens while it is written."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reviewcast.model.errors import StorageError
from reviewcast.system.files import check_writable, write_whole

OLD, NEW = b"old" * 1000, b"new" * 2000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "episode.mp3"
    path.write_bytes(OLD)
    return path


def write(path, data=NEW, **options):
    with write_whole(path, **options) as file:
        file.write(data)


def list_names(folder):
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("durable", [True, False])
def test_the_new_bytes_take_the_place_of_the_old(path, durable):
    """A block that ends well leaves the new bytes and nothing else."""
    write(path, durable=durable)
    assert path.read_bytes() == NEW
    assert list_names(path.parent) == [path.name]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_the_old_bytes(path, error):
    """Whatever is raised inside comes through, and the file is as it was."""
    with pytest.raises(error):
        with write_whole(path) as file:
            file.write(NEW)
            raise error
    assert path.read_bytes() == OLD
    assert list_names(path.parent) == [path.name]


def test_the_old_bytes_are_there_until_the_end(path):
    """While the new file is written, the name holds the old one."""
    with write_whole(path) as file:
        file.write(NEW)
        file.flush()
        assert path.read_bytes() == OLD
        assert len(list_names(path.parent)) == 2


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_a_refusing_disk_leaves_the_old_bytes(path, monkeypatch, call, number):
    """A full, broken or read-only disk is one error, and nothing is left behind."""

    def refuse(*_args, **_options):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(StorageError) as caught:
            write(path)
    assert os.strerror(number) in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert path.read_bytes() == OLD
    assert list_names(path.parent) == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="needs RLIMIT_FSIZE")
def test_a_real_limit_on_the_size_leaves_the_old_bytes(path):
    """When the system itself refuses more bytes, the old file stays whole."""
    program = f"""
import resource, signal, sys
from pathlib import Path
from reviewcast.system.files import write_whole
from reviewcast.model.errors import StorageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with write_whole(Path({str(path)!r})) as file:
        for _ in range(100):
            file.write(bytes(1000))
except StorageError as error:
    sys.exit(error.exit_code)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 6
    assert path.read_bytes() == OLD
    assert list_names(path.parent) == [path.name]


def test_bytes_are_on_the_disk_before_the_name(path, monkeypatch):
    """Durable: the file is synced, then named, then its folder is synced."""
    calls = []
    sync, replace = os.fsync, os.replace

    def note_sync(handle):
        calls.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def note_replace(source, target):
        calls.append("name")
        assert Path(source).read_bytes() == NEW
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_replace)
    write(path)
    assert calls == ["file", "name", "folder"]
    calls.clear()
    write(path, durable=False)
    assert calls == ["name"]


def find_dead_pid():
    """Return the number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_without_a_sweep_the_folder_is_not_read(path, monkeypatch):
    """Many files in one folder can be written without looking at all of it for each."""

    def refuse(*_arguments):
        raise AssertionError("the folder is read")

    monkeypatch.setattr(os, "scandir", refuse)
    write(path, sweep=False)
    assert path.read_bytes() == NEW


def test_leftovers_of_dead_runs_are_taken_away(path):
    """What a killed run left of this file goes; what a live one writes, and strangers, stay."""
    with write_whole(path) as file:
        file.write(NEW)
        [own] = [name for name in list_names(path.parent) if name != path.name]
    dead = own.replace(f".{os.getpid()}-", f".{find_dead_pid()}-")
    alive = own.replace(f".{os.getpid()}-", f".{os.getppid()}-")
    other = dead.replace("episode", "another")
    for name in (dead, alive, other, "x.part"):
        (path.parent / name).write_bytes(b"half")
    write(path)
    assert list_names(path.parent) == sorted([path.name, alive, other, "x.part"])


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_writer_leaves_the_old_bytes(path):
    """Kill -9 in the middle leaves the old file, and the next write cleans up."""
    program = f"""
import os, signal
from pathlib import Path
from reviewcast.system.files import write_whole
with write_whole(Path({str(path)!r})) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert path.read_bytes() == OLD
    assert len(list_names(path.parent)) == 2
    write(path)
    assert list_names(path.parent) == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="needs a umask")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_follow_the_umask(tmp_path, mask):
    """A written file has the permissions of any other new file."""
    before = os.umask(mask)
    try:
        write(tmp_path / "x.mp3")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x.mp3").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("letter", ["a", "ä", "映", "😀"])
def test_names_as_long_as_the_system_takes(tmp_path, letter):
    """A name that itself fits into 255 bytes can be written and checked."""
    path = tmp_path / (letter * (251 // len(letter.encode())) + ".mp3")
    check_writable(path)
    write(path)
    assert path.read_bytes() == NEW
    assert list_names(tmp_path) == [path.name]


@pytest.mark.parametrize("name", ["a b.mp3", "-x.mp3", ".hidden.mp3", "(1)+[x]*.mp3", "x"])
def test_names_of_any_kind(tmp_path, name):
    """Letters that mean something to a shell or a pattern are only letters."""
    write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == NEW


# --- asking before the work


def test_check_writable_makes_the_folder_and_leaves_nothing(tmp_path):
    """The folder is there afterwards, the file is not."""
    check_writable(tmp_path / "a" / "b" / "x.mp3")
    assert list_names(tmp_path / "a" / "b") == []


def test_check_writable_touches_nothing(path):
    """A file that is there stays as it is."""
    check_writable(path)
    assert path.read_bytes() == OLD
    assert list_names(path.parent) == [path.name]


def test_check_writable_refuses_a_folder(tmp_path):
    """A folder of that name is refused."""
    with pytest.raises(StorageError, match="folder"):
        check_writable(tmp_path)


def test_check_writable_refuses_a_file_on_the_way(path):
    """A file where a folder should be is refused."""
    with pytest.raises(StorageError):
        check_writable(path / "x.mp3")


def test_check_writable_refuses_a_name_that_is_too_long(tmp_path):
    """A name that no file system takes is refused before any work."""
    with pytest.raises(StorageError):
        check_writable(tmp_path / ("a" * 300 + ".mp3"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_check_writable_refuses_what_may_not_be_written(tmp_path):
    """A folder without permission is refused."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StorageError):
            check_writable(tmp_path / "x.mp3")
    finally:
        tmp_path.chmod(0o700)
