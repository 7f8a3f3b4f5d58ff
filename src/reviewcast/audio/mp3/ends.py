"""How the last frame of an MP3 ends: in what an encoder fills up with, or in the middle of sound.

The main data of a frame may begin in frames before it and end before the frame does. In the middle
of a stream what follows is the next frame's main data; in the last frame it can only be filling.
LAME fills with its version string and then 0x55 or 0xAA, other encoders with one and the same byte.

Source: LAME's bitstream.c.
"""

from typing import Literal

from reviewcast.audio.mp3.frames import find_frames
from reviewcast.audio.mp3.side_info import read_side_info

End = Literal["closed", "open", "unknown"]
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
    side = read_side_info(frame)
    used = max(0, (side.bits + 7) // 8 - side.begin)
    rest = frame[side.end + used :]
    if not rest or (len(set(rest)) == 1 and rest[0] not in _STUFFING):
        return "unknown"
    return "closed" if _is_stuffing(rest) else "open"


def _is_stuffing(rest: bytes) -> bool:
    """True if bytes are LAME's filling: its version string and then 0x55 or 0xAA, or one of both.

    It begins at any bit, so that the first byte may still hold main data.
    """
    if len(rest) > 1 and all(byte in _STUFFING for byte in rest[1:]):
        return True
    whole = int.from_bytes(rest)
    return any(0 <= (whole >> shift).to_bytes(len(rest)).find(_VERSION) <= 1 for shift in range(8))
