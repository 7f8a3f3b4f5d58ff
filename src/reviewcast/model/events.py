"""What a run tells while it works: frozen values given to one callable."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

Stage = Literal["build", "voice", "encode", "export", "publish", "check", "adopt", "import"]


class Progressed(Struct, frozen=True):
    """`done` of `total` pieces of a stage's work are finished.

    Told only of work that was really done: a stage that finds everything in the store is silent.
    `review` is whose work it is where several are built at once, "" for that of all.
    """

    stage: Stage
    done: int
    total: int
    review: str = ""


class Noticed(Struct, frozen=True):
    """Something that the user should know; nothing went wrong."""

    message: str


class Warned(Struct, frozen=True):
    """Something that is likely not what the user wanted; the run goes on."""

    message: str


Event = Progressed | Noticed | Warned
Notify = Callable[[Event], None]


def tell_once(notify: Notify) -> Notify:
    """Return a callable that passes events on, but no message a second time."""
    told: set[Noticed | Warned] = set()

    def tell(event: Event) -> None:
        if not isinstance(event, Progressed):
            if event in told:
                return
            told.add(event)
        notify(event)

    return tell


def ignore_events(_event: Event) -> None:
    """Accept an event and do nothing."""
