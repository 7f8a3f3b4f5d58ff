"""On a terminal text wraps at words, with a hanging indent; elsewhere a row stays one line."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn


_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_GAP = 2
_INDENT = 4
_WIDEST_BAR = 30

_LEAST_TEXT = 24
"""Where less is left for the last column, it stands below the others."""

_LEAST_TABLE = 70
"""Where a terminal is narrower, the cells of a wide table are not wrapped."""

_LEAST_WIDTH = 20


def clean(text: str) -> str:
    """Make foreign text harmless for a terminal: no escape, control or direction character."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def is_terminal(*, err: bool = False) -> bool:
    """Return True if what is printed is read on a terminal, and is to be laid out."""
    return (sys.stderr if err else sys.stdout).isatty()


def print_hanging(
    mark: str,
    text: str,
    *,
    mark_style: str = "",
    style: str = "",
    most_lines: int = 0,
    err: bool = False,
) -> None:
    """Print a mark and foreign text behind it, which on a terminal wraps below its own start.

    Where a mark leaves little room for it, the text stands below the mark.
    With `most_lines` the rest of the text is cut off there, and an ellipsis says so.
    """
    if not is_terminal(err=err):
        click.echo(clean(mark + text), err=err)
        return
    from rich.text import Text

    console = _open_console(err=err)
    indent = _measure(mark)
    head = Text(mark, style=mark_style)
    if indent > max(_INDENT, 0.4 * console.width):
        console.print(head, overflow="fold")
        indent, head = _INDENT, Text(" " * _INDENT)
    room = max(console.width - indent, 1)
    lines = list(Text(clean(text), style=style).wrap(console, room, overflow="fold")) or [Text()]
    if most_lines and len(lines) > most_lines:
        del lines[most_lines:]
        lines[-1].rstrip()
        lines[-1].truncate(room - 1)
        lines[-1].append("…")
    for line in lines:
        line.rstrip()
        console.print(head + line, no_wrap=True, overflow="ignore", crop=False)
        head = Text(" " * indent)


def print_table(
    rows: Sequence[Sequence[str]], *, styles: Sequence[str] = (), is_wide: bool = False
) -> None:
    """Print rows in columns, each as wide as its widest cell; the last one wraps on a terminal.

    Where the terminal is too narrow for that, the last cell of a row stands below the others; of
    a table that `is_wide` all cells wrap, unless there is no room for that either.
    `styles` are the columns' colours, for terminals that have them.
    """
    if not rows:
        return
    cells = [[clean(cell) for cell in row] for row in rows]
    if not is_terminal():
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            click.echo("  ".join(padded).rstrip())
        return
    _print_grid(cells, styles, is_wide=is_wide)


def _print_grid(cells: Sequence[Sequence[str]], styles: Sequence[str], *, is_wide: bool) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = _open_console(err=False)
    styles = [*styles, *[""] * (len(cells[0]) - len(styles))]
    widths = [max(map(_measure, column)) for column in zip(*cells, strict=True)]
    left = sum(width + _GAP for width in widths[:-1] if width)
    is_narrow = console.width - left < min(_LEAST_TEXT, widths[-1])
    wraps = is_narrow and is_wide and console.width >= _LEAST_TABLE
    if wraps or not is_narrow:
        table = Table.grid(padding=(0, _GAP, 0, 0), pad_edge=False)
        shown = [at for at, width in enumerate(widths) if width]
        for at in shown:
            is_last = at == len(widths) - 1
            table.add_column(no_wrap=not (is_last or wraps), overflow="fold", style=styles[at])
        for row in cells:
            table.add_row(*(Text(row[at]) for at in shown))
        console.print(table)
        return
    for row in cells:
        head = Text()
        for cell, style in zip(row[:-1], styles, strict=False):
            if cell:
                head.append(f"{'  ' if head else ''}").append(cell, style=style)
        console.print(head, overflow="fold")
        console.print(Padding(Text(row[-1], style=styles[-1], overflow="fold"), (0, 0, 0, _INDENT)))


def open_bar(label: str, total: int) -> "Progress":
    """Return a bar of one line on stderr; it is drawn when it is updated, and ends by stop()."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    console = _open_console(err=True)
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False),
        TaskProgressColumn(),
    ]
    if console.width < _measure(label) + len(" 100%"):
        label = label.partition(" ")[0]
    room = console.width - _measure(label) - len("  100%  ")
    if room > _INDENT:
        columns.insert(1, BarColumn(bar_width=min(room, _WIDEST_BAR)))
    bar = Progress(*columns, console=console, auto_refresh=False, redirect_stdout=False)
    bar.add_task(label, total=total)
    bar.start()
    return bar


def open_bars() -> "Progress":
    """Return bars on stderr for several things at once, with the time that is left; end by stop().

    They are drawn when they are updated.
    """
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeftColumn

    console = _open_console(err=True)
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False),
        TaskProgressColumn(),
        TimeLeftColumn(),
    ]
    if console.width >= _LEAST_TABLE:
        columns.insert(1, BarColumn(bar_width=_WIDEST_BAR))
    bars = Progress(
        *columns,
        console=console,
        auto_refresh=False,
        redirect_stdout=False,
        transient=True,
        speed_estimate_period=3600,
    )
    bars.start()
    return bars


def _open_console(*, err: bool) -> "Console":
    """Return a console as wide as the terminal, which takes no text for markup or for emoji.

    With NO_COLOR set nothing is coloured, bold or dim.
    """
    from rich.console import Console

    return Console(
        stderr=err,
        width=max(shutil.get_terminal_size().columns, _LEAST_WIDTH),
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )


def _measure(text: str) -> int:
    """Return how many columns a text takes."""
    from rich.cells import cell_len

    return cell_len(text)
