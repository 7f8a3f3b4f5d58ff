"""Rules for the audio itself: its frames, its length, its loudness, its chapters."""

import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewcast.audio.files.decode import stream_audio
from reviewcast.audio.loudness import SILENCE_LUFS
from reviewcast.audio.measure import measure_stream
from reviewcast.audio.mp3.frames import measure_frame
from reviewcast.model.audio import Loudness
from reviewcast.model.errors import SoundError
from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.check.document import Item
from reviewcast.podcast.check.findings import APPLE, APPLE_AUDIO, ID3, ISO_MP3, must, should
from reviewcast.podcast.check.id3 import Tag, read_tag
from reviewcast.podcast.check.rules.chapters import tell_difference

_TARGET_LUFS = {1: -19.0, 2: -16.0}
"""One channel sounds 3 LU louder than it measures, from two speakers."""

_LOUDNESS_SLACK = 1.05  # a value that is shown as 1.0 is within ±1
_PEAK_DBTP = -1.0
_DURATION_SLACK_S = 1.0
_LONGEST_ID3_TITLE = 255
_MOST_ID3_CHAPTERS = 255
_MOST_PADDING = 1_000_000


@dataclass(frozen=True)
class Audio:
    """An episode's audio file and what was found in it; what was not looked at is None."""

    item: Item
    tag: Tag | None = None
    tag_fault: str = ""
    frames_fault: str = ""
    decode_fault: str = ""
    duration_s: float | None = None
    channels: int = 0
    loudness: Loudness | None = None
    json_chapters: tuple[EpisodeChapter, ...] | None = None
    simple_chapters: tuple[EpisodeChapter, ...] | None = None

    @property
    def where(self) -> str:
        """Return the episode's place."""
        return self.item.where

    @property
    def id3_chapters(self) -> tuple[EpisodeChapter, ...] | None:
        """Return the tag's chapters in the file's order, None without any."""
        if self.tag is None or not self.tag.chapters:
            return None
        return tuple(EpisodeChapter(c.title, c.start_ms / 1000) for c in self.tag.chapters)


def open_audio(
    path: Path,
    item: Item,
    *,
    quick: bool,
    json_chapters: tuple[EpisodeChapter, ...] | None,
    simple_chapters: tuple[EpisodeChapter, ...] | None,
) -> Audio:
    """Look at an audio file: its tag and its frames; unless it has to be quick, decode it all.

    Memory holds ten seconds of audio, whatever its length. Only MP3 is decoded.
    """
    found: dict[str, Any] = {"json_chapters": json_chapters, "simple_chapters": simple_chapters}
    try:
        with path.open("rb") as file:
            try:
                found["tag"] = read_tag(file)
            except ValueError as error:
                return Audio(item, tag_fault=str(error), **found)
            if _is_mp3(item) and os.fstat(file.fileno()).st_size:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    found["frames_fault"] = _find_frames_fault(data, found["tag"])
        if _is_mp3(item) and not quick and not found.get("frames_fault"):
            rate_hz, found["channels"], blocks = stream_audio(path)
            found["loudness"], samples = measure_stream(blocks, rate_hz)
            found["duration_s"] = samples / rate_hz
    except OSError as error:
        found["decode_fault"] = f"It cannot be read: {error.strerror or error}."
    except SoundError as error:
        found["decode_fault"] = error.message
    return Audio(item, **found)


def _is_mp3(item: Item) -> bool:
    enclosure = item.find("enclosure")
    return enclosure is not None and enclosure.get("type") == "audio/mpeg"


def _find_frames_fault(data: mmap.mmap, tag: Tag) -> str:
    """Walk over all frames; tags that other tools leave at the end are none."""
    offset, end = tag.size_bytes, len(data)
    if end - offset >= 128 and data[end - 128 : end - 125] == b"TAG":
        end -= 128
    if end - offset >= 32 and data[end - 32 : end - 24] == b"APETAGEX":
        size = int.from_bytes(data[end - 20 : end - 16], "little")
        end -= size + (32 if data[end - 9] & 0x80 else 0)  # that bit: it has a header, too
    frames = 0
    while offset < end:
        try:
            size = measure_frame(data[offset : offset + 4])
        except SoundError:
            if frames and end - offset < _MOST_PADDING and not any(data[offset:end]):
                break  # zeros at the end harm nobody
            return f"No MP3 frame begins at byte {offset:,} of {end:,}."
        if offset + size > end:
            return f"The last MP3 frame is cut off at byte {end:,}."
        offset += size
        frames += 1
    return "" if frames else "It holds no MP3 frame."


@must("media/tag", "ID3v2.3.0, section 3", fix="Tag the file anew.")
def check_tag(audio: Audio) -> Iterator[str]:
    """The tag before the audio is whole."""
    if audio.tag_fault:
        yield f"The file's ID3 tag is broken: {audio.tag_fault}."


@must(
    "media/frames",
    ISO_MP3,
    fix="Upload the file again, or encode it anew: players stop or stutter there.",
)
def check_frames(audio: Audio) -> Iterator[str]:
    """Every byte behind the tag belongs to a whole frame."""
    if audio.frames_fault:
        yield audio.frames_fault


