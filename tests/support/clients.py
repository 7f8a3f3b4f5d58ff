"""Podcast clients as people install them, each in a home of its own.

A client subscribes to one feed, reads it and downloads what is new. It can reach nothing but
loopback: whatever else it asks for goes to a proxy that is not there.
"""

import json
import os
import select
import sqlite3
import struct
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import ClassVar, Protocol

from msgspec import Struct
from tests.conftest import require_tool

_LIMIT_S = 60


class Shown(Struct, frozen=True, kw_only=True):
    """An episode as a client has understood it; `published` counts seconds since 1970."""

    guid: str
    title: str
    published: int
    audio: str
    page: str
    notes: str
    chapters: tuple[tuple[float, str], ...] | None = None
    """Starts in seconds and titles; None when the client knows no chapters."""
    duration_s: int | None = None
    size_bytes: int | None = None


class Client(Protocol):
    """A client that is subscribed to one feed."""

    name: ClassVar[str]

    def __init__(self, home: Path, feed: str) -> None:
        """Subscribe to the feed at a URL, in an empty home; skips the test without the client."""
        ...

    def fetch(self, expected: Sequence[str]) -> None:
        """Read the feed and download what is new; `expected` are the names that will be there."""
        ...

    def list_downloads(self) -> dict[str, Path]:
        """Return all that has been downloaded, by file name."""
        ...

    def leave_part(self, name: str, data: bytes) -> None:
        """Leave the beginning of a file, as a download that was cut does."""
        ...


class Gpodder:
    """`gpo`, the command line of gPodder."""

    name: ClassVar[str] = "gPodder"

    def __init__(self, home: Path, feed: str) -> None:
        """Subscribe to a feed."""
        self._gpo = require_tool("gpo")
        self._home, self._feed = home, feed
        self._run("subscribe", feed)

    def fetch(self, expected: Sequence[str]) -> None:
        """Read the feed and download what is new."""
        self._run("update")
        self._run("download")

    def list_downloads(self) -> dict[str, Path]:
        """Return all that has been downloaded, by file name."""
        return _find_audio(self._home / "downloads")

    def leave_part(self, name: str, data: bytes) -> None:
        """Leave the beginning of a file in the folder of the show."""
        with closing(self._open()) as database:
            (folder,) = database.execute("select download_folder from podcast").fetchone()
        _write(self._home / "downloads" / folder / f"{name}.partial", data)

    def list_shown(self) -> list[Shown]:
        """Return what the database holds of each episode."""
        with closing(self._open()) as database:
            return [
                Shown(
                    guid=row["guid"],
                    title=row["title"],
                    published=row["published"],
                    audio=row["url"],
                    page=row["link"],
                    notes=row["description_html"],
                    chapters=tuple((c["start"], c["title"]) for c in json.loads(row["chapters"])),
                    duration_s=row["total_time"],
                    size_bytes=row["file_size"],
                )
                for row in database.execute("select * from episode order by published")
            ]

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._home / "data" / "Database")
        database.row_factory = sqlite3.Row
        return database

    def _run(self, *arguments: str) -> None:
        folders = {"GPODDER_HOME": "data", "GPODDER_DOWNLOAD_DIR": "downloads"}
        env = {variable: str(self._home / folder) for variable, folder in folders.items()}
        _run([self._gpo, *arguments], self._home, env)


class Newsboat:
    """newsboat, which reads feeds, and podboat, which downloads what newsboat queues."""

    name: ClassVar[str] = "newsboat"

    def __init__(self, home: Path, feed: str) -> None:
        """Subscribe to a feed."""
        self._newsboat, self._podboat = require_tool("newsboat"), require_tool("podboat")
        self._home, self._downloads = home, home / "downloads"
        self._downloads.mkdir(parents=True)
        settings = f'podcast-auto-enqueue yes\ndownload-path "{self._downloads}/"\n'
        _write(home / ".newsboat" / "config", settings.encode())
        _write(home / ".newsboat" / "urls", f"{feed}\n".encode())

    def fetch(self, expected: Sequence[str]) -> None:
        """Read the feed, then let podboat download until all that is expected is there.

        Podboat has nothing but a screen, so it gets one, which it draws anew every half a second.
        What was cut it continues when asked to; the newest episode is the one in the first line.
        """
        import fcntl  # these three are not on Windows, where no such client is either
        import pty
        import termios

        _run([self._newsboat, "-x", "reload"], self._home)
        screen, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        process = subprocess.Popen(
            [self._podboat, "-a"],
            env=_environ(self._home),
            cwd=self._home,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        if list(self._downloads.glob("*.part")):
            os.write(screen, b"d")
        shown = b""
        try:
            deadline = time.monotonic() + _LIMIT_S
            while select.select([screen], [], [], _LIMIT_S)[0] and time.monotonic() < deadline:
                try:
                    shown += os.read(screen, 65_536)
                except OSError:  # how Linux tells that nobody holds the terminal any more
                    break
                # refused as long as a download is at work, and asked again at the next drawing
                if self.list_downloads().keys() >= set(expected):
                    os.write(screen, b"q")
            process.wait(60)
        finally:
            process.kill()
            process.wait()
            os.close(screen)
        assert process.returncode == 0, shown.decode(errors="replace")[-2000:]

    def list_downloads(self) -> dict[str, Path]:
        """Return all that has been downloaded, by file name."""
        return _find_audio(self._downloads)

    def leave_part(self, name: str, data: bytes) -> None:
        """Leave the beginning of a file in the folder of all downloads."""
        _write(self._downloads / f"{name}.part", data)

    def list_shown(self) -> list[Shown]:
        """Return what the cache holds of each article."""
        with closing(sqlite3.connect(self._home / ".newsboat" / "cache.db")) as database:
            database.row_factory = sqlite3.Row
            return [
                Shown(
                    guid=row["guid"],
                    title=row["title"],
                    published=row["pubDate"],
                    audio=row["enclosure_url"],
                    page=row["url"],
                    notes=row["content"],
                )
                for row in database.execute("select * from rss_item order by pubDate")
            ]


class Podget:
    """podget, a shell script around wget."""

    name: ClassVar[str] = "podget"

    def __init__(self, home: Path, feed: str) -> None:
        """Subscribe to a feed."""
        self._podget = require_tool("podget")
        self._home, self._settings = home, home / ".podget"
        self._downloads = home / "POD" / "Films" / "Show"
        self._run("--create-config", "podgetrc")
        _write(self._settings / "serverlist", f"{feed} Films Show\n".encode())

    def fetch(self, expected: Sequence[str]) -> None:
        """Read the feed and download what is new."""
        self._run()

    def list_downloads(self) -> dict[str, Path]:
        """Return all that has been downloaded, by file name."""
        return _find_audio(self._downloads)

    def leave_part(self, name: str, data: bytes) -> None:
        """Leave the beginning of a file: with wget it has the name of the whole."""
        _write(self._downloads / name, data)

    def _run(self, *arguments: str) -> None:
        folders = ["--dir_config", str(self._settings), "--dir_session", str(self._home / "run")]
        _run([self._podget, *folders, *arguments], self._home)


def _environ(home: Path) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9/"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "127.0.0.1",
    }


def _run(command: list[str], home: Path, extra: dict[str, str] | None = None) -> None:
    home.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        env={**_environ(home), **(extra or {})},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=_LIMIT_S,
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, said
    assert "Traceback" not in said, said


def _find_audio(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.rglob("*.mp3")}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
