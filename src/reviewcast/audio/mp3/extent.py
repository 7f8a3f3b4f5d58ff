"""Where the frames of an MP3 file lie, between the tags and the padding that other tools leave.

A decoder that is given these bytes alone has nothing to remark on: libmpg123 writes its remarks on
broken tags and on trailing bytes to standard error itself.
"""

import bisect
import io
import itertools
import mmap
import os
from typing import BinaryIO, NamedTuple

from reviewcast.audio.mp3.frames import measure_frame
from reviewcast.audio.mp3.side_info import measure_side_info
from reviewcast.model.errors import SoundError

_SEARCHED_BYTES = 65_536  # after a tag, for the first frame
_MOST_JUNK = 1024  # bytes between two frames that libmpg123 would pass over, too
_MOST_MISSING = 4  # frames that an Info frame may promise in vain
_ENOUGH = 3  # frames in a row are no chance
_HEADER_BYTES = 4


class Frames(NamedTuple):
    """Where the frames of a file lie, and the frame to put before them: b"" for none."""

    info: bytes
    spans: tuple[tuple[int, int], ...]


def find_frames_of(data: "bytes | mmap.mmap") -> Frames | None:
    """Find where whole Layer III frames lie in a file; None when this is no such stream.

    A first frame that tells another length than there is, is replaced, and one is made where bit
    rates vary and nothing tells the length: decoders would guess it. Raise SoundError when frames
    are missing: over 1 kB in the middle, or at the end by what the first frame tells.
    """
    start = skip_tags(data, 0)
    limit = min(len(data), start + _SEARCHED_BYTES)
    while start < limit and not _is_stream(data, start):
        start += 1
    if start >= limit:
        return None
    spans, count, rates, at = [], 0, set[int](), start
    while at >= 0:
        end, frames = _walk(data, at, rates)
        spans.append((at, end))
        count += frames
        tagged = skip_tags(data, end)
        at = _find_stream(data, tagged)
        if at > tagged + _MOST_JUNK:
            raise SoundError("The stream is broken: between two frames there is something else.")
    first = data[start : start + measure_frame(data[start : start + 4])]
    told = _read_info(first)
    size = sum(end - start for start, end in spans)
    if told:
        if count - 1 < told[0] - _MOST_MISSING:
            raise SoundError("The stream breaks off before its end.")
        if not told[1] or abs(told[1] - size) * 100 < told[1]:
            return Frames(b"", tuple(spans))
        spans[0], count = (start + len(first), spans[0][1]), count - 1
        size -= len(first)
    elif len(rates) == 1:
        return Frames(b"", tuple(spans))
    return Frames(_build_info(first, count, size), tuple(spans))


def _build_info(first: bytes, frames: int, size_bytes: int) -> bytes:
    """Build a frame like a stream's first that tells its length, and nothing of any padding."""
    header = first[:1] + bytes((first[1] | 1,)) + first[2:4]  # without a CRC
    parts = (b"Xing", (3).to_bytes(4, "big"), frames.to_bytes(4, "big"))
    told = b"".join((*parts, (size_bytes + len(first)).to_bytes(4, "big")))
    return (header + bytes(_find_info(first) - 4) + told).ljust(len(first), b"\0")


def skip_tags(data: "bytes | mmap.mmap", at: int) -> int:
    """Return where the ID3 tags that begin here end (id3.org, ID3v2.4, 3.1)."""
    if data[at : at + 3] == b"TAG":
        at += 128
    while data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    return at


def _walk(data: "bytes | mmap.mmap", at: int, rates: set[int]) -> tuple[int, int]:
    """Return where the frames that follow each other end, and how many they are.

    Their bit rates, as the header has them, are added to `rates`.
    """
    frames = 0
    while at < len(data):
        try:
            size = measure_frame(data[at : at + 4])
        except SoundError:
            break
        if at + size > len(data):
            break
        rates.add(data[at + 2] >> 4)
        at, frames = at + size, frames + 1
    return at, frames


def _is_stream(data: "bytes | mmap.mmap", at: int) -> bool:
    """True if some frames follow each other here, or one does to the very end."""
    if data[at] != 0xFF:
        return False
    for _ in range(_ENOUGH):
        try:
            at += measure_frame(data[at : at + 4])
        except SoundError:
            return False
        if at >= len(data):
            return at == len(data)
    return True


def _find_stream(data: "bytes | mmap.mmap", at: int) -> int:
    """Return where frames go on, -1 when none do."""
    while (at := data.find(b"\xff", at)) >= 0:
        if _is_stream(data, at):
            return at
        at += 1
    return -1


def _find_info(frame: bytes) -> int:
    """Return where, in a frame, a Xing or Info frame says so: after the side information."""
    return _HEADER_BYTES + measure_side_info(frame)


def _read_info(frame: bytes) -> tuple[int, int] | None:
    """Return the frames and bytes that a Xing or Info frame tells, 0 for what it does not."""
    at = _find_info(frame)
    if frame[at : at + 4] not in {b"Xing", b"Info"}:
        return None
    flags, at = int.from_bytes(frame[at + 4 : at + 8], "big"), at + 8
    told = []
    for bit in (1, 2):
        told.append(int.from_bytes(frame[at : at + 4], "big") if flags & bit else 0)
        at += 4 if flags & bit else 0
    return told[0], told[1]


class FramesFile(io.RawIOBase):
    """The frames of an open file as a file of their own, for reading."""

    def __init__(self, file: BinaryIO, frames: Frames) -> None:
        self._file, self._info, self._at = file, frames.info, 0
        self._starts = [0, *(start for start, _ in frames.spans)]
        sizes = (len(frames.info), *(end - start for start, end in frames.spans))
        self._ends = list(itertools.accumulate(sizes))
        self._size = self._ends[-1]

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place, and return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Read so much as there is, and return how much."""
        view, done = memoryview(buffer).cast("B"), 0
        while done < len(view) and self._at < self._size:
            part = bisect.bisect_right(self._ends, self._at)
            before = self._ends[part - 1] if part else 0
            wanted = min(len(view) - done, self._ends[part] - self._at)
            if part:
                self._file.seek(self._starts[part] + self._at - before)
                data = self._file.read(wanted)
            else:
                data = self._info[self._at : self._at + wanted]
            if not data:
                break  # the file has become shorter meanwhile
            view[done : done + len(data)] = data
            done, self._at = done + len(data), self._at + len(data)
        return done
