"""What every job of a run works with."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Protocol, TypeVar

from msgspec import Struct

from reviewcast.model.events import Notify, ignore_events
from reviewcast.model.protocols import Voice
from reviewcast.settings.schema import Config
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache

R = TypeVar("R")


class Elsewhere(Protocol):
    """Workers elsewhere, such as those of a cluster; they share no folder with this machine."""

    @property
    def workers(self) -> int:
        """How many there are now, at least 1."""
        ...

    @property
    def in_flight(self) -> int:
        """How many segments may be on their way at once."""
        ...

    def open_pool(self, voice: Voice) -> Executor:
        """Return what does `speak_checked` there with a voice that computes."""
        ...

    def submit(
        self, job: Callable[[bytes], bytes], data: bytes, receive: Callable[[bytes], R]
    ) -> Future[R]:
        """Have a function of a module work on data there.

        The future gives what `receive` makes of the bytes that come home.
        """
        ...


class Run(Struct, frozen=True, kw_only=True):
    """The settings that hold, the stores, who is told of events, and whether all is made anew.

    `absent` are the voices that could not be reached in this run, by name, and why: they are not
    asked again. All reviews of a batch share it. `budget` is what voices may still do today, None
    for anything. `cores` are those that its speaking and encoding may use, 0 for all. `in_process`
    is True in a process that may itself be lost: a voice that computes then speaks in it.
    `elsewhere` are the workers that speak instead of this machine's. `made` are the keys of takes
    and blocks that this run has had made before it came to the review: they count as new.
    """

    settings: Config
    cache: Cache
    notify: Notify = ignore_events
    force: bool = False
    absent: dict[str, str] = {}
    budget: Budget | None = None
    cores: int = 0
    in_process: bool = False
    elsewhere: Elsewhere | None = None
    made: frozenset[str] = frozenset()
