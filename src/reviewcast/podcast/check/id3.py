"""The chapters of an ID3 tag, read from its bytes as they stand there.

Sources: ID3v2.3.0 and ID3v2.4.0 (structure), ID3v2 Chapter Frame Addendum 1.0 (CHAP, CTOC).
"""

from typing import BinaryIO

from msgspec import Struct

_LARGEST_TAG = 64_000_000
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


class TagChapter(Struct, frozen=True):
    """A CHAP frame: its name within the tag, its time in milliseconds, and its title."""

    name: str
    start_ms: int
    end_ms: int
    title: str


class Contents(Struct, frozen=True):
    """A CTOC frame: the chapters that it lists, and whether it is top-level and ordered."""

    children: tuple[str, ...]
    top_level: bool
    ordered: bool


class Tag(Struct, frozen=True):
    """What stands before the audio: its size in bytes, and its chapters in the file's order.

    `ai_content` is the text of that name (TXXX), "" without one.
    """

    size_bytes: int = 0
    chapters: tuple[TagChapter, ...] = ()
    contents: tuple[Contents, ...] = ()
    ai_content: str = ""


def read_tag(file: BinaryIO) -> Tag:
    """Read the tag that a file begins with; one of no size when there is none.

    Raise ValueError when the tag is broken. Reads on from the file's position.
    """
    header = file.read(10)
    if len(header) < 10 or header[:3] != b"ID3":
        return Tag()
    version, flags = header[3], header[5]
    size = _read_synchsafe(header[6:10])
    total = 10 + size + (10 if version == 4 and flags & 0x10 else 0)
    if version not in {3, 4}:
        return Tag(total)
    if size > _LARGEST_TAG:
        raise ValueError("it claims to be larger than 64 MB")
    body = file.read(size)
    if len(body) < size:
        raise ValueError("it is cut off")
    if flags & 0x80 and version == 3:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & 0x40:
        skipped = _read_synchsafe(body[:4]) if version == 4 else _read_size(body[:4]) + 4
        body = body[skipped:]
    chapters, contents, texts = [], [], {}
    for name, data in _list_frames(body, version):
        if name == b"CHAP":
            chapters.append(_read_chapter(data, version))
        elif name == b"CTOC":
            contents.append(_read_contents(data))
        elif name == b"TXXX":
            title, _, value = _read_text(data).partition("\0")
            texts[title] = value.removeprefix("\ufeff")
    return Tag(total, tuple(chapters), tuple(contents), texts.get("ai-content", ""))


def _list_frames(body: bytes, version: int) -> list[tuple[bytes, bytes]]:
    frames, offset = [], 0
    while offset + 10 <= len(body) and body[offset]:
        sizes = body[offset + 4 : offset + 8]
        size = _read_synchsafe(sizes) if version == 4 else _read_size(sizes)
        end = offset + 10 + size
        if end > len(body):
            raise ValueError("a frame is cut off")
        data = body[offset + 10 : end]
        if version == 4 and body[offset + 9] & 0x02:
            data = data.replace(b"\xff\x00", b"\xff")
        frames.append((body[offset : offset + 4], data))
        offset = end
    return frames


def _read_chapter(data: bytes, version: int) -> TagChapter:
    name, end, rest = data.partition(b"\0")
    if not end or len(rest) < 16:
        raise ValueError("a CHAP frame is cut off")
    title = ""
    for frame, text in _list_frames(rest[16:], version):
        if frame == b"TIT2":
            title = _read_text(text)
    return TagChapter(name.decode("latin-1"), _read_size(rest[:4]), _read_size(rest[4:8]), title)


def _read_contents(data: bytes) -> Contents:
    _, end, rest = data.partition(b"\0")
    if not end or len(rest) < 2:
        raise ValueError("a CTOC frame is cut off")
    names = rest[2:].split(b"\0")[: rest[1]]
    return Contents(
        tuple(name.decode("latin-1") for name in names), bool(rest[0] & 2), bool(rest[0] & 1)
    )


def _read_text(data: bytes) -> str:
    if not data or data[0] >= len(_ENCODINGS):
        return ""
    return data[1:].decode(_ENCODINGS[data[0]], "replace").rstrip("\0")


def _read_synchsafe(data: bytes) -> int:
    size = 0
    for byte in data:
        size = size << 7 | byte & 0x7F
    return size


def _read_size(data: bytes) -> int:
    return int.from_bytes(data, "big")
