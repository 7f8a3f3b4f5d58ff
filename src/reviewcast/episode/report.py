"""A finished build becomes a page that shows what was made and measured."""

import functools
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from reviewcast.audio.loudness import gate_loudness, unpack_lufs
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import BuildFigures, Episode
from reviewcast.model.text import Change
from reviewcast.system.resources import open_templates

if TYPE_CHECKING:
    from jinja2 import Environment


MARK = '<meta name="generator" content="reviewcast build --report">'
"""What stands in every report, so that it is known as one."""

_COLUMNS = 1800
"""How many steps a curve has at most: finer than a screen shows."""

_HEIGHT = 120
"""Of half a waveform, and of the loudness."""

_QUIETEST_LUFS = -60
_SHORT_TERM = 27  # windows of 400 ms, every 100 ms, that lie in 3 s
_MOST_TICKS = 6

_MOST_OMITTED = 200
"""Characters of an omission that are shown."""

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


class Section(Struct, frozen=True):
    """A part of a report, as HTML; `anchor` is where it begins."""

    title: str
    anchor: str
    html: str


class Fault(Struct, frozen=True):
    """A review of which nothing was made, and why."""

    review: str
    error: str
    hint: str = ""


def report_episode(data: ReportData, *, number: int = 1, remarks: Iterable[str] = ()) -> Section:
    """Draw and tell what became of an episode, the `number`th of its report.

    `remarks` are what the run said of it. Nothing depends on the time of day.
    """
    episode = data.episode
    anchor = f"e{number}"
    html = (
        _make_environment()
        .get_template("episode.html")
        .render(
            anchor=anchor,
            episode=episode,
            figures=data.figures,
            facts=list(_list_facts(data)),
            remarks=list(dict.fromkeys(remarks)),
            chart=_draw_chart(data),
            chapters=_list_chapters(data),
            quietest=_QUIETEST_LUFS,
            language="" if episode.language.split("-")[0] == "en" else episode.language,
            most_omitted=_MOST_OMITTED,
        )
    )
    return Section(episode.title, anchor, html)


def build_report(sections: Sequence[Section], faults: Sequence[Fault] = ()) -> bytes:
    """Put the parts of a report on one page, which asks for nothing else and holds no script."""
    page = _make_environment().get_template("report.html")
    return page.render(mark=MARK, sections=sections, faults=faults).encode()


# --- Figures --------------------------------------------------------------------------------


def _list_facts(data: ReportData) -> Iterator[tuple[str, str]]:
    """Tell the measured figures in words."""
    episode, figures, loudness = data.episode, data.figures, data.episode.loudness
    yield "Duration", _format_clock(episode.duration_s)
    yield "Loudness", f"{_format_number(loudness.integrated_lufs)} LUFS"
    yield "True peak", f"{_format_number(loudness.true_peak_dbtp)} dBTP"
    yield "Loudness range", f"{_format_number(loudness.range_lu)} LU"
    if loudness.speech_to_bed_db is not None:
        yield "Speech over bed", f"{_format_number(loudness.speech_to_bed_db)} dB"
    yield "Size", f"{episode.size_bytes / 1e6:,.2f} MB"
    kind = "constant" if data.vbr_quality is None else f"on average, VBR {data.vbr_quality}"
    yield "Bit rate", f"{figures.bitrate_kbps} kb/s {kind}"
    channels = "mono" if figures.channels == 1 else "joint stereo"
    yield "Audio", f"{channels}, {figures.rate_hz / 1000:g} kHz"
    speakers = [f"{name} ({count:,})" for name, count in figures.voices.items()]
    if figures.recordings:
        speakers.append(f"own recordings ({figures.recordings:,})")
    yield "Voice" if len(speakers) < 2 else "Cast", ", ".join(speakers)
    yield "Segments", f"{figures.voiced:,} spoken anew, {figures.reused:,} reused"
    encoded = figures.blocks - figures.blocks_reused
    yield "Blocks", f"{encoded:,} encoded, {figures.blocks_reused:,} reused"
    yield "Written", ", ".join((episode.path, *figures.files.values()))


def _list_chapters(data: ReportData) -> list[dict[str, Any]]:
    """Tell of each chapter where it is, how loud it is, and what is said in it."""
    episode = data.episode
    energies = unpack_lufs(data.energies)
    starts = [chapter.start_s for chapter in episode.chapters] or [0.0]
    titles = [chapter.title for chapter in episode.chapters] or [episode.title]
    rows: list[list[dict[str, Any]]] = [[] for _ in starts]
    for number, (cue, speech) in enumerate(zip(episode.cues, data.speech, strict=True), 1):
        differs = [] if speech.spoken == cue.text else speech.changes
        rows[max(0, bisect_right(starts, cue.start_s) - 1)].append(
            {
                "number": number,
                "start_s": cue.start_s,
                "length_s": cue.end_s - cue.start_s,
                "voice": speech.voice,
                "fresh": speech.fresh,
                "text": cue.text,
                "differs": differs,
                "spoken": "" if differs or speech.spoken == cue.text else speech.spoken,
            }
        )
    return [
        {
            "title": title,
            "start_s": start,
            "length_s": end - start,
            "lufs": gate_loudness(energies[round(10 * start) : round(10 * end)]),
            "rows": inside,
            "fresh": sum(row["fresh"] for row in inside),
        }
        for title, (start, end), inside in zip(
            titles, pairwise((*starts, episode.duration_s)), rows, strict=True
        )
    ]


# --- Drawings -------------------------------------------------------------------------------


def _draw_chart(data: ReportData) -> dict[str, Any]:
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
    loudest = max(energies, default=_QUIETEST_LUFS)
    return {
        "width": _COLUMNS,
        "height": _HEIGHT,
        "wave": _draw_wave(peaks, data),
        "momentary": _draw_line(energies),
        "short": _draw_line(short),
        "integrated": _place_lufs(episode.loudness.integrated_lufs),
        "loudest": loudest,
        "loudest_short": max(short, default=_QUIETEST_LUFS),
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
    return round(min(1.0, max(0.0, lufs / _QUIETEST_LUFS)) * _HEIGHT)


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


# --- Words ----------------------------------------------------------------------------------


@functools.cache
def _make_environment() -> "Environment":
    environment = open_templates("resources/report")
    environment.filters.update(clean=clean_line, clock=_format_clock, figure=_format_number)
    return environment


def _format_clock(seconds: float, digits: int = 0) -> str:
    """Write a time as 1:02, 1:02:03 or 1:02.3."""
    ticks = round(seconds * 10**digits)
    whole, part = divmod(ticks, 10**digits)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{part:0{digits}}" if digits else text


def _format_number(value: float) -> str:
    """Write a figure with one digit and a true minus."""
    text = f"{value:.1f}"
    return text.replace("-", "−") if text != "-0.0" else "0.0"
