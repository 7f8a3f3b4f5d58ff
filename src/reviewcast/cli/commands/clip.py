"""`reviewcast clip`: a part of an episode to share."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import clean
from reviewcast.cli.options import complete_file, flag
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm, trust_option

if TYPE_CHECKING:
    from reviewcast.jobs.clip import ClipFormat


@click.command("clip")
@click.argument("review", metavar="REVIEW", shell_complete=complete_file)
@click.argument("segments", metavar="[SEGMENT]...", nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The MP3's name, or a folder."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["square", "vertical", "both", "mp3"]),
    default="square",
    show_default=True,
    help="Of the video, besides the MP3: 1:1, 9:16, both, or none.",
)
@trust_option
@flag("--json", "as_json", help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    review: str,
    segments: tuple[str, ...],
    output: Path | None,
    form: "ClipFormat",
    trust: bool,
    as_json: bool,
) -> None:
    """Write 30 to 60 seconds of a finished episode as MP3, and as a video with captions.

    REVIEW is a review's file, or the name of a folder in episodes/. A SEGMENT is a number (7), a
    range (7-9) or a chapter ("chapter:Verdict"). Without one it is the verdict, the last chapter
    without spoilers, or the opening where that is short; spoilers only when they are named.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.clip import make_clip
    from reviewcast.jobs.shows import open_show
    from reviewcast.settings.accesses import list_file_accesses

    start = Path(review)
    config = open_show(start.parent if start.is_file() else Path())
    confirm(list_file_accesses(config), trust=trust)
    notify = make_notify(quiet=quiet)
    clip = make_clip(config, review, segments, form=form, output=output, notify=notify)
    if as_json:
        print_json(clip)
        return
    first, last = clip.segments
    which = f"segment {first}" if first == last else f"segments {first}-{last}"
    for path in clip.files.values():
        click.echo(clean(f"{path}: {clip.duration_s:.1f} s, {which}"))
