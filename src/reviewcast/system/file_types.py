"""What a file is, by its first bytes."""

from msgspec import Struct

HEAD_BYTES = 4096
"""So much of a file's beginning is enough for all that is told from it."""


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


WAVE = Format("WAV", "wav", is_foreign=False)


_AIFF = Format("AIFF", "aiff", is_foreign=False)


_MP3 = Format("MP3", "mp3", is_foreign=False)


def find_format(head: bytes) -> Format | None:
    """Tell the format of audio from the first HEAD_BYTES of its file; None if it is not known."""
    if head[:3] == b"ID3" and len(head) >= 10:
        size = 0
        for byte in head[6:10]:  # seven bits each (ID3v2.4, 3.1)
            size = size << 7 | byte & 0x7F
        return find_format(head[10 + size :]) or _MP3
    if head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE":
        return WAVE
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


def find_image_type(data: bytes) -> str:
    """Return the MIME type of a JPEG or PNG by its first bytes, "" for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/png" if data.startswith(b"\x89PNG\r\n\x1a\n") else ""


def sniff_audio(data: bytes) -> str:
    """Tell by its first bytes what kind of audio file it is, as a suffix; "" for none.

    Sources: RFC 9639 §6 (FLAC), RFC 3533 §6 (Ogg), ISO/IEC 11172-3 §2.4.1 (MP3), id3.org (ID3v2).
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return ".wav"
    if data[:4] == b"fLaC":
        return ".flac"
    if data[:4] == b"OggS":
        return ".ogg"
    is_frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2
    return ".mp3" if data[:3] == b"ID3" or is_frame else ""
