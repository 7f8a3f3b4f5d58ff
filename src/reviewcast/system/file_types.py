"""What a file is: its MIME type by the end of its name, its format by its first bytes."""

from msgspec import Struct


class FileType(Struct, frozen=True):
    """A type by the end of its files' names and by its MIME type.

    `also` are further names that the type is sent under, `signature` is how its files begin where
    that is all there is to see.
    """

    suffix: str
    mime: str
    is_text: bool = False
    also: frozenset[str] = frozenset()
    signature: bytes = b""

    @property
    def content_type(self) -> str:
        """Return the MIME type as a header has it: text is in UTF-8."""
        return f"{self.mime}; charset=utf-8" if self.is_text else self.mime


_JSON, _JSON_CHAPTERS = "application/json", "application/json+chapters"

_TYPES = (
    FileType(
        ".mp3",
        "audio/mpeg",
        also=frozenset({"audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg"}),
    ),
    FileType(".opus", "audio/ogg", also=frozenset({"audio/opus"})),  # RFC 7845, 9
    FileType(".vtt", "text/vtt", is_text=True),
    FileType(
        ".srt",
        "application/x-subrip",
        is_text=True,
        also=frozenset({"application/srt", "text/srt"}),
    ),
    FileType(".chapters.json", _JSON_CHAPTERS, is_text=True, also=frozenset({_JSON})),
    FileType(".json", _JSON, is_text=True, also=frozenset({_JSON_CHAPTERS})),
    FileType(".xml", "application/rss+xml", is_text=True),
    FileType(".html", "text/html", is_text=True),
    FileType(".css", "text/css", is_text=True),
    FileType(".js", "text/javascript", is_text=True),
    FileType(".svg", "image/svg+xml"),
    FileType(".jpg", "image/jpeg", signature=b"\xff\xd8\xff"),
    FileType(".png", "image/png", signature=b"\x89PNG\r\n\x1a\n"),
    FileType(".webp", "image/webp"),
)
"""Not the machine's own tables: these differ from one machine to the next."""

_UNKNOWN = FileType("", "application/octet-stream")


def find_type(name: str) -> FileType:
    """Return the type of a file by its name; for an unknown one it has no suffix."""
    lowered = name.lower()
    return next((one for one in _TYPES if lowered.endswith(one.suffix)), _UNKNOWN)


def find_type_by_mime(mime: str) -> FileType:
    """Return the type of that MIME type, whatever parameters follow; see `find_type`."""
    said = mime.partition(";")[0].strip().lower()
    exact = (one for one in _TYPES if one.mime == said)
    return next(exact, next((one for one in _TYPES if said in one.also), _UNKNOWN))


def find_image_type(data: bytes) -> str:
    """Return the MIME type of a JPEG or PNG by its first bytes, "" for anything else."""
    signed = (one for one in _TYPES if one.signature)
    return next((one.mime for one in signed if data.startswith(one.signature)), "")


HEAD_BYTES = 4096
"""So much of a file's beginning is enough for all that is told from it."""


class Format(Struct, frozen=True):
    """A format of audio by its usual name and by ffmpeg's.

    `is_foreign` when libsndfile does not read it; `suffix` ends the names of those that a visitor
    may upload.
    """

    name: str
    demuxer: str
    is_foreign: bool = True
    suffix: str = ""


_SIGNATURES: tuple[tuple[int, bytes, Format], ...] = (
    (0, b"fLaC", Format("FLAC", "flac", is_foreign=False, suffix=".flac")),
    (0, b"OggS", Format("Ogg", "ogg", is_foreign=False, suffix=".ogg")),
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

WAVE = Format("WAV", "wav", is_foreign=False, suffix=".wav")
_AIFF = Format("AIFF", "aiff", is_foreign=False)
_MP3 = Format("MP3", "mp3", is_foreign=False, suffix=".mp3")


def find_format(head: bytes) -> Format | None:
    """Return the format of audio from the first HEAD_BYTES of its file; None if it is not known."""
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
    """Return what a container holds that its first bytes alone do not say."""
    if kind.name == "FLAC" and not int.from_bytes(head[21:26], "big") & 0xF_FFFF_FFFF:
        # as streamed: libsndfile reads none of it
        return Format("FLAC of unknown length", "flac", suffix=".flac")
    if kind.name == "Ogg" and head[28:33] == b"Speex":
        return Format("Speex", "ogg", suffix=".ogg")
    if kind.name == "AC-3" and len(head) > 5 and head[5] >> 3 > 10:
        return Format("E-AC-3", "eac3")  # bsid (ETSI TS 102 366, E.1.3.1.6)
    return kind
