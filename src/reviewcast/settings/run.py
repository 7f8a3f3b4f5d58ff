"""What every job of a run works with."""

from msgspec import Struct

from reviewcast.model.events import Notify, ignore_events
from reviewcast.settings.schema import Config
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache


class Run(Struct, frozen=True, kw_only=True):
    """The settings that hold, the stores, who is told of events, and whether all is made anew.

    `absent` are the voices that could not be reached in this run, by name, and why: they are not
    asked again. All reviews of a batch share it. `budget` is what voices may still do today, None
    for anything. `cores` are those that its speaking and encoding may use, 0 for all. `in_process`
    is True in a process that may itself be lost: a voice that computes then speaks in it.
    """

    settings: Config
    cache: Cache
    notify: Notify = ignore_events
    force: bool = False
    absent: dict[str, str] = {}
    budget: Budget | None = None
    cores: int = 0
    in_process: bool = False
