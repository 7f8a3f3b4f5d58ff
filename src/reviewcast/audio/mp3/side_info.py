"""What a Layer III frame says of its main data, in the side information behind its header.

Sources: ISO/IEC 11172-3 §2.4.1.7 and 13818-3 §2.4.1.7.
"""

from typing import NamedTuple

_HEADER_BYTES, _CRC_BYTES = 4, 2
_SIZES = {(True, 1): 17, (True, 2): 32, (False, 1): 9, (False, 2): 17}


class SideInfo(NamedTuple):
    """Main data of so many `bits` begins `begin` bytes before the frame's own, which is at `end`.

    `windows` are the window types, a granule and then a channel each.
    """

    begin: int
    bits: int
    end: int
    windows: tuple[int, ...]


def measure_side_info(frame: bytes) -> int:
    """Return how many bytes of side information a frame has, by its header."""
    return _SIZES[frame[1] >> 3 & 3 == 3, 1 if frame[3] >> 6 == 3 else 2]


def read_side_info(frame: bytes) -> SideInfo:
    """Read the side information of a frame, of which main data need not be there."""
    is_mpeg1 = frame[1] >> 3 & 3 == 3
    channels = 1 if frame[3] >> 6 == 3 else 2
    at = _HEADER_BYTES + (0 if frame[1] & 1 else _CRC_BYTES)
    size = measure_side_info(frame)
    all_bits = int.from_bytes(frame[at : at + size])

    def read(place: int, count: int) -> int:
        return all_bits >> 8 * size - place - count & (1 << count) - 1

    # main_data_begin, private_bits, scfsi; then 59 or 63 bits a granule and channel
    head = (9 + (5 if channels == 1 else 3) + 4 * channels) if is_mpeg1 else 8 + channels
    granules, width, switch = (2, 59, 33) if is_mpeg1 else (1, 63, 38)
    places = [head + width * index for index in range(granules * channels)]
    return SideInfo(
        read(0, 9 if is_mpeg1 else 8),
        sum(read(place, 12) for place in places),
        at + size,
        tuple(read(place + switch + 1, 2) if read(place + switch, 1) else 0 for place in places),
    )
