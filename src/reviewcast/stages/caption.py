"""A timeline becomes transcripts and chapter files."""

import html
import itertools
import math
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from reviewcast.alignment import align_text
from reviewcast.clauses import find_cut
from reviewcast.model import Change, EpisodeChapter, EpisodeCue, Role
from reviewcast.sentences import split_sentences

_LONGEST_LINE = 65
_SPEAKERS: dict[Role, str] = {"quote": "Quotation"}
_NARRATOR = "Narrator"


class Speech(Struct, frozen=True):
    """How a cue is said: its spoken text, how that differs from what is written, and when.

    `pauses` are the silences in it, `marks` the characters of `spoken` at which words begin, if
    the voice told; in seconds of the finished audio.
    """

    spoken: str
    changes: tuple[Change, ...] = ()
    pauses: tuple[tuple[float, float], ...] = ()
    marks: tuple[tuple[int, float], ...] = ()


class Captions(Struct, frozen=True):
    """The files beside the MP3, as bytes."""

    vtt: bytes
    srt: bytes
    chapters_json: bytes
    transcript_json: bytes


def caption_episode(
    cues: Sequence[EpisodeCue],
    chapters: Sequence[EpisodeChapter],
    *,
    title: str,
    language: str = "en",
    speech: Sequence[Speech] = (),
) -> Captions:
    """Write WebVTT, SubRip, a Podcasting 2.0 JSON transcript and JSON chapters 1.2.0.

    Each sentence is a caption, a longer one is cut at clauses to at most 65 characters. Within a
    cue a caption lasts from its first word to its last, as far as `speech` tells for each cue;
    without it, it has its share of the time. The ends of a cue are kept to the millisecond.
    """
    said = speech or [Speech(cue.text) for cue in cues]
    sentences = list(
        itertools.chain.from_iterable(
            _split_cue(cue, how, language) for cue, how in zip(cues, said, strict=True)
        )
    )
    lines = list(itertools.chain.from_iterable(sentences))
    vtt = ["WEBVTT", ""]
    srt = []
    for number, line in enumerate(lines, 1):
        start, end = _format_time(line.start_s), _format_time(line.end_s)
        speaker = _name_speaker(line.role)
        vtt += [f"{start} --> {end}", f"<v {speaker}>{html.escape(line.text, quote=False)}", ""]
        srt += [str(number), f"{start} --> {end}".replace(".", ","), line.text, ""]
    return Captions(
        vtt="\n".join(vtt).encode(),
        srt="\n".join(srt).encode(),
        chapters_json=_format_json(
            {
                "version": "1.2.0",
                "title": title,
                "chapters": [{"startTime": c.start_s, "title": c.title} for c in chapters],
            }
        ),
        transcript_json=_format_json(
            {
                "version": "1.0.0",
                "segments": [
                    {
                        "speaker": _name_speaker(sentence[0].role),
                        "startTime": sentence[0].start_s,
                        "endTime": sentence[-1].end_s,
                        "body": " ".join(line.text for line in sentence),
                    }
                    for sentence in sentences
                ],
            }
        ),
    )


def _name_speaker(role: Role) -> str:
    return _SPEAKERS.get(role, _NARRATOR)


def _split_cue(cue: EpisodeCue, speech: Speech, language: str) -> Iterator[list[EpisodeCue]]:
    """Give the captions of a cue, a list for each of its sentences."""
    text = cue.text
    sentences = [list(_wrap(text, *ends)) for ends in split_sentences(text, language)]
    alignment = align_text(
        speech.spoken, cue.start_s, cue.end_s, pauses=speech.pauses, marks=speech.marks
    )
    times = [cue.start_s]
    for start, _ in itertools.islice(itertools.chain.from_iterable(sentences), 1, None):
        for time_s in alignment.locate(_count_said(start, speech.changes)):
            times.append(max(times[-1], round(time_s, 3)))
    times.append(cue.end_s)
    ends = iter(times)
    for rows in sentences:
        yield [
            EpisodeCue(next(ends), next(ends), cue.role, " ".join(text[start:end].split()))
            for start, end in rows
        ]


def _count_said(at: int, changes: tuple[Change, ...]) -> int:
    """Count the characters that are said for the first `at` ones that are written."""
    said = at
    for change in changes:
        if change.start < at:
            written = min(change.end, at) - change.start
            spoken = len(change.spoken)
            said += (spoken if change.end <= at else min(written, spoken)) - written
    return said


def _wrap(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence into rows of about equal length, at clauses where it has some."""
    pending = [(start, end)]
    while pending:
        start, end = pending.pop()
        if end - start <= _LONGEST_LINE:
            yield start, end
            continue
        parts = max(2, math.ceil((end - start) / (0.9 * _LONGEST_LINE)))
        at, after = find_cut(text, start, end, parts=parts, max_chars=_LONGEST_LINE)
        pending += [(after, end), (start, at)]


def _format_json(document: dict[str, object]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _format_time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
