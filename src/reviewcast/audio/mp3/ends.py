"""How the last frame of an MP3 ends: in what an encoder fills up with, or in the middle of sound.

The main data of a frame may begin in frames before it and end before the frame does. In the middle
of a stream what follows is the next frame's main data; in the last frame it can only be filling.
LAME fills with its version string and then 0x55 or 0xAA, other encoders with one and the same byte.

Sources: ISO/IEC 11172-3 §2.4.1.7 and 13818-3 §2.4.1.7 (side information), LAME's bitstream.c.
"""

from typing import Literal

from reviewcast.audio.mp3.frames import find_frames

End = Literal["closed", "open", "unknown"]
_HEADER_BYTES, _CRC_BYTES = 4, 2
_STUFFING = frozenset((0x55, 0xAA))
_VERSION = b"LAME"


def find_end(stream: bytes) -> End:
    """Find how a stream of whole Layer III frames ends.

    "closed" when an encoder's filling stands at its end, "open" when main data of a frame that is
    not there does: something was cut off. "unknown" when nothing is left over, or a filling that
    tells nothing. Raise SoundError when the stream is anything else than whole frames.
    """
    at = max(find_frames(stream), default=None)
    return "unknown" if at is None else _read_end(stream[at:])


def _read_end(frame: bytes) -> End:
    begin, bits, slot = _read_side(frame)
    used = max(0, (bits + 7) // 8 - begin)
    rest = frame[slot + used :]
    if not rest or (len(set(rest)) == 1 and rest[0] not in _STUFFING):
        return "unknown"
    return "closed" if _is_stuffing(rest) else "open"


def _read_side(frame: bytes) -> tuple[int, int, int]:
    """Read a frame's side information.

    Return by how many bytes its main data begins before it, how many bits that has, and at which
    byte of the frame main data stands.
    """
    is_mpeg1 = frame[1] >> 3 & 3 == 3
    channels = 1 if frame[3] >> 6 == 3 else 2
    at = _HEADER_BYTES + (0 if frame[1] & 1 else _CRC_BYTES)
    size = {(True, 1): 17, (True, 2): 32, (False, 1): 9, (False, 2): 17}[is_mpeg1, channels]
    side = frame[at : at + size]
    all_bits = int.from_bytes(side)

    def read(place: int, count: int) -> int:
        return all_bits >> 8 * size - place - count & (1 << count) - 1

    # main_data_begin, private_bits, scfsi; then 59 or 63 bits a granule and channel
    head = (9 + (5 if channels == 1 else 3) + 4 * channels) if is_mpeg1 else 8 + channels
    granules, width = (2, 59) if is_mpeg1 else (1, 63)
    bits = sum(read(head + width * index, 12) for index in range(granules * channels))
    return read(0, 9 if is_mpeg1 else 8), bits, at + size


def _is_stuffing(rest: bytes) -> bool:
    """True if bytes are LAME's filling: its version string and then 0x55 or 0xAA, or one of both.

    It begins at any bit, so that the first byte may still hold main data.
    """
    if len(rest) > 1 and all(byte in _STUFFING for byte in rest[1:]):
        return True
    whole = int.from_bytes(rest)
    return any(0 <= (whole >> shift).to_bytes(len(rest)).find(_VERSION) <= 1 for shift in range(8))
