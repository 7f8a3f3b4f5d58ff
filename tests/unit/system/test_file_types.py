"""What a file is, by its name, by its MIME type and by its first bytes."""

import pytest

from reviewcast.system.file_types import find_format, find_image_type, find_type, find_type_by_mime


def test_the_type_is_told_by_the_longest_ending():
    """Chapters are not any JSON; what is unknown is a stream of bytes."""
    assert find_type("A.CHAPTERS.JSON").mime == "application/json+chapters"
    assert find_type("a.mp3.part").mime == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.WEBP", "image/webp"),
        ("feed-archive-0001.xml", "application/rss+xml; charset=utf-8"),
        ("a.srt", "application/x-subrip; charset=utf-8"),
        ("mp3", "application/octet-stream"),
    ],
)
def test_text_is_sent_in_utf_8(name, content_type):
    """A header names the charset of text, and of nothing else."""
    assert find_type(name).content_type == content_type


@pytest.mark.parametrize(
    ("mime", "suffix"),
    [
        ("audio/mpeg", ".mp3"),
        (" Audio/X-MP3 ; q=1", ".mp3"),
        ("application/srt", ".srt"),
        ("application/json", ".json"),
        ("application/json+chapters", ".chapters.json"),
        ("text/plain", ""),
        ("", ""),
    ],
)
def test_what_a_mime_type_stands_for(mime, suffix):
    """Types have more than one name; the proper one of another type goes before."""
    assert find_type_by_mime(mime).suffix == suffix


@pytest.mark.parametrize(
    ("data", "mime"),
    [(b"\xff\xd8\xff\xe0", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF89a", "")],
)
def test_pictures(data, mime):
    """Those that a podcast may have are told by their first bytes."""
    assert find_image_type(data) == mime


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"RIFF\0\0\0\0WAVE", ".wav"),
        (b"fLaC" + bytes(40), ".flac"),
        (b"OggS" + bytes(24) + b"Speex", ".ogg"),
        (b"ID3\x04\0\0\0\0\0\0", ".mp3"),
        (b"\xff\xfb\x90\x64", ".mp3"),
        (b"\0\0\0\x18ftypM4A ", ""),
    ],
)
def test_what_may_be_uploaded(data, suffix):
    """Recordings that libsndfile reads have a suffix to be stored under."""
    found = find_format(data)
    assert found is not None
    assert found.suffix == suffix
