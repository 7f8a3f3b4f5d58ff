"""The format of audio is told from its first bytes; what libsndfile does not read, ffmpeg does."""

import re
from pathlib import Path

from msgspec import Struct

from reviewcast.errors import SoundError
from reviewcast.tools import is_installed, run_silently

PROGRAM = "ffmpeg"
_PATIENCE_S = 120.0
"""So long may a conversion take; ten minutes of AAC take two seconds."""
HEAD_BYTES = 4096
"""So much of a file's beginning is enough for all that is told from it."""
LARGEST_BYTES = 500_000_000
"""No file of audio that is read or converted may be larger."""
_BROKEN = re.compile(r"prematurely|partial file|corrupt|invalid data", re.IGNORECASE)
"""What ffmpeg says of a file that breaks off, even where it ends well."""


class Format(Struct, frozen=True):
    """A format by its usual name and by ffmpeg's; `is_foreign` when libsndfile does not read it."""

    name: str
    demuxer: str
    is_foreign: bool = True


_SIGNATURES: tuple[tuple[int, bytes, Format], ...] = (
    (0, b"fLaC", Format("FLAC", "flac", is_foreign=False)),
    (0, b"OggS", Format("Ogg", "ogg", is_foreign=False)),
    (0, b"caff", Format("CAF", "caf", is_foreign=False)),
    (0, b".snd", Format("AU", "au", is_foreign=False)),
    (0, b"riff\x2e\x91\xcf\x11", Format("W64", "w64", is_foreign=False)),
    (4, b"ftypqt", Format("QuickTime", "mov")),
    (4, b"ftypM4", Format("M4A", "mov")),
    (4, b"ftyp", Format("MP4", "mov")),
    (4, b"moov", Format("QuickTime", "mov")),
    (4, b"mdat", Format("QuickTime", "mov")),
    (4, b"wide", Format("QuickTime", "mov")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format("WMA", "asf")),
    (0, b"\x1a\x45\xdf\xa3", Format("WebM or Matroska", "matroska")),
    (0, b"\x0b\x77", Format("AC-3", "ac3")),
    (0, b"wvpk", Format("WavPack", "wv")),
    (0, b"MAC ", Format("Monkey's Audio", "ape")),
    (0, b"MPCK", Format("Musepack", "mpc8")),
    (0, b"MP+", Format("Musepack", "mpc")),
    (0, b"TTA1", Format("True Audio", "tta")),
    (0, b"#!AMR", Format("AMR", "amr")),
    (0, b"DSD ", Format("DSF", "dsf")),
)
_WAVE = Format("WAV", "wav", is_foreign=False)
_AIFF = Format("AIFF", "aiff", is_foreign=False)
_MP3 = Format("MP3", "mp3", is_foreign=False)

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


def find_format(head: bytes) -> Format | None:
    """Tell the format of audio from the first HEAD_BYTES of its file; None if it is not known."""
    if head[:3] == b"ID3" and len(head) >= 10:
        size = 0
        for byte in head[6:10]:  # seven bits each (ID3v2.4, 3.1)
            size = size << 7 | byte & 0x7F
        return find_format(head[10 + size :]) or _MP3
    if head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE":
        return _WAVE
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return _AIFF
    for at, signature, kind in _SIGNATURES:
        if head[at : at + len(signature)] == signature:
            return _look_inside(kind, head)
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        if head[1] & 0xF6 == 0xF0:  # a layer of 0 is no MPEG-1 audio (ISO/IEC 13818-7, 6.2)
            return Format("AAC", "aac")
        return _MP3 if head[1] & 0x18 != 0x08 and head[1] & 0x06 else None
    return None


def _look_inside(kind: Format, head: bytes) -> Format:
    """Tell what a container holds that its first bytes alone do not say."""
    if kind.name == "FLAC" and not int.from_bytes(head[21:26], "big") & 0xF_FFFF_FFFF:
        return Format("FLAC of unknown length", "flac")  # as streamed: libsndfile reads none of it
    if kind.name == "Ogg" and head[28:33] == b"Speex":
        return Format("Speex", "ogg")
    if kind.name == "AC-3" and len(head) > 5 and head[5] >> 3 > 10:
        return Format("E-AC-3", "eac3")  # bsid (ETSI TS 102 366, E.1.3.1.6)
    return kind


def list_speakers(kind: Format, head: bytes, channels: int) -> tuple[str, ...]:
    """Tell which speaker each channel is for: L, R, C, LFE, Ls, Rs, S; () when nothing tells.

    A WAV may say so itself, else it is the format's usual order. One and two channels need none.
    """
    if channels <= 2:
        return ()
    if kind == _WAVE and (mask := _read_mask(head)):
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
    """Tell whether Ogg breaks off: none of the last pages is marked as one (RFC 3533, 6)."""
    at = tail.rfind(b"OggS")
    return at < 0 or len(tail) < at + 6 or not tail[at + 5] & 4


def convert_foreign(source: Path, target: Path, kind: Format, *, longest_s: int, what: str) -> None:
    """Let ffmpeg decode the first sound of a file to a WAV of floats, a little over `longest_s`.

    It is told the format, so it does not guess, and may open nothing but files: no list of other
    files and no address is followed. Raises SoundError when ffmpeg is not installed, or when the
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
