"""`reviewcast build`: reviews become episodes."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewcast.cli.completing import complete_file, complete_voice
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import trust_option

if TYPE_CHECKING:
    from reviewcast.model.podcast import Episode
    from reviewcast.speech.plan import Plan


@click.command("build")
@click.argument("reviews", metavar="[REVIEW]...", nargs=-1, shell_complete=complete_file)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="The MP3 to write, or a folder for several; OUT/ is made.",
)
@click.option(
    "--voice",
    shell_complete=complete_voice,
    envvar="REVIEWCAST_VOICE",
    help="A voice's name, or auto. See: reviewcast voices",
)
@click.option(
    "--plan",
    "only_plan",
    is_flag=True,
    help="Tell what would be spoken and how long it takes, and write nothing.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["mp3", "wav", "flac", "stems"]),
    help="Also write this beside the MP3, which is always made: the master as 24 bit WAV or FLAC, "
    "or speech and music apart. May be given several times.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="Write a page with waveforms, loudness, figures and segments of all that was built.",
)
@click.option("--force", is_flag=True, help="Speak and encode everything anew.")
@trust_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def command(
    quiet: bool,
    reviews: tuple[str, ...],
    output: str | None,
    voice: str | None,
    only_plan: bool,
    formats: tuple[Any, ...],
    report: Path | None,
    force: bool,
    trust: bool,
    as_json: bool,
) -> int:
    """Turn each REVIEW (.txt, .md, .html, .docx, - for standard input) into a finished MP3.

    The MP3 lands beside its review, in its show's episodes folder, or where -o says. Beside it
    stand its captions (.vtt, .srt), transcript (.transcript.json), chapters (.chapters.json, and
    their pictures) and show notes (.notes.html). What was spoken before is not spoken again.
    Without a REVIEW, all of the show are built in whose folder you are, each alone, in a round-up
    or not at all, as reviewcast shelf lists them.
    """
    from reviewcast.cli.console import make_notify, print_error
    from reviewcast.cli.layout import clean
    from reviewcast.cli.trusting import confirm
    from reviewcast.jobs.batch import build_catalogue, list_accesses, plan_catalogue
    from reviewcast.jobs.shelf import choose_reviews
    from reviewcast.jobs.shows import list_reviews
    from reviewcast.model.errors import UsageError, VoiceError

    if only_plan and (formats or report):
        raise UsageError(
            "--plan writes nothing, so it goes with neither --format nor --report.",
            hint="Leave out --plan to build.",
        )
    show, notify = None, make_notify(quiet=quiet)
    made: dict[str, bytes] = {}
    if not reviews:
        show, reviews = list_reviews(Path())
    for accesses in list_accesses(reviews, voice=voice, show=show, every=trust):
        confirm(accesses, trust=trust)
    if show:
        reviews, made = choose_reviews(show, reviews, notify=notify)
    if only_plan:
        plans, failed = plan_catalogue(reviews, voice=voice, show=show, force=force, made=made)
        _print(
            {"plans": plans, "failed": failed}, as_json, [_describe_plan(plan) for plan in plans]
        )
        exit_code = max((failure.exit_code for failure in failed), default=0)
    else:
        batch = build_catalogue(
            reviews,
            output=_find_output(output) if output else None,
            voice=voice,
            force=force,
            notify=notify,
            show=show,
            formats=formats,
            report=report,
            made=made,
        )
        failed, exit_code = list(batch.failed), batch.exit_code
        _print(
            {"episodes": batch.episodes, "failed": failed}, as_json, map(_describe, batch.episodes)
        )
    for failure in failed:
        print_error(
            f"{failure.review}: {failure.error}" if len(reviews) > 1 else failure.error,
            failure.hint,
        )
    if any(failure.exit_code == VoiceError.exit_code for failure in failed):
        # not with --force, which would speak anew what is kept
        given = {"--voice": voice, "-o": output, "--report": report}
        options = [str(part) for pair in given.items() if pair[1] for part in pair]
        options += [part for name in formats for part in ("--format", name)]
        again = shlex.join(["reviewcast", "build", *reviews, *options])
        click.echo(f"Go on: {clean(again)}", err=True)
    return exit_code


def _find_output(given: str) -> Path:
    """Return where to write; a name that ends in a slash is a folder, and is made."""
    from reviewcast.model.errors import StorageError

    output = Path(given)
    if given.endswith(("/", os.sep)):
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"Cannot make the folder {output}: {error.strerror or error}.",
                hint="Choose another place with -o.",
            ) from error
    return output


def _print(result: Any, as_json: bool, lines: Iterable[tuple[str, str]]) -> None:
    """Print JSON, or each thing that was built or planned, with what is known of it."""
    from reviewcast.cli.layout import print_hanging

    if as_json:
        print_json(result)
    else:
        for name, figures in lines:
            print_hanging(f"{name}: ", figures, mark_style="bold")


def _describe(episode: "Episode") -> tuple[str, str]:
    minutes, seconds = divmod(round(episode.duration_s), 60)
    figures = (
        f"{minutes}:{seconds:02}, {episode.loudness.integrated_lufs:.1f} LUFS, "
        f"true peak {episode.loudness.true_peak_dbtp:.1f} dBTP, voice {episode.voice}, "
        f"{_count(episode.voiced, 'segment')} voiced and"
        f" {episode.segments - episode.voiced} reused, "
        f"{_count(episode.blocks - episode.blocks_reused, 'block')} encoded and"
        f" {episode.blocks_reused} reused"
        + "".join(f"; {_name_shortly(path)}" for path in episode.files.values())
    )
    return _name_shortly(episode.path), figures


def _name_shortly(path: str) -> str:
    """Return a path as it is seen from here, when it lies below; else the whole one."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (OSError, ValueError):
        return path


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _describe_plan(plan: "Plan") -> tuple[str, str]:
    condition = " if it answers" if plan.auto and plan.requests else ""
    text = _describe_cost(plan, condition)
    if plan.otherwise is not None:
        text += f"; {'else' if plan.auto else 'if that fails:'} {_describe_cost(plan.otherwise)}"
    return plan.title, text


def _describe_cost(plan: "Plan", condition: str = "") -> str:
    shares = [f"{one.voice} ({one.to_voice})" for one in plan.voices if one.to_voice]
    if len(shares) > 1:
        voices = f"{', '.join(shares[:-1])} and {shares[-1]}"
        condition = condition.replace("it answers", "they answer")
    else:
        voices = next((one.voice for one in plan.voices if one.to_voice), plan.voice)
    parts = [
        f"{plan.to_voice} of {plan.segments} segments to voice with {voices}{condition}",
        f"{plan.in_store} in the store",
    ]
    if plan.requests:
        parts.append(f"{plan.requests} request{'s' if plan.requests > 1 else ''}")
    if plan.to_voice:
        seconds = max(1, round(plan.estimated_s))
        parts.append(f"about {seconds} s" if seconds < 100 else f"about {round(seconds / 60)} min")
    return ", ".join(parts)
