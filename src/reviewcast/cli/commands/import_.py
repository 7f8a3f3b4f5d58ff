"""`reviewcast import`: reviews from elsewhere, or a podcast that another tool has published."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reviewcast.jobs.import_feed import Adopted, Adoption
    from reviewcast.jobs.import_reviews import ReviewImport
    from reviewcast.model.events import Notify
    from reviewcast.settings.schema import Config

_PODCAST = "podcast"
_KINDS = (
    "letterboxd goodreads storygraph feed wordpress substack ghost medium blogger folder page"
).split()
_CHANGES = {
    "new": "new",
    "updated": "updated",
    "merged": "updated, with your edits",
    "conflict": "kept: you and the source have changed the same lines",
    "removed": "stays away: you have removed it",
}


@click.command("import")
@click.argument("source", required=False)
@click.option(
    "--as",
    "kind",
    type=click.Choice([_PODCAST, *_KINDS]),
    help="What SOURCE is, when it is not detected.",
)
@click.option(
    "--adopt",
    "feed",
    metavar="FEED",
    help="The feed of a podcast, a URL or a file, which goes on as the show of this folder.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and write nothing.")
@click.option(
    "--include-paid",
    is_flag=True,
    help="Also import what only subscribers may read, as far as an export or a page has it.",
)
@click.option(
    "--no-download",
    is_flag=True,
    help="Of a podcast, fetch no audio: give guids and dates to the episodes that are here.",
)
@click.option(
    "--allow-private",
    is_flag=True,
    help="Also fetch from addresses of private networks.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    source: str | None,
    kind: str | None,
    feed: str | None,
    dry_run: bool,
    include_paid: bool,
    no_download: bool,
    allow_private: bool,
    as_json: bool,
) -> int:
    """Import reviews into this show, or adopt a podcast that another tool has published.

    SOURCE is an export of Letterboxd, Goodreads, StoryGraph, WordPress, Substack, Ghost, Medium
    or Blogger, a folder of posts, or the URL of a feed or a page. Each review becomes a file in
    reviews/, once, wherever else it stands; drafts and all that is private are left out and
    listed. Run again, it brings what is new and keeps your edits.

    The feed of a podcast is adopted with its guids, dates and audio. The exit code is 3 when
    something could not be imported, or is yours to decide.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.shows import open_show
    from reviewcast.model.errors import UsageError

    if bool(source) == bool(feed):
        raise UsageError(
            "Name one source.",
            hint="An export, a folder or a URL; or the feed of a podcast: --adopt FEED",
        )
    config, notify = open_show(Path()), make_notify(quiet=quiet)
    if source and kind != _PODCAST:
        found = _import_reviews(
            source,
            config,
            kind=kind or "",
            include_paid=include_paid,
            allow_private=allow_private,
            dry_run=dry_run,
            notify=notify,
        )
        if found is not None:
            return _show_import(found, as_json=as_json)
    result = _adopt(
        feed or source or "",
        config,
        download=not no_download,
        dry_run=dry_run,
        allow_private=allow_private,
        notify=notify,
    )
    return _show_adoption(result, as_json=as_json)


def _import_reviews(
    place: str,
    config: "Config",
    *,
    kind: str,
    include_paid: bool,
    allow_private: bool,
    dry_run: bool,
    notify: "Notify",
) -> "ReviewImport | None":
    """Import reviews; return None when the source is a podcast."""
    from reviewcast.jobs.import_reviews import import_reviews
    from reviewcast.shelf.detect import open_path
    from reviewcast.shelf.fetching import open_fetch, open_url
    from reviewcast.system.clock import read_clock

    is_web = place.lower().startswith(("http://", "https://"))
    with open_fetch(allow_private=allow_private) as fetch:
        source = open_url(place, fetch, kind=kind) if is_web else open_path(place, kind)
        if source.kind == _PODCAST:
            return None
        return import_reviews(
            source,
            config,
            now=read_clock(),
            fetch=fetch,
            include_paid=include_paid,
            dry_run=dry_run,
            notify=notify,
        )


