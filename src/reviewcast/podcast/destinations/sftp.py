"""A folder on a server that speaks SFTP."""

import contextlib
import posixpath
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast
from urllib.parse import unquote, urlsplit

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
)
from reviewcast.model.protocols import Stored, Upload, is_name
from reviewcast.podcast.destinations.holder import make_holder
from reviewcast.podcast.destinations.sftp_connection import LATER, Connection
from reviewcast.podcast.destinations.sftp_lock import REFRESH_S, FolderLock
from reviewcast.podcast.destinations.sftp_write import PIPELINED, Writer, describe
from reviewcast.system.extras import compose_install_line

if TYPE_CHECKING:
    import paramiko

    # inside the class, list is its method
    _Attributes = list[paramiko.SFTPAttributes]


T = TypeVar("T")
_REFUSED = object()


class SftpDestination:
    """A folder on a server: `sftp://user@host:port/path`, or `/~/path` below the login's home.

    `Connection` says how a login is found. Each file goes up under a temporary name, is
    synced where the server can (`fsync@openssh.com`), has its size checked and takes its name by
    `posix-rename@openssh.com`. The folder itself cannot be synced by SFTP.

    A mark is a file's size and time of change, which SFTP gives in seconds: a file that takes
    the place of another one gets a later time, so that the mark tells them apart.

    The folder is held by a `FolderLock`, which is written anew every `refresh_s` seconds.
    """

    scheme: ClassVar[str] = "sftp"

    def __init__(
        self, host: str, path: str, *, user: str = "", port: int = 0, refresh_s: float = REFRESH_S
    ) -> None:
        self.host = host
        self.path = path
        self.user = user
        self.port = port
        self._connection = Connection(host, user=user, port=port)
        self._lock = FolderLock(self._connection, path, name=str(self), refresh_s=refresh_s)
        self._writer = Writer(self._connection, self._lock, path)

    @classmethod
    def open(cls, url: str) -> "SftpDestination":
        """Take `sftp://[user@]host[:port]/path`, percent-encoded where that is needed.

        Raise ConfigError for another form, for a password in it, and without paramiko.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:  # such as an unclosed bracket
            raise _refuse_folder() from error
        login, _, place = parts.netloc.rpartition("@")
        if ":" in login:
            raise ConfigError(
                "An sftp:// URL holds no password.",
                hint="Take it out and use a key, with ssh-agent or in ~/.ssh.",
            )
        match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%]+)\]|([\w.-]+))(?::(\d{1,5}))?", place)
        path = unquote(parts.path)
        if (
            not match
            or place.startswith("-")
            or not path.strip("/")
            or "\0" in path
            or ".." in path.split("/")
            or parts.query
            or parts.fragment
        ):
            raise _refuse_folder()
        path = posixpath.normpath("/" + path.lstrip("/"))
        path = path.removeprefix("/~/") if path.startswith("/~/") else path
        try:
            import paramiko  # noqa: F401
        except ModuleNotFoundError as error:
            raise ConfigError(
                "Publishing to sftp:// needs paramiko.",
                hint=f"Install it: {compose_install_line('sftp')}",
            ) from error
        host = unquote(match[1] or match[2])
        return cls(host, path, user=unquote(login), port=int(match[3] or 0))

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder by a file in it."""
        try:
            with self._hold():
                yield
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection; the next question opens another one."""
        self._connection.close()

    def list(self) -> dict[str, Stored]:
        """Read the whole tree, a folder at a time; a run that holds it sweeps up leftovers."""
        found: dict[str, Stored] = {}
        waiting = deque([""])
        while waiting:
            prefix = waiting.popleft()
            for entry in self._list_folder(self._join(prefix)):
                mode = entry.st_mode or 0
                name = prefix + entry.filename
                if entry.filename.startswith("."):
                    if self._lock.holder and _is_part(entry.filename):
                        self._remove(self._join(name))
                elif stat.S_ISDIR(mode):
                    waiting.append(name + "/")
                elif stat.S_ISREG(mode) and is_name(name):
                    found[name] = describe(entry)
        return found

    def head(self, name: str) -> Stored | None:
        """Return the size and the mark of one file."""
        place = self._place(name)
        status = self._ask(f"look at {place}", lambda sftp: sftp.lstat(place), missing=None)
        return describe(status) if status and stat.S_ISREG(status.st_mode or 0) else None

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Fetch one file; what was replaced meanwhile is fetched again."""
        place = self._place(name)

        def fetch(sftp: "paramiko.SFTPClient") -> tuple[bytes, Stored] | None:
            status = sftp.lstat(place)
            if not stat.S_ISREG(status.st_mode or 0):
                return None
            with sftp.open(place, "rb") as file:
                status = file.stat()
                if status.st_size:  # of nothing it would wait for ever
                    file.prefetch(status.st_size, PIPELINED)
                data = file.read()
            stored = describe(status)
            if len(data) != stored.size_bytes:
                raise DestinationUnavailable(f"{name} on {self.host} broke off.", hint=LATER)
            return data, stored

        return self._ask(f"read {place}", fetch, missing=None)

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Upload a file; with `guard`, what is there is compared while the folder is held."""
        place = self._place(upload.name)
        with self._connection.one_call, self._hold() if guard else contextlib.nullcontext():
            if guard and self.head(upload.name) != expect:
                raise ConflictError(
                    f"Another run has changed {upload.name} on {self.host} meanwhile.",
                    hint="Run the same command again.",
                )
            return self._ask(
                f"write {place}", lambda sftp: self._writer.upload(sftp, upload, place)
            )

    def delete(self, name: str) -> None:
        """Remove a file, and the folders that are empty without it."""
        place = self._place(name)
        self._remove(place)

        def tidy(sftp: "paramiko.SFTPClient") -> None:
            folder = place
            for _ in name.split("/")[1:]:
                folder = posixpath.dirname(folder)
                self._connection.folders.discard(folder)
                try:
                    sftp.rmdir(folder)
                except OSError as error:
                    self._connection.check_refusal(error)
                    return  # not empty

        self._ask(f"tidy {self.path}", tidy)

    def __str__(self) -> str:
        return f"sftp://{self.host}/{self.path.lstrip('/')}"

    def _list_folder(self, folder: str) -> "_Attributes":
        return self._ask(f"read {folder}", lambda sftp: sftp.listdir_attr(folder), missing=[])

    def _join(self, name: str) -> str:
        return posixpath.join(self.path, name)

    def _place(self, name: str) -> str:
        if not is_name(name):
            raise DestinationError(f"A file cannot be named {name!r} there.")
        return self._join(name)

    def _remove(self, place: str) -> None:
        self._ask(f"remove {place}", lambda sftp: sftp.remove(place), missing=None)

    @contextlib.contextmanager
    def _hold(self) -> Iterator[None]:
        if self._lock.holder:
            yield
            return
        holder = make_holder()

        def take(sftp: "paramiko.SFTPClient") -> None:
            self._writer.make_folder(sftp, self.path)
            self._lock.take(sftp, holder)

        self._ask(f"lock {self.path}", take)
        self._lock.note_taken(holder)
        try:
            yield
        finally:
            self._lock.holder = None
            with contextlib.suppress(DestinationError):  # it goes stale
                self._ask(f"unlock {self.path}", lambda sftp: self._lock.leave(sftp, holder))

    def _ask(
        self, what: str, job: "Callable[[paramiko.SFTPClient], T]", *, missing: Any = _REFUSED
    ) -> T:
        """Do something on the server; where the folder is held, the lock is kept fresh.

        `missing` is returned for a file that is not there, if that is to be no error.
        """

        def ask(sftp: "paramiko.SFTPClient") -> T:
            self._lock.refresh(sftp)
            try:
                return job(sftp)
            except FileNotFoundError:
                if missing is _REFUSED:
                    raise
                return cast("T", missing)

        return self._connection.ask(what, ask)


def _refuse_folder() -> ConfigError:
    return ConfigError(
        "That is no folder on a server to publish to.",
        hint="Write it as sftp://user@host/path, or sftp://user@host/~/path.",
    )


def _is_part(name: str) -> bool:
    return re.fullmatch(r"\..*\.[0-9a-f]{8}\.part", name) is not None
