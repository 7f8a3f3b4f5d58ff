"""Encodings: marks and UTF-8 are certain, the rest is a guess that is said aloud."""

import pytest

from reviewcast.model.errors import ReviewError
from reviewcast.text.readers.encodings import decode_text

FRENCH = "Il était une fois à Noël, l’été où « ça » n’est pas prêt, un cœur d’hiver. "
RUSSIAN = "Это очень хороший фильм, и я рекомендую его всем. Режиссёр снял отличную картину. "
FREE = b"\x81\x8d\x8f\x90\x9d"  # in Windows-1252
JAPANESE = "これは日本語のテキストです。映画はとても面白かったです。"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_certain(codec):
    """UTF-8, and what has a mark, needs no guess."""
    assert decode_text(FRENCH.encode(codec), "x.txt") == (FRENCH, ())


@pytest.mark.parametrize(
    ("text", "codec"), [(FRENCH, "cp1252"), (RUSSIAN, "cp1251"), (JAPANESE, "shift_jis")]
)
def test_guessed(text, codec):
    """A guess is right, and said."""
    decoded, (note,) = decode_text((text * 3).encode(codec), "x.txt")
    assert decoded == text * 3
    assert note.startswith("x.txt is not UTF-8; it was read as ")


@pytest.mark.parametrize(("strays", "said"), [(1, "1 byte that is"), (2, "2 bytes that are")])
def test_mixed(strays, said):
    """Stray bytes in UTF-8 are read as Windows-1252."""
    decoded, (note,) = decode_text(FRENCH.encode() + b"\x93\x94"[:strays], "x.txt")
    assert decoded == FRENCH + "“”"[:strays]
    assert note.startswith(f"x.txt has {said} not UTF-8: read as Windows-1252")


@pytest.mark.parametrize(
    "data", [bytes(range(128, 256)), b"\xff\xfeT\x00e", b"\x89PNG", b"PK\x03\x04", b"a\0b\0c\0d"]
)
def test_refused(data):
    """What is no text is refused."""
    with pytest.raises(ReviewError):
        decode_text(data, "x.txt")


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_encoded_twice(codec):
    """UTF-8 that was read as something else and encoded again is mended, and said."""
    text = "Noël à l’été, “ça” – déjà… plus 20\u00a0€ et 5° "
    twice = "".join(mangle(letter, codec) for letter in text)
    decoded, (note,) = decode_text(twice.encode(), "x.txt")
    assert decoded == text
    assert "characters whose UTF-8 was encoded twice" in note


def mangle(letter: str, codec: str) -> str:
    """Return what a reader of another encoding makes of UTF-8; it keeps the bytes that it lacks."""
    return "".join(
        bytes([byte]).decode(codec if codec == "latin-1" or byte not in FREE else "latin-1")
        for byte in letter.encode()
    )


@pytest.mark.parametrize(
    "text", ["SÃO PAULO", "« UN CAFÉ»", "SOLA MANHÃ» DISSE", "â, Ã e Â", "MAÇÃ, CHÂ°", "naïve"]
)
def test_honest_letters(text):
    """Letters that words have are no damage."""
    assert decode_text(text.encode(), "x.txt") == (text, ())


def test_unknown_declaration():
    """A page that declares what does not exist is guessed like any other."""
    _, notes = decode_text(b"<meta charset=klingon>" + FRENCH.encode("cp1252") * 3, "x.html")
    assert notes
