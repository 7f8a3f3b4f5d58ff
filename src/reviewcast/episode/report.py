"""A finished build becomes a page that shows what was made and measured."""

import functools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from reviewcast.audio.loudness import gate_loudness, unpack_lufs
from reviewcast.episode.report_chart import QUIETEST_LUFS, ReportData, draw_chart
from reviewcast.model.clean import clean_line
from reviewcast.system.resources import open_templates

if TYPE_CHECKING:
    from jinja2 import Environment

MARK = '<meta name="generator" content="reviewcast build --report">'
"""What stands in every report, so that it is known as one."""

_MOST_OMITTED = 200
"""Characters of an omission that are shown."""


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
            chart=draw_chart(data),
            chapters=_list_chapters(data),
            quietest=QUIETEST_LUFS,
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
    """Yield the measured figures in words, each with its name."""
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
    """Return of each chapter where it is, how loud it is, and what is said in it."""
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
