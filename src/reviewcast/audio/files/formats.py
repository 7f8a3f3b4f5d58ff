"""The format of audio is told from its first bytes; what libsndfile does not read, ffmpeg does."""

import re
from pathlib import Path

from reviewcast.model.errors import SoundError
from reviewcast.system.file_types import WAVE, Format
from reviewcast.system.programs import is_installed, run_silently

PROGRAM = "ffmpeg"

_PATIENCE_S = 120.0
"""So long may a conversion take; ten minutes of AAC take two seconds."""

LARGEST_BYTES = 500_000_000
"""No file of audio that is read or converted may be larger."""

_BROKEN = re.compile(r"prematurely|partial file|corrupt|invalid data", re.IGNORECASE)
"""What ffmpeg says of a file that breaks off, even where it ends well."""

_WAVE_ORDER = {
    3: "L R C",
    4: "L R Ls Rs",
    5: "L R C Ls Rs",
    6: "L R C LFE Ls Rs",
    7: "L R C LFE S Ls Rs",
    8: "L R C LFE Ls Rs Ls Rs",
}
"""Which speakers the channels are for: Microsoft's order, which FLAC has too (RFC 9639, 9.1.3)."""

_OGG_ORDER = {
    3: "L C R",
    4: "L R Ls Rs",
    5: "L C R Ls Rs",
    6: "L C R Ls Rs LFE",
    7: "L C R Ls Rs S LFE",
    8: "L C R Ls Rs Ls Rs LFE",
}
"""The same in Vorbis (its specification, 4.3.9) and Opus (RFC 7845, 5.1.1.2)."""

_WAVE_MASK = ("L", "R", "C", "LFE", "Ls", "Rs", "L", "R", "S", "Ls", "Rs")
"""The speaker of each bit of dwChannelMask, from the lowest (WAVEFORMATEXTENSIBLE)."""


def list_speakers(kind: Format, head: bytes, channels: int) -> tuple[str, ...]:
    """Return which speaker each channel is for: L, R, C, LFE, Ls, Rs, S; () when nothing tells.

    A WAV may say so itself, else it is the format's usual order. One and two channels need none.
    """
    if channels <= 2:
        return ()
    if kind == WAVE and (mask := _read_mask(head)):
        named = [name for bit, name in enumerate(_WAVE_MASK) if mask >> bit & 1]
        return tuple(named) if len(named) == channels == mask.bit_count() else ()
    order = _OGG_ORDER if kind.demuxer == "ogg" else _WAVE_ORDER
    return tuple(order.get(channels, "").split())


def _read_mask(head: bytes) -> int:
    """Read dwChannelMask of a WAV's format; 0 when there is none."""
    at = head.find(b"fmt ", 12)
    extended = at > 0 and head[at + 8 : at + 10] == b"\xfe\xff"
    return int.from_bytes(head[at + 28 : at + 32], "little") if extended else 0


def is_cut_ogg(tail: bytes) -> bool:
    """True if Ogg breaks off: none of the last pages is marked as one (RFC 3533, 6)."""
    at = tail.rfind(b"OggS")
    return at < 0 or len(tail) < at + 6 or not tail[at + 5] & 4


def convert_foreign(source: Path, target: Path, kind: Format, *, longest_s: int, what: str) -> None:
    """Decode the first sound of a file by ffmpeg to a WAV of floats, a little over `longest_s`.

    It is told the format, so it does not guess, and may open nothing but files: no list of other
    files and no address is followed. Raise SoundError when ffmpeg is not installed, or when the
    file is broken.
    """
    if not is_installed(PROGRAM):
        raise SoundError(
            f"{what} is {kind.name}, which needs {PROGRAM}.",
            hint=f"Install {PROGRAM}, or save it as WAV, FLAC, MP3 or Ogg.",
        )
    before = ["-nostdin", "-v", "error", "-xerror", "-protocol_whitelist", "file"]
    reading = [
        "-f",
        kind.demuxer,
        "-i",
        f"file:{source}",
        "-map",
        "0:a:0",
        "-t",
        f"{longest_s + 1}",
    ]
    writing = ["-c:a", "pcm_f32le", "-fs", f"{LARGEST_BYTES}", "-f", "wav", "-y", f"file:{target}"]
    done, said = run_silently(PROGRAM, [*before, *reading, *writing], longest_s=_PATIENCE_S)
    if not done or _BROKEN.search(said) or not target.is_file():
        raise SoundError(
            f"{what} is {kind.name} that {PROGRAM} cannot decode to its end.",
            hint="Save it anew, as WAV, FLAC, MP3 or Ogg.",
        )
