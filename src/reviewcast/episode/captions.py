"""A timeline becomes transcripts and chapter files."""

import html
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct

from reviewcast.episode.alignment import Alignment, align_text
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue
from reviewcast.model.text import Change, Role
from reviewcast.text.clauses import find_cut
from reviewcast.text.sentences import split_sentences

_LONGEST_LINE = 65
_SPEAKERS: dict[Role, str] = {"quote": "Quotation"}
_NARRATOR = "Narrator"
_WORD = re.compile(r"\S*\w\S*(?:\s+[^\w\s]+(?=\s|$))*")  # with the marks that stand by it


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
    """The files beside the MP3, as bytes, and the captions in them, line by line."""

    vtt: bytes
    srt: bytes
    chapters_json: bytes
    transcript_json: bytes
    lines: tuple[EpisodeCue, ...] = ()


def caption_episode(
    cues: Sequence[EpisodeCue],
    chapters: Sequence[EpisodeChapter],
    *,
    title: str,
    language: str = "en",
    speech: Iterable[Speech] | None = None,
) -> Captions:
    """Write WebVTT, SubRip, a Podcasting 2.0 JSON transcript and JSON chapters 1.2.0.

    Each sentence is a caption, a longer one is cut at clauses to at most 65 characters. Within a
    cue a caption lasts from its first word to its last, as far as `speech` tells for each cue;
    without it, it has its share of the time. The ends of a cue are kept to the millisecond. Where
    the voice told when its words begin, the JSON transcript has them, too, beside each sentence.
    The image of a chapter is a URL here.
    """
    said = speech or (Speech(cue.text) for cue in cues)
    lines: list[EpisodeCue] = []
    vtt, srt, transcript = bytearray(b"WEBVTT\n"), bytearray(), bytearray()
    # one sentence at a time: of a long episode, its words are more than its audio
    for cue, how in zip(cues, said, strict=True):
        for sentence in _split_cue(cue, how, language):
            for line in sentence.lines:
                lines.append(line)
                start, end = _format_time(line.start_s), _format_time(line.end_s)
                text = html.escape(line.text, quote=False)
                vtt += f"\n{start} --> {end}\n<v {_name_speaker(line.role)}>{text}\n".encode()
                times = f"{start} --> {end}".replace(".", ",")
                srt += f"{len(lines)}\n{times}\n{line.text}\n\n".encode()
            transcript += b", " if transcript else b""
            transcript += _format_json(_describe_sentence(sentence), indent=0)
    return Captions(
        vtt=bytes(vtt),
        srt=bytes(srt).removesuffix(b"\n"),
        chapters_json=_format_json(
            {
                "version": "1.2.0",
                "title": title,
                "chapters": list(map(_describe_chapter, chapters)),
            },
            indent=2,
        )
        + b"\n",
        transcript_json=b'{"version": "1.0.0", "segments": [' + bytes(transcript) + b"]}\n",
        lines=tuple(lines),
    )


class _Sentence(Struct, frozen=True):
    """The captions of a sentence, and its words, when the voice told of them."""

    lines: list[EpisodeCue]
    words: list[EpisodeCue]


def _describe_chapter(chapter: EpisodeChapter) -> dict[str, object]:
    described: dict[str, object] = {"startTime": chapter.start_s, "title": chapter.title}
    described |= {"img": chapter.image} if chapter.image else {}
    return described | {"url": chapter.link} if chapter.link else described


def _describe_sentence(sentence: _Sentence) -> dict[str, object]:
    """Return a segment of the transcript.

    Clients show a segment as a line, so it is a sentence, and what they do not know they pass
    over: its words, each a segment of its own.
    """
    first, last = sentence.lines[0], sentence.lines[-1]
    described: dict[str, object] = {
        "speaker": _name_speaker(first.role),
        "startTime": first.start_s,
        "endTime": last.end_s,
        "body": " ".join(line.text for line in sentence.lines),
    }
    if sentence.words:
        described["words"] = [
            {"startTime": word.start_s, "endTime": word.end_s, "body": word.text}
            for word in sentence.words
        ]
    return described


def _name_speaker(role: Role) -> str:
    return _SPEAKERS.get(role, _NARRATOR)


def _split_cue(cue: EpisodeCue, speech: Speech, language: str) -> Iterator[_Sentence]:
    """Return the sentences of a cue."""
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
        lines = [
            EpisodeCue(next(ends), next(ends), cue.role, " ".join(text[start:end].split()))
            for start, end in rows
        ]
        words = _list_words(cue, lines, rows, speech, alignment) if speech.marks else []
        yield _Sentence(lines, words)


def _list_words(
    cue: EpisodeCue,
    lines: Sequence[EpisodeCue],
    rows: Sequence[tuple[int, int]],
    speech: Speech,
    alignment: Alignment,
) -> list[EpisodeCue]:
    """Return the words of a sentence as they are written, from when to when each is said."""
    found: list[EpisodeCue] = []
    for line, (start, end) in zip(lines, rows, strict=True):
        places = [m.span() for m in _WORD.finditer(cue.text, start, end)]
        times = [line.start_s]
        for at, _ in places[1:]:
            for time_s in alignment.locate(_count_said(at, speech.changes)):
                times.append(min(line.end_s, max(times[-1], round(time_s, 3))))
        times.append(line.end_s)
        found += (
            EpisodeCue(times[2 * n], times[2 * n + 1], cue.role, cue.text[first:last])
            for n, (first, last) in enumerate(places)
        )
    return found


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


def _format_json(document: dict[str, object], *, indent: int) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=indent)


def _format_time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
