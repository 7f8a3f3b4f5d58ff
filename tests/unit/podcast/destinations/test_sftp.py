"""A server as a destination: who it is, who may come in, and what a lost connection leaves."""

import errno
import itertools
import os
import socket
import subprocess
import sys
import time

import asyncssh
import msgspec
import pytest

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
    LockedError,
)
from reviewcast.podcast.destinations.holder import Holder, name_machine
from reviewcast.podcast.destinations.sftp import SftpDestination

FEED, NEW = b"<rss>old</rss>", b"<rss>new one</rss>"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sftp://host/srv/show", ("host", "/srv/show", "", 0)),
        ("sftp://me@Host.example:2222/srv//show/", ("Host.example", "/srv/show", "me", 2222)),
        ("sftp://me%40x@[::1]:22/a%20b", ("::1", "/a b", "me@x", 22)),
        ("sftp://alias/~/public", ("alias", "public", "", 0)),
    ],
)
def test_open(url, expected):
    """A URL names host and path, and user and port where they are not the usual ones."""
    place = SftpDestination.open(url)
    assert (place.host, place.path, place.user, place.port) == expected


@pytest.mark.parametrize(
    "url",
    [
        "sftp://",
        "sftp:///x",
        "sftp://host",
        "sftp://host/",
        "sftp://host:port/x",
        "sftp://host/a/../../etc",
        "sftp://host/x?y",
        "sftp://evil[::1]/x",
        "sftp://host/x#y",
        "sftp://-oProxy/x",
        "sftp://host/a%00b",
    ],
)
def test_open_nonsense(url):
    """What is no folder on a server is refused before anything is sent."""
    with pytest.raises(ConfigError) as caught:
        SftpDestination.open(url)
    assert caught.value.hint


def test_open_with_a_password():
    """A password does not belong in a URL, and is not repeated."""
    with pytest.raises(ConfigError, match="holds no password") as caught:
        SftpDestination.open("sftp://me:SECRET@host/x")
    assert "SECRET" not in caught.value.message + caught.value.hint


def test_how_a_file_goes_up(sftp, upload):
    """Written, made public, synced, and only then named in one step; nothing else is left."""
    place = sftp.open()
    place.put(upload("a/b/x.mp3", b"x" * 100_000))
    calls = sftp.server.calls
    assert calls[:4] == ["mkdir"] * 4
    assert calls[-3:] == ["fsetstat", "fsync", "posix_rename"]
    assert (sftp.folder / "a/b/x.mp3").stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in (sftp.folder / "a/b").iterdir()] == ["x.mp3"]


def test_home_folder(sftp, upload):
    """`/~/` is where the login begins."""
    sftp.open("/~/public").put(upload("x.txt", b"x"))
    assert (sftp.root / "public/x.txt").read_bytes() == b"x"


def test_unknown_host(sftp, upload):
    """A server that nobody vouches for is not spoken to, and it says how to know it."""
    sftp.server.trust(1)
    with pytest.raises(DestinationError, match=r"SHA256:.* is not in known_hosts") as caught:
        sftp.open().list()
    assert not isinstance(caught.value, DestinationUnavailable)
    assert f"ssh-keyscan -p {sftp.proxy.port} 127.0.0.1" in caught.value.hint
    assert sftp.proxy.connections == 1


def test_no_known_hosts_at_all(sftp, home):
    """Without the file no server is known."""
    (home / ".ssh/known_hosts").unlink()
    with pytest.raises(DestinationError, match="is not in known_hosts"):
        sftp.open().list()


