"""`reviewcast build`: reviews become episodes."""

import os
import shlex
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewcast.cli.built import describe_built, describe_plan, print_failed, print_summary
from reviewcast.cli.cluster import on_option, open_workers
from reviewcast.cli.costs import print_plans
from reviewcast.cli.layout import clean, print_hanging
from reviewcast.cli.options import complete_file, flag, private_option, voice_option
from reviewcast.cli.output import print_json
from reviewcast.cli.trusting import confirm, trust_option
from reviewcast.model.errors import UsageError, VoiceError

if TYPE_CHECKING:
    from datetime import datetime

    from reviewcast.jobs.planning import Failure


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
    help="Print what would be spoken and how long it takes, and write nothing.",
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
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Build so many reviews at once; without it as many as there are cores.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Only reviews dated from then on, such as 2026-01-31.",
)
@flag("--changed", help="Only reviews whose episode is missing, or would become another one.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most so many of those whose episode is missing, or would become another one.",
)
@on_option
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
    on: str | None,
    jobs: int | None,
    since: "datetime | None",
    changed: bool,
    limit: int | None,
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
    Ctrl-C lets several reviews end what is in hand; a second one stops at once.
    """
    from reviewcast.cli.console import make_notify
    from reviewcast.jobs.planning import list_accesses
    from reviewcast.jobs.shows import list_reviews

    _refuse_mixed(only_plan and (formats or report or on), on and jobs)
    notify = make_notify(quiet=quiet)
    show, named = (None, reviews) if reviews else list_reviews(Path())
    reviews, made, lost = _fetch(
        named, keep=not only_plan, allow_private=allow_private, notify=notify
    )
    for accesses in list_accesses(reviews, voice=voice, show=show, every=trust):
        confirm(accesses, trust=trust)
    if show:
        from reviewcast.jobs.shelf import choose_reviews

        reviews, made = choose_reviews(show, reviews, notify=notify)
    options: dict[str, Any] = {"voice": voice, "show": show, "made": made}
    wanted = {"since": f"{since:%Y-%m-%d}" if since else "", "changed": changed, "limit": limit}
    reviews = _select(reviews, wanted, output=output, notify=notify, **options)
    options |= {"force": force, "as_json": as_json, "several": len(named) > 1}
    if only_plan:
        return _plan(reviews, lost, **options)
    options |= {"output": output, "formats": formats, "report": report, "jobs": jobs}
    with open_workers(on, notify) as workers:
        failed, exit_code = _build(reviews, lost, notify=notify, elsewhere=workers, **options)
    if exit_code == 130 or any(one.exit_code == VoiceError.exit_code for one in failed):
        # not with --force, which would speak anew what is kept
        given: list[tuple[str, Any]] = [("--voice", voice), ("-o", output), ("--report", report)]
        given += [("--format", name) for name in formats]
        given += [("--jobs", jobs), ("--on", on), *wanted.items()]
        _print_again(() if show else named, given)
    return exit_code


def _refuse_mixed(plans_more: object, places_twice: object) -> None:
    """Raise UsageError for options that do not go together."""
    if plans_more:
        raise UsageError(
            "--plan does nothing, so it goes with none of --format, --report and --on.",
            hint="Leave out --plan to build.",
        )
    if places_twice:
        raise UsageError(
            "--jobs is for this machine, and --on for the workers of a cluster.",
            hint="Leave out one of them.",
        )


def _select(
    reviews: Sequence[str], wanted: dict[str, Any], *, output: str | None, **options: Any
) -> tuple[str, ...]:
    """Return those of the reviews that the options want."""
    from reviewcast.jobs.selection import Wanted, select_reviews

    place = Path(output) if output else None
    chosen = Wanted(**wanted | {"limit": wanted["limit"] or 0})
    return select_reviews(reviews, chosen, output=place, **options)


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
    several: bool,
    jobs: int | None,
    **options: Any,
) -> "tuple[Sequence[Failure], int]":
    """Build, and print it; `lost` could not be fetched. Return what has failed, and the code."""
    from msgspec.structs import replace

    from reviewcast.cli.interrupt import finish_first
    from reviewcast.jobs.batch import build_batch
    from reviewcast.jobs.batch_summary import sum_up
    from reviewcast.system.programs import count_cores

    place = _find_output(output) if output else None
    begun_s = time.monotonic()
    with finish_first(many=len(reviews) > 1) as is_stopped:
        options |= {"jobs": jobs or count_cores(), "is_stopped": is_stopped}
        batch = build_batch(reviews, output=place, **options)
    batch = replace(batch, failed=(*lost, *batch.failed))
    summary = sum_up(batch, took_s=time.monotonic() - begun_s)
    episodes = [built.flatten() for built in batch.built]
    result = {"episodes": episodes, "failed": batch.failed, "summary": summary}
    _print(result, as_json, map(describe_built, batch.built))
    print_failed(batch.failed, several=several)
    if several and not click.get_current_context().obj:
        print_summary(summary)
    return batch.failed, batch.exit_code


def _plan(
    reviews: Sequence[str],
    lost: "Sequence[Failure]",
    *,
    as_json: bool,
    several: bool,
    **options: Any,
) -> int:
    """Print what a build would take, and what cannot be planned; return the exit code."""
    from reviewcast.jobs.planning import plan_batch

    plans, failed, total = plan_batch(reviews, **options)
    failed = [*lost, *failed]
    if as_json:
        print_json({"plans": plans, "total": total, "failed": failed})
    else:
        print_plans(plans, total, describe_plan)
    print_failed(failed, several=several)
    return max((failure.exit_code for failure in failed), default=0)


def _print_again(reviews: Sequence[str], given: Sequence[tuple[str, Any]]) -> None:
    """Print the command that goes on with what was not built, with the options that were given."""
    options: list[str] = []
    for name, value in given:
        option = name if name.startswith("-") else f"--{name}"
        if value:
            options += [option] if value is True else [option, str(value)]
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
