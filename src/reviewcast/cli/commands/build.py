"""`reviewcast build`: reviews become episodes."""

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewcast.cli.costs import print_plans, print_taken
from reviewcast.cli.layout import clean, print_hanging
from reviewcast.cli.options import complete_file, flag, private_option, voice_option
from reviewcast.cli.output import count, print_json
from reviewcast.cli.trusting import confirm, trust_option
from reviewcast.model.errors import UsageError, VoiceError

if TYPE_CHECKING:
    from reviewcast.jobs.build import Built
    from reviewcast.jobs.planning import Failure
    from reviewcast.speech.plan import Plan


@click.command("build")
@click.argument("reviews", metavar="[REVIEW]...", nargs=-1, shell_complete=complete_file)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="The MP3 to write, or a folder for several; OUT/ is made.",
)
@voice_option("A voice's name, or auto. See: reviewcast voices")
@flag(
    "--plan",
    "only_plan",
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
@flag("--force", help="Speak and encode everything anew.")
@private_option
@trust_option
@flag("--json", "as_json", help="Print the result as JSON.")
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
    allow_private: bool,
    trust: bool,
    as_json: bool,
) -> int:
    """Turn each REVIEW (.txt, .md, .html, .docx, - for standard input) into a finished MP3.

    The MP3 lands beside its review, in its show's episodes folder, or where -o says. Beside it
    stand its captions (.vtt, .srt), transcript (.transcript.json), chapters (.chapters.json, and
    their pictures) and show notes (.notes.html). What was spoken before is not spoken again.
    A REVIEW may be the URL of its page: in a show it is imported first, elsewhere not kept.
    Without a REVIEW, the show around is built: what reviewcast shelf lists, alone or in round-ups.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.planning import list_accesses
    from reviewcast.jobs.shelf import choose_reviews
    from reviewcast.jobs.shows import list_reviews

    if only_plan and (formats or report):
        raise UsageError(
            "--plan writes nothing, so it goes with neither --format nor --report.",
            hint="Leave out --plan to build.",
        )
    show, notify = None, make_notify(quiet=quiet)
    if not reviews:
        show, reviews = list_reviews(Path())
    named = reviews
    reviews, made, lost = _fetch(
        reviews, keep=not only_plan, allow_private=allow_private, notify=notify
    )
    for accesses in list_accesses(reviews, voice=voice, show=show, every=trust):
        confirm(accesses, trust=trust)
    if show:
        reviews, made = choose_reviews(show, reviews, notify=notify)
    options: dict[str, Any] = {"voice": voice, "show": show, "force": force, "made": made}
    if only_plan:
        failed, exit_code = _plan(reviews, lost, as_json=as_json, **options)
    else:
        options |= {"output": output, "formats": formats, "report": report}
        failed, exit_code = _build(reviews, lost, notify=notify, as_json=as_json, **options)
    _print_failed(failed, several=len(named) > 1)
    if not only_plan and any(one.exit_code == VoiceError.exit_code for one in failed):
        # not with --force, which would speak anew what is kept
        given = [("--voice", voice), ("-o", output), ("--report", report)]
        _print_again(named, [*given, *(("--format", name) for name in formats)])
    return exit_code


def _fetch(
    reviews: tuple[str, ...], **options: Any
) -> "tuple[tuple[str, ...], dict[str, bytes] | None, tuple[Failure, ...]]":
    """Return the names of reviews, of which those that are pages of the web were fetched."""
    from reviewcast.settings.accesses import is_web

    if not any(map(is_web, reviews)):
        return reviews, None, ()
    from reviewcast.jobs.fetch_review import fetch_reviews

    fetched = fetch_reviews(reviews, **options)
    return fetched.names, fetched.made, fetched.failed


def _build(
    reviews: Sequence[str],
    lost: "Sequence[Failure]",
    *,
    output: str | None,
    as_json: bool,
    **options: Any,
) -> "tuple[Sequence[Failure], int]":
    """Build, and print it; `lost` could not be fetched. Return what has failed, and the code."""
    from msgspec.structs import replace

    from reviewcast.jobs.batch import build_batch

    batch = build_batch(reviews, output=_find_output(output) if output else None, **options)
    batch = replace(batch, failed=(*lost, *batch.failed))
    episodes = [built.flatten() for built in batch.built]
    result = {"episodes": episodes, "total": batch.taken, "failed": batch.failed}
    _print(result, as_json, map(_describe, batch.built))
    if batch.taken is not None and len(batch.built) > 1 and not as_json:
        print_taken(batch.taken)
    return batch.failed, batch.exit_code


def _plan(
    reviews: Sequence[str], lost: "Sequence[Failure]", *, as_json: bool, **options: Any
) -> "tuple[Sequence[Failure], int]":
    """Print what a build would take; return what cannot be planned, and the exit code."""
    from reviewcast.jobs.planning import plan_batch

    plans, failed, total = plan_batch(reviews, **options)
    failed = [*lost, *failed]
    if as_json:
        print_json({"plans": plans, "total": total, "failed": failed})
    else:
        print_plans(plans, total, _describe_plan)
    return failed, max((failure.exit_code for failure in failed), default=0)


def _print_failed(failed: "Sequence[Failure]", *, several: bool) -> None:
    from reviewcast.cli.console import print_error

    for failure in failed:
        name = f"{failure.review}: " if several else ""
        print_error(f"{name}{failure.error}", failure.hint)


def _print_again(reviews: Sequence[str], given: Sequence[tuple[str, Any]]) -> None:
    """Print the command that goes on where a voice has failed, with the options that were given."""
    options = [str(part) for pair in given if pair[1] for part in pair]
    click.echo(f"Go on: {clean(shlex.join(['reviewcast', 'build', *reviews, *options]))}", err=True)


def _find_output(given: str) -> Path:
    """Return where to write; a name that ends in a slash is a folder, and is made."""
    from reviewcast.system.files import make_folder

    output = Path(given)
    if given.endswith(("/", os.sep)):
        make_folder(output, hint="Choose another place with -o.")
    return output


def _print(result: Any, as_json: bool, lines: Iterable[tuple[str, str]]) -> None:
    """Print JSON, or each thing that was built or planned, with what is known of it."""
    if as_json:
        print_json(result)
    else:
        for name, figures in lines:
            print_hanging(f"{name}: ", figures, mark_style="bold")


def _describe(built: "Built") -> tuple[str, str]:
    episode, run = built.episode, built.figures
    minutes, seconds = divmod(round(episode.duration_s), 60)
    figures = (
        f"{minutes}:{seconds:02}, {episode.loudness.integrated_lufs:.1f} LUFS, "
        f"true peak {episode.loudness.true_peak_dbtp:.1f} dBTP, voice {episode.voice}, "
        f"{count(run.voiced, 'segment')} voiced and"
        f" {run.segments - run.voiced} reused, "
        f"{count(run.blocks - run.blocks_reused, 'block')} encoded and"
        f" {run.blocks_reused} reused"
        + "".join(f"; {_name_shortly(path)}" for path in run.files.values())
    )
    return _name_shortly(episode.path), figures


def _name_shortly(path: str) -> str:
    """Return a path as it is seen from here, when it lies below; else the whole one."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (OSError, ValueError):
        return path


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
        parts.append(count(plan.requests, "request"))
    if plan.to_voice:
        seconds = max(1, round(plan.estimated_s))
        parts.append(f"about {seconds} s" if seconds < 100 else f"about {round(seconds / 60)} min")
    return ", ".join(parts)
