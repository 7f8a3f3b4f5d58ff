"""Rules for transcripts: WebVTT, SubRip and the JSON of the podcast namespace."""

import html
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from reviewcast.podcast.check.findings import NAMESPACE_TRANSCRIPTS, must, should
from reviewcast.system.file_types import find_type_by_mime

LARGEST_TRANSCRIPT = 20_000_000
_LONGEST_LINE = 65
_SLACK_S = 0.5
_VTT_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_VTT_TIMES = re.compile(rf"{_VTT_TIME}[ \t]+-->[ \t]+{_VTT_TIME}(?:[ \t].*)?", re.ASCII)
_SRT_TIME = r"(\d{1,4}):([0-5]\d):([0-5]\d),(\d{3})"
_SRT_TIMES = re.compile(rf"{_SRT_TIME}[ \t]+-->[ \t]+{_SRT_TIME}[ \t]*", re.ASCII)


class Caption(Struct, frozen=True):
    """A cue: from and to, in seconds, and its lines as they are seen."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Transcript:
    """A transcript as it was read; `duration_s` is the audio's length, where it is known."""

    where: str
    url: str
    kind: str
    captions: tuple[Caption, ...] = ()
    duration_s: float | None = None
    fault: str = ""


class _Malformed(ValueError):
    """What is wrong with a transcript, in one sentence."""


def read_transcript(
    data: bytes, url: str, content_type: str, *, where: str, duration_s: float | None
) -> Transcript | None:
    """Read a transcript by the type that the feed gives it; None for pages and plain text."""
    kind = find_type_by_mime(content_type).suffix.removeprefix(".")
    read = {"vtt": _read_vtt, "srt": _read_srt, "json": _read_json}.get(kind)
    if read is None:
        return None
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        captions = read(text)
    except UnicodeDecodeError:
        return Transcript(where, url, kind, fault="It is not in UTF-8.")
    except _Malformed as error:
        return Transcript(where, url, kind, fault=str(error))
    return Transcript(where, url, kind, tuple(captions), duration_s)


def _read_vtt(text: str) -> list[Caption]:
    """Read WebVTT (W3C) as strictly as players do."""
    head, _, body = text.partition("\n")
    if not re.fullmatch(r"WEBVTT([ \t].*)?", head):
        raise _Malformed("It does not begin with WEBVTT.")
    captions = []
    blocks = [block for block in re.split(r"\n{2,}", body.strip("\n")) if block.strip()]
    for number, block in enumerate(blocks):
        lines = block.split("\n")
        if re.match(r"(NOTE|STYLE|REGION)\b", lines[0]):
            continue
        if "-->" not in lines[0] and len(lines) > 1:
            lines = lines[1:]  # the cue's name
        if "-->" not in lines[0]:
            if number == 0 and not text.startswith(f"{head}\n\n"):
                continue  # what stands right below the first line belongs to it
            raise _Malformed(f"The cue {lines[0][:40]!r} has no times.")
        match = _VTT_TIMES.fullmatch(lines[0])
        if match is None:
            raise _Malformed(f"The times {lines[0][:60]!r} are none of WebVTT.")
        seen = tuple(html.unescape(re.sub(r"<[^>]*>", "", line)) for line in lines[1:])
        captions.append(_make_caption(match.groups(), seen))
    return captions


def _read_srt(text: str) -> list[Caption]:
    """Read SubRip: a number, the times, the lines."""
    captions = []
    for block in re.split(r"\n{2,}", text.strip("\n")):
        if not block.strip():
            continue
        lines = block.split("\n")
        if len(lines) < 2 or not re.fullmatch(r"\d{1,9}\s*", lines[0], re.ASCII):
            raise _Malformed(f"The cue {lines[0][:40]!r} does not begin with its number.")
        match = _SRT_TIMES.fullmatch(lines[1])
        if match is None:
            raise _Malformed(f"The times {lines[1][:60]!r} are none of SubRip.")
        captions.append(_make_caption(match.groups(), tuple(lines[2:])))
    return captions


