"""The connection to a server that speaks SFTP: its key is known, its failures are explained."""

import contextlib
import functools
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reviewcast.model.errors import (
    ConfigError,
    DestinationError,
    DestinationUnavailable,
    ReviewcastError,
)
from reviewcast.system.http import try_again

if TYPE_CHECKING:
    import paramiko


T = TypeVar("T")
_CONNECT_S = 15
_ANSWER_S = 30
_KEEPALIVE_S = 15
LATER = "Look after the connection and run the same command again; what is there stays."


class Connection:
    """A login to a server, made when it is needed and anew when it broke.

    The host may be an alias of ~/.ssh/config, whose HostName, User, Port and IdentityFile count.
    The server's key must stand in known_hosts, the login is by ssh-agent or key file.
    """

    def __init__(self, host: str, *, user: str = "", port: int = 0) -> None:
        self.host = host
        self.user = user
        self.port = port
        self.folders: set[str] = set()
        """The folders that were seen over this connection."""
        self.one_call = threading.RLock()  # an SFTPClient is for one thread at a time
        self._clients: tuple[paramiko.SSHClient, paramiko.SFTPClient] | None = None

    def ask(self, what: str, job: "Callable[[paramiko.SFTPClient], T]") -> T:
        """Do something on the server, three times if that may help, each over a live connection.

        `what` names it for the user. Raise DestinationError when the server refuses,
        DestinationUnavailable when it cannot be reached.
        """
        with self.one_call:
            return try_again(lambda: self._ask_once(what, job), on=DestinationUnavailable)

    def _ask_once(self, what: str, job: "Callable[[paramiko.SFTPClient], T]") -> T:
        import paramiko

        _hush_paramiko()
        try:
            return job(self._connect())
        except DestinationUnavailable:
            self.close()
            raise
        except ReviewcastError:
            raise
        except (OSError, EOFError, paramiko.SSHException, paramiko.SFTPError) as error:
            if self.is_lost(error):
                self.close()
                raise DestinationUnavailable(
                    f"The connection to {self.host} is lost ({type(error).__name__}).", hint=LATER
                ) from error
            reason = error.strerror if isinstance(error, OSError) else None
            raise DestinationError(
                f"{self.host} refuses to {what}: {reason or error}.",
                hint="Look at the folder's owner and the free space there; "
                "what was published before is unchanged.",
            ) from error

    def is_lost(self, error: Exception) -> bool:
        """Return True for a broken connection, not for a refusal over a whole one."""
        import paramiko

        if isinstance(error, (ConnectionError, TimeoutError, EOFError, paramiko.SSHException)):
            return True
        transport = self._clients[0].get_transport() if self._clients else None
        return transport is None or not transport.is_active()

    def check_refusal(self, error: Exception) -> None:
        """Raise an error anew when it is no refusal but a lost connection."""
        if self.is_lost(error):
            raise error

    def close(self) -> None:
        """Close the connection; the next question opens another one."""
        with self.one_call:
            if self._clients:
                client, self._clients = self._clients[0], None
                self.folders.clear()
                with contextlib.suppress(Exception):  # what is broken need not close well
                    client.close()

    def _connect(self) -> "paramiko.SFTPClient":
        """Return the connection, made anew when there is none.

        Raise DestinationError when the server or the login is refused, DestinationUnavailable
        when there is no answer.
        """
        if self._clients is None:
            self._clients = self._log_in()
        return self._clients[1]

    def _log_in(self) -> "tuple[paramiko.SSHClient, paramiko.SFTPClient]":
        import paramiko

        host, port, user, keys = self._look_up()
        client = paramiko.SSHClient()
        try:
            _load_known_hosts(client)
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
            return client, _open_sftp(client)
        except BaseException as error:
            with contextlib.suppress(Exception):
                client.close()
            if isinstance(error, Exception):
                raise self._judge(error, host, port) from error
            raise

    def _look_up(self) -> "tuple[str, int, str | None, list[str]]":
        """Return what ~/.ssh/config says of the host; what the URL says goes before it."""
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
                f"There is no address for {host}.", hint=f"Correct its name. {LATER}"
            )
        if isinstance(error, (OSError, EOFError, paramiko.SSHException)):
            return DestinationUnavailable(
                f"{host} cannot be reached on port {port} ({type(error).__name__}).", hint=LATER
            )
        return DestinationError(
            f"The connection to {host} cannot be made: {type(error).__name__}: {error}.",
            hint="Look whether ssh gets there, and at the lines of known_hosts.",
        )


def _load_known_hosts(client: "paramiko.SSHClient") -> None:
    for name in ("/etc/ssh/ssh_known_hosts", "~/.ssh/known_hosts"):
        with contextlib.suppress(FileNotFoundError):
            client.load_system_host_keys(os.path.expanduser(name))


def _open_sftp(client: "paramiko.SSHClient") -> "paramiko.SFTPClient":
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
    return sftp


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
