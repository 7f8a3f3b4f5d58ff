"""Blocks of MP3 frames are joined in the midst of sound, and nobody hears where.

A block is encoded with some frames of what sounds before and after it, which are then cut off:
so its own frames are what one pass over the whole would give, and its overlap fits its
neighbours'. Two things would be wrong if these were only put side by side:

- A frame's main data may begin in the frames before it (the bit reservoir). Of the first frame
  that is kept, these bytes were cut off: they are its *head*.
- At the end of the last frame that is kept, the data of the next would begin: cut off too, these
  bytes are *room* that nothing reads.

So the head of a block is written into the room of the one before it. LAME leaves more room than
it then asks for nearly always. For the rest a block has other starts, which need less: in CBR its
first frame encoded with fewer bits, in VBR in a larger frame. All that decides lies in a block's
figures, so joining neither decodes nor encodes.

Measured with LAME 3.100: with two frames before, the error at joins is that of a single pass, with
one it is 10 to 60 dB higher; after the block one frame suffices. One more of each is for safety.

Source: ISO/IEC 11172-3 §2.4.1.7 (side information), §2.4.2.7 (main_data_begin).
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from reviewcast.audio.mp3.edges import OFFSET_FRAMES, lay_room
from reviewcast.audio.mp3.frames import combine_crc16, sum_crc16
from reviewcast.model.audio import FrameFigures, FrameStart
from reviewcast.model.errors import SoundError

_FOLLOWERS = {0: (0, 1), 1: (2,), 2: (2, 3), 3: (0, 1)}
"""Which window types can follow which: long, start, short, stop."""


class JoinedFigures(Struct, frozen=True):
    """What an Info frame tells of joined blocks, as `build_info_frame` takes it."""

    frames: int
    size_bytes: int
    music_crc: int
    offsets: tuple[int, ...]


def can_join(before: FrameFigures | None, after: FrameFigures) -> bool:
    """True if a block can follow another, or begin a file when there is None before it.

    It cannot when it finds too little room, or when their windows do not overlap as they must.
    Then the two are to be encoded as one block.
    """
    if before and (before.ends or after.starts) and not _windows_fit(before, after):
        return False
    return _find_start(before, after) is not None


def join_blocks(blocks: Iterable[tuple[FrameFigures, bytes]]) -> Iterator[bytes]:
    """Join blocks, each its figures and its frames: one after the other comes back.

    Memory holds two at most. Raise SoundError where a block finds too little room.
    """
    before: FrameFigures | None = None
    held = b""
    for figures, frames in blocks:
        start = _take_start(before, figures)
        if before:
            yield _fill_room(held, before, start.head) if start.head else held
        held = frames
        if start.frame and start is not figures.starts[0]:
            held = start.frame + frames[len(figures.starts[0].frame) :]
        before = figures
    if before:
        yield held


def measure_joined(blocks: Iterable[FrameFigures]) -> JoinedFigures:
    """Return what `join_blocks` will give, by the blocks' figures alone.

    `offsets` are where each hundredth of the time begins, for the seek table; within 16 frames
    the bytes are taken to grow evenly. Raise SoundError as `join_blocks` does.
    """
    frames, size, crc = 0, 0, 0
    marks: list[tuple[int, int]] = []
    before: FrameFigures | None = None
    for block in blocks:
        start = _take_start(before, block)
        if before and start.head:
            crc ^= sum_crc16(lay_room(before.ends, len(before.closes), start.head))
        block_crc, grown = block.crc, 0
        if start.frame and start is not block.starts[0]:
            replaced = block.starts[0].frame
            rest = block.size_bytes - len(replaced)
            rest_crc = combine_crc16(sum_crc16(replaced), block.crc, rest)
            block_crc = combine_crc16(sum_crc16(start.frame), rest_crc, rest)
            grown = len(start.frame) - len(replaced)
        marks += (
            (frames + index * OFFSET_FRAMES, size + offset + (grown if index else 0))
            for index, offset in enumerate(block.offsets)
        )
        crc = combine_crc16(crc, block_crc, block.size_bytes + grown)
        frames += block.frames
        size += block.size_bytes + grown
        before = block
    return JoinedFigures(frames, size, crc, tuple(_list_hundredths([*marks, (frames, size)])))


def _windows_fit(before: FrameFigures, after: FrameFigures) -> bool:
    pairs = zip(before.closes, after.opens, strict=True)
    return all(second in _FOLLOWERS[first] for first, second in pairs)


def _find_start(before: FrameFigures | None, after: FrameFigures) -> FrameStart | None:
    """Find the best start of a block that has room; an empty one when it needs none."""
    room = before.room if before else 0
    if not after.starts:
        return FrameStart(b"", b"")
    return next((start for start in after.starts if len(start.head) <= room), None)


def _take_start(before: FrameFigures | None, after: FrameFigures) -> FrameStart:
    start = _find_start(before, after)
    if start is None:
        raise SoundError(
            "Two blocks of sound cannot be joined: the first has no room for what the second needs."
        )
    return start


def _fill_room(frames: bytes, figures: FrameFigures, head: bytes) -> bytes:
    """Write what the next block needs into the room, which is all zero."""
    size = sum(figures.ends)
    laid = int.from_bytes(lay_room(figures.ends, len(figures.closes), head), "big")
    tail = int.from_bytes(frames[len(frames) - size :], "big") | laid
    return frames[: len(frames) - size] + tail.to_bytes(size, "big")


def _list_hundredths(marks: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Return the byte at each hundredth of the frames, between marks of frames and bytes."""
    total, index = marks[-1][0], 0
    for percent in range(100 if total else 0):
        while marks[index + 1][0] * 100 <= percent * total:
            index += 1
        (frames, size), (next_frames, next_size) = marks[index : index + 2]
        part = percent * total - frames * 100
        yield size + (next_size - size) * part // (100 * (next_frames - frames))
