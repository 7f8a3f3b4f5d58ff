"""What many episodes will cost, and what they took, in words and in a table."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import click

from reviewcast.cli.layout import print_hanging, print_table

if TYPE_CHECKING:
    from reviewcast.jobs.costs import Costs, Taken
    from reviewcast.speech.endpoint_shares import EndpointShare
    from reviewcast.speech.plan import Plan

MOST_LINES = 10
"""Up to so many plans are listed singly; of more, only the most expensive."""


def print_plans(
    plans: "Sequence[Plan]", costs: "Costs", describe: "Callable[[Plan], tuple[str, str]]"
) -> None:
    """Print each plan when they are few, else the dearest, and the sums of several."""
    shown = plans
    if len(plans) > MOST_LINES:
        shown = sorted(plans, key=_weigh, reverse=True)[:MOST_LINES]
    for title, text in map(describe, shown):
        print_hanging(f"{title}: ", text, mark_style="bold")
    if len(plans) > len(shown):
        click.echo(f"… and {len(plans) - len(shown):,} reviews more; --json lists each.")
    if len(plans) > 1:
        click.echo()
        print_table(list(_list_rows(costs)), styles=["bold"])


def _weigh(plan: "Plan") -> tuple[float, float, float]:
    cpu_s = sum(one.cpu_s for one in plan.voices)
    return plan.requests, cpu_s, plan.duration_s


def _list_rows(costs: "Costs") -> Iterable[tuple[str, str]]:
    segments = f"{costs.to_voice:,} of {costs.segments:,} segments to voice"
    yield "Total", f"{costs.reviews:,} reviews, {segments}, {costs.in_store:,} in the store"
    yield (
        "Length",
        f"{format_time(costs.audio_s)} of episodes, {format_time(costs.speech_s)} of it to voice",
    )
    yield from _list_work(costs, "")
    if costs.otherwise is not None:
        yield from _list_work(costs.otherwise, "Else: ")
    yield "Disk", _describe_disk(costs)
    if costs.mono_saves_bytes:
        saved = format_size(costs.mono_saves_bytes)
        yield "Smaller", f"[encode] channels = 1, bitrate_kbps = 64 would save {saved} of the MP3s"


def _list_work(costs: "Costs", mark: str) -> Iterable[tuple[str, str]]:
    """Yield the rows of what services and this machine have to do."""
    if costs.requests:
        asked = [f"{one.voice} {one.requests:,}" for one in costs.voices if one.requests]
        yield (
            f"{mark}Requests",
            f"{', '.join(asked)}: {format_time(costs.waits_s)} when each is answered at once",
        )
    for one in costs.voices:
        if one.endpoints and one.requests:
            yield f"{mark}Addresses", describe_endpoints(one.endpoints)
    if costs.cpu_s:
        parts = [
            f"{one.voice} {format_time(one.cpu_s)}"
            f" ({'as measured here' if one.is_measured else 'assumed: not built with here yet'})"
            for one in costs.voices
            if one.cpu_s
        ]
        yield f"{mark}Processor", f"{', '.join(parts)}, of one core"


def describe_endpoints(shares: "Sequence[EndpointShare]") -> str:
    """Return how requests are split over the addresses of a voice, and how that is known."""
    split = ", ".join(f"{one.address} {one.requests:,}" for one in shares)
    if all(one.took_s for one in shares):
        basis = "if each is as quick as it was the last time"
    else:
        basis = "if they are equally quick, which is not known yet"
    return f"{split} {basis}; each one more, to compare their voices"


def list_taken(taken: "Taken") -> Iterable[tuple[str, str]]:
    """Yield what a run took besides time: of the processor, of online voices and of the disk."""
    yield "Processor", f"{format_time(taken.cpu_s)} of one core"
    if taken.replies:
        yield "Asked for", f"{taken.replies:,} texts of online voices"
    yield "Disk", _describe_disk(taken)


def _describe_disk(sizes: "Costs | Taken") -> str:
    parts = (
        f"{format_size(sizes.mp3_bytes)} of MP3s",
        f"{format_size(sizes.beside_bytes)} beside them",
        f"{format_size(sizes.cache_bytes)} more in the cache",
    )
    return ", ".join(parts)


def format_time(seconds: float) -> str:
    """Return a length of time in words: seconds below 100 s, then minutes, then hours."""
    if 0 < seconds < 100:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours = round(seconds / 3600, 1)
    return f"{hours:.1f} h" if hours < 100 else f"{hours:,.0f} h"


def format_size(size: float) -> str:
    """Return bytes in words: 1 GB is 1,000 MB."""
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
    return f"{size / 1000:,.1f} TB"
