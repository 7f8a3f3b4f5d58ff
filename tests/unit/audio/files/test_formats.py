"""Formats are told from the first bytes of a file, and from nothing else."""

import pytest

from reviewcast.audio.files.formats import is_cut_ogg, list_speakers
from reviewcast.system.file_types import find_format

ID3 = b"ID3\x04\0\0\0\0\0\x05" + bytes(5)
FLAC = b"fLaC\0\0\0\x22" + bytes(13) + b"\x0a\xc4\x42\xf0\0\0\x10\0"


@pytest.mark.parametrize(
    ("head", "name", "is_foreign"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "WAV", False),
        (b"RF64\xff\xff\xff\xffWAVEds64", "WAV", False),
        (b"FORM\0\0\0\0AIFC", "AIFF", False),
        (FLAC, "FLAC", False),
        (FLAC[:21] + bytes(5), "FLAC of unknown length", True),
        (b"OggS" + bytes(24) + b"OpusHead", "Ogg", False),
        (b"OggS" + bytes(24) + b"Speex   ", "Speex", True),
        (b"\xff\xfb\x90\x64", "MP3", False),
        (b"\xff\xf3\x84\xc4", "MP3", False),
        (ID3 + b"\xff\xfb\x90\x64", "MP3", False),
        (ID3 + bytes(30), "MP3", False),
        (b"ID3\x04\0\0\0\x7f\x7f\x7f" + bytes(30), "MP3", False),
        (ID3 + b"\xff\xf1\x50\x80", "AAC", True),
        (ID3 + FLAC, "FLAC", False),
        (b"\xff\xf1\x50\x80", "AAC", True),
        (b"\0\0\0\x1cftypM4A \0\0\x02\0", "M4A", True),
        (b"\0\0\0\x1cftypM4B \0\0\x02\0", "M4A", True),
        (b"\0\0\0\x1cftypisom\0\0\x02\0", "MP4", True),
        (b"\0\0\0\x14ftypqt  \0\0\x02\0", "QuickTime", True),
        (b"\x0b\x77\0\0\0\x40", "AC-3", True),
        (b"\x0b\x77\0\0\0\x80", "E-AC-3", True),
    ],
)
def test_a_format_is_told(head, name, is_foreign):
    """Each by its signature, and by what is inside where that decides who can read it."""
    kind = find_format(head)
    assert (kind.name, kind.is_foreign) == (name, is_foreign)


@pytest.mark.parametrize(
    "head",
    [b"", b"R", b"RIFF\0\0\0\0AVI ", b"ffconcat version 1.0", b"#EXTM3U\n", b"<html>", bytes(64),
     b"\xff", b"\xff\xff", b"\xff\xe8\0\0", b"v=0\r\no=- 0 0 IN IP4", b"ID3"],
)  # fmt: skip
def test_what_is_no_audio_has_no_format(head):
    """Lists of files, pages, text and the like are none."""
    assert find_format(head) is None


def test_a_tag_without_end_is_passed_over_once():
    """A row of tags does not keep the search going for ever."""
    assert find_format(b"ID3\x04\0\0\0\0\0\0" * 400).name == "MP3"


def test_speakers_follow_the_format():
    """The same number of channels stands in another order in Ogg."""
    wave, ogg = find_format(b"RIFF\0\0\0\0WAVE"), find_format(b"OggS" + bytes(40))
    assert list_speakers(wave, b"", 6) == ("L", "R", "C", "LFE", "Ls", "Rs")
    assert list_speakers(ogg, b"", 6) == ("L", "C", "R", "Ls", "Rs", "LFE")
    assert list_speakers(wave, b"", 2) == list_speakers(ogg, b"", 40) == ()


def test_ogg_ends_with_a_page_that_says_so():
    """The last page counts, whole or not."""
    page, last = b"OggS\0\0" + bytes(30), b"OggS\0\x04" + bytes(30)
    assert not is_cut_ogg(page + last)
    assert is_cut_ogg(last + page)
    assert is_cut_ogg(page + b"OggS\0")
    assert is_cut_ogg(b"")