def test_changed_host_key(sftp):
    """A server with another key than before is not spoken to."""
    sftp.server.trust(sftp.proxy.port, key=asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(DestinationError, match="is not the one in known_hosts") as caught:
        sftp.open().list()
    assert "ssh-keygen -R" in caught.value.hint
    assert sftp.server.calls == []


def test_no_key(sftp, home):
    """Without a key that the server takes, it says where one may be."""
    (home / ".ssh/id_ed25519").unlink()
    for make in (
        lambda: None,
        lambda: asyncssh.generate_private_key("ssh-ed25519").write_private_key(
            str(home / ".ssh/id_ed25519")
        ),
    ):
        make()
        with pytest.raises(DestinationError, match="does not let me in") as caught:
            sftp.open().list()
        assert "ssh-agent" in caught.value.hint
        assert not isinstance(caught.value, DestinationUnavailable)


def test_ssh_config(sftp, home, upload):
    """An alias of ~/.ssh/config gives host, port, user and key; a missing key is passed over."""
    (home / ".ssh/id_ed25519").rename(home / ".ssh/deploy")
    (home / ".ssh/config").write_text(
        f"Host podcast\n HostName 127.0.0.1\n Port {sftp.proxy.port}\n User me\n"
        " IdentityFile ~/.ssh/none\n IdentityFile ~/.ssh/deploy\n"
    )
    place = SftpDestination.open("sftp://podcast/srv/podcast")
    with place.lock():
        place.put(upload("x.txt", b"x"))
    assert (sftp.folder / "x.txt").read_bytes() == b"x"


@pytest.mark.parametrize("line", ["ProxyJump gate", "ProxyCommand nc gate 22"])
def test_ssh_config_through_another_host(sftp, home, line):
    """A way that is not gone is said, not left out in silence."""
    (home / ".ssh/config").write_text(f"Host *\n {line}\n")
    with pytest.raises(ConfigError, match="through another host"):
        sftp.open().list()


def test_nobody_there(home, sftp):
    """A port where nobody listens may be tried later."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DestinationUnavailable, match=f"cannot be reached on port {port}"):
        SftpDestination.open(f"sftp://127.0.0.1:{port}/x").list()


def test_not_ssh(sftp, home):
    """A server that speaks something else cannot be reached."""
    sftp.proxy.upstream = ("127.0.0.1", sftp.proxy.port)
    sftp.proxy.fail([0, 0, 0])
    with pytest.raises(DestinationUnavailable):
        sftp.open().list()
    assert sftp.proxy.connections == 3


def test_a_connection_is_made_anew(sftp, upload):
    """When a connection is lost between two calls, the next one makes another."""
    place = sftp.open()
    stored = place.put(upload("feed.xml", FEED))
    for call in (
        lambda: place.list()["feed.xml"],
        lambda: place.head("feed.xml"),
        lambda: place.read("feed.xml")[1],
        lambda: place.put(upload("other.txt", b"x")) and stored,
        lambda: place.delete("other.txt") or stored,
    ):
        sftp.proxy.cut_all()
        assert call() == stored


def test_cut_at_any_byte(sftp, upload):
    """Wherever a put is cut, the old file is there or the new one, and the next completes it."""
    place = sftp.open()
    place.put(upload("feed.xml", FEED))
    place.close()
    sftp.proxy.fail([])
    place.put(upload("feed.xml", NEW * 10_000))
    place.close()
    whole = sftp.proxy.sent_bytes[0]
    for cut in [*range(100, whole - 6000, whole // 3), *range(whole - 6000, whole, 503)]:
        sftp.proxy.fail([])
        place.put(upload("feed.xml", FEED))
        place.close()
        sftp.proxy.fail([cut] * 3)
        try:
            place.put(upload("feed.xml", NEW * 10_000))
        except DestinationUnavailable as error:
            assert error.hint
        assert (sftp.folder / "feed.xml").read_bytes() in (FEED, NEW * 10_000)
        place.close()
        sftp.proxy.fail([cut])
        stored = place.put(upload("feed.xml", NEW * 10_000))
        assert place.read("feed.xml") == (NEW * 10_000, stored)
    with place.lock():
        assert set(place.list()) == {"feed.xml"}
    assert [entry.name for entry in sftp.folder.iterdir()] == ["feed.xml"]


def test_cut_while_the_lock_is_held(sftp, upload):
    """The lock outlives a lost connection, and is gone in the end."""
    place, other = sftp.open(), sftp.open()
    with place.lock():
        sftp.proxy.cut_all()
        with pytest.raises(LockedError), other.lock():
            pass
        place.put(upload("x.txt", b"x"), guard=True)
    with other.lock():
        pass
    assert [entry.name for entry in sftp.folder.iterdir()] == ["x.txt"]


def fail_at(operation, number, error):
    """Let the `number`th of these operations raise an error on the server."""
    count = 0

    def before(name):
        nonlocal count
        count += name == operation
        if name == operation and count == number:
            raise error

    return before


@pytest.mark.parametrize("number", [1, 2, 50, 99, 100, 101, 123])
def test_a_full_disk(sftp, upload, number):
    """A refused piece, the first, the last or one between, is noticed; the old file stays."""
    place = sftp.open()
    place.put(upload("x.mp3", b"old"))
    sftp.server.before = fail_at("write", number, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(DestinationError, match="No space left on device") as caught:
        place.put(upload("x.mp3", bytes(32 * 1024 * 122 + 1)))
    assert not isinstance(caught.value, DestinationUnavailable)
    assert "free space" in caught.value.hint
    assert [entry.name for entry in sftp.folder.iterdir()] == ["x.mp3"]
    assert place.read("x.mp3")[0] == b"old"


def test_no_fsync(sftp, upload):
    """A server that has no fsync is asked once."""
    error = asyncssh.SFTPOpUnsupported("Operation unsupported")
    sftp.server.before = fail_at("fsync", 1, error)
    place = sftp.open()
    place.put(upload("x.txt", b"x"))
    place.put(upload("y.txt", b"y"))
    assert sftp.server.calls.count("fsync") == 1


def test_a_failing_fsync(sftp, upload):
    """Bytes that do not reach the server's disk are not published."""
    sftp.server.before = fail_at("fsync", 1, OSError(errno.EIO, "Input/output error"))
    with pytest.raises(DestinationError, match="Input/output error"):
        sftp.open().put(upload("x.txt", b"x"))
    assert list(sftp.folder.iterdir()) == []


def test_no_posix_rename(sftp, upload):
    """Where a file cannot be replaced in one step, a new one is fine and an old one stays."""

    def before(operation):
        if operation == "posix_rename":
            raise asyncssh.SFTPOpUnsupported("POSIX rename not supported")

    sftp.server.before = before
    place = sftp.open()
    place.put(upload("x.txt", b"x"))
    with pytest.raises(DestinationError, match="POSIX rename not supported"):
        place.put(upload("x.txt", b"y"))
    assert place.read("x.txt")[0] == b"x"
    assert [entry.name for entry in sftp.folder.iterdir()] == ["x.txt"]


def test_no_permissions_to_set(sftp, upload):
    """A server that knows no permissions is fine."""
    sftp.server.before = fail_at("fsetstat", 1, asyncssh.SFTPPermissionDenied("No"))
    sftp.open().put(upload("x.txt", b"x"))
    assert (sftp.folder / "x.txt").read_bytes() == b"x"


def test_one_call_a_folder(sftp, upload):
    """Listing asks once for each folder, and passes over what is not ours."""
    place = sftp.open()
    for name in ("a/x.txt", "a/b/y.txt", "z.txt"):
        place.put(upload(name, b"x"))
    (sftp.folder / ".htaccess").touch()
    (sftp.folder / "link.txt").symlink_to("z.txt")
    (sftp.folder / "out").symlink_to("/")
    sftp.server.calls.clear()
    assert set(place.list()) == {"a/x.txt", "a/b/y.txt", "z.txt"}
    assert sftp.server.calls == ["scandir"] * 3
    with pytest.raises(DestinationError, match="is no folder"):
        place.put(upload("out/x.txt", b"x"))


def test_marks_within_a_second(sftp, upload):
    """Files of one size that replace each other within a second have marks of their own."""
    place = sftp.open()
    marks = [place.put(upload("feed.xml", b"%d" % number)).mark for number in range(5)]
    assert len(set(marks)) == 5


def test_leftovers_are_swept(sftp, upload):
    """A run that holds the folder removes what others left, one that looks does not."""
    place = sftp.open()
    place.put(upload("a/x.txt", b"x"))
    (sftp.folder / "a/.x.txt.0123abcd.part").touch()
    place.list()
    assert (sftp.folder / "a/.x.txt.0123abcd.part").exists()
    with place.lock():
        place.list()
    assert not (sftp.folder / "a/.x.txt.0123abcd.part").exists()


def write_lock(sftp, holder, age_s=0):
    sftp.folder.mkdir(parents=True, exist_ok=True)
    lock = sftp.folder / ".reviewcast.lock"
    lock.write_bytes(msgspec.json.encode(holder) if holder else b"")
    then = time.time() - age_s
    os.utime(lock, (then, then))


def dead_pid():
    """Return the number of a process that has ended."""
    process = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return int(process.stdout)


def test_a_killed_run_of_this_machine(sftp):
    """Its lock is broken at once."""
    write_lock(sftp, Holder("other", name_machine(), dead_pid()))
    with sftp.open().lock():
        pass
    assert list(sftp.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("holder", "age_s", "stale"),
    [
        (Holder("other", "elsewhere", 1), 500, False),
        (Holder("other", "elsewhere", 1), 700, True),
        (None, 5, False),
        (None, 100, True),
    ],
)
def test_a_lock_of_elsewhere(sftp, holder, age_s, stale):
    """It is broken when it is ten minutes old, one that was never finished after one."""
    write_lock(sftp, holder, age_s)
    place = sftp.open()
    if stale:
        with place.lock():
            pass
        assert list(sftp.folder.iterdir()) == []
    else:
        with pytest.raises(LockedError, match="Another run") as caught, place.lock():
            pass
        assert "10 minutes" in caught.value.hint
        assert [entry.name for entry in sftp.folder.iterdir()] == [".reviewcast.lock"]


@pytest.mark.parametrize(("operation", "number"), [("open", 2), ("open", 3), ("lstat", 1)])
def test_a_lock_that_is_given_back_meanwhile(sftp, operation, number):
    """Whenever the other run ends between our try and our looks, the lock is ours, no refusal."""
    sftp.open().list()
    write_lock(sftp, Holder("other", "elsewhere", 1), 700)
    lock, count = sftp.folder / ".reviewcast.lock", itertools.count(1)

    def end(called):
        if lock.exists() and called == operation and next(count) == number:
            lock.unlink()

    sftp.server.looking = end
    with sftp.open().lock():
        assert msgspec.json.decode(lock.read_bytes(), type=Holder).machine == name_machine()
    assert next(count) > number
    assert list(sftp.folder.iterdir()) == []


def test_folders_that_another_run_makes(sftp, upload):
    """A folder that is there when it shall be made is no fault: two first runs make the same."""

    def overtake(called):
        if called == "mkdir":
            (sftp.folder / "media").mkdir(parents=True, exist_ok=True)

    sftp.server.before = overtake
    place = sftp.open()
    with place.lock():
        place.put(upload("media/x.mp3", b"x"))
    assert (sftp.folder / "media/x.mp3").read_bytes() == b"x"


def test_a_folder_that_refuses_the_lock(sftp):
    """A server that lets nobody make the lock refuses, and is not asked for ever."""

    def refuse(called):
        if called == "open":
            raise asyncssh.SFTPPermissionDenied("no")

    sftp.server.looking = refuse
    with pytest.raises(DestinationError, match="refuses") as caught, sftp.open().lock():
        pass
    assert caught.value.exit_code == 6


def test_a_healed_cut_leaves_nothing(sftp, upload):
    """When the line breaks in the middle of a file, the try that is whole leaves no part of it."""
    place = sftp.open()
    sftp.proxy.fail([200_000, 300_000])
    place.put(upload("x.mp3", b"x" * 500_000))
    assert sftp.proxy.connections == 3
    assert [entry.name for entry in sftp.folder.iterdir()] == ["x.mp3"]


def test_a_lock_is_kept_fresh(sftp, upload):
    """A long run writes its lock anew; one whose lock was broken stops before it does harm."""
    place = sftp.open(refresh_s=0)
    lock = sftp.folder / ".reviewcast.lock"
    with pytest.raises(LockedError, match="taken over"), place.lock():
        os.utime(lock, (1, 1))
        place.put(upload("x.txt", b"x"))
        assert lock.stat().st_mtime > 1
        write_lock(sftp, Holder("other", "elsewhere", 1))
        place.put(upload("feed.xml", b"x"))
    assert not (sftp.folder / "feed.xml").exists()
    assert b"elsewhere" in lock.read_bytes()


def test_a_lock_is_kept_fresh_during_a_long_upload(sftp, upload):
    """Questions about the lock do not mix with the pieces of a file that are under way."""
    place = sftp.open(refresh_s=0)
    with place.lock():
        place.put(upload("x.mp3", bytes(32 * 1024 * 250 + 7)))
    assert sftp.proxy.connections == 1
    assert (sftp.folder / "x.mp3").stat().st_size == 32 * 1024 * 250 + 7


def test_the_lock_names_nobody(sftp):
    """What the public may read of a lock tells neither host nor user."""
    with sftp.open().lock():
        text = (sftp.folder / ".reviewcast.lock").read_text()
    assert socket.gethostname() not in text
    assert "me" not in msgspec.json.decode(text).values()


def test_guard_without_a_lock(sftp, upload):
    """A guarded file takes the lock for itself."""
    one, other = sftp.open(), sftp.open()
    old = one.put(upload("feed.xml", FEED), guard=True)
    other.put(upload("feed.xml", NEW), expect=old, guard=True)
    with pytest.raises(ConflictError):
        one.put(upload("feed.xml", NEW), expect=old, guard=True)
    with other.lock(), pytest.raises(LockedError):
        one.put(upload("feed.xml", NEW), guard=True)


def test_several_threads(sftp, upload):
    """Calls from several threads take their turns on one connection."""
    from concurrent.futures import ThreadPoolExecutor

    place = sftp.open()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: place.put(upload(f"{n}.bin", b"x" * n * 9999)), range(12)))
    assert {name: stored.size_bytes for name, stored in place.list().items()} == {
        f"{n}.bin": n * 9999 for n in range(12)
    }
    assert sftp.proxy.connections == 1
