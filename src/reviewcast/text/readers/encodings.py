"""Bytes become text: by their mark, as UTF-8, or by a guess that is said aloud."""

import re

from reviewcast.model.errors import ReviewError

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_NO_TEXT = (
    b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"OggS",
    b"fLaC", b"ID3", b"\xff\xfb", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"BZh", b"7z\xbc\xaf", b"\x7fELF",
)  # fmt: skip

_STRAY = re.compile("[\udc80-\udcff]")
_SAMPLE_BYTES = 200_000

# UTF-8 that something has read as Latin-1 or Windows-1252, and written as UTF-8 again: Ã©, â€™.
# No word has a letter before these signs; the controls are those that Windows-1252 leaves free.
_TWICE = re.compile(
    "\u00c3(?:[\u0080-\u009f\u00a1-\u00ba\u00bc-\u00bf]|\u00a0(?= )"
    "|\u00bb(?=[a-z])|(?<=[a-z].)[\u00a0\u00bb])"  # MANH\u00c3\u00bb may close a quotation
    "|\u00c2(?<![A-Z\u00c0-\u00de].)[\u0080-\u00bf]"
    "|\u00e2[\u0080-\u0083][\u0080-\u00bf]"
    "|\u00e2[\u20ac\u201a][\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)

_DECLARED = re.compile(
    rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|^<\?xml[^<>]{0,200}?encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)


def decode_text(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Decode a file's bytes; return the text and a remark for each thing that was guessed.

    Raise ReviewError when it is binary, or no text in any plausible encoding.
    """
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    odd = data.count(0) + data.count(b"\x1b") if marked is None else 0
    if data.startswith(_NO_TEXT) or odd > max(2, len(data) // 1000):
        raise ReviewError(f"{name} is a binary file.", hint="Give a text or Markdown file.")
    try:
        return _mend_twice_encoded(data.decode(marked or "utf-8").removeprefix("\ufeff"), name)
    except UnicodeDecodeError as error:
        if marked is None:
            guessed = _decode_mixed(data, name) or _decode_declared(data) or _guess(data, name)
            if guessed:
                return guessed
        raise ReviewError(
            f"{name} is not text in {(marked or 'utf-8').upper()} (byte {error.start}).",
            hint="Save it as UTF-8.",
        ) from error


def _mend_twice_encoded(text: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Put right what was encoded twice, and say so."""
    count = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal count
        try:
            data = b"".join(
                bytes([ord(letter)]) if ord(letter) < 256 else letter.encode("cp1252")
                for letter in match[0]
            )
            decoded = data.decode("utf-8")
        except ValueError:
            return match[0]
        count += 1
        return decoded

    if text.isascii() or not _TWICE.search(text):
        return text, ()
    mended = _TWICE.sub(decode, text)
    signs = "1 character" if count == 1 else f"{count} characters"
    note = f"{name} has {signs} whose UTF-8 was encoded twice, such as Ã© for é: they were mended."
    return mended, (note,) * bool(count)


def _decode_mixed(data: bytes, name: str) -> tuple[str, tuple[str, ...]] | None:
    """Read the stray bytes in what is otherwise UTF-8 as Windows-1252."""
    text = data.decode("utf-8", "surrogateescape")
    strays = len(_STRAY.findall(text))
    if sum(not character.isascii() for character in text) < 2 * strays + 1:
        return None
    text = _STRAY.sub(lambda m: bytes([ord(m[0]) - 0xDC00]).decode("cp1252", "replace"), text)
    bytes_are = "1 byte that is" if strays == 1 else f"{strays} bytes that are"
    note = f"{name} has {bytes_are} not UTF-8: read as Windows-1252. Save it as UTF-8."
    return text.removeprefix("\ufeff"), (note,)


def _decode_declared(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """Believe a page that says what it is in, when it can be."""
    match = _DECLARED.search(data[:4096])
    if not match:
        return None
    codec = (match[1] or match[2]).decode("ascii").lower()
    codec = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}.get(codec, codec)
    try:
        return data.decode(codec), ()
    except (LookupError, ValueError):
        return None


def _guess(data: bytes, name: str) -> tuple[str, tuple[str, ...]] | None:
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE_BYTES]
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return None
    codec = best.encoding
    # Western text is as plausible in Central Europe's code page, but there is more of it about
    if (
        codec != "cp1252"
        and not best.multi_byte_usage
        and "cp1252" in {alike for match in matches for alike in match.could_be_from_charset}
    ):
        codec = "cp1252"
    try:
        text = data.decode(codec)
    except (LookupError, ValueError):
        return None
    label = {"cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251"}
    note = (
        f"{name} is not UTF-8; it was read as {label.get(codec, codec)}, which is a guess."
        " Save it as UTF-8 to be sure."
    )
    return text, (note,)
