"""Records of one version of their format."""

import pytest
from msgspec import Struct

from reviewcast.model.errors import StorageError
from reviewcast.system.records import load_record


class Tally(Struct, kw_only=True):
    """A record."""

    version: int = 2
    count: int = 0


def test_what_is_there_is_read(tmp_path):
    """Its fields come back."""
    path = tmp_path / "tally.json"
    path.write_text('{"version": 2, "count": 7}', encoding="utf-8")
    assert load_record(path, Tally(), hint="Remove it.").count == 7


def test_none_is_the_empty_one(tmp_path):
    """Before the first run there is none."""
    empty = Tally()
    assert load_record(tmp_path / "tally.json", empty, hint="Remove it.") is empty


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"count": "x"}', b'{"count": "\xff"}'])
def test_a_broken_one_is_refused_with_advice(tmp_path, data):
    """The file is named, and what to do."""
    path = tmp_path / "tally.json"
    path.write_bytes(data)
    with pytest.raises(StorageError, match="cannot be read") as caught:
        load_record(path, Tally(), hint="Remove it.")
    assert str(path) in caught.value.message
    assert caught.value.hint == "Remove it."


def test_another_version_is_refused(tmp_path):
    """What a newer one holds is not known here."""
    path = tmp_path / "tally.json"
    path.write_text('{"version": 3}', encoding="utf-8")
    with pytest.raises(StorageError, match="another version"):
        load_record(path, Tally(), hint="Remove it.")