@must("media/readable", ISO_MP3, fix="Encode the file anew.")
def check_readable(audio: Audio) -> Iterator[str]:
    """The file decodes from its beginning to its end."""
    if audio.decode_fault:
        yield audio.decode_fault


@must(
    "media/duration",
    APPLE,
    fix="Write the length of the decoded audio, in seconds, as itunes:duration.",
)
def check_duration(audio: Audio) -> Iterator[str]:
    """The feed's duration is that of the decoded audio."""
    said_s, heard_s = audio.item.duration_s, audio.duration_s
    if said_s is not None and heard_s is not None and abs(said_s - heard_s) > _DURATION_SLACK_S:
        yield f"itunes:duration is {said_s:g} s, the audio lasts {heard_s:.1f} s."


@should(
    "media/loudness", APPLE_AUDIO, fix="Master the episode to -16 LUFS, or -19 LUFS in one channel."
)
def check_loudness(audio: Audio) -> Iterator[str]:
    """Episodes are as loud as each other, and as other shows: -16 LUFS ± 1."""
    if audio.loudness is None:
        return
    target = _TARGET_LUFS.get(audio.channels, -16.0)
    heard = audio.loudness.integrated_lufs
    if heard <= SILENCE_LUFS:
        yield "The audio is silent."
    elif abs(heard - target) > _LOUDNESS_SLACK:
        yield f"The audio measures {heard:.1f} LUFS and not {target:g} ± 1."


@should("media/true-peak", APPLE_AUDIO, fix="Limit the true peaks to -1 dBTP.")
def check_true_peak(audio: Audio) -> Iterator[str]:
    """Peaks leave room for players and further encoders."""
    if audio.loudness and audio.loudness.true_peak_dbtp > _PEAK_DBTP + 0.05:
        yield f"The audio's true peak is {audio.loudness.true_peak_dbtp:.1f} dBTP, above -1."


@must(
    "media/id3-contents",
    ID3,
    fix="Write one top-level, ordered CTOC that lists the chapters by time: Apple needs it.",
)
def check_contents(audio: Audio) -> Iterator[str]:
    """The tag's chapters are listed by a table of contents, without which Apple shows none."""
    if audio.tag is None or not audio.tag.chapters:
        return
    top = [contents for contents in audio.tag.contents if contents.top_level]
    names = [chapter.name for chapter in audio.tag.chapters]
    if len(top) != 1:
        yield f"The tag has {len(names)} chapters and {len(top)} top-level tables of contents."
    elif not top[0].ordered:
        yield "The tag's table of contents is not marked as ordered."
    elif sorted(top[0].children) != sorted(names):
        yield f"The tag's table of contents lists {len(top[0].children)} of {len(names)} chapters."
    else:
        starts = {chapter.name: chapter.start_ms for chapter in audio.tag.chapters}
        listed = [starts[name] for name in top[0].children]
        if listed != sorted(listed):
            yield "The tag's table of contents does not list the chapters by time."


@must("media/id3-order", ID3, fix="Write the CHAP frames in the order of their times.")
def check_order(audio: Audio) -> Iterator[str]:
    """Several players show chapters in the order in which they stand in the file."""
    if audio.tag is None:
        return
    starts = [chapter.start_ms for chapter in audio.tag.chapters]
    if starts != sorted(set(starts)):
        yield "The tag's chapters do not stand in the order of their times."
    elif any(chapter.end_ms < chapter.start_ms for chapter in audio.tag.chapters):
        yield "A chapter of the tag ends before it starts."
    elif starts and audio.duration_s is not None and starts[-1] / 1000 >= audio.duration_s:
        yield "A chapter of the tag starts after the audio has ended."


@must(
    "media/chapters-agree",
    f"{ID3}; podcast namespace; Podlove Simple Chapters",
    fix="Write all of them from one list.",
)
def check_chapters_agree(audio: Audio) -> Iterator[str]:
    """The chapters of tag, file and feed are the same, wherever there are any."""
    tagged = audio.id3_chapters
    named = audio.json_chapters if audio.json_chapters is not None else audio.simple_chapters
    # both orders: which of them is wrong, other rules tell
    if tagged is not None and named is not None:
        short = _sort(named)[:_MOST_ID3_CHAPTERS]
        if difference := tell_difference(_sort(tagged), short, titles=_shorten):
            what = "the chapter file" if audio.json_chapters is not None else "the feed"
            yield f"The tag's chapters are not those of {what}: {difference}."
    listed, simple = audio.json_chapters, audio.simple_chapters
    if listed is not None and simple is not None:
        difference = tell_difference(_sort(simple), _sort(listed))
        if difference:
            yield f"The feed's chapters are not those of the chapter file: {difference}."


def _sort(chapters: Iterable[EpisodeChapter]) -> list[EpisodeChapter]:
    return sorted(chapters, key=lambda chapter: chapter.start_s)


def _shorten(title: str) -> str:
    """Cut a title to what a tag holds of it, less the mark of the cut."""
    return title[: _LONGEST_ID3_TITLE - 1].strip()
