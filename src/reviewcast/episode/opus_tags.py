"""An Opus file learns what it is, and loses what would differ from one encoding to the next."""

from collections.abc import Sequence
from typing import BinaryIO

from msgspec import Struct

from reviewcast.model.clean import clean_line
from reviewcast.model.podcast import EpisodeChapter

_SERIAL = 1
_MOST_CHAPTERS = 999
"""The names of chapters count them in three digits."""


class OpusTags(Struct, frozen=True, kw_only=True):
    """What the comments say; empty texts are left out. `date` is YYYY-MM-DD."""

    title: str
    artist: str
    album: str
    date: str
    track: int
    language: str
    chapters: tuple[EpisodeChapter, ...]


def tag_opus(file: BinaryIO, tags: OpusTags) -> None:
    """Write comments into an Ogg Opus file, chapters as CHAPTER001 and CHAPTER001NAME.

    The stream's serial number, which libsndfile takes from the clock, becomes a fixed one: the
    same audio has the same bytes.
    """
    from mutagen.oggopus import OggOpus

    file.seek(0)
    opus = OggOpus(file)
    texts = (
        ("TITLE", tags.title),
        ("ARTIST", tags.artist),
        ("ALBUM", tags.album),
        ("DATE", tags.date),
        ("TRACKNUMBER", str(tags.track or "")),
        ("LANGUAGE", tags.language),
        ("GENRE", "Podcast"),
    )
    opus.tags.clear()
    for name, text in (*texts, *_list_chapters(tags.chapters)):
        if line := clean_line(text):
            opus.tags[name] = line
    file.seek(0)
    opus.save(file)
    _settle_serial(file)


def _list_chapters(chapters: Sequence[EpisodeChapter]) -> list[tuple[str, str]]:
    """Return chapters as the Xiph wiki has them: players that know them read no other form."""
    found = []
    for number, one in enumerate(chapters[:_MOST_CHAPTERS], 1):
        ms = round(one.start_s * 1000)
        time = f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
        name = f"CHAPTER{number:03}"
        found += [(name, time), (f"{name}NAME", one.title), (f"{name}URL", one.link)]
    return found


def _settle_serial(file: BinaryIO) -> None:
    from mutagen.ogg import OggPage

    file.seek(0)
    while True:
        at = file.tell()
        try:
            page = OggPage(file)
        except EOFError:
            return
        end = file.tell()
        page.serial = _SERIAL
        file.seek(at)
        file.write(page.write())
        file.seek(end)
