"""`reviewcast import`: what another tool has published is brought here."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reviewcast.jobs.import_feed import Adopted, Adoption


@click.command("import")
@click.option(
    "--adopt",
    "feed",
    metavar="FEED",
    required=True,
    help="The feed of a podcast, a URL or a file, which goes on as the show of this folder.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be adopted, and write nothing.")
@click.option(
    "--no-download",
    is_flag=True,
    help="Fetch no audio: give guids and dates to the episodes and reviews that are here.",
)
@click.option(
    "--allow-private",
    is_flag=True,
    help="Also fetch from addresses of private networks that a feed of the web names.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    feed: str,
    dry_run: bool,
    no_download: bool,
    allow_private: bool,
    as_json: bool,
) -> int:
    """Adopt a podcast that another tool has published, with its guids and dates.

    Its episodes come with their audio, notes, chapters and transcripts; after `reviewcast
    publish` subscribers find the same episodes in the show's own feed. One that fits a review of
    the show, or an episode that was built of it, gives that its guid and date. The exit code is 3
    when some could not be adopted; run again, it does the rest.
    """
    from reviewcast.cli.console import make_notify, print_error
    from reviewcast.cli.layout import clean
    from reviewcast.jobs.import_feed import import_feed
    from reviewcast.jobs.shows import open_show, read_reviews
    from reviewcast.model.errors import ReviewError

    config, notify = open_show(Path()), make_notify(quiet=quiet)
    result = import_feed(
        feed,
        config,
        reviews=read_reviews(config, notify=notify),
        download=not no_download,
        dry_run=dry_run,
        allow_private=allow_private,
        notify=notify,
    )
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
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
