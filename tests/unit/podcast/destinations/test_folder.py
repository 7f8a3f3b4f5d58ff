"""A folder as a destination: whole files, nothing outside of it, quick at any size."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from reviewcast.model.errors import ConfigError, ConflictError, DestinationError, LockedError
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.system import files as atomic

OUTSIDE = b"not ours"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "public"


@pytest.fixture
def place(folder):
    return FolderDestination(folder)


@pytest.mark.parametrize("url", ["folder://{}", "{}"])
def test_open(folder, url, upload):
    """A URL holds the path as it is written."""
    place = FolderDestination.open(url.format(folder / "a%20b"))
    place.put(upload("x.txt", b"x"))
    assert (folder / "a%20b" / "x.txt").read_bytes() == b"x"


@pytest.mark.parametrize("url", ["", "folder://", "folder://a\0b"])
def test_open_nothing(url):
    """Without a path there is nothing to publish to."""
    with pytest.raises(ConfigError):
        FolderDestination.open(url)


def test_files_can_be_served(place, folder, upload):
    """Files and folders have the permissions of any others, whoever serves them."""
    place.put(upload("a/b/x.txt", b"x"))
    plain = folder / "plain"
    plain.touch()
    assert (folder / "a/b/x.txt").stat().st_mode == plain.stat().st_mode
    (folder / "other").mkdir()
    assert (folder / "a").stat().st_mode == (folder / "other").stat().st_mode


def test_all_is_synced(place, folder, upload, monkeypatch):
    """A file and every folder made for it are on the disk before put returns, names after bytes."""
    events = []
    sync, replace, mkdir = os.fsync, os.replace, os.mkdir

    def note_sync(handle):
        events.append(("sync", os.readlink(f"/proc/self/fd/{handle}")))
        sync(handle)

    def note_replace(source, target):
        events.append(("name", str(target)))
        replace(source, target)

    def note_mkdir(path, *options):
        events.append(("make", str(path)))
        mkdir(path, *options)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc to tell what is synced")
    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_replace)
    monkeypatch.setattr(os, "mkdir", note_mkdir)
    place.put(upload("a/b/x.txt", b"x"))
    path = str(folder)
    assert events[:6] == [
        ("make", path),
        ("sync", os.path.dirname(path)),
        ("make", path + "/a"),
        ("sync", path),
        ("make", path + "/a/b"),
        ("sync", path + "/a"),
    ]
    assert events[6][0] == "sync" and events[6][1].startswith(path + "/a/b/.x.txt.")
    assert events[7:] == [("name", path + "/a/b/x.txt"), ("sync", path + "/a/b")]


def test_nothing_leaves_through_links(place, folder, tmp_path, upload):
    """A linked folder is neither listed nor written through; a linked file is replaced itself."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.txt").write_bytes(OUTSIDE)
    folder.mkdir()
    (folder / "out").symlink_to(outside)
    (folder / "x.txt").symlink_to(outside / "x.txt")
    (folder / "loop").symlink_to(folder)
    assert place.list() == {}
    assert place.head("x.txt") is None
    for job in (place.head, place.read, place.delete):
        with pytest.raises(DestinationError, match="is a link"):
            job("out/x.txt")
    with pytest.raises(DestinationError, match="is a link"):
        place.put(upload("out/x.txt", b"x"))
    with pytest.raises(DestinationError):
        place.read("x.txt")
    place.put(upload("x.txt", b"ours"))
    assert place.read("x.txt")[0] == b"ours"
    place.delete("x.txt")
    assert (outside / "x.txt").read_bytes() == OUTSIDE


def test_the_folder_itself_may_be_a_link(place, folder, tmp_path, upload):
    """Where the folder lies is the user's choice."""
    (tmp_path / "real").mkdir()
    folder.symlink_to(tmp_path / "real")
    with place.lock():
        place.put(upload("x.txt", b"x"))
    assert list(place.list()) == ["x.txt"]
    assert (tmp_path / "real/x.txt").read_bytes() == b"x"


def test_foreign_files_stay(place, folder, upload):
    """What begins with a dot, pipes, and names that cannot be ours are passed over and stay."""
    folder.mkdir()
    (folder / ".htaccess").write_bytes(OUTSIDE)
    (folder / ".well-known").mkdir()
    (folder / ".well-known/x").write_bytes(OUTSIDE)
    (folder / "caf\u00e9.txt").write_bytes(OUTSIDE)
    os.mkfifo(folder / "pipe")
    with place.lock():
        place.put(upload("a/x.txt", b"x"))
        assert list(place.list()) == ["a/x.txt"]
        assert place.head("pipe") is None and place.read("pipe") is None
        place.delete("a/x.txt")
    assert {entry.name for entry in folder.iterdir()} == {
        ".htaccess",
        ".reviewcast.lock",
        ".well-known",
        "caf\u00e9.txt",
        "pipe",
    }


