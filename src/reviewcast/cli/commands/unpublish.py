"""`reviewcast unpublish`: episodes leave the feed."""

import click

from reviewcast.cli.options import flag
from reviewcast.cli.trusting import trust_option


@click.command("unpublish")
@click.argument("episodes", metavar="EPISODE...", nargs=-1, required=True)
@click.option("--to", help="A folder, s3://bucket/prefix or sftp://user@host/path.")
@flag("--dry-run", help="Print what would change, and write nothing.")
@trust_option
@flag("--json", "as_json", help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    episodes: tuple[str, ...],
    to: str | None,
    dry_run: bool,
    trust: bool,
    as_json: bool,
) -> None:
    """Take each EPISODE, the name of a folder in episodes/, out of the feed and off the pages.

    Its files stay at their place until the grace period is over, and here for good. `reviewcast
    publish EPISODE` brings it back, with its old guid and date.
    """
    from reviewcast.cli.commands.publish import name_episode, run
    from reviewcast.podcast.promises import PublishOptions

    run(
        PublishOptions(withdraw=tuple(map(name_episode, episodes)), dry_run=dry_run),
        to,
        trust=trust,
        quiet=quiet,
        as_json=as_json,
    )
