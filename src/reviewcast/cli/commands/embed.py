"""`reviewcast embed`: posts play their episodes."""

from pathlib import Path

import click

from reviewcast.cli.options import complete_file, flag
from reviewcast.cli.output import print_json


@click.command("embed")
@click.argument("review", metavar="[REVIEW]", required=False, shell_complete=complete_file)
@click.option(
    "--for",
    "generator",
    type=click.Choice(["hugo", "jekyll", "eleventy", "pelican"]),
    help="Print the file that lets a site of this generator play its posts.",
)
@click.option(
    "--write",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write that file into the site's folder; one that you have changed is left alone.",
)
@flag("--json", "as_json", help="Print the snippets, or the files, as JSON.")
@click.pass_obj
def command(
    quiet: bool, review: str | None, generator: str | None, folder: Path | None, as_json: bool
) -> None:
    """Print what a page needs to play the episode of REVIEW: a frame, and a script.

    The script puts the player above the post and marks the sentence that is spoken in the post
    itself. Without REVIEW it is the one for the template of all posts, each of which it knows by
    its address. Publish first: the pages load what is published.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.embed import find_snippets
    from reviewcast.jobs.shows import find_show_of, open_show

    if folder and not generator:
        raise click.UsageError("--write needs --for: which generator makes the site?")
    if generator and review:
        raise click.UsageError("With --for no REVIEW is named: the file serves all posts.")
    if generator:
        _serve_generator(quiet, generator, folder, as_json=as_json)
        return
    start = find_show_of(review) if review and Path(review).is_file() else None
    snippets = find_snippets(
        open_show(start or Path()), review or "", notify=make_notify(quiet=quiet)
    )
    if as_json:
        print_json(snippets)
        return
    if snippets.frame:
        click.echo("<!-- in a frame: the player alone -->")
        click.echo(snippets.frame)
        click.echo("<!-- or by a script: the post itself follows -->")
    click.echo(snippets.script)


def _serve_generator(quiet: bool, generator: str, folder: Path | None, *, as_json: bool) -> None:
    """Print or write the files for a generator."""
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.embed import plan_includes, write_includes
    from reviewcast.jobs.shows import open_show
    from reviewcast.model.events import Noticed
    from reviewcast.podcast.site.snippets import GENERATORS

    notify = make_notify(quiet=quiet)
    kind = next(one for one in GENERATORS if one == generator)
    includes = plan_includes(open_show(Path()), kind)
    if folder is None:
        if as_json:
            print_json(includes.files)
        else:
            for one in includes.files:
                click.echo(f"=== {one.name}\n{one.content}")
    else:
        written = write_includes(includes, folder, notify=notify)
        if as_json:
            print_json(written)
        else:
            for file in written:
                click.echo(f"{'+' if file.is_new else '='} {file.path}")
    notify(Noticed(f"To call it: {includes.usage}"))