def _read_json(text: str) -> list[Caption]:
    """Read the podcast namespace's JSON."""
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise _Malformed("It is no JSON.") from None
    listed = document.get("segments") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise _Malformed("It holds no list of segments.")
    captions = []
    for entry in listed:
        if not isinstance(entry, dict):
            raise _Malformed("A segment is no object.")
        times: list[Any] = [entry.get("startTime"), entry.get("endTime")]
        if not all(
            isinstance(time, int | float) and not isinstance(time, bool) and math.isfinite(time)
            for time in times
        ):
            raise _Malformed("A segment has no startTime and endTime in seconds.")
        body = entry.get("body")
        if not isinstance(body, str):
            raise _Malformed("A segment has no body.")
        captions.append(Caption(float(times[0]), float(times[1]), (body,)))
    return captions


def _make_caption(times: tuple[str | None, ...], lines: tuple[str, ...]) -> Caption:
    values = [int(value or 0) for value in times]
    start_s, end_s = (
        hours * 3600 + minutes * 60 + seconds + ms / 1000
        for hours, minutes, seconds, ms in (values[:4], values[4:])
    )
    return Caption(start_s, end_s, lines)


@must(
    "transcript/readable",
    NAMESPACE_TRANSCRIPTS,
    fix="Write the transcript anew, in UTF-8 and the form that its type names.",
)
def check_readable(transcript: Transcript) -> Iterator[str]:
    """The file is what its type says."""
    if transcript.fault:
        yield f"The transcript {transcript.url} cannot be used. {transcript.fault}"


@should(
    "transcript/empty",
    NAMESPACE_TRANSCRIPTS,
    fix="Write what is said, or leave the transcript out.",
)
def check_empty(transcript: Transcript) -> Iterator[str]:
    """A transcript has words."""
    words = any(line.strip() for caption in transcript.captions for line in caption.lines)
    if not transcript.fault and not words:
        yield f"The transcript {transcript.url} is empty."


@must(
    "transcript/order",
    "WebVTT, section 4.1: cue timings",
    fix="List the cues by time, each ending after it has started.",
)
def check_order(transcript: Transcript) -> Iterator[str]:
    """Cues follow each other in time."""
    last_s = 0.0
    for caption in transcript.captions:
        if caption.end_s <= caption.start_s:
            yield f"In {transcript.url} the cue at {caption.start_s:.3f} s ends before it starts."
            return
        if caption.start_s < last_s:
            yield (
                f"In {transcript.url} the cue at {caption.start_s:.3f} s stands after "
                f"the one at {last_s:.3f} s."
            )
            return
        last_s = caption.start_s


@must(
    "transcript/within",
    NAMESPACE_TRANSCRIPTS,
    fix="Write the transcript for this audio; the last cue ends before it does.",
)
def check_within(transcript: Transcript) -> Iterator[str]:
    """Cues lie within the audio."""
    if transcript.duration_s is not None and transcript.captions:
        end_s = max(caption.end_s for caption in transcript.captions)
        if end_s > transcript.duration_s + _SLACK_S:
            yield (
                f"In {transcript.url} the last cue ends at {end_s:.3f} s, "
                f"the audio at {transcript.duration_s:.3f} s."
            )


@should(
    "transcript/line-length",
    NAMESPACE_TRANSCRIPTS,
    fix="Cut the cues to lines of at most 65 characters.",
)
def check_lines(transcript: Transcript) -> Iterator[str]:
    """Lines fit on a screen; the JSON form has no lines."""
    if transcript.kind == "json":
        return
    long = [
        (caption, line)
        for caption in transcript.captions
        for line in caption.lines
        if len(line) > _LONGEST_LINE
    ]
    if long:
        caption, line = long[0]
        yield (
            f"In {transcript.url} {len(long)} lines are longer than 65 characters, "
            f"such as the one of {len(line)} at {caption.start_s:.3f} s."
        )
