"""A lock on a server that speaks SFTP: a file that is only made when there is none."""

import contextlib
import posixpath
import secrets
import time
from typing import TYPE_CHECKING

import msgspec

from reviewcast.model.errors import LockedError
from reviewcast.podcast.destinations.holder import Holder
from reviewcast.podcast.destinations.sftp_connection import Connection

if TYPE_CHECKING:
    import paramiko


_LOCK = ".reviewcast.lock"
REFRESH_S = 60.0
_STALE_S = 600
_LOCK_ATTEMPTS = 6


class FolderLock:
    """The lock of a folder, which its holder writes anew every minute.

    It is broken when its process was on this machine and is dead, or when it is ten minutes old
    by the server's own clock.
    """

    def __init__(self, connection: Connection, folder: str, *, name: str, refresh_s: float) -> None:
        self._connection = connection
        self._place = posixpath.join(folder, _LOCK)
        self._name = name
        self._refresh_s = refresh_s
        self._refreshed = 0.0
        self.holder: Holder | None = None
        """This run, while it holds the folder."""

    def note_taken(self, holder: Holder) -> None:
        """Hold the folder from now on."""
        self.holder, self._refreshed = holder, time.monotonic()

    def take(self, sftp: "paramiko.SFTPClient", holder: Holder) -> None:
        """Make the file, or break a stale one; raise LockedError when another run holds it."""
        for attempt in range(_LOCK_ATTEMPTS):
            try:
                with sftp.open(self._place, "wx") as file:
                    file.write(msgspec.json.encode(holder))
                return
            except OSError as error:
                self._connection.check_refusal(error)
                found = self._read(sftp)
                if found == holder:
                    return  # the answer to a first try was lost
                if found is None:
                    # given back between our try and our look; SFTP has no word for "it exists",
                    # so a server that refuses for another reason is found out by trying again
                    if attempt == _LOCK_ATTEMPTS - 1:
                        raise
                elif self._is_stale(sftp, found):
                    self._break(sftp, found)
                else:
                    raise LockedError(
                        f"Another run of reviewcast is publishing to {self._name}.",
                        hint="Wait until it has ended; one that was cut off holds it for up to "
                        f"{_STALE_S // 60} minutes.",
                    ) from error
        raise LockedError(
            f"Another run of reviewcast has begun publishing to {self._name}.",
            hint="Wait until it has ended.",
        )

    def _read(self, sftp: "paramiko.SFTPClient", place: str = "") -> Holder | None:
        """Read who holds it; what cannot be understood is held by nobody that lives here."""
        try:
            with sftp.open(place or self._place, "rb") as file:
                return msgspec.json.decode(file.read(1000), type=Holder)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:  # just made, or cut off while it was
            return Holder("", "", 0)

    def _is_stale(self, sftp: "paramiko.SFTPClient", found: Holder) -> bool:
        if found.is_dead:
            return True
        probe = self._name_part()
        try:
            with sftp.open(probe, "wb") as file:
                file.write(b"\n")
                now = file.stat().st_mtime or 0  # by the clock that the lock's time is by
            age_s = now - (sftp.lstat(self._place).st_mtime or 0)
        except FileNotFoundError:
            return True  # it was given back meanwhile: to break it finds nothing
        finally:
            with contextlib.suppress(FileNotFoundError):
                sftp.remove(probe)
        return age_s > (_STALE_S if found.token else REFRESH_S)

    def _break(self, sftp: "paramiko.SFTPClient", found: Holder) -> None:
        """Take a stale lock away; of several runs that try, one has it, and finds out which."""
        place, aside = self._place, self._name_part()
        try:
            sftp.rename(place, aside)
        except FileNotFoundError:
            return
        if self._read(sftp, aside) != found:  # a new one, made in between: it goes back
            with contextlib.suppress(OSError):
                sftp.rename(aside, place)
            return
        sftp.remove(aside)

    def refresh(self, sftp: "paramiko.SFTPClient") -> None:
        """Write the lock anew when it is time, and raise LockedError when it is no longer ours."""
        if self.holder is None or time.monotonic() - self._refreshed < self._refresh_s:
            return
        if self._read(sftp) != self.holder:
            raise LockedError(
                f"Another run of reviewcast has taken over {self._name}.",
                hint="Run the same command again when that one has ended.",
            )
        with sftp.open(self._place, "r+b") as file:
            file.write(msgspec.json.encode(self.holder))
        self._refreshed = time.monotonic()

    def leave(self, sftp: "paramiko.SFTPClient", holder: Holder) -> None:
        """Remove the file if it is that holder's."""
        if self._read(sftp) == holder:
            sftp.remove(self._place)

    def _name_part(self) -> str:
        return f"{self._place}.{secrets.token_hex(4)}.part"
