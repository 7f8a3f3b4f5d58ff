"""An MP3 learns what it is; the only door to mutagen."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from reviewcast.model.audio import Chapter
from reviewcast.model.disclosure import IPTC, Speaker, find_ai_content, find_source_type
from reviewcast.model.podcast import EpisodeCue
from reviewcast.system.file_types import find_image_type
from reviewcast.text.disclosures import get_disclosure

AI_CONTENT, SOURCE_TYPE = "ai-content", "digitalSourceType"
"""The names of the texts that say who speaks: "true" or "false", and a term of IPTC's."""

_LONGEST_TITLE = 255
_LONGEST_TEXT_BYTES = 64_000

_MOST_CHAPTERS = 255
"""A CTOC counts its children in one byte; the chapter file beside the MP3 lists them all."""

_MOST_PICTURES_BYTES = 2_000_000
"""A player reads the whole tag before it plays; the chapter file has the pictures beyond, too."""

_MOST_LINES_BYTES = 256_000
_MILLISECONDS, _LYRICS = 2, 1
_FRONT_COVER = 3
_LINE_BYTES = 8  # a byte order mark, an end, a time
_NO_OFFSET = 0xFFFFFFFF
_HEADER_BYTES = 10


class Tags(Struct, frozen=True, kw_only=True):
    """What the tag says; empty texts are left out.

    `date` is YYYY-MM-DD; `cover` the bytes of a JPEG or PNG; chapters and `samples` count at
    `rate_hz`. `pictures` are JPEGs by the image of the chapters that they belong to, `lines` the
    captions. `speakers` are those that are heard, () when it is not known.
    """

    title: str
    artist: str
    album: str
    date: str
    track: int
    comment: str
    lyrics: str
    language: str
    cover: bytes
    chapters: tuple[Chapter, ...]
    samples: int
    rate_hz: int
    pictures: dict[str, bytes] = {}
    lines: tuple[EpisodeCue, ...] = ()
    speakers: tuple[Speaker, ...] = ()


