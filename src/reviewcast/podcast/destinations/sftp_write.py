"""Files are written to a server that speaks SFTP, each of them whole before it is seen."""

import contextlib
import posixpath
import re
import secrets
import stat
from typing import TYPE_CHECKING, Any

from reviewcast.model.errors import DestinationError
from reviewcast.model.protocols import Stored, Upload
from reviewcast.podcast.destinations.sftp_connection import Connection
from reviewcast.podcast.destinations.sftp_lock import FolderLock

if TYPE_CHECKING:
    import paramiko


_PIECE_BYTES = 32 * 1024
"""What every server takes in one packet (draft-ietf-secsh-filexfer-02, section 3)."""

PIPELINED = 100
"""So many pieces travel before their answers are waited for."""


class Writer:
    """Writes files below a folder; what a broken connection left there is removed later."""

    def __init__(self, connection: Connection, lock: FolderLock, folder: str) -> None:
        self._connection = connection
        self._lock = lock
        self._folder = folder
        self._syncs = True
        self._left: set[str] = set()

    def upload(self, sftp: "paramiko.SFTPClient", upload: Upload, place: str) -> Stored:
        """Write a file under a temporary name and let it take its own."""
        folder, last = posixpath.split(place)
        part = posixpath.join(folder, f".{last}.{secrets.token_hex(4)}.part")
        self.make_folder(sftp, folder)
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
                    is_between = number % PIPELINED != 0 and not is_last
                    file.set_pipelined(is_between)
                    file.write(piece)
                    if not is_between:  # any other question would swallow those answers
                        self._lock.refresh(sftp)
                self._make_public(file)
                self._sync(sftp, file)
                status = file.stat()
            if status.st_size != upload.size_bytes:
                raise DestinationError(
                    f"{place} on {self._connection.host} has {status.st_size} bytes "
                    f"and not {upload.size_bytes}.",
                    hint="Look whether the disk there is full.",
                )
            self._make_later(sftp, part, place, status)
            self._rename(sftp, part, place)
            return describe(sftp.lstat(place))
        except Exception as error:
            if self._connection.is_lost(error):  # the next try removes it, or a later run
                self._left.add(part)
            else:
                with contextlib.suppress(Exception):
                    sftp.remove(part)
            raise

    def make_folder(self, sftp: "paramiko.SFTPClient", folder: str) -> None:
        """Make a folder and those above it, where they are not there."""
        if folder in self._connection.folders or folder in {"", "/"}:
            return
        try:
            status = sftp.stat(folder) if self._folder.startswith(folder) else sftp.lstat(folder)
        except FileNotFoundError:
            self.make_folder(sftp, posixpath.dirname(folder))
            try:
                sftp.mkdir(folder, 0o755)
            except OSError as error:
                self._connection.check_refusal(error)
                if not self._is_folder(sftp, folder):  # another run has made it meanwhile
                    raise
        else:
            if not stat.S_ISDIR(status.st_mode or 0):
                raise DestinationError(
                    f"{folder} on {self._connection.host} is no folder.",
                    hint="Remove it, or publish to another folder; links are not followed.",
                )
        self._connection.folders.add(folder)

    def _is_folder(self, sftp: "paramiko.SFTPClient", folder: str) -> bool:
        try:
            return stat.S_ISDIR(sftp.lstat(folder).st_mode or 0)
        except FileNotFoundError:
            return False

    def _make_public(self, file: "paramiko.SFTPFile") -> None:
        try:
            file.chmod(0o644)
        except OSError as error:
            self._connection.check_refusal(error)  # a server without permissions is fine

    def _sync(self, sftp: "paramiko.SFTPClient", file: "paramiko.SFTPFile") -> None:
        """Have the bytes on the server's disk before the file gets its name."""
        if not self._syncs:
            return
        from paramiko.sftp import CMD_EXTENDED

        client: Any = sftp  # paramiko has no public way to an extension
        try:
            client._request(CMD_EXTENDED, "fsync@openssh.com", file.handle)  # noqa: SLF001
        except OSError as error:
            self._connection.check_refusal(error)
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
            self._connection.check_refusal(error)
            try:
                sftp.rename(part, place)  # enough when there is nothing to replace
            except OSError as second:
                self._connection.check_refusal(second)
                raise error from None


def describe(status: "paramiko.SFTPAttributes") -> Stored:
    """Return the size and the mark of a file."""
    size = status.st_size or 0
    return Stored(size, f"{status.st_mtime or 0}-{size}")
