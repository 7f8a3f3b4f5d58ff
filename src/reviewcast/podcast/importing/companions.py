"""What another tool's feed names beside an episode's audio is fetched, checked and kept."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from reviewcast.episode.captions import caption_episode
from reviewcast.model.clean import clean_line
from reviewcast.model.errors import FetchError, FetchUnavailable
from reviewcast.model.events import Warned
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue
from reviewcast.podcast.check.rules.captions import LARGEST_TRANSCRIPT, Caption, read_transcript
from reviewcast.podcast.check.rules.chapters import LARGEST_CHAPTERS, read_chapter_file
from reviewcast.podcast.feed.external import ExternalFile, ExternalItem
from reviewcast.podcast.importing.download import Downloads, Measured
from reviewcast.system.file_types import find_image_type
from reviewcast.system.workspace import NOTES_SUFFIX

_LARGEST_IMAGE = 20_000_000

_FIRST_WITHIN_S = 1.0
"""A first chapter that starts so early is meant to start at 0, where players want it."""

_TRANSCRIPTS = {
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "application/srt": ".srt",
    "application/json": ".transcript.json",
}

_ENDINGS = {".vtt": "text/vtt", ".srt": "application/x-subrip", ".json": "application/json"}
_IMAGES = {"image/jpeg": ".jpg", "image/png": ".png"}


class Companions(NamedTuple):
    """What becomes the files beside an MP3, by suffix, and what they tell."""

    files: dict[str, bytes]
    chapters: tuple[EpisodeChapter, ...]
    cues: tuple[EpisodeCue, ...]


def fetch_companions(item: ExternalItem, measured: Measured, downloads: Downloads) -> Companions:
    """Fetch what belongs to an episode; what cannot be used is warned of and left out.

    Raise FetchUnavailable when a server does not answer.
    """
    files: dict[str, bytes] = {}
    cues: tuple[EpisodeCue, ...] = ()
    for transcript in item.transcripts:
        suffix, data, captions = _fetch_transcript(item, transcript, downloads)
        if suffix and suffix not in files:
            files[suffix] = data
            cues = cues or tuple(_make_cues(captions))
    chapters, data = _fetch_chapters(item, measured, downloads)
    if data:
        files[".chapters.json"] = data
    if item.image and item.image != downloads.artwork:
        data = _fetch(item, "image", item.image, _LARGEST_IMAGE, downloads)
        suffix = _IMAGES.get(find_image_type(data), "")
        if suffix:
            files[suffix] = data
        elif data:
            _warn(item, "image", "is neither JPEG nor PNG", downloads)
    if item.notes:
        files[NOTES_SUFFIX] = f"{item.notes}\n".encode()
    return Companions(files, chapters, cues)


def _fetch_transcript(
    item: ExternalItem, transcript: ExternalFile, downloads: Downloads
) -> tuple[str, bytes, tuple[Caption, ...]]:
    """Return a transcript's suffix, bytes and captions; no suffix when it cannot be used."""
    kind = transcript.content_type
    if kind not in _TRANSCRIPTS:  # the name tells what the type does not
        kind = _ENDINGS.get(Path(urlsplit(transcript.url).path).suffix.lower(), "")
    if not kind:
        said = transcript.content_type or "unknown"
        _warn(item, "transcript", f"of type {said} is left out", downloads)
        return "", b"", ()
    data = _fetch(item, "transcript", transcript.url, LARGEST_TRANSCRIPT, downloads)
    if not data:
        return "", b"", ()
    found = read_transcript(data, transcript.url, kind, where=item.title, duration_s=None)
    if found is None or found.fault or not found.captions:
        fault = found.fault if found else ""
        _warn(item, "transcript", f"cannot be used: {fault or 'it is empty'}", downloads)
        return "", b"", ()
    return _TRANSCRIPTS[kind], data, found.captions


def _fetch_chapters(
    item: ExternalItem, measured: Measured, downloads: Downloads
) -> tuple[tuple[EpisodeChapter, ...], bytes]:
    """Return the chapters of their file, else those in the feed, else those of the MP3's tag.

    The file beside them stays as it is when its chapters are in order; else it is written anew.
    """
    found, data = item.chapters or measured.chapters, b""
    if item.chapters_url:
        data = _fetch(item, "chapter file", item.chapters_url, LARGEST_CHAPTERS, downloads)
    if data:
        read = read_chapter_file(data, item.chapters_url, where=item.title, duration_s=None)
        if read.fault:
            _warn(item, "chapter file", f"cannot be used: {read.fault}", downloads)
            data = b""
        else:
            found = read.chapters
    chapters = _tidy_chapters(found, item.title, measured.duration_s)
    if not chapters:
        return (), b""
    if data and chapters == found:
        return chapters, data
    language = downloads.language
    return chapters, caption_episode(
        (), chapters, title=item.title, language=language
    ).chapters_json


def _fetch(item: ExternalItem, what: str, url: str, most_bytes: int, downloads: Downloads) -> bytes:
    """Fetch a small file; b"" when it is not to be had, and FetchUnavailable when not now."""
    if not url:
        return b""
    try:
        return downloads.fetcher.read(url, most_bytes=most_bytes).data
    except FetchUnavailable:
        raise
    except FetchError as error:
        _warn(item, what, f"is left out: {error.message}", downloads)
        return b""


def _warn(item: ExternalItem, what: str, said: str, downloads: Downloads) -> None:
    downloads.notify(Warned(f"“{item.title}”: its {what} {said.rstrip('.')}."))


def _tidy_chapters(
    found: Iterable[EpisodeChapter], title: str, duration_s: float
) -> tuple[EpisodeChapter, ...]:
    """Put chapters in order, from 0 on and within the audio, each with a title."""
    named = {
        one.start_s: EpisodeChapter(clean_line(one.title), one.start_s)
        for one in found
        if clean_line(one.title) and 0 <= one.start_s < duration_s
    }
    chapters = [named[start_s] for start_s in sorted(named)]
    if not chapters or chapters[0].start_s == 0:
        return tuple(chapters)
    if chapters[0].start_s <= _FIRST_WITHIN_S:
        return (EpisodeChapter(chapters[0].title, 0.0), *chapters[1:])
    return (EpisodeChapter(title, 0.0), *chapters)


def _make_cues(captions: Iterable[Caption]) -> Iterator[EpisodeCue]:
    """Make of captions what a page shows as its transcript."""
    for one in sorted(captions, key=lambda one: one.start_s):
        if text := clean_line(" ".join(one.lines)):
            yield EpisodeCue(one.start_s, one.end_s, "narrator", text)
