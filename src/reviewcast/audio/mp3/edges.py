"""A block is encoded with frames before and after it, so that others can be joined to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from reviewcast.audio.mp3.frames import (
    FRAME_SAMPLES,
    encode_stream,
    find_frames,
    level_change_db,
    list_bitrates,
    measure_frame,
    sum_crc16,
    widen_frame,
)
from reviewcast.model.audio import FrameFigures, FrameStart
from reviewcast.model.errors import SoundError

PRE_FRAMES = 3
"""Frames of true sound to give before a block that begins in sound."""


POST_FRAMES = 2
"""Frames of true sound to give after a block that ends in sound."""


FEWEST_FRAMES = 2
"""A block that goes on from another or goes over into one has so many at least."""


_FEWEST_PRE = 2


_MOST_ROOM = 511
"""What main_data_begin, of 9 bits, can tell of."""


OFFSET_FRAMES = 16


_SOME_HEAD = 112
"""How much shorter the head becomes by a little more frame: what is missing is seldom more."""


_SIDE_END = {1: 4 + 17, 2: 4 + 32}
"""Bytes of a frame's header and side information, by channels."""


_MOST_THINNER = 6


_LOOK_FRAMES = 2  # the first frame and one after it


@dataclass(frozen=True)
class EncodedFrames:
    """A block's frames, its figures, and the stream to decode to hear them.

    `heard` has what is before and after the block as well: of the samples that come out,
    `pre_frames` · 1152 are not its own. (VBR needs its Xing frame before it: without one,
    libsndfile guesses the length and may stop early.)
    """

    frames: bytes
    figures: FrameFigures
    heard: bytes


def encode_block(
    pcm: bytes,
    *,
    rate_hz: int,
    channels: int,
    bitrate_kbps: int,
    quality: int,
    vbr_quality: int | None = None,
    pre_frames: int = 0,
    post_frames: int = 0,
    most_thinner: int = _MOST_THINNER,
) -> EncodedFrames:
    """Encode a block of interleaved 16 bit PCM between `pre_frames` and `post_frames` of others.

    `pcm` holds all of them. Without frames before (after) it, a block begins (ends) in digital
    silence, at the end two frames of it. As many frames come back as it has, so a block takes as
    long in the file as on the timeline; it has FEWEST_FRAMES or more. Its first frame is encoded in
    at most `most_thinner` thinner ways, too, for joins that would lack room.
    """
    count = len(pcm) // (2 * channels * FRAME_SAMPLES) - pre_frames - post_frames
    if pre_frames not in (0, *range(_FEWEST_PRE, 100)) or post_frames < 0:
        raise ValueError(f"frames before a block are 0 or {_FEWEST_PRE} and more")
    if count < (FEWEST_FRAMES if pre_frames or post_frames else 1):
        raise ValueError(f"a block has {FEWEST_FRAMES} frames or more")

    def encode(pcm: bytes, kbps: int, vbr_quality: int | None) -> bytes:
        return encode_stream(
            pcm,
            rate_hz=rate_hz,
            channels=channels,
            bitrate_kbps=kbps,
            quality=quality,
            vbr_quality=vbr_quality,
        )

    def encode_thinner() -> Iterator[_Frame]:
        heard = pcm[: 2 * channels * FRAME_SAMPLES * (pre_frames + _LOOK_FRAMES)]
        if vbr_quality is None:
            for kbps in list_bitrates(below_kbps=bitrate_kbps)[:most_thinner]:
                same = _change_level(heard, level_change_db(bitrate_kbps) - level_change_db(kbps))
                yield _pick_frame(encode(same, kbps, None), pre_frames)
        else:
            for worse in range(vbr_quality + 1, min(10, vbr_quality + most_thinner)):
                yield _pick_frame(encode(heard, bitrate_kbps, worse), pre_frames)

    stream = encode(pcm, bitrate_kbps, vbr_quality)
    places = [*find_frames(stream), len(stream)]
    if len(places) <= pre_frames + count:
        given = len(places) - 1 - pre_frames
        raise SoundError(f"The MP3 encoder gave {given} frames where {count} were due.")
    own = places[pre_frames : pre_frames + count + 1]
    frames = stream[own[0] : own[-1]]
    first, last = (_read_frame(stream, places, index + pre_frames) for index in (0, count - 1))
    starts: tuple[FrameStart, ...] = ()
    if pre_frames and first.head:
        second = _read_frame(stream, places, pre_frames + 1)
        start = FrameStart(first.head, frames[: own[1] - own[0]])
        thin = partial(_thin_starts, start, first, second, encode_thinner())
        wide = partial(_widen_starts, start, first)
        starts = (start,)
        for make_starts in (wide, thin) if vbr_quality is not None else (thin, wide):
            if starts[-1].head:
                starts += tuple(make_starts())
    room = 0
    ends: list[int] = []
    if post_frames:
        # what LAME fills frames with when it has bits to spare is room too
        free = min(_MOST_ROOM, len(last.head) + len(last.area) - len(last.data))
        while room < free and len(ends) < count - 1:  # the first frame has other forms
            index = pre_frames + count - 1 - len(ends)
            ends.insert(0, places[index + 1] - places[index])
            room += ends[0] - _SIDE_END[channels]
        room = min(room, free)
        frames = _clear_room(frames, ends, channels, room)
    figures = FrameFigures(
        frames=count,
        size_bytes=len(frames),
        crc=sum_crc16(frames),
        offsets=tuple(at - own[0] for at in own[:-1:OFFSET_FRAMES]),
        starts=starts,
        room=room,
        ends=tuple(ends),
        opens=first.windows[:channels],
        closes=last.windows[channels:],
    )
    heard = stream if pre_frames or post_frames else frames
    return EncodedFrames(frames, figures, heard)


