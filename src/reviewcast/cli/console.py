"""What happens becomes bars on a terminal and plain lines elsewhere, all on stderr."""

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from reviewcast.cli.batch_bars import BatchBars
from reviewcast.cli.layout import clean, is_terminal, open_bar, print_hanging
from reviewcast.model.events import Event, Noticed, Notify, Progressed, Warned, ignore_events

if TYPE_CHECKING:
    from rich.progress import Progress


_WORDS = {
    "build": ("Building", "episodes"),
    "voice": ("Voicing", "segments"),
    "encode": ("Encoding", "blocks"),
    "export": ("Writing", "blocks"),
    "publish": ("Uploading", "files"),
    "check": ("Checking", "episodes"),
    "adopt": ("Adopting", "episodes"),
    "import": ("Importing", "reviews"),
}

_LINES = 20
"""The number of progress lines of a batch, where there is no terminal."""

_COMMAND = re.compile(r"\b(?:reviewcast|pip|uv|apt|brew|python3?) \S")


def print_error(message: str, hint: str) -> None:
    """Print an error and its hint."""
    print_hanging("Error: ", message, mark_style="bold red", err=True)
    if hint:
        _print_advice("Hint:  ", hint)


def _print_advice(mark: str, text: str, *, style: str = "") -> None:
    """Print a remark; a command in it is left to the terminal to wrap, so it can be copied."""
    if _COMMAND.search(text):
        click.echo(_paint(mark, style) + clean(text), err=True)
    else:
        print_hanging(mark, text, mark_style=f"bold {style}" if style else "", err=True)


def make_notify(*, quiet: bool) -> Notify:
    """Return the callable that shows events."""
    if quiet:
        return ignore_events
    console = _Console()
    click.get_current_context().call_on_close(console.close)
    return console.show


def describe_speaker(voice: str, options: Mapping[str, Any]) -> str:
    """Return which voice speaks, and the options that make it another one."""
    return ", ".join([f"voice {voice}", *(f"{key} {value}" for key, value in options.items())])


def _paint(text: str, colour: str) -> str:
    plain = not colour or os.environ.get("NO_COLOR") or not is_terminal(err=True)
    return text if plain else click.style(text, fg=colour, bold=True)


class _Console:
    """Draws one bar after another; without a terminal it prints a line a quarter."""

    def __init__(self) -> None:
        self._terminal = is_terminal(err=True)
        self._bar: Progress | None = None
        self._bar_stage = ""
        self._quarter = 0
        self._batch = BatchBars() if self._terminal else None

    def show(self, event: Event) -> None:
        match event:
            case Noticed(message):
                self.close()
                _print_advice("", message)
            case Warned(message):
                self.close()
                _print_advice("Warning: ", message, style="yellow")
            case Progressed() if event.review or event.stage == "build":
                self._follow(event)
            case Progressed(stage, done, total) if self._terminal:
                self._draw(stage, done, total)
            case Progressed(stage, done, total):
                self._print(stage, done, total)

    def _follow(self, event: Progressed) -> None:
        """Show one of several reviews, or how many of them are done."""
        if self._batch:
            self._batch.show(event, *_WORDS[event.stage])
        elif event.done and not event.review:
            steps = min(event.total, _LINES)
            if event.done * steps // event.total > (event.done - 1) * steps // event.total:
                verb, things = _WORDS[event.stage]
                click.echo(f"{verb}: {event.done} of {event.total} {things}", err=True)

    def _draw(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or self._bar_stage != stage:
            self.close()
            verb, things = _WORDS[stage]
            self._bar_stage = stage
            self._bar = open_bar(f"{verb} {total} {things}", total)
        self._bar.update(self._bar.task_ids[0], completed=done, refresh=True)
        if done >= total:
            self.close()

    def close(self) -> None:
        """End the bar that is being drawn, so that the terminal has its cursor again."""
        if self._batch:
            self._batch.close()
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._bar_stage = ""

    def _print(self, stage: str, done: int, total: int) -> None:
        quarter = 4 * done // total if total else 4
        if self._bar_stage != stage:
            self._bar_stage, self._quarter = stage, 0
        if quarter > self._quarter:
            self._quarter = quarter
            verb, things = _WORDS[stage]
            click.echo(f"{verb}: {done} of {total} {things}", err=True)