def build_tag(tags: Tags) -> bytes:
    """Build the ID3v2.3 tag that goes before the audio.

    Texts are UTF-16, which every player of that version reads. Chapters are CHAP frames in time
    order under one ordered top-level CTOC, without which Apple Podcasts shows none. A chapter's
    picture is a front cover, the type that AntennaPod prefers and all others take. Captions are
    synchronised text of 256 kB at most, some two hours: music players show it as lyrics, and
    podcast clients pass over it.
    """
    from mutagen.id3 import (
        COMM,
        CTOC,
        ID3,
        SYLT,
        TALB,
        TCON,
        TDRC,
        TIT2,
        TLEN,
        TPE1,
        TRCK,
        USLT,
        CTOCFlags,
    )

    frames = ID3()
    for kind, text in (
        (TIT2, tags.title),
        (TPE1, tags.artist),
        (TALB, tags.album),
        (TDRC, tags.date),
        (TCON, "Podcast"),
        (TRCK, str(tags.track)),
        (TLEN, str(_to_ms(tags.samples, tags.rate_hz))),
    ):
        if text:
            frames.add(kind(encoding=1, text=[_limit(text, _LONGEST_TITLE)]))
    language = _ISO_639_2.get(tags.language.partition("-")[0].lower(), "und")
    for kind, text in ((COMM, tags.comment), (USLT, tags.lyrics)):
        if text:
            cut = _limit_bytes(text, _LONGEST_TEXT_BYTES)
            frames.add(kind(encoding=1, lang=language, desc="", text=cut))
    for frame in _mark_speech(tags, language):
        frames.add(frame)
    if lines := _list_lines(tags.lines):
        timed: dict[str, Any] = {"format": _MILLISECONDS, "type": _LYRICS, "text": lines}
        frames.add(SYLT(encoding=1, lang=language, desc="", **timed))
    if tags.cover:
        frames.add(_make_picture(tags.cover))
    names = []
    for chapter in _make_chapters(tags):
        frames.add(chapter)
        names.append(chapter.element_id)
    if names:
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        frames.add(CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
    frames.update_to_v23()
    file = io.BytesIO()
    frames.save(file, v1=0, v2_version=3, padding=lambda _info: 0)
    return _order_chapters(file.getvalue(), names)


def _mark_speech(tags: Tags, language: str) -> Iterator[Any]:
    """Yield the mark of speech that is synthetic, in whole or in part, and of that which is not.

    For machines it has the words of the feed and of IPTC, for people a comment. EU AI Act,
    Article 50(2): what is synthetic is marked so that a machine can tell.
    """
    from mutagen.id3 import COMM, TXXX

    if value := find_ai_content(tags.speakers):
        yield TXXX(encoding=0, desc=AI_CONTENT, text=[value])
    if term := find_source_type(tags.speakers):
        yield TXXX(encoding=0, desc=SOURCE_TYPE, text=[f"{IPTC}{term}"])
    said = get_disclosure(tags.language, tags.speakers)
    if not said and (said := get_disclosure("en", tags.speakers)):
        language = _ISO_639_2["en"]
    if said:
        yield COMM(encoding=1, lang=language, desc="AI disclosure", text=said)


def _make_picture(data: bytes) -> Any:
    from mutagen.id3 import APIC

    return APIC(encoding=0, mime=find_image_type(data), type=_FRONT_COVER, desc="", data=data)


def _make_chapters(tags: Tags) -> Iterator[Any]:
    """Yield a CHAP frame for each chapter, with its picture where the tag has room for it."""
    from mutagen.id3 import CHAP, TIT2, WXXX

    starts = [_to_ms(one.start, tags.rate_hz) for one in tags.chapters[:_MOST_CHAPTERS]]
    ends = [*starts[1:], _to_ms(tags.samples, tags.rate_hz)]
    pictures_bytes = 0
    for number, (chapter, start, end) in enumerate(zip(tags.chapters, starts, ends, strict=False)):
        inside = [TIT2(encoding=1, text=[_limit(chapter.title, _LONGEST_TITLE)])]
        picture = tags.pictures.get(chapter.image, b"")
        pictures_bytes += len(picture)
        if picture and pictures_bytes <= _MOST_PICTURES_BYTES:
            inside.append(_make_picture(picture))
        if chapter.link:
            inside.append(WXXX(encoding=1, desc="", url=chapter.link))
        yield CHAP(
            element_id=f"ch{number}",
            start_time=start,
            end_time=end,
            start_offset=_NO_OFFSET,
            end_offset=_NO_OFFSET,
            sub_frames=inside,
        )


def _list_lines(captions: Iterable[EpisodeCue]) -> list[tuple[str, int]]:
    """Return synchronised text (ID3v2.3, 4.10): each line's text and when it begins, in ms.

    By that section a line begins with a line feed; the players that share lines out by it show
    all in one otherwise.
    """
    lines: list[tuple[str, int]] = []
    size = 0
    for caption in captions:
        text = f"\n{caption.text}" if lines else caption.text
        size += len(text.encode("utf-16-le")) + _LINE_BYTES
        if size > _MOST_LINES_BYTES:
            break
        lines.append((text, round(1000 * caption.start_s)))
    return lines


def _order_chapters(tag: bytes, names: Iterable[str]) -> bytes:
    """Put the CHAP frames, which mutagen sorts by size, back in time order."""
    before: list[bytes] = []
    chapters: dict[bytes, bytes] = {}
    after: list[bytes] = []
    offset = _HEADER_BYTES
    while offset < len(tag):
        end = offset + _HEADER_BYTES + int.from_bytes(tag[offset + 4 : offset + 8], "big")
        frame = tag[offset:end]
        if frame.startswith(b"CHAP"):
            chapters[frame[_HEADER_BYTES : frame.index(0, _HEADER_BYTES)]] = frame
        else:
            (after if chapters else before).append(frame)
        offset = end
    ordered = [chapters[name.encode()] for name in names]
    return tag[:_HEADER_BYTES] + b"".join([*before, *ordered, *after])


def _to_ms(samples: int, rate_hz: int) -> int:
    return round(samples * 1000 / rate_hz)


def _limit(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _limit_bytes(text: str, size: int) -> str:
    encoded = text.encode("utf-16-le")
    return text if len(encoded) <= size else encoded[: size - 2].decode("utf-16-le", "ignore") + "…"


_ISO_639_2 = {
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell",
    "en": "eng", "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra",
    "ga": "gle", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "is": "isl",
    "it": "ita", "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav", "nl": "nld", "no": "nor",
    "nb": "nob", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv",
    "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "zho",
}  # fmt: skip
