"""Who holds a lock that is a file or an object, and whether that process is still alive."""

import contextlib
import functools
import hashlib
import os
import secrets
import socket
import uuid

from msgspec import Struct

from reviewcast.system.files import is_alive


class Holder(Struct, frozen=True):
    """Who holds the lock. The file can be read by the public: it names no machine."""

    token: str
    machine: str
    pid: int

    @property
    def is_dead(self) -> bool:
        """True if it was a process of this machine that is no more."""
        return self.machine == name_machine() and self.pid > 0 and not is_alive(self.pid)


def make_holder() -> Holder:
    """Return this process as a holder, with a token of its own each time."""
    return Holder(secrets.token_hex(8), name_machine(), os.getpid())


@functools.cache
def name_machine() -> str:
    """Return a name for this machine and its room of process numbers that does not reveal it."""
    room = 0
    with contextlib.suppress(OSError):
        room = os.stat("/proc/self/ns/pid").st_ino
    text = f"{socket.gethostname()} {uuid.getnode():x} {room}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
