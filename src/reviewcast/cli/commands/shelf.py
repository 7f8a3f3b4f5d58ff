"""`reviewcast shelf`: what becomes of every review."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from reviewcast.cli.output import print_json
from reviewcast.model.shelf import ShelfRole, ShelfState

if TYPE_CHECKING:
    from reviewcast.jobs.shelf import Shelf, ShelfRow


@click.command("shelf")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(get_args(ShelfState)),
    help="Only reviews in this state. May be given several times, as the others.",
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(get_args(ShelfRole)),
    help="Only those that become this.",
)
@click.option("--tag", "tags", multiple=True, help="Only those with this tag.")
@click.option("--year", help="Only those of this year, or of years such as 2010-2015.")
@click.option("--rating", help="Only those with so many stars of five, such as 4 or 0-2.5.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    states: tuple[str, ...],
    roles: tuple[str, ...],
    tags: tuple[str, ...],
    year: str | None,
    rating: str | None,
    as_json: bool,
) -> None:
    """List the show's reviews: what becomes of each, and how far it is.

    A review is an episode alone, part of a round-up, or text only, by [shelf] and [collect] in
    podcast.toml and by its own front matter (episode: alone, round-up or never). It is new,
    spoken, scheduled or live; changed or stale when it was edited since, before or after it was
    public. Nothing is spoken, written or sent.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.shelf import Shelf, ShelfFilter, read_shelf
    from reviewcast.jobs.shows import open_show
    from reviewcast.system.clock import read_clock

    wanted = ShelfFilter(
        states=states,
        roles=roles,
        tags=tags,
        years=_read_range("--year", year),
        stars=_read_range("--rating", rating),
    )
    shelf = read_shelf(open_show(Path()), now=read_clock(), notify=make_notify(quiet=quiet))
    shown = Shelf(tuple(filter(wanted.wants, shelf.reviews)), shelf.round_ups)
    if as_json:
        print_json(shown)
    else:
        _print(shown, total=len(shelf.reviews))


def _read_range(option: str, text: str | None) -> tuple[float, float] | None:
    """Read one number, or two with a hyphen between them."""
    from reviewcast.model.errors import UsageError

    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:-\s*(\d+(?:\.\d+)?)\s*)?", text)
    if match is None:
        raise UsageError(
            f"{option} {text!r} is no number.", hint="Write one, or a range such as 3-5."
        )
    low, high = match[1], match[2] or match[1]
    if float(low) > float(high):
        raise UsageError(
            f"{option} {text!r} ends before it begins.", hint=f"Turn it round: {high}-{low}."
        )
    return float(low), float(high)


def _print(shelf: "Shelf", *, total: int) -> None:
    """Print a row a review, and how many there are of each kind."""
    from reviewcast.cli.layout import print_table

    head = ("DATE", "RATING", "WORDS", "BECOMES", "STATE", "APPEARS", "TITLE")
    if shelf.reviews:
        print_table([head, *map(_describe, shelf.reviews)], is_wide=True)
    click.echo(_count(shelf.reviews, total))


def _describe(row: "ShelfRow") -> Sequence[str]:
    waits = "waits" if row.waits else row.role
    becomes = f"in {row.round_up}" if row.round_up else waits
    appears = f"{row.appears:%Y-%m-%d}" if row.appears else ""
    title = f"{row.title} ({row.waits})" if row.waits else row.title
    return (row.date, row.rating, str(row.words), becomes, row.state, appears, title)


def _count(rows: Sequence["ShelfRow"], total: int) -> str:
    round_ups = len({row.round_up for row in rows if row.round_up})
    within = f"in {round_ups} round-up{'' if round_ups == 1 else 's'}"
    kinds = Counter(
        within if row.round_up else "waiting" if row.waits else row.role for row in rows
    )
    text = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    of = "" if len(rows) == total else f" of {total}"
    plural = "" if total == 1 else "s"
    return f"{len(rows)}{of} review{plural}{f': {text}' if text else ''}."
