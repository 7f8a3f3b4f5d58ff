"""The chapters of a tag, read from its bytes, against mutagen."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import CHAP, CTOC, ID3, TIT2, CTOCFlags
from tests.support.published import CHAPTERS, make_tag

from reviewcast.podcast.check.id3 import Contents, Tag, TagChapter, read_tag


def make_foreign_tag(version, encoding):
    tag = ID3()
    for number, title in enumerate(("One", "Zwölf", "映画")):
        tag.add(
            CHAP(
                element_id=f"c{number}",
                start_time=number * 70_000,
                end_time=number * 70_000 + 70_000,
                start_offset=0xFFFFFFFF,
                end_offset=0xFFFFFFFF,
                sub_frames=[TIT2(encoding=encoding, text=[title])],
            )
        )
    flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    tag.add(CTOC(element_id="t", flags=flags, child_element_ids=["c0", "c1", "c2"], sub_frames=[]))
    file = io.BytesIO()
    tag.save(file, v1=0, v2_version=version)
    return file.getvalue()


@pytest.mark.parametrize(("version", "encoding"), [(3, 1), (4, 1), (4, 3), (4, 2)])
def test_chapters_of_both_versions_are_read(version, encoding):
    """Times, titles in every encoding, and the table of contents."""
    data = make_foreign_tag(version, encoding)
    tag = read_tag(io.BytesIO(data + b"\xff\xfb"))
    assert tag.size_bytes == len(data)
    assert sorted(tag.chapters, key=lambda chapter: chapter.start_ms) == [
        TagChapter("c0", 0, 70_000, "One"),
        TagChapter("c1", 70_000, 140_000, "Zwölf"),
        TagChapter("c2", 140_000, 210_000, "映画"),
    ]
    assert tag.contents == (Contents(("c0", "c1", "c2"), True, True),)


def test_our_own_tag_is_read_in_its_order():
    """The chapters stand in the order of their times."""
    tag = read_tag(io.BytesIO(make_tag()))
    assert [(c.title, c.start_ms / 1000) for c in tag.chapters] == [
        (chapter.title, chapter.start_s) for chapter in CHAPTERS
    ]


@pytest.mark.parametrize("data", [b"", b"ID", b"\xff\xfb\x90\x00" * 5])
def test_a_file_may_have_no_tag(data):
    """Then it is of no size."""
    assert read_tag(io.BytesIO(data)) == Tag()


@given(st.integers(0, 2000), st.binary(max_size=30))
def test_a_broken_tag_is_told(at, junk):
    """Whatever its bytes are, a tag is read or refused as broken."""
    data = make_tag()
    for broken in (data[:at], data[:at] + junk + data[at + len(junk) :], b"ID3\x04\0\0" + junk):
        try:
            read_tag(io.BytesIO(broken))
        except ValueError:
            continue