def test_leftovers_of_killed_runs_are_swept(place, folder, upload):
    """A run that holds the folder removes what a killed one has left, one that looks does not."""
    place.put(upload("a/x.txt", b"x"))
    process = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    dead = folder / f"a/.x.txt.{int(process.stdout)}-1.part"
    alive = folder / f"a/.x.txt.{os.getpid()}-1.part"
    dead.touch()
    alive.touch()
    assert list(place.list()) == ["a/x.txt"]
    assert dead.exists()
    with place.lock():
        assert list(place.list()) == ["a/x.txt"]
    assert not dead.exists()
    assert alive.exists()


def test_a_run_that_is_killed_leaves_the_old_file(folder, upload, place):
    """A kill in the middle of a file leaves the one from before, and the next run does the rest."""
    place.put(upload("x.mp3", b"old"))
    program = f"""
import os, signal
from pathlib import Path
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.model.protocols import Upload
class Source:
    def open(self, mode): return self
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def read(self, size):
        self.read = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        return b"new" * 100_000
place = FolderDestination(Path({str(folder)!r}))
with place.lock():
    place.put(Upload(name="x.mp3", source=Source(), size_bytes=600_000, content_type=""))
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert place.read("x.mp3")[0] == b"old"
    assert len(list(folder.glob(".x.mp3.*.part"))) == 1
    with place.lock():
        assert list(place.list()) == ["x.mp3"]
    assert list(folder.glob(".x.mp3.*.part")) == []


def test_two_runs(folder, upload):
    """One run holds the folder; another one is refused, and may not guard anything either."""
    one, other = FolderDestination(folder), FolderDestination(folder)
    with one.lock():
        one.put(upload("feed.xml", b"1"), guard=True)
        with pytest.raises(LockedError, match="Another run") as caught, other.lock():
            pass
        assert caught.value.exit_code == 7
    with other.lock(), pytest.raises(ConflictError):
        other.put(upload("feed.xml", b"2"), guard=True)


def test_guard_waits_for_a_moment_only(folder, upload):
    """A guard outside of a lock takes one for itself, and gives up when it cannot."""
    one, other = FolderDestination(folder), FolderDestination(folder, patience_s=0)
    with one.lock(), pytest.raises(LockedError):
        other.put(upload("feed.xml", b"2"), guard=True)
    assert other.list() == {}


def test_delete_leaves_no_empty_folders(place, folder, upload):
    """With its last file a folder goes, but not the one that is published to."""
    place.put(upload("a/b/c/x.txt", b"x"))
    place.put(upload("a/y.txt", b"y"))
    place.delete("a/b/c/x.txt")
    assert [entry.name for entry in (folder / "a").iterdir()] == ["y.txt"]
    place.delete("a/y.txt")
    assert list(folder.iterdir()) == []


def test_what_is_in_the_way_is_named(place, folder, upload):
    """A file where a folder is needed, a folder where a file is, or a file for the whole."""
    place.put(upload("a", b"x"))
    with pytest.raises(DestinationError, match="is a file, not a folder"):
        place.put(upload("a/b.txt", b"x"))
    (folder / "d").mkdir()
    for job in (lambda: place.put(upload("d", b"x")), lambda: place.delete("d")):
        with pytest.raises(DestinationError, match="directory"):
            job()
    with pytest.raises(DestinationError, match="is a file, not a folder"):
        FolderDestination(folder / "a").put(upload("x", b"x"))
    assert place.read("a")[0] == b"x"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_cannot_be_written(place, folder, upload):
    """A refusal is one sentence with the reason."""
    folder.mkdir(mode=0o500)
    with pytest.raises(DestinationError, match="Permission denied"):
        place.put(upload("x", b"x"))


@pytest.fixture
def tiny(tmp_path):
    """Mount a disk of 256 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, check=False
    )
    if not done or done.returncode:
        pytest.skip("a tmpfs can only be mounted by root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk(tiny, upload):
    """A file that does not fit is refused, the old one stays, nothing is left, and less fits."""
    place = FolderDestination(tiny / "public")
    place.put(upload("x.mp3", b"o" * 1000))
    for name in ("x.mp3", "a/new.mp3"):
        with pytest.raises(DestinationError, match="No space left on device") as caught:
            place.put(upload(name, b"n" * 500_000))
        assert "Free some space" in caught.value.hint
        assert caught.value.exit_code == 6
    assert place.read("x.mp3")[0] == b"o" * 1000
    assert list(place.list()) == ["x.mp3"]
    assert place.put(upload("x.mp3", b"n" * 200_000)).size_bytes == 200_000


def test_quick_at_25_000_files(place, folder, upload, monkeypatch):
    """Listing them is quick, and one more file does not look at the others."""
    for number in range(25):
        (folder / str(number)).mkdir(parents=True)
        for file in range(1000):
            os.close(os.open(folder / str(number) / f"{file}.mp3", os.O_CREAT))
    start = time.process_time()
    assert len(place.list()) == 25_000
    assert time.process_time() - start < 3

    def refuse(*_arguments):
        raise AssertionError("the folder is read")

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(atomic.os, "scandir", refuse)
    place.put(upload("0/one more.mp3", b"x"))
