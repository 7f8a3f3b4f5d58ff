"""A lock for stores that can only put, list and delete objects, and do no more in one step."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec import Struct

from reviewcast.model.errors import DestinationError, DestinationUnavailable, LockedError
from reviewcast.podcast.destinations.holder import Holder, make_holder

_ATTEMPTS = 7
_FIRST_WAIT_S = 0.05
_LONGEST_HOLD_S = 300.0
_STALE = timedelta(minutes=15)


class ClaimStore(Protocol):
    """Where claims lie: objects by token, each with the time (the store's) of its last change."""

    def put_claim(self, token: str, data: bytes) -> None:
        """Write a claim; what is listed from now on has it."""
        ...

    def list_claims(self) -> dict[str, datetime]:
        """Return all claims."""
        ...

    def read_claim(self, token: str) -> bytes | None:
        """Return what a claim says, None if it is gone."""
        ...

    def delete_claim(self, token: str) -> None:
        """Remove a claim; one that is gone is fine."""
        ...


class Hold(Struct, frozen=True):
    """A lock that is held. It ends by itself, so what takes long has to look first."""

    until: float

    def check(self) -> None:
        """Raise DestinationUnavailable when the lock may be taken for stale before long."""
        if time.monotonic() > self.until:
            raise DestinationUnavailable(
                "The lock of the store has run out while it was held.",
                hint="Run the same command again.",
            )


@contextlib.contextmanager
def hold_claim(
    store: ClaimStore, place: str, *, wait: Callable[[float], None] = time.sleep
) -> Iterator[Hold]:
    """Hold a place, or raise LockedError after a few tries.

    Each run writes a claim of its own, then lists them all. Of two runs at least the second one
    to write sees the other's claim, so never do both go on; one that sees a claim takes its own
    back and tries again a little later. That needs a store which lists what was just put. The
    claim of a process that is dead on this machine, or one that is 15 minutes older than our own
    by the store's clock, is removed.
    """
    holder = make_holder()
    for attempt in range(_ATTEMPTS):
        until = time.monotonic() + _LONGEST_HOLD_S
        try:
            store.put_claim(holder.token, msgspec.json.encode(holder))
            if _is_alone(store, holder.token):
                yield Hold(until)
                return
        finally:
            with contextlib.suppress(DestinationError):  # it goes stale
                store.delete_claim(holder.token)
        wait(random.uniform(0.5, 1.5) * _FIRST_WAIT_S * 2**attempt)  # noqa: S311  no secret
    raise LockedError(
        f"Another run of reviewcast is publishing to {place}.",
        hint="Wait until it has ended; one that was cut off on another machine holds it for up to"
        f" {int(_STALE.total_seconds()) // 60} minutes.",
    )


def _is_alone(store: ClaimStore, own: str) -> bool:
    claims = store.list_claims()
    now = claims.pop(own, None)
    if now is None:  # taken for stale by another run, or a store that does not list what was put
        return False
    alone = True
    for token, since in claims.items():
        data = store.read_claim(token)
        if data is None:
            continue
        try:
            dead = msgspec.json.decode(data, type=Holder).is_dead
        except msgspec.DecodeError:
            dead = False
        if dead or now - since > _STALE:
            store.delete_claim(token)
        else:
            alone = False
    return alone