def _show_import(result: "ReviewImport", *, as_json: bool) -> int:
    from reviewcast.cli.console import print_error
    from reviewcast.cli.layout import print_table
    from reviewcast.cli.output import print_json
    from reviewcast.model.errors import ReviewError

    if as_json:
        print_json(result)
    else:
        rows = [[one.file, one.title, _CHANGES[one.change]] for one in result.changes]
        rows += [
            [one.file, one.title, f"also in {one.source}: {one.reason}"] for one in result.joined
        ]
        rows += [["left out", one.title, one.reason] for one in result.left_out]
        print_table(rows)
        click.echo(_sum_up(result))
    for item in result.failed:
        print_error(f"{item.title}: {item.reason}", "")
    for gone in result.withdrawn:
        print_error(
            f"{gone.file} was imported before, and no source shows it any more.",
            "Remove the file, and take its episode back: reviewcast unpublish",
        )
    if result.outside:
        print_error(
            "[show] reviews in podcast.toml names none of the imported files.",
            'Add "reviews/*.md" to it.',
        )
    conflicts = any(one.change == "conflict" for one in result.changes)
    return ReviewError.exit_code if conflicts or result.failed or result.withdrawn else 0


def _sum_up(result: "ReviewImport") -> str:
    counts = dict.fromkeys(_CHANGES, 0)
    for one in result.changes:
        counts[one.change] += 1
    told = [
        f"{result.found} reviews found: {counts['new']} new",
        f"{counts['updated'] + counts['merged']} updated",
        f"{result.unchanged} unchanged",
        f"{counts['conflict']} in conflict" if counts["conflict"] else "",
        f"{counts['removed']} that you have removed" if counts["removed"] else "",
        f"{len(result.joined)} joined with another source's" if result.joined else "",
        f"{len(result.left_out)} left out",
    ]
    dry = "; nothing is written" if result.dry_run else ""
    return ", ".join(filter(None, told)) + dry


def _adopt(
    feed: str,
    config: "Config",
    *,
    download: bool,
    dry_run: bool,
    allow_private: bool,
    notify: "Notify",
) -> "Adoption":
    from reviewcast.jobs.import_feed import import_feed
    from reviewcast.jobs.shows import read_reviews

    return import_feed(
        feed,
        config,
        reviews=read_reviews(config, notify=notify),
        download=download,
        dry_run=dry_run,
        allow_private=allow_private,
        notify=notify,
    )


def _show_adoption(result: "Adoption", *, as_json: bool) -> int:
    from reviewcast.cli.console import print_error
    from reviewcast.cli.layout import clean
    from reviewcast.cli.output import print_json
    from reviewcast.model.errors import ReviewError

    if as_json:
        print_json(result)
    else:
        for line in _describe(result):
            click.echo(clean(line))
    for item in result.skipped:
        print_error(f"{item.title or item.guid}: {item.reason}", "")
    return ReviewError.exit_code if result.skipped else 0


def _describe(result: "Adoption") -> list[str]:
    from reviewcast.settings.template import format_setting

    lines = [_describe_adopted(one) for one in result.adopted]
    would = "would be " if result.dry_run else ""
    lines.append(
        f"{len(result.adopted)} episodes {would}adopted, {result.known} known before,"
        f" {len(result.skipped)} skipped"
    )
    if result.settings:
        lines += ["", "# the feed's settings that [show] in podcast.toml does not have:"]
        lines += [format_setting(name, value) for name, value in result.settings.items()]
    if result.differing:
        lines += ["", "# and those that it has otherwise:"]
        lines += [format_setting(name, value) for name, value in result.differing.items()]
    if result.cover:
        lines += ["", f"# the feed's cover, for [show] cover: {result.cover}"]
    return lines


def _describe_adopted(one: "Adopted") -> str:
    told = {
        "fetched": "",
        "kept": ", with the audio that is here",
        "promised": ", once its review is built",
    }
    return f"episodes/{one.slug}: {one.title}, {one.published:%Y-%m-%d %H:%M} UTC{told[one.how]}"
