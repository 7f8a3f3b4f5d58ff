"""What is to be put at a destination: its name, and its bytes in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcast.model.errors import DestinationError
from reviewcast.model.protocols import Upload, is_name


@pytest.mark.parametrize(
    "name",
    ["x", "feed.xml", "a/b c/d-1_2.mp3", "per%20cent", "#'(1)!~", "n" * 200, "a/" * 449 + "b"],
)
def test_names(name):
    """Printable ASCII in parts of up to 200 characters, 900 in all."""
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", ".a", "a/.b", "a.", "a ", " a", "a\\b",
     "a:b", "a*", "a?", 'a"', "<a>", "a|b", "a\n", "a\0", "\x7f", "caf\u00e9", "n" * 201,
     "a/" * 450 + "b"],
)  # fmt: skip
def test_no_names(name):
    """What would leave the place, hide, or be another name on some system."""
    assert not is_name(name)


@given(st.text())
def test_names_stay_inside(name):
    """No name that is taken leads out, is absolute, or holds a character beyond ASCII."""
    if is_name(name):
        assert name.isascii() and name.isprintable()
        assert all(part and not part.startswith(".") for part in name.split("/"))


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 25])
def test_pieces(tmp_path, size):
    """Bytes and files come in the same pieces."""
    data = bytes(range(size))
    path = tmp_path / "source"
    path.write_bytes(data)
    for source in (data, path):
        upload = Upload(name="x", source=source, size_bytes=size, content_type="")
        pieces = list(upload.read_pieces(10))
        assert b"".join(pieces) == data
        assert all(len(piece) <= 10 for piece in pieces)


@pytest.mark.parametrize("size", [9, 11])
def test_another_size(tmp_path, size):
    """A source that has changed since it was measured is found out at its end."""
    path = tmp_path / "source"
    path.write_bytes(bytes(10))
    for source in (bytes(10), path):
        upload = Upload(name="x", source=source, size_bytes=size, content_type="")
        with pytest.raises(DestinationError, match=f"x has 10 bytes and not {size}"):
            list(upload.read_pieces())


def test_unreadable(tmp_path):
    """A source that is missing or a folder is named."""
    for source in (tmp_path / "missing", tmp_path):
        upload = Upload(name="x", source=source, size_bytes=1, content_type="")
        with pytest.raises(DestinationError, match=f"Cannot read {source}"):
            list(upload.read_pieces())
