"""A block is encoded with frames before and after it, so that others can be joined to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, pairwise

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
from reviewcast.audio.mp3.side_info import read_side_info
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
    long in the file as on the timeline; it has FEWEST_FRAMES or more. Its first frame is also
    encoded with less in it, up to `most_thinner` times, to be joined to a full one.
    """
    count = len(pcm) // (2 * channels * FRAME_SAMPLES) - pre_frames - post_frames
    if pre_frames not in (0, *range(_FEWEST_PRE, 100)) or post_frames < 0:
        raise ValueError(f"frames before a block are 0 or {_FEWEST_PRE} and more")
    if count < (FEWEST_FRAMES if pre_frames or post_frames else 1):
        raise ValueError(f"a block has {FEWEST_FRAMES} frames or more")
    encoder = _Encoder(rate_hz, channels, bitrate_kbps, quality, vbr_quality)
    stream = encoder.encode(pcm)
    places = [*find_frames(stream), len(stream)]
    if (given := len(places) - 1 - pre_frames) < count:
        raise SoundError(f"The MP3 encoder gave {given} frames where {count} were due.")
    own = places[pre_frames : pre_frames + count + 1]
    frames = stream[own[0] : own[-1]]
    first, last = (_read_frame(stream, places, index + pre_frames) for index in (0, count - 1))
    starts: tuple[FrameStart, ...] = ()
    if pre_frames and first.head:
        start = FrameStart(first.head, frames[: own[1] - own[0]])
        second = _read_frame(stream, places, pre_frames + 1)
        thinner = encoder.encode_thinner(pcm, pre_frames, most_thinner)
        starts = _make_starts(start, first, second, thinner, is_vbr=vbr_quality is not None)
    room, ends = 0, list[int]()
    if post_frames:
        # what LAME fills frames with when it has bits to spare is room too
        free = min(_MOST_ROOM, len(last.head) + len(last.area) - len(last.data))
        sizes = [after - at for at, after in pairwise(own[1:])]  # the first frame has other forms
        while room < free and len(ends) < len(sizes):
            ends.insert(0, sizes[-1 - len(ends)])
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
    return EncodedFrames(frames, figures, stream if pre_frames or post_frames else frames)


@dataclass(frozen=True)
class _Encoder:
    """LAME's settings for a block."""

    rate_hz: int
    channels: int
    bitrate_kbps: int
    quality: int
    vbr_quality: int | None

    def encode(self, pcm: bytes) -> bytes:
        return encode_stream(
            pcm,
            rate_hz=self.rate_hz,
            channels=self.channels,
            bitrate_kbps=self.bitrate_kbps,
            quality=self.quality,
            vbr_quality=self.vbr_quality,
        )

    def encode_thinner(self, pcm: bytes, pre_frames: int, most: int) -> "Iterator[_Frame]":
        """Yield the first frame after `pre_frames` with less and less data in it."""
        heard = pcm[: 2 * self.channels * FRAME_SAMPLES * (pre_frames + _LOOK_FRAMES)]
        if self.vbr_quality is None:
            usual_db = level_change_db(self.bitrate_kbps)
            for kbps in list_bitrates(below_kbps=self.bitrate_kbps)[:most]:
                same = _change_level(heard, usual_db - level_change_db(kbps))
                yield _pick_frame(replace(self, bitrate_kbps=kbps).encode(same), pre_frames)
        else:
            for worse in range(self.vbr_quality + 1, min(10, self.vbr_quality + most)):
                yield _pick_frame(replace(self, vbr_quality=worse).encode(heard), pre_frames)


def _make_starts(
    start: FrameStart,
    first: "_Frame",
    second: "_Frame",
    thinner: "Iterator[_Frame]",
    *,
    is_vbr: bool,
) -> tuple[FrameStart, ...]:
    """Return the ways in which a block that goes on may begin, the best first."""
    thin = partial(_thin_starts, start, first, second, thinner)
    wide = partial(_widen_starts, start, first)
    starts = [start]
    for make_more in (wide, thin) if is_vbr else (thin, wide):
        if starts[-1].head:
            starts += make_more()
    return tuple(starts)


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
    side = read_side_info(stream[at:end])
    side_end = side.end
    area = stream[at + side_end : end]
    before, missing = index, side.begin
    while missing > 0 and before:
        before -= 1
        missing -= places[before + 1] - places[before] - side_end
    head = b"".join(stream[places[i] + side_end : places[i + 1]] for i in range(before, index))[
        max(0, -missing) :
    ]
    data = (head + area)[: (side.bits + 7) // 8]
    side_info = stream[at + 4 : at + side_end]
    return _Frame(stream[at : at + 4], side_info, area, head, data, side.windows)


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