@dataclass(frozen=True)
class _Frame:
    """A frame taken apart: `head` is what of its main data stands before it, `data` all of it."""

    header: bytes
    side_info: bytes
    area: bytes
    head: bytes
    data: bytes
    windows: tuple[int, ...]


def _read_frame(stream: bytes, places: Sequence[int], index: int) -> _Frame:
    """Take a frame of LAME's apart, which has no CRC; `places` are those of all frames."""
    at, end = places[index : index + 2]
    channels = 1 if stream[at + 3] >> 6 == 3 else 2
    side_end = _SIDE_END[channels]
    side_info = stream[at + 4 : at + side_end]
    bits = int.from_bytes(side_info, "big")
    unread = 8 * len(side_info)

    def read(count: int) -> int:
        nonlocal unread
        unread -= count
        return bits >> unread & (1 << count) - 1

    begin = read(9)
    read((5 if channels == 1 else 3) + 4 * channels)  # private bits, scfsi
    size_bits, windows = 0, []
    for _ in range(2 * channels):
        size_bits += read(12)
        read(9 + 8 + 4)
        switched, kind = read(1), read(2)
        windows.append(kind if switched else 0)
        read(20 + 3)
    area = stream[at + side_end : end]
    before, missing = index, begin
    while missing > 0 and before:
        before -= 1
        missing -= places[before + 1] - places[before] - side_end
    head = b"".join(stream[places[i] + side_end : places[i + 1]] for i in range(before, index))[
        max(0, -missing) :
    ]
    data = (head + area)[: (size_bits + 7) // 8]
    return _Frame(stream[at : at + 4], side_info, area, head, data, tuple(windows))


def _pick_frame(stream: bytes, index: int) -> _Frame:
    return _read_frame(stream, [*find_frames(stream), len(stream)], index)


def _thin_starts(
    start: FrameStart, first: _Frame, second: _Frame, thinner: Iterable[_Frame]
) -> Iterator[FrameStart]:
    """Make starts that need less and less before them: with less data in the first frame.

    The first frame's own data may also stand nearer to the second's, where LAME left a gap.
    """
    follows = len(first.area) - len(second.head)  # where in the area the second frame's data begin
    rest = (first.head + first.area)[len(first.head) + follows :]
    needed = len(start.head)
    for thin in chain((first,), thinner):
        begin = max(0, len(thin.data) - follows)
        if thin.windows == first.windows and begin < needed:
            needed = begin
            laid = thin.data.ljust(begin + follows, b"\0") + rest
            header = first.header[:3] + thin.header[3:]  # how its two channels are joined
            yield FrameStart(laid[:begin], header + _point(thin.side_info, begin) + laid[begin:])
        if not needed:
            break


def _change_level(pcm: bytes, change_db: float) -> bytes:
    """Make up for LAME's turning one bit rate down by more than the other."""
    if not change_db:
        return pcm
    samples = np.frombuffer(pcm, "<i2") * np.float32(10 ** (change_db / 20))
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()


def _widen_starts(start: FrameStart, first: _Frame) -> Iterator[FrameStart]:
    """Make starts that need less before them, in larger first frames: a little, then nothing."""
    wanted = min(_SOME_HEAD, len(start.head))
    for header in widen_frame(first.header):
        grown = measure_frame(header) - len(start.frame)
        if grown < wanted:
            continue
        begin = max(0, len(start.head) - grown)
        # what the next frame has here stays where it is, as seen from the end
        filler = bytes(max(0, grown - len(start.head)))
        laid = first.data + filler + (first.head + first.area)[len(first.data) :]
        yield FrameStart(laid[:begin], header + _point(first.side_info, begin) + laid[begin:])
        if not begin:
            break
        wanted = len(start.head)


def _point(side_info: bytes, begin: int) -> bytes:
    """Set main_data_begin, the first nine bits."""
    return bytes((begin >> 1, begin << 7 & 0x80 | side_info[1] & 0x7F)) + side_info[2:]


def lay_room(sizes: Sequence[int], channels: int, data: bytes) -> bytes:
    """Lay data into the end of the main data of frames of these sizes; all else is zero."""
    laid = b""
    for size in reversed(sizes):
        side_end = _SIDE_END[channels]
        count = min(len(data), size - side_end)
        laid = data[len(data) - count :].rjust(size, b"\0") + laid
        data = data[: len(data) - count]
    return laid


def _clear_room(frames: bytes, ends: Sequence[int], channels: int, room: int) -> bytes:
    size = sum(ends)
    mask = int.from_bytes(lay_room(ends, channels, b"\xff" * room), "big")
    tail = int.from_bytes(frames[len(frames) - size :], "big") & ~mask
    return frames[: len(frames) - size] + tail.to_bytes(size, "big")
