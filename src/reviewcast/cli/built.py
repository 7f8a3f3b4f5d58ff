"""What was built, planned or failed, as it is printed for readers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewcast.cli.console import print_error
from reviewcast.cli.costs import describe_endpoints, list_taken
from reviewcast.cli.output import count

if TYPE_CHECKING:
    from reviewcast.jobs.batch_summary import BatchSummary
    from reviewcast.jobs.build import Built
    from reviewcast.jobs.planning import Failure
    from reviewcast.speech.plan import Plan


def print_failed(failed: "Sequence[Failure]", *, several: bool) -> None:
    """Print each failure, with its review's name when there are several."""
    for failure in failed:
        name = f"{failure.review}: " if several else ""
        print_error(f"{name}{failure.error}", failure.hint)


def print_summary(summary: "BatchSummary") -> None:
    """Print what became of several reviews, a row for each figure, as talk: on stderr."""
    rows = [
        ("Built", f"{summary.built}, of which {summary.reused} were unchanged"),
        ("Failed", str(summary.failed)),
        ("Not begun", str(summary.left)),
        ("Took", _name_time(summary.took_s)),
        ("Audio", _name_time(summary.audio_s)),
        ("Spoken anew", _name_time(summary.voiced_s)),
        *(list_taken(summary.taken) if summary.taken else ()),
    ]
    for name, figure in rows:
        if name != "Not begun" or summary.left:
            click.echo(f"{name:<13}{figure}", err=True)


def _name_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def describe_built(built: "Built") -> tuple[str, str]:
    """Return an episode's file, and what is told of it in one line."""
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


def describe_plan(plan: "Plan") -> tuple[str, str]:
    """Return a review's title, and what its build would take."""
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
        parts += [
            f"of these {describe_endpoints(one.endpoints)}"
            for one in plan.voices
            if one.endpoints and one.requests
        ]
    if plan.to_voice:
        seconds = max(1, round(plan.estimated_s))
        parts.append(f"about {seconds} s" if seconds < 100 else f"about {round(seconds / 60)} min")
    return ", ".join(parts)
