"""A timeline becomes transcripts and chapter files."""

import html
import itertools
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from reviewcast.model import EpisodeChapter, EpisodeCue

_LONGEST_LINE = 65


class Captions(Struct, frozen=True):
    """The files beside the MP3, as bytes."""

    vtt: bytes
    srt: bytes
    chapters_json: bytes


def caption_episode(
    cues: tuple[EpisodeCue, ...], chapters: tuple[EpisodeChapter, ...], *, title: str
) -> Captions:
    """Write WebVTT, SubRip and JSON chapters 1.2.0.

    A cue's text is split into captions of at most 65 characters, each with its share of the
    cue's time; the ends of a cue are kept to the millisecond.
    """
    lines = list(itertools.chain.from_iterable(map(_split_cue, cues)))
    vtt = ["WEBVTT", ""]
    srt = []
    for number, line in enumerate(lines, 1):
        start, end = _format_time(line.start_s), _format_time(line.end_s)
        vtt += [f"{start} --> {end}", _escape_vtt(line.text), ""]
        srt += [str(number), f"{start} --> {end}".replace(".", ","), line.text, ""]
    listed = [{"startTime": chapter.start_s, "title": chapter.title} for chapter in chapters]
    document = {"version": "1.2.0", "title": title, "chapters": listed}
    return Captions(
        vtt="\n".join(vtt).encode(),
        srt="\n".join(srt).encode(),
        chapters_json=msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n",
    )


def _split_cue(cue: EpisodeCue) -> Iterator[EpisodeCue]:
    rows = list(_wrap(cue.text))
    total = sum(map(len, rows))
    length_s = cue.end_s - cue.start_s
    said, start_s = 0, cue.start_s
    for row in rows:
        said += len(row)
        end_s = cue.end_s if said == total else round(cue.start_s + length_s * said / total, 3)
        yield EpisodeCue(start_s, end_s, cue.role, row)
        start_s = end_s


def _wrap(text: str) -> Iterator[str]:
    """Cut text into rows of about equal length; a word that is too long alone is cut."""
    rows = -(-len(text) // _LONGEST_LINE)
    limit = min(_LONGEST_LINE, len(text) // rows + 12)
    row = ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > limit:
            yield row
            row = ""
        row = f"{row} {word}" if row else word
        while len(row) > _LONGEST_LINE:
            yield row[:_LONGEST_LINE]
            row = row[_LONGEST_LINE:]
    if row:
        yield row


def _escape_vtt(text: str) -> str:
    return html.escape(text, quote=False)


def _format_time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
