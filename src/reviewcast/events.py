"""What a run tells while it works: frozen values given to one callable."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeVar

from msgspec import Struct

Stage = Literal["voice", "encode"]

T = TypeVar("T")


class Progressed(Struct, frozen=True):
    """`done` of `total` pieces of a stage's work are finished."""

    stage: Stage
    done: int
    total: int


class Noticed(Struct, frozen=True):
    """Something that the user should know; nothing went wrong."""

    message: str


class Warned(Struct, frozen=True):
    """Something that is likely not what the user wanted; the run goes on."""

    message: str


Event = Progressed | Noticed | Warned
Notify = Callable[[Event], None]


def ignore_events(_event: Event) -> None:
    """Take an event and tell nobody."""


def count_progress(items: Iterable[T], stage: Stage, *, total: int, notify: Notify) -> Iterator[T]:
    """Pass items through and tell after each how far the stage is."""
    notify(Progressed(stage, 0, total))
    for done, item in enumerate(items, 1):
        yield item
        notify(Progressed(stage, done, total))
