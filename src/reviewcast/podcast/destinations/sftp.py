"""A folder on a server that speaks SFTP."""

import contextlib
import functools
import logging
import os
import posixpath
import re
import secrets
import socket
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
    LockedError,
    ReviewcastError,
)
from reviewcast.model.protocols import Stored, Upload, is_name
from reviewcast.podcast.destinations.holder import Holder as _Holder
from reviewcast.podcast.destinations.holder import make_holder
from reviewcast.system.extras import compose_install_line
from reviewcast.system.http import try_again

if TYPE_CHECKING:
    import paramiko

    # inside the class, list is its method
    _Attributes = list[paramiko.SFTPAttributes]
    _Keys = list[str]


T = TypeVar("T")


_LOCK = ".reviewcast.lock"


_PIECE_BYTES = 32 * 1024
"""What every server takes in one packet (draft-ietf-secsh-filexfer-02, section 3)."""


_PIPELINED = 100
"""So many pieces travel before their answers are waited for."""


_CONNECT_S = 15


_ANSWER_S = 30


_KEEPALIVE_S = 15


_REFRESH_S = 60.0


_STALE_S = 600


_LOCK_ATTEMPTS = 6


_LATER = "Look after the connection and run the same command again; what is there stays."


class SftpDestination:
    """A folder on a server: `sftp://user@host:port/path`, or `/~/path` below the login's home.

    The host may be an alias of ~/.ssh/config, whose HostName, User, Port and IdentityFile count.
    The server's key must stand in known_hosts, the login is by ssh-agent or key file. Each file
    goes up under a temporary name, is synced where the server can (`fsync@openssh.com`), has its
    size checked and takes its name by `posix-rename@openssh.com`. The folder itself cannot be
    synced by SFTP.

    A mark is a file's size and time of change, which SFTP gives in seconds: a file that takes
    the place of another one gets a later time, so that the mark tells them apart.

    The lock is a file that is only made when there is none. Its holder writes it anew every
    minute. It is broken when its process was on this machine and is dead, or when it is ten
    minutes old by the server's own clock.
    """

    scheme: ClassVar[str] = "sftp"

    def __init__(self, host: str, path: str, *, user: str = "", port: int = 0) -> None:
        self.host = host
        self.path = path
        self.user = user
        self.port = port
        self._connection: tuple[paramiko.SSHClient, paramiko.SFTPClient] | None = None
        self._one_call = threading.RLock()  # an SFTPClient is for one thread at a time
        self._folders: set[str] = set()
        self._holder: _Holder | None = None
        self._refreshed = 0.0
        self._syncs = True
        self._left: set[str] = set()

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
            self._disconnect()

    def list(self) -> dict[str, Stored]:
        """Read the whole tree, a folder at a time; a run that holds it sweeps up leftovers."""
        found: dict[str, Stored] = {}
        waiting = deque([""])
        while waiting:
            prefix = waiting.popleft()
            for entry in self._list_folder(prefix):
                mode = entry.st_mode or 0
                name = prefix + entry.filename
                if entry.filename.startswith("."):
                    if self._holder and _is_part(entry.filename):
                        self._remove(self._join(name))
                elif stat.S_ISDIR(mode):
                    waiting.append(name + "/")
                elif stat.S_ISREG(mode) and is_name(name):
                    found[name] = _describe(entry)
        return found

    def head(self, name: str) -> Stored | None:
        """Ask for one file."""
        status = self._stat(self._place(name))
        return _describe(status) if status and stat.S_ISREG(status.st_mode or 0) else None

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Fetch one file; what was replaced meanwhile is fetched again."""
        place = self._place(name)

        def fetch(sftp: "paramiko.SFTPClient") -> tuple[bytes, Stored] | None:
            try:
                status = sftp.lstat(place)
                if not stat.S_ISREG(status.st_mode or 0):
                    return None
                with sftp.open(place, "rb") as file:
                    status = file.stat()
                    if status.st_size:  # of nothing it would wait for ever
                        file.prefetch(status.st_size, _PIPELINED)
                    data = file.read()
            except FileNotFoundError:
                return None
            stored = _describe(status)
            if len(data) != stored.size_bytes:
                raise DestinationUnavailable(f"{name} on {self.host} broke off.", hint=_LATER)
            return data, stored

        return self._ask(f"read {place}", fetch)

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Upload a file; with `guard`, what is there is compared while the folder is held."""
        place = self._place(upload.name)
        with self._one_call, self._hold() if guard else contextlib.nullcontext():
            if guard and self.head(upload.name) != expect:
                raise ConflictError(
                    f"Another run has changed {upload.name} on {self.host} meanwhile.",
                    hint="Run the same command again.",
                )
            return self._ask(f"write {place}", lambda sftp: self._upload(sftp, upload, place))

    def delete(self, name: str) -> None:
        """Remove a file, and the folders that are empty without it."""
        place = self._place(name)
        self._remove(place)

        def tidy(sftp: "paramiko.SFTPClient") -> None:
            folder = place
            for _ in name.split("/")[1:]:
                folder = posixpath.dirname(folder)
                self._folders.discard(folder)
                try:
                    sftp.rmdir(folder)
                except OSError as error:
                    self._check_refusal(error)
                    return  # not empty

        self._ask(f"tidy {self.path}", tidy)

    def __str__(self) -> str:
        return f"sftp://{self.host}/{self.path.lstrip('/')}"

    # -- files

    def _join(self, name: str) -> str:
        return posixpath.join(self.path, name)

    def _place(self, name: str) -> str:
        if not is_name(name):
            raise DestinationError(f"A file cannot be named {name!r} there.")
        return self._join(name)

    def _stat(self, place: str) -> "paramiko.SFTPAttributes | None":
        def ask(sftp: "paramiko.SFTPClient") -> "paramiko.SFTPAttributes | None":
            try:
                return sftp.lstat(place)
            except FileNotFoundError:
                return None

        return self._ask(f"look at {place}", ask)

    def _list_folder(self, prefix: str) -> "_Attributes":
        folder = self._join(prefix)

        def ask(sftp: "paramiko.SFTPClient") -> "_Attributes":
            try:
                return sftp.listdir_attr(folder)
            except FileNotFoundError:
                return []

        return self._ask(f"read {folder}", ask)

    def _remove(self, place: str) -> None:
        def remove(sftp: "paramiko.SFTPClient") -> None:
            with contextlib.suppress(FileNotFoundError):
                sftp.remove(place)

        self._ask(f"remove {place}", remove)

    def _upload(self, sftp: "paramiko.SFTPClient", upload: Upload, place: str) -> Stored:
        folder, last = posixpath.split(place)
        part = posixpath.join(folder, f".{last}.{secrets.token_hex(4)}.part")
        self._make_folder(sftp, folder)
        for left in tuple(self._left):
            with contextlib.suppress(FileNotFoundError):
                sftp.remove(left)
            self._left.discard(left)
        try:
            with sftp.open(part, "wb") as file:
                for number, piece in enumerate(upload.read_pieces(_PIECE_BYTES), 1):
                    # paramiko forgets the answers that are still under way at the end of a
                    # pipeline, and with them a full disk: each stretch ends with a piece whose
                    # answer, and those of all before it, are waited for
                    is_last = number * _PIECE_BYTES >= upload.size_bytes
                    is_between = number % _PIPELINED != 0 and not is_last
                    file.set_pipelined(is_between)
                    file.write(piece)
                    if not is_between:  # any other question would swallow those answers
                        self._refresh(sftp)
                self._make_public(file)
                self._sync(sftp, file)
                status = file.stat()
            if status.st_size != upload.size_bytes:
                raise DestinationError(
                    f"{place} on {self.host} has {status.st_size} bytes "
                    f"and not {upload.size_bytes}.",
                    hint="Look whether the disk there is full.",
                )
            self._make_later(sftp, part, place, status)
            self._rename(sftp, part, place)
            return _describe(sftp.lstat(place))
        except Exception as error:
            if self._is_lost(error):  # the next try removes it, or a later run
                self._left.add(part)
            else:
                with contextlib.suppress(Exception):
                    sftp.remove(part)
            raise

    def _make_folder(self, sftp: "paramiko.SFTPClient", folder: str) -> None:
        if folder in self._folders or folder in {"", "/"}:
            return
        try:
            status = sftp.stat(folder) if self.path.startswith(folder) else sftp.lstat(folder)
        except FileNotFoundError:
            self._make_folder(sftp, posixpath.dirname(folder))
            try:
                sftp.mkdir(folder, 0o755)
            except OSError as error:
                self._check_refusal(error)
                if not self._is_folder(sftp, folder):  # another run has made it meanwhile
                    raise
        else:
            if not stat.S_ISDIR(status.st_mode or 0):
                raise DestinationError(
                    f"{folder} on {self.host} is no folder.",
                    hint="Remove it, or publish to another folder; links are not followed.",
                )
        self._folders.add(folder)

    def _is_folder(self, sftp: "paramiko.SFTPClient", folder: str) -> bool:
        try:
            return stat.S_ISDIR(sftp.lstat(folder).st_mode or 0)
        except FileNotFoundError:
            return False

    def _make_public(self, file: "paramiko.SFTPFile") -> None:
        try:
            file.chmod(0o644)
        except OSError as error:
            self._check_refusal(error)  # a server without permissions is fine

    def _sync(self, sftp: "paramiko.SFTPClient", file: "paramiko.SFTPFile") -> None:
        """Have the bytes on the server's disk before the file gets its name."""
        if not self._syncs:
            return
        from paramiko.sftp import CMD_EXTENDED

        client: Any = sftp  # paramiko has no public way to an extension
        try:
            client._request(CMD_EXTENDED, "fsync@openssh.com", file.handle)  # noqa: SLF001
        except OSError as error:
            self._check_refusal(error)
            # of "there is no such thing" paramiko tells only the words
            if not re.search(r"(?i)unsupported|not supported|unknown|not implemented", str(error)):
                raise
            self._syncs = False

    def _make_later(
        self,
        sftp: "paramiko.SFTPClient",
        part: str,
        place: str,
        status: "paramiko.SFTPAttributes",
    ) -> None:
        try:
            old = sftp.lstat(place).st_mtime or 0
        except FileNotFoundError:
            return
        if (status.st_mtime or 0) <= old:
            sftp.utime(part, (old + 1, old + 1))

    def _rename(self, sftp: "paramiko.SFTPClient", part: str, place: str) -> None:
        try:
            sftp.posix_rename(part, place)
        except OSError as error:
            self._check_refusal(error)
            try:
                sftp.rename(part, place)  # enough when there is nothing to replace
            except OSError as second:
                self._check_refusal(second)
                raise error from None

    # -- the lock

    @contextlib.contextmanager
    def _hold(self) -> Iterator[None]:
        if self._holder:
            yield
            return
        holder = make_holder()
        self._ask(f"lock {self.path}", lambda sftp: self._take_lock(sftp, holder))
        self._holder, self._refreshed = holder, time.monotonic()
        try:
            yield
        finally:
            self._holder = None
            with contextlib.suppress(DestinationError):  # it goes stale
                self._ask(f"unlock {self.path}", lambda sftp: self._leave_lock(sftp, holder))

    def _take_lock(self, sftp: "paramiko.SFTPClient", holder: _Holder) -> None:
        self._make_folder(sftp, self.path)
        place = self._join(_LOCK)
        for attempt in range(_LOCK_ATTEMPTS):
            try:
                with sftp.open(place, "wx") as file:
                    file.write(msgspec.json.encode(holder))
                return
            except OSError as error:
                self._check_refusal(error)
                found = self._read_lock(sftp)
                if found == holder:
                    return  # the answer to a first try was lost
                if found is None:
                    # given back between our try and our look; SFTP has no word for "it exists",
                    # so a server that refuses for another reason is found out by trying again
                    if attempt == _LOCK_ATTEMPTS - 1:
                        raise
                elif self._is_stale(sftp, found):
                    self._break_lock(sftp, found)
                else:
                    raise LockedError(
                        f"Another run of reviewcast is publishing to {self}.",
                        hint="Wait until it has ended; one that was cut off holds it for up to "
                        f"{_STALE_S // 60} minutes.",
                    ) from error
        raise LockedError(
            f"Another run of reviewcast has begun publishing to {self}.",
            hint="Wait until it has ended.",
        )

    def _read_lock(self, sftp: "paramiko.SFTPClient", place: str = "") -> _Holder | None:
        """Read who holds it; what cannot be understood is held by nobody that lives here."""
        try:
            with sftp.open(place or self._join(_LOCK), "rb") as file:
                return msgspec.json.decode(file.read(1000), type=_Holder)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:  # just made, or cut off while it was
            return _Holder("", "", 0)

    def _is_stale(self, sftp: "paramiko.SFTPClient", found: _Holder) -> bool:
        if found.is_dead:
            return True
        probe = self._join(f"{_LOCK}.{secrets.token_hex(4)}.part")
        try:
            with sftp.open(probe, "wb") as file:
                file.write(b"\n")
                now = file.stat().st_mtime or 0  # by the clock that the lock's time is by
            age_s = now - (sftp.lstat(self._join(_LOCK)).st_mtime or 0)
        except FileNotFoundError:
            return True  # it was given back meanwhile: to break it finds nothing
        finally:
            with contextlib.suppress(FileNotFoundError):
                sftp.remove(probe)
        return age_s > (_STALE_S if found.token else _REFRESH_S)

    def _break_lock(self, sftp: "paramiko.SFTPClient", found: _Holder) -> None:
        """Take a stale lock away; of several runs that try, one has it, and finds out which."""
        place, aside = self._join(_LOCK), self._join(f"{_LOCK}.{secrets.token_hex(4)}.part")
        try:
            sftp.rename(place, aside)
        except FileNotFoundError:
            return
        if self._read_lock(sftp, aside) != found:  # a new one, made in between: it goes back
            with contextlib.suppress(OSError):
                sftp.rename(aside, place)
            return
        sftp.remove(aside)

    def _refresh(self, sftp: "paramiko.SFTPClient") -> None:
        """Tell from time to time that this run is alive, and see that the lock is still ours."""
        if self._holder is None or time.monotonic() - self._refreshed < _REFRESH_S:
            return
        if self._read_lock(sftp) != self._holder:
            raise LockedError(
                f"Another run of reviewcast has taken over {self}.",
                hint="Run the same command again when that one has ended.",
            )
        with sftp.open(self._join(_LOCK), "r+b") as file:
            file.write(msgspec.json.encode(self._holder))
        self._refreshed = time.monotonic()

    def _leave_lock(self, sftp: "paramiko.SFTPClient", holder: _Holder) -> None:
        if self._read_lock(sftp) == holder:
            sftp.remove(self._join(_LOCK))

    # -- the connection

    def _ask(self, what: str, job: "Callable[[paramiko.SFTPClient], T]") -> T:
        """Do something on the server, three times if that may help, each over a live connection."""
        with self._one_call:
            return try_again(lambda: self._ask_once(what, job), on=DestinationUnavailable)

    def _ask_once(self, what: str, job: "Callable[[paramiko.SFTPClient], T]") -> T:
        import paramiko

        _hush_paramiko()
        try:
            sftp = self._connect()
            self._refresh(sftp)
            return job(sftp)
        except DestinationUnavailable:
            self._disconnect()
            raise
        except ReviewcastError:
            raise
        except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError) as error:
            if self._is_lost(error):
                self._disconnect()
                raise DestinationUnavailable(
                    f"The connection to {self.host} is lost ({type(error).__name__}).", hint=_LATER
                ) from error
            reason = error.strerror if isinstance(error, OSError) else None
            raise DestinationError(
                f"{self.host} refuses to {what}: {reason or error}.",
                hint="Look at the folder's owner and the free space there; "
                "what was published before is unchanged.",
            ) from error

    def _is_lost(self, error: Exception) -> bool:
        """Tell a broken connection from a server that refuses something over a whole one."""
        import paramiko

        if isinstance(error, (ConnectionError, TimeoutError, EOFError, paramiko.SSHException)):
            return True
        transport = self._connection[0].get_transport() if self._connection else None
        return transport is None or not transport.is_active()

    def _check_refusal(self, error: Exception) -> None:
        """Raise an error anew when it is no refusal but a lost connection."""
        if self._is_lost(error):
            raise error

    def _disconnect(self) -> None:
        with self._one_call:
            if self._connection:
                client, self._connection = self._connection[0], None
                self._folders.clear()
                with contextlib.suppress(Exception):  # what is broken need not close well
                    client.close()

    def _connect(self) -> "paramiko.SFTPClient":
        """Return the connection, made anew when there is none.

        Raise DestinationError when the server or the login is refused, DestinationUnavailable
        when there is no answer.
        """
        if self._connection is None:
            self._connection = self._log_in()
        return self._connection[1]

    def _log_in(self) -> "tuple[paramiko.SSHClient, paramiko.SFTPClient]":
        import paramiko

        host, port, user, keys = self._look_up()
        client = paramiko.SSHClient()
        try:
            self._load_known_hosts(client)
            policy: Any = _Refuse()
            client.set_missing_host_key_policy(policy)
            client.connect(
                host,
                port,
                user,
                key_filename=keys,  # type: ignore[arg-type]  # the stub knows of one only
                timeout=_CONNECT_S,
                banner_timeout=_CONNECT_S,
                auth_timeout=_ANSWER_S,
                channel_timeout=_ANSWER_S,
            )
            transport = client.get_transport()
            if transport is None:
                raise EOFError
            transport.set_keepalive(_KEEPALIVE_S)
            if isinstance(transport.sock, socket.socket):  # else a small request can wait 40 ms
                transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sftp = client.open_sftp()
            channel = sftp.get_channel()
            if channel is not None:
                channel.settimeout(_ANSWER_S)
            return client, sftp
        except BaseException as error:
            with contextlib.suppress(Exception):
                client.close()
            if isinstance(error, Exception):
                raise self._judge(error, host, port) from error
            raise

    def _look_up(self) -> "tuple[str, int, str | None, _Keys]":
        """Find what ~/.ssh/config says of the host; what the URL says goes before it."""
        import paramiko

        found: dict[str, Any] = {}
        path = Path("~/.ssh/config").expanduser()
        if path.is_file():
            try:
                found = dict(paramiko.SSHConfig.from_path(str(path)).lookup(self.host))
            except (paramiko.SSHException, OSError, ValueError, ImportError) as error:
                raise ConfigError(
                    f"~/.ssh/config cannot be used: {error}.", hint="Correct it."
                ) from error
        for way in ("proxyjump", "proxycommand"):
            if found.get(way, "none").lower() != "none":
                raise ConfigError(
                    f"~/.ssh/config reaches {self.host} through another host, which is not done.",
                    hint="Publish to a folder, and copy that there with rsync or sftp.",
                )
        host = str(found.get("hostname", self.host))
        port = self.port or int(found.get("port", 22))
        user = self.user or found.get("user") or None
        # paramiko breaks off at a key file that is not there
        keys = [key for key in found.get("identityfile", []) if os.path.isfile(key)]
        return host, port, user, keys

    def _load_known_hosts(self, client: "paramiko.SSHClient") -> None:
        for name in ("/etc/ssh/ssh_known_hosts", "~/.ssh/known_hosts"):
            with contextlib.suppress(FileNotFoundError):
                client.load_system_host_keys(os.path.expanduser(name))

    def _judge(self, error: Exception, host: str, port: int) -> ReviewcastError:
        import paramiko

        scan = f"ssh-keyscan -p {port} {host} >> ~/.ssh/known_hosts"
        if isinstance(error, ReviewcastError):
            return error
        if isinstance(error, _UnknownHost):
            return DestinationError(
                f"The host key of {host}, {error.fingerprint}, is not in known_hosts.",
                hint=f"Compare it with what the server's owner says, then: {scan}",
            )
        if isinstance(error, paramiko.BadHostKeyException):
            return DestinationError(
                f"The host key of {host} is not the one in known_hosts: "
                "the server was set up anew, or another one answers in its place.",
                hint="Ask the server's owner; if it is right, remove the old one by ssh-keygen -R "
                f"and then: {scan}",
            )
        if isinstance(error, paramiko.AuthenticationException) or "No authentication" in str(error):
            return DestinationError(
                f"{host} does not let {self.user or 'this user'} in with any key that is at hand.",
                hint="Add the key to ssh-agent, or name it as IdentityFile in ~/.ssh/config.",
            )
        if isinstance(error, socket.gaierror):
            return DestinationUnavailable(
                f"There is no address for {host}.", hint=f"Correct its name. {_LATER}"
            )
        if isinstance(error, (OSError, EOFError, paramiko.SSHException)):
            return DestinationUnavailable(
                f"{host} cannot be reached on port {port} ({type(error).__name__}).", hint=_LATER
            )
        return DestinationError(
            f"The connection to {host} cannot be made: {type(error).__name__}: {error}.",
            hint="Look whether ssh gets there, and at the lines of known_hosts.",
        )


class _UnknownHost(Exception):
    """A server whose key nobody has vouched for."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(fingerprint)
        self.fingerprint = fingerprint


class _Refuse:
    """The policy for a host that is not in known_hosts; by shape, so that paramiko loads late."""

    def missing_host_key(self, _client: object, _host: str, key: "paramiko.PKey") -> None:
        raise _UnknownHost(key.fingerprint)


@functools.cache
def _hush_paramiko() -> None:
    """Keep paramiko's log off the screen: what matters reaches the user as an error."""
    logging.getLogger("paramiko").addHandler(logging.NullHandler())


def _refuse_folder() -> ConfigError:
    return ConfigError(
        "That is no folder on a server to publish to.",
        hint="Write it as sftp://user@host/path, or sftp://user@host/~/path.",
    )


def _is_part(name: str) -> bool:
    return re.fullmatch(r"\..*\.[0-9a-f]{8}\.part", name) is not None


def _describe(status: "paramiko.SFTPAttributes") -> Stored:
    size = status.st_size or 0
    return Stored(size, f"{status.st_mtime or 0}-{size}")
