"""Bars of a batch on a terminal: one for all of it, with the time left, and one for each review."""

import os
from typing import TYPE_CHECKING

from reviewcast.cli.layout import clean, open_bars
from reviewcast.model.events import Progressed

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LONGEST_NAME = 24


class BatchBars:
    """The bars; they are opened by the first event, and again after a message has ended them."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._all: TaskID | None = None
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()
        self._overall = (0, 0)

    def show(self, event: Progressed, verb: str, things: str) -> None:
        """Draw what has happened: `verb` is what is done to so many `things`."""
        if event.review in self._ended:
            return  # what a worker told last is heard after its review was saved
        if self._bars is None:
            self._bars = open_bars()
            done, total = self._overall
            self._all = self._bars.add_task("Building", total=total or None, completed=done)
        if not event.review:
            self._overall = event.done, event.total
            if self._all is not None:
                self._bars.update(
                    self._all,
                    completed=event.done,
                    total=event.total,
                    description=f"{verb} {event.total} {things}",
                    refresh=True,
                )
        elif event.stage == "build":
            self._ended.add(event.review)
            task = self._tasks.pop(event.review, None)
            if task is not None:
                self._bars.remove_task(task)
        else:
            label = f"  {verb} {_shorten(event.review)}"
            task = self._tasks.get(event.review)
            if task is None:
                task = self._tasks[event.review] = self._bars.add_task(label, total=event.total)
            self._bars.update(
                task, description=label, completed=event.done, total=event.total, refresh=True
            )
        if self._overall[0] >= self._overall[1] > 0:
            self.close()

    def close(self) -> None:
        """End the bars, so that the terminal has its cursor again."""
        if self._bars is not None:
            for task in self._tasks.values():
                self._bars.remove_task(task)
            self._tasks.clear()
            self._bars.stop()
            self._bars = None


def _shorten(name: str) -> str:
    name = clean(os.path.basename(name))
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
