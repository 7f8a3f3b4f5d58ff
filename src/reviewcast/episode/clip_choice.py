"""Which part of an episode is shared: whole sentences, and no spoilers unless they are named."""

import math
import re
from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue
from reviewcast.model.text import Script, ScriptChapter, Segment, Span
from reviewcast.text.segments import choose_segments

SHORTEST_S, LONGEST_S = 30.0, 60.0
_FADE_IN_S, _FADE_OUT_S = 0.15, 0.5
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)\]」』）]*$")
_TIMES = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{3}) --> (\d+):(\d\d):(\d\d)[,.](\d{3})")
_SLACK_S = 0.05


class Line(Struct, frozen=True):
    """A caption, from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    text: str


class Part(Struct, frozen=True, kw_only=True):
    """A stretch of an episode in seconds, with room around the words to fade in.

    `lines` are what is said, at times of the episode; `segments` the numbers, from 1, that it
    begins and ends in.
    """

    start_s: float
    end_s: float
    fade_in_s: float
    fade_out_s: float
    segments: tuple[int, int]
    lines: tuple[Line, ...]
    has_spoilers: bool = False
    is_cut: bool = False


def read_captions(srt: str) -> tuple[Line, ...]:
    """Return the captions of a SubRip file."""
    found = []
    for block in re.split(r"\n\s*\n", srt.replace("\r\n", "\n")):
        if times := _TIMES.search(block):
            hours, minutes, seconds, ms = (tuple(map(int, times.groups()))[n::4] for n in range(4))
            start, end = (
                3600 * hours[n] + 60 * minutes[n] + seconds[n] + ms[n] / 1000 for n in (0, 1)
            )
            found.append(Line(start, end, " ".join(block[times.end() :].split())))
    return tuple(found)


def choose_part(
    cues: Sequence[EpisodeCue],
    chapters: Sequence[EpisodeChapter],
    captions: Sequence[Line],
    places: Sequence[str] = (),
    *,
    length_s: float = math.inf,
) -> Part:
    """Return what is shared of an episode: the segments that are named, else its best part.

    That is the last chapter without spoilers from its beginning, the verdict, or the opening where
    that chapter is shorter than 30 seconds; at most 60 seconds, up to the end of a sentence. What
    is named is cut there, too. The episode has `length_s`. Raise UsageError for segments that there
    are not, or that do not follow each other; ReviewError when all of it spoils.
    """
    if not cues:
        raise ReviewError("Nothing is said in this episode.", hint="Build it again.")
    script = _make_script(cues, chapters)
    if not places:
        return _choose_best(script, cues, captions, length_s)
    chosen = choose_segments(places, script)
    if chosen[-1] - chosen[0] + 1 != len(chosen):
        raise UsageError("A clip is one stretch.", hint="Name segments that follow each other.")
    return _make_part(cues, captions, (chosen[0], chosen[-1]), length_s)


def _choose_best(
    script: Script, cues: Sequence[EpisodeCue], captions: Sequence[Line], length_s: float
) -> Part:
    spoiling = {one.chapter for one in script.segments if one.role == "spoiler"}
    plain = [one for one in script.segments if one.role != "spoiler"]
    if not plain:
        raise ReviewError(
            "All of this review is a spoiler, so no part of it is chosen.",
            hint="Name the segments to share, such as 1-3: reviewcast preview lists them.",
        )
    verdicts = sorted({one.chapter for one in plain} - spoiling)
    starts = verdicts[-1:]
    if starts and starts[0] - 1 in spoiling:
        # behind spoilers there may be no more than what the show says last
        starts += verdicts[-2:-1]
    for chapter in (*starts, plain[0].chapter):
        first = next(one.index for one in plain if one.chapter == chapter)
        last = first
        # the heading of a chapter of spoilers belongs to them
        ends = spoiling - {chapter}
        while last + 1 < len(cues) and not (
            cues[last + 1].role == "spoiler" or script.segments[last + 1].chapter in ends
        ):
            last += 1
        part = _make_part(cues, captions, (first, last), length_s)
        if part.end_s - part.start_s >= SHORTEST_S or first == plain[0].index:
            return part
    raise AssertionError("the opening is always taken")


def _make_part(
    cues: Sequence[EpisodeCue],
    captions: Sequence[Line],
    segments: tuple[int, int],
    length_s: float,
) -> Part:
    """Return a stretch of segments, cut at the end of a sentence where it is too long."""
    first, last = segments
    start, end = cues[first].start_s, cues[last].end_s
    said = [one for one in captions if start - _SLACK_S <= one.start_s and one.end_s <= end + 1]
    is_cut = end - start > LONGEST_S
    if is_cut:
        within = [one.end_s for one in cues[first:] if one.end_s - start <= LONGEST_S]
        sentences = [
            one.end_s
            for one in said
            if one.end_s - start <= LONGEST_S and _SENTENCE_END.search(one.text)
        ]
        pauses = [one.end_s for one in said if one.end_s - start <= LONGEST_S]
        end = max(within + sentences or pauses, default=start + LONGEST_S)
        said = [one for one in said if one.end_s <= end + _SLACK_S]
        last = max(first, bisect_right([cue.start_s for cue in cues], end - _SLACK_S) - 1)
    before = max((one.end_s for one in cues if one.end_s <= start), default=0.0)
    starts = [*(one.start_s for one in cues), *(one.start_s for one in captions)]
    after = min((at for at in starts if at >= end - 0.001), default=length_s)
    fade_in, fade_out = min(_FADE_IN_S, (start - before) / 2), min(_FADE_OUT_S, (after - end) / 2)
    return Part(
        start_s=start - fade_in,
        end_s=end + max(fade_out, 0),
        fade_in_s=fade_in,
        fade_out_s=max(fade_out, 0.02),
        segments=(first + 1, last + 1),
        lines=tuple(said),
        has_spoilers=any(one.role == "spoiler" for one in cues[first : last + 1]),
        is_cut=is_cut,
    )


def _make_script(cues: Sequence[EpisodeCue], chapters: Sequence[EpisodeChapter]) -> Script:
    """Return what was said as a script, in which segments are found by number and chapter."""
    starts = [chapter.start_s - _SLACK_S for chapter in chapters]
    return Script(
        title="",
        language="",
        chapters=tuple(ScriptChapter(chapter.title, written=True) for chapter in chapters),
        segments=tuple(
            Segment(
                index=index,
                chapter=max(0, bisect_right(starts, cue.start_s) - 1),
                role=cue.role,
                text=cue.text,
                spoken=cue.text,
                pause_s=0.0,
                span=Span(-2, 0, 0, 0),
            )
            for index, cue in enumerate(cues)
        ),
    )
