"""The chart of a report: the waveform and the loudness of an episode over time."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from msgspec import Struct

from reviewcast.audio.loudness import unpack_lufs
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.model.podcast import BuildFigures, Episode
from reviewcast.model.text import Change

_COLUMNS = 1800
"""How many steps a curve has at most: finer than a screen shows."""

_HEIGHT = 120
"""Of half a waveform, and of the loudness."""

QUIETEST_LUFS = -60
_SHORT_TERM = 27  # windows of 400 ms, every 100 ms, that lie in 3 s
_MOST_TICKS = 6

_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 36_000)

_LABEL_ROOM = 0.03
"""How far apart two numbers stand over the waveform at least, as a part of its width."""


class Spoken(Struct, frozen=True):
    """How a segment is said: by which voice, "" for an own recording, and what in place of what.

    `fresh` when this run had it spoken.
    """

    voice: str
    fresh: bool
    spoken: str
    changes: tuple[Change, ...] = ()


class ReportData(Struct, frozen=True, kw_only=True):
    """What a report shows of an episode that was built.

    `speech` goes with the episode's cues. `peaks` are the largest samples of the finished audio, a
    byte a frame of 1,152 samples, and `energies` its momentary loudness every 100 ms, packed by
    `pack_lufs`. `vbr_quality` is None for a constant bit rate.
    """

    episode: Episode
    figures: BuildFigures
    speech: tuple[Spoken, ...]
    peaks: bytes
    energies: bytes
    vbr_quality: int | None = None


def draw_chart(data: ReportData) -> dict[str, Any]:
    """Draw the waveform and the loudness over time, both from 0 to 1,800 across."""
    episode, energies = data.episode, unpack_lufs(data.energies).tolist()
    duration_s = max(episode.duration_s, 0.001)
    short = _list_short_term(energies)
    # what is decoded comes nearly one frame late
    peaks = data.peaks[1:] or b"\0"
    starts = [chapter.start_s / duration_s for chapter in episode.chapters]
    labels: list[tuple[int, float]] = []
    for number, start in enumerate(starts, 1):
        if not labels or start - labels[-1][1] >= _LABEL_ROOM:
            labels.append((number, start))
    loudest = max(energies, default=QUIETEST_LUFS)
    return {
        "width": _COLUMNS,
        "height": _HEIGHT,
        "wave": _draw_wave(peaks, data),
        "momentary": _draw_line(energies),
        "short": _draw_line(short),
        "integrated": _place_lufs(episode.loudness.integrated_lufs),
        "loudest": loudest,
        "loudest_short": max(short, default=QUIETEST_LUFS),
        "scale": [(lufs, _place_lufs(lufs)) for lufs in (-10, -20, -30, -40, -50)],
        "bands": [
            (round(start * _COLUMNS), round((end - start) * _COLUMNS))
            for start, end in list(pairwise((*starts, 1.0)))[1::2]
        ],
        "labels": [(number, round(100 * start, 2)) for number, start in labels],
        "ticks": [
            (at, round(100 * at / duration_s, 2))
            for at in _list_ticks(duration_s)
            if at <= 0.94 * duration_s  # so that there is room for the figure
        ],
        "fresh": list(_list_fresh(data, duration_s)),
    }


def _draw_wave(peaks: bytes, data: ReportData) -> str:
    """Draw the outline of a waveform: its upper side forth, its lower side back."""
    reach = data.episode.duration_s * (data.figures.rate_hz or 44_100) / FRAME_SAMPLES
    peaks = peaks[: max(1, math.ceil(reach))]
    heights = [round(max(part) * _HEIGHT / 255) for part in _part_evenly(peaks)]
    step = _COLUMNS / len(heights)
    forth = _join_steps(heights, step, up=-1)
    back = _join_steps(heights[::-1], -step, up=1)
    return f"M0 {_HEIGHT - heights[0]}{forth}V{_HEIGHT + heights[-1]}{back}Z"


def _draw_line(lufs: Sequence[float]) -> str:
    """Draw loudness over time, in each step the loudest."""
    places = [_place_lufs(max(part)) for part in _part_evenly(lufs)]
    if not places:
        return ""
    return f"M0 {places[0]}{_join_steps(places, _COLUMNS / len(places), up=1)}"


def _join_steps(heights: Sequence[int], step: float, *, up: int) -> str:
    """Draw a line through heights, a step apart, each point told from the one before."""
    places = [round(step * number) for number in range(len(heights) + 1)]
    moves = []
    for number, height in enumerate(heights):
        rise = up * (height - heights[number - 1]) if number else 0
        across = places[number] - places[number - 1] if number else 0
        if number:
            moves.append(f"{across}{' ' if rise >= 0 else ''}{rise}")
    last = f"h{places[-1] - places[-2]}"
    return f"l{' '.join(moves)}{last}" if moves else last


def _part_evenly(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Part values among the steps of a curve."""
    count = min(_COLUMNS, len(values))
    bounds = [len(values) * step // count for step in range(count + 1)] if count else [0]
    return (values[start:end] for start, end in pairwise(bounds))


def _place_lufs(lufs: float) -> int:
    """Return the height at which a loudness is drawn, from the top."""
    return round(min(1.0, max(0.0, lufs / QUIETEST_LUFS)) * _HEIGHT)


def _list_short_term(energies_lufs: Sequence[float]) -> list[float]:
    """Return the short-term loudness, of 3 s, every 100 ms; of what there is where it begins."""
    totals = [0.0, *accumulate(10 ** (value / 10) for value in energies_lufs)]
    short = []
    for end in range(1, len(totals)):
        start = max(0, end - _SHORT_TERM)
        power = (totals[end] - totals[start]) / (end - start)
        short.append(10 * math.log10(power) if power > 1e-12 else -120.0)
    return short


def _list_ticks(duration_s: float) -> range:
    """Return the round times that stand below a chart."""
    step = next((step for step in _TICKS_S if step * _MOST_TICKS >= duration_s), 86_400)
    return range(0, math.ceil(duration_s), step)


def _list_fresh(data: ReportData, duration_s: float) -> Iterator[tuple[int, int]]:
    """Return the stretches that this run had spoken, where they begin and how long they are."""
    stretch: tuple[float, float] | None = None
    for cue, speech in zip(data.episode.cues, data.speech, strict=True):
        if speech.fresh:
            stretch = (stretch[0] if stretch else cue.start_s, cue.end_s)
        elif stretch:
            yield _place_stretch(stretch, duration_s)
            stretch = None
    if stretch:
        yield _place_stretch(stretch, duration_s)


def _place_stretch(stretch: tuple[float, float], duration_s: float) -> tuple[int, int]:
    start, end = (round(at / duration_s * _COLUMNS) for at in stretch)
    return start, max(1, end - start)
