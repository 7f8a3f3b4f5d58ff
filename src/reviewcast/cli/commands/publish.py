"""`reviewcast publish`: the show's episodes become a podcast."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import clean
from reviewcast.cli.options import flag
from reviewcast.cli.output import count, print_json
from reviewcast.cli.trusting import confirm, trust_option
from reviewcast.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcast.jobs.publish import Published
    from reviewcast.jobs.tell import TellResult
    from reviewcast.podcast.feed.live import ItemChange
    from reviewcast.podcast.promises import PublishOptions


@click.command("publish")
@click.argument("episodes", metavar="[EPISODE]...", nargs=-1)
@click.option("--to", help="A folder, s3://bucket/prefix or sftp://user@host/path.")
@click.option(
    "--date",
    help="When EPISODE appears, such as 2026-12-24 or 2026-12-24T06:00+01:00; not before that.",
)
@click.option(
    "--drip",
    metavar="N/PERIOD",
    help='Release new episodes by this rhythm, such as 3/week, 1/day or 2/month; "" for all now.',
)
@flag("--dry-run", help="Print what would change, and write nothing.")
@flag("--force", help="Replace a feed that names episodes this show does not have.")
@trust_option
@flag("--json", "as_json", help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    episodes: tuple[str, ...],
    to: str | None,
    date: str | None,
    drip: str | None,
    dry_run: bool,
    force: bool,
    trust: bool,
    as_json: bool,
) -> None:
    """Publish the feed, the episodes that are built, and their pages.

    EPISODE is the name of a folder in episodes/: it is published though it is a draft or was
    withdrawn. Only what has changed is uploaded, the feed last.
    """
    from reviewcast.podcast.promises import PublishOptions

    if date and not episodes:
        raise UsageError("--date needs an EPISODE.", hint="Name the one that it is for.")
    options = PublishOptions(
        include=tuple(map(name_episode, episodes)),
        date=_read_date(date) if date else None,
        force=force,
        dry_run=dry_run,
    )
    run(options, to, drip=drip, trust=trust, quiet=quiet, as_json=as_json)


def name_episode(given: str) -> str:
    """Return the episode's name, also when its folder or file is named."""
    return Path(given).stem if "/" in given or Path(given).suffix else given


def run(
    options: "PublishOptions",
    to: str | None,
    *,
    drip: str | None = None,
    trust: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Publish the show of this folder and print what became of it."""
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.publish import publish_show
    from reviewcast.jobs.shows import open_show
    from reviewcast.podcast.telling import list_tell_accesses
    from reviewcast.settings.accesses import list_file_accesses, list_publish_accesses
    from reviewcast.system.clock import read_clock
    from reviewcast.system.plugins import open_destination
    from reviewcast.system.trust import require_trust

    config = open_show(Path(), to=to, drip=drip)
    accesses = [*list_publish_accesses(config), *list_file_accesses(config)]
    accesses += [] if options.withdraw else list_tell_accesses(config)
    confirm(accesses, trust=trust)
    require_trust(accesses)
    destination = open_destination(config.publish.to, base=config.folder if to is None else None)
    notify = make_notify(quiet=quiet)
    result = publish_show(config, destination, options, now=read_clock(), notify=notify)
    if as_json:
        print_json(result)
        return
    for line in _describe(result):
        click.echo(clean(line))
    if drip and result.calendar:
        click.echo(
            f'Set drip = "{clean(drip)}" under [publish] in podcast.toml to keep to it: without it,'
            " the next publish releases all of them."
        )


def _read_date(text: str) -> "datetime":
    """Read a date or time; without a zone it is this machine's."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise UsageError(
            f"{text!r} is no date.", hint="Write it as 2026-12-24 or 2026-12-24T06:00+01:00."
        ) from None


def _describe(result: "Published") -> list[str]:
    would = "would be " if result.dry_run else ""
    lines = []
    if result.dry_run:
        lines += [f"+ {sent.name} ({sent.size_bytes:,} bytes)" for sent in result.uploaded]
        lines += [f"- {name}" for name in result.deleted]
    for change in result.changes:
        lines += _describe_change(change, values=result.dry_run)
    lines += [
        f"{slug} will appear at {when:%Y-%m-%d %H:%M} UTC: publish again then."
        for slug, when in sorted(result.scheduled.items())
    ]
    lines += _describe_calendar(result)
    lines += [
        f"{slug} was built as a draft and stays here;"
        f" to publish it as it is: reviewcast publish {slug}"
        for slug in result.drafts
    ]
    lines += [f"{slug} is withdrawn." for slug in result.withdrawn]
    lines += describe_told(result.told)
    size = sum(sent.size_bytes for sent in result.uploaded)
    uploaded = (
        f"{count(len(result.uploaded), 'file')} ({size:,} bytes)" if result.uploaded else "nothing"
    )
    deleted = f", {len(result.deleted)} {would}deleted" if result.deleted else ""
    lines.append(
        f"{result.feed_url}: {count(result.episodes, 'episode')}, {uploaded}"
        f" {would}uploaded{deleted}"
    )
    return lines


def describe_told(results: "Iterable[TellResult]") -> list[str]:
    """Return what became of each message; what failed is warned of as it happens."""
    lines = []
    for one in results:
        if one.state == "due":
            lines.append(f"{one.teller} would announce {one.slug}: {_shorten(one.text, 240)}")
        elif one.state == "told":
            lines.append(f"{one.teller} announced {one.slug}{one.note and ': '}{one.note}")
        elif one.state == "left out":
            lines.append(f"{one.slug} is not to be announced by {one.teller}.")
    return lines


def _describe_calendar(result: "Published") -> list[str]:
    if not result.calendar:
        return []
    turns = [f"{when:%Y-%m-%d %H:%M} UTC: {slug}" for slug, when in result.calendar.items()]
    if result.dry_run:
        return ["Calendar:", *(f"  {turn}" for turn in turns)]
    slug, when = next(iter(result.calendar.items()))
    first = f"{slug} at {when:%Y-%m-%d %H:%M} UTC"
    if len(turns) == 1:
        return [f"1 episode waits for its turn, {first}."]
    return [f"{len(turns)} episodes wait for their turn, the first of them {first}."]


def _describe_change(change: "ItemChange", *, values: bool) -> list[str]:
    if change.kind == "new":
        return [f"feed: + {change.title}"]
    if change.kind == "gone":
        return [f"feed: - {change.title}"]
    if not values:
        return [f"feed: ~ {change.title}: {', '.join(change.fields)}"]
    return [
        f"feed: ~ {change.title}: {name}: {_shorten(old)} → {_shorten(new)}"
        for name, (old, new) in change.fields.items()
    ]


def _shorten(text: str, longest: int = 60) -> str:
    line = " ".join(text.split())
    half = longest // 2 - 2
    return repr(line if len(line) <= longest else f"{line[:half]}…{line[-half:]}")
