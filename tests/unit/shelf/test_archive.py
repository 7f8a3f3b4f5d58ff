"""Exports are opened in bounds: bombs, broken files and XML that could fetch are refused."""

import io
import tracemalloc
import zipfile

import pytest
from tests.support.program import Program

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf.archive import (
    FolderArchive,
    ZipArchive,
    read_file,
    read_rows,
)
from reviewcast.shelf.xml import parse_elements


def make_zip(files):
    """Return a zip file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_hidden_members_are_none_of_the_files():
    """As in a folder: an editor's bin, and what a system leaves in its archives."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.md", ".trash/b.md", "x/.obsidian/c.md", "__MACOSX/._a.md"):
            archive.writestr(name, "canary")
    assert ZipArchive(packed.getvalue(), "x.zip").names == ("a.md",)


def test_a_bomb_is_refused_by_what_it_really_holds():
    """200 MB of zeros in 200 kB: no more than the limit is ever unpacked."""
    data = make_zip({"reviews.csv": b"\0" * 200_000_000})
    archive = ZipArchive(data, "bomb.zip")
    tracemalloc.start()
    with pytest.raises(ReviewError, match="larger than 5 MB"):
        archive.read("reviews.csv", most_bytes=5_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_header_that_lies_is_not_believed():
    """A member that says it has ten bytes and has more is broken, not trusted."""
    data = bytearray(make_zip({"reviews.csv": b"x" * 100_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(mark) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ReviewError):
        ZipArchive(bytes(data), "lie.zip").read("reviews.csv", most_bytes=1_000_000)


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + b"\xff" * 500])
def test_a_broken_zip_is_a_sentence(data):
    """No traceback."""
    with pytest.raises(ReviewError, match="broken zip"):
        ZipArchive(data, "x.zip")


def test_a_locked_member_is_a_sentence():
    """A zip with a password cannot be unpacked."""
    data = bytearray(make_zip({"a.csv": b"x"}))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ReviewError, match="cannot be unpacked"):
        ZipArchive(bytes(data), "x.zip").read("a.csv", most_bytes=10)


def test_a_folder_shows_nothing_from_outside(tmp_path):
    """Hidden files, and links that lead out of the folder, are not there."""
    (tmp_path / "secret.md").write_text("canary", "utf-8")
    folder = tmp_path / "blog"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "x.md").write_text("x", "utf-8")
    (folder / "a.md").write_text("x", "utf-8")
    (folder / "b.md").symlink_to(tmp_path / "secret.md")
    assert FolderArchive(folder).names == ("a.md",)


def test_a_field_has_a_limit():
    """A field of over 1 MB stops the reading; the limit of the csv module is as before."""
    data = b'Name,Review\nHeat,"' + b"x" * 3_000_000 + b'"\n'
    with pytest.raises(ReviewError, match="field larger than field limit"):
        list(read_rows(data, "x.csv", []))
    assert list(read_rows(b"Name\nHeat\n", "x.csv", [])) == [{"Name": "Heat"}]


def test_a_table_has_a_limit_and_no_nul():
    """100 MB are refused unread, and what has NUL characters is no CSV."""
    with pytest.raises(ReviewError, match="larger than 50 MB"):
        next(read_rows(b"x" * 50_000_001, "x.csv", []))
    with pytest.raises(ReviewError, match="NUL"):
        next(read_rows(b"Name,Review\nHeat,a\0b\n", "x.csv", []))


@pytest.mark.parametrize(
    "data",
    [
        "Name,Review\r\nHeat,Fine\r\n".encode("utf-8-sig"),
        "Name,Review\nHeat,Fine\n".encode("utf-16"),
        b"Name;Review\nHeat;Fine",
        b"Name,Review\nHeat,Fine,,\n",
        b'Name , Review \n  Heat, "Fine" \n',
    ],
)
def test_tables_as_programs_save_them(data):
    """A mark of UTF-8, UTF-16, semicolons, empty fields at the end and set-in columns are read."""
    assert list(read_rows(data, "x.csv", [])) == [{"Name": "Heat", "Review": "Fine"}]


def test_a_text_is_not_cut_at_its_comma():
    """A row without the quotation marks that it needs is named, and the others are read."""
    failed = []
    table = b"Name,Review\nHeat,Fine, but long\nDune,Sand\n"
    assert list(read_rows(table, "x.csv", failed)) == [{"Name": "Dune", "Review": "Sand"}]
    assert [one.title for one in failed] == ["Heat"]
    assert failed[0].reason.startswith("Line 2 of x.csv has more fields than columns")


def test_formulas_stay_text():
    """Nothing in a field is evaluated."""
    assert next(read_rows(b'Name\n"=HYPERLINK(1)"\n', "x.csv", [])) == {"Name": "=HYPERLINK(1)"}


BOMB = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><rss><item>&b;</item></rss>"""
FETCH = b"""<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item>&a;</item></rss>"""


@pytest.mark.parametrize(
    "data",
    [BOMB, FETCH, BOMB.decode().replace("1.0", '1.0" encoding="UTF-16').encode("utf-16")],
)
def test_no_doctype(data):
    """XML that defines entities is refused before any of them is used."""
    with pytest.raises(ReviewError, match="DOCTYPE"):
        list(parse_elements(data, "x.xml", frozenset({"item"}), []))


def test_elements_come_one_after_another():
    """Control characters of old blogs are passed over; what is not well-formed is named."""
    data = b"<rss><item>a\x08</item><item>b</item></rss>"
    texts = [element.text for element in parse_elements(data, "x.xml", frozenset({"item"}), [])]
    assert texts == ["a", "b"]
    with pytest.raises(ReviewError, match="not well-formed"):
        list(parse_elements(b"<rss><item>", "x.xml", frozenset({"item"}), []))


def test_deep_xml_is_refused():
    """100,000 levels do not overflow the stack."""
    with pytest.raises(ReviewError, match="not well-formed"):
        list(parse_elements(b"<a>" * 100_000, "x.xml", frozenset({"item"}), []))


def test_a_missing_file_is_a_sentence(tmp_path):
    """And a file that is too large."""
    with pytest.raises(UsageError, match="There is no file"):
        read_file(tmp_path / "none.csv")
    (tmp_path / "x").write_bytes(b"x" * 11)
    with pytest.raises(ReviewError, match="larger"):
        read_file(tmp_path / "x", most_bytes=10)


@pytest.mark.parametrize(("kind", "column"), [("goodreads", "My Review"), ("letterboxd", "Name")])
def test_a_table_of_something_else_is_refused(tmp_path, kind, column):
    """What is named wrongly is no export without reviews."""
    (tmp_path / "podcast.toml").write_text("")
    (tmp_path / "x.csv").write_text("Title,Review\nHeat,Fine.\n")
    done = Program(tmp_path / "cache").run("import", "x.csv", "--as", kind, cwd=tmp_path)
    assert done.code == 3
    assert f"x.csv is no such export: it has no column '{column}'." in done.err
    assert not (tmp_path / "reviews").exists()
