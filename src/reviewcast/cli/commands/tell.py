"""`reviewcast tell`: new episodes are announced, where publishing did not."""

from pathlib import Path

import click

from reviewcast.cli.layout import clean
from reviewcast.cli.options import flag
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm, trust_option
from reviewcast.model.errors import UsageError


@click.command("tell")
@click.argument("episodes", metavar="[EPISODE]...", nargs=-1)
@flag("--again", help="Also what may have been announced: look there first.")
@flag("--skip", help="Record EPISODE as not to be announced, and send nothing.")
@flag("--dry-run", help="Show what would be announced, and send nothing.")
@trust_option
@flag("--json", "as_json", help="Print the result as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    episodes: tuple[str, ...],
    again: bool,
    skip: bool,
    dry_run: bool,
    trust: bool,
    as_json: bool,
) -> None:
    """Announce episodes that can be heard, where [tell] use says.

    Without an EPISODE, the name of a folder in episodes/, of those that wait; with one, of it, also
    when it was public before that was set up. Nothing is announced twice.
    """
    from reviewcast.cli.commands.publish import describe_told, name_episode
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.shows import open_show
    from reviewcast.jobs.tell import TellOptions, tell_show
    from reviewcast.podcast.telling import list_tell_accesses
    from reviewcast.system.clock import read_clock
    from reviewcast.system.trust import require_trust

    if skip and (again or not episodes):
        raise UsageError("--skip needs an EPISODE, and no --again.", hint="Name what to skip.")
    config = open_show(Path())
    accesses = list_tell_accesses(config)
    confirm(accesses, trust=trust)
    require_trust(accesses)
    options = TellOptions(
        episodes=tuple(map(name_episode, episodes)), again=again, skip=skip, dry_run=dry_run
    )
    notify = make_notify(quiet=bool(ctx.obj))
    results = tell_show(config, options, now=read_clock(), notify=notify)
    if as_json:
        print_json(results)
    else:
        for line in describe_told(results) or ["Nothing was announced."]:
            click.echo(clean(line))
    if any(one.state in {"failed", "unknown"} for one in results):
        ctx.exit(6)
