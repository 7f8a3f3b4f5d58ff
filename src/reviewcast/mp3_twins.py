"""One channel becomes two that are the same, as MP3 frames: joint stereo whose sides are silent.

Speech is the same on both sides, and LAME takes a third more time to find that out than to encode
it once. In joint stereo a frame holds the middle and the side; so a frame of one channel is one of
two whose side has no bits, once its side information is written out for two:

- The middle is √2 times either side, and a step of `global_gain` is 2^¼: two steps more.
- The side has the windows of the middle, for decoders part the two before the transform.
- What two channels take more of side information is given by encoding at the next lower bit rate:
  its main data are then never too long, and are laid as early as `main_data_begin` can point.

The bits that are heard stay as LAME wrote them. What decodes from either stream is the same.

Source: ISO/IEC 11172-3 §2.4.1.7 (side information), §2.4.3.4.9.2 (middle and side).
"""

from itertools import accumulate
from typing import TYPE_CHECKING

from reviewcast.errors import SoundError
from reviewcast.mp3 import (
    build_header,
    encode_stream,
    find_frames,
    list_bitrates,
    list_sizes,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Numbers = NDArray[np.int64]

_SIDE_END = 4 + 17
_TWIN_SIDE_END = 4 + 32
# bits of the side information of one channel: where its main data begin, private ones, which scale
# factors both granules share, the granules
_BEGIN, _SHARED, _GRANULES = slice(0, 9), slice(14, 18), slice(18, 136)
_PRIVATE_BITS = 3  # of two channels
_SHARED_BITS = 4
# bits of a granule: how long its main data are, its pairs of values, its gain, how long its scale
# factors are, and the rest
_GRANULE_BITS = 59
_SIZE, _PAIRS, _GAIN, _SCALES = slice(0, 12), slice(12, 21), slice(21, 29), slice(29, 33)
_MOST_BACK = 511
"""What main_data_begin, of 9 bits, can tell of."""
_ROOT_TWO = 2
"""So many steps of global_gain are √2."""
_LOUDEST = 255
_JOINT = 0b0110_0000
"""The mode in a header: joint stereo, middle and side, no intensity."""


def encode_twin(
    pcm: bytes, *, rate_hz: int, bitrate_kbps: int, quality: int
) -> tuple[bytes, bytes]:
    """Encode one channel of 16 bit PCM for both: give its stream, and the one of two channels.

    `bitrate_kbps` is that of the second, constant.
    """
    stream = encode_stream(
        pcm,
        rate_hz=rate_hz,
        channels=1,
        bitrate_kbps=list_bitrates(below_kbps=bitrate_kbps)[0],
        quality=quality,
    )
    return stream, spread_frames(stream, rate_hz=rate_hz, bitrate_kbps=bitrate_kbps)


def spread_frames(stream: bytes, *, rate_hz: int, bitrate_kbps: int) -> bytes:
    """Make frames of two channels, at a higher constant bit rate, of frames of one without a CRC.

    Raises SoundError when there is no room for what the frames hold, or they are too loud.
    """
    import numpy as np

    places = np.array([*find_frames(stream), len(stream)])
    ends = np.array([0, *accumulate(list_sizes(len(places) - 1, rate_hz, bitrate_kbps))])
    data = np.frombuffer(stream, np.uint8)
    side_info = data[np.add.outer(places[:-1], np.arange(4, _SIDE_END))]
    bits = np.unpackbits(side_info, axis=1)
    granules = bits[:, _GRANULES].reshape(-1, 2, _GRANULE_BITS)
    main, begins = _lay_data(
        data[_find_areas(places, _SIDE_END)],
        np.diff(places) - _SIDE_END,
        np.diff(ends) - _TWIN_SIDE_END,
        begins=_read_numbers(bits[:, _BEGIN]),
        sizes=-(-_read_numbers(granules[:, :, _SIZE]).sum(axis=1) // 8),
    )
    laid = np.zeros(ends[-1], np.uint8)
    laid[np.add.outer(ends[:-1], np.arange(_TWIN_SIDE_END))] = np.concatenate(
        [
            _spread_headers(data[places[:-1] + 3], ends, rate_hz, bitrate_kbps),
            _spread_side_info(bits[:, _SHARED], granules, begins),
        ],
        axis=1,
    )
    laid[_find_areas(ends, _TWIN_SIDE_END)] = main
    return laid.tobytes()


def _spread_headers(modes: "Bytes", ends: "Numbers", rate_hz: int, bitrate_kbps: int) -> "Bytes":
    """Write headers for joint stereo, which keep what else stands in the last byte of the old."""
    import numpy as np

    sizes = np.diff(ends)
    both = [
        build_header(rate_hz=rate_hz, bitrate_kbps=bitrate_kbps, mode=_JOINT, is_padded=is_padded)
        for is_padded in (False, True)
    ]
    headers: Bytes = np.frombuffer(b"".join(both), np.uint8).reshape(2, 4)[
        (sizes > sizes.min()).astype(np.intp)
    ]
    headers[:, 3] = _JOINT | modes & 0b1111
    return headers


def _spread_side_info(shared: "Bytes", granules: "Bytes", begins: "Numbers") -> "Bytes":
    """Write side information for a middle that has what one channel had, and an empty side."""
    import numpy as np

    gains = np.packbits(granules[:, :, _GAIN], axis=2).astype(np.intp) + _ROOT_TWO
    if (gains > _LOUDEST).any():
        raise SoundError("A frame is too loud to be spread over two channels.")
    middle, side = granules.copy(), granules.copy()
    middle[:, :, _GAIN] = np.unpackbits(gains.astype(np.uint8), axis=2)
    for empty in (_SIZE, _PAIRS, _SCALES):
        side[:, :, empty] = 0
    count = len(granules)
    bits = [
        _write_numbers(begins, _BEGIN.stop),
        np.zeros((count, _PRIVATE_BITS), np.uint8),
        shared,
        np.zeros((count, _SHARED_BITS), np.uint8),
        np.stack([middle, side], axis=2).reshape(count, -1),
    ]
    return np.packbits(np.concatenate(bits, axis=1), axis=1)


def _lay_data(
    data: "Bytes",
    areas: "Numbers",
    twin_areas: "Numbers",
    *,
    begins: "Numbers",
    sizes: "Numbers",
) -> "tuple[Bytes, Numbers]":
    """Lay the main data of frames into areas of other sizes, as early as they can stand.

    `begins` tells how far before its area a frame's data begin; what it is now comes back.
    """
    import numpy as np

    laid = np.zeros(int(twin_areas.sum()), np.uint8)
    twin_begins = []
    at = twin_at = end = 0
    for area, twin_area, begin, size in zip(
        *(column.tolist() for column in (areas, twin_areas, begins, sizes)), strict=True
    ):
        start = max(end, twin_at - _MOST_BACK)
        end = start + size
        if begin > at or end > twin_at + twin_area:
            raise SoundError("There is no room to spread a frame over two channels.")
        laid[start:end] = data[at - begin : at - begin + size]
        twin_begins.append(twin_at - start)
        at += area
        twin_at += twin_area
    return laid, np.array(twin_begins, np.int64)


def _find_areas(places: "Numbers", side_end: int) -> "NDArray[np.bool_]":
    """Tell which bytes are main data: those behind a frame's header and side information."""
    import numpy as np

    areas = np.ones(int(places[-1]), np.bool_)
    areas[np.add.outer(places[:-1], np.arange(side_end))] = False
    return areas


def _read_numbers(bits: "Bytes") -> "Numbers":
    """Read rows of bits, the highest first, as numbers."""
    import numpy as np

    return bits @ (1 << np.arange(bits.shape[-1] - 1, -1, -1, dtype=np.int64))


def _write_numbers(numbers: "Numbers", count: int) -> "Bytes":
    """Write numbers as rows of so many bits."""
    import numpy as np

    return (numbers[:, None] >> np.arange(count - 1, -1, -1) & 1).astype(np.uint8)
