"""What happens becomes bars on a terminal and plain lines elsewhere, all on stderr."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import click

from reviewcast.model.events import Event, Noticed, Notify, Progressed, Warned, ignore_events

_WORDS = {
    "voice": ("Voicing", "segments"),
    "encode": ("Encoding", "blocks"),
    "export": ("Writing", "blocks"),
    "publish": ("Uploading", "files"),
    "check": ("Checking", "episodes"),
    "adopt": ("Adopting", "episodes"),
}


_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Make foreign text harmless for a terminal: no escape, control or direction character."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def cut_text(text: str, width: int) -> str:
    """Cut a line to as many columns; East Asian letters take two, accents none."""
    import unicodedata

    columns, keep = 0, 0
    for at, letter in enumerate(text):
        if not unicodedata.combining(letter):
            columns += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if columns < width:
            keep = at + 1
        elif columns > width:
            return text[:keep] + "…"
    return text


def print_error(message: str, hint: str) -> None:
    """Print an error and its hint."""
    click.echo(_paint("Error: ", "red") + clean(message), err=True)
    if hint:
        click.echo(f"Hint:  {clean(hint)}", err=True)


def make_notify(*, quiet: bool) -> Notify:
    """Return the callable that shows events."""
    if quiet:
        return ignore_events
    console = _Console()
    click.get_current_context().call_on_close(console.close)
    return console.show


def describe_speaker(voice: str, options: Mapping[str, Any]) -> str:
    """Say which voice speaks, and the options that make it another one."""
    return ", ".join([f"voice {voice}", *(f"{key} {value}" for key, value in options.items())])


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns, the last one as wide as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [clean(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _paint(text: str, colour: str) -> str:
    plain = os.environ.get("NO_COLOR") or not sys.stderr.isatty()
    return text if plain else click.style(text, fg=colour, bold=True)


class _Console:
    """Draws one bar after another; without a terminal it prints a line a quarter."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._bar: Any = None
        self._bar_stage = ""
        self._quarter = 0

    def show(self, event: Event) -> None:
        match event:
            case Noticed(message):
                self.close()
                click.echo(clean(message), err=True)
            case Warned(message):
                self.close()
                click.echo(_paint("Warning: ", "yellow") + clean(message), err=True)
            case Progressed(stage, done, total) if self._terminal:
                self._draw(stage, done, total)
            case Progressed(stage, done, total):
                self._print(stage, done, total)

    def _draw(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or self._bar_stage != stage:
            verb, things = _WORDS[stage]
            self._bar_stage = stage
            self._bar = click.progressbar(
                length=total, label=f"{verb} {total} {things}", file=sys.stderr, width=30
            )
            self._bar.render_progress()
        self._bar.update(done - self._bar.pos)
        if done >= total:
            self.close()

    def close(self) -> None:
        """End the bar that is being drawn, so that the terminal has its cursor again."""
        if self._bar is not None:
            self._bar.render_finish()
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
