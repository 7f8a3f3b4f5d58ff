"""Promises are given once; files are retired and expire."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from reviewcast.episode.artwork import make_suffix, name_picture
from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import EpisodeChapter, EpisodeRecord, Publication, RetiredFile
from reviewcast.podcast.release import (
    find_expired,
    list_media,
    make_release,
    promise_episode,
    retire_files,
)
from reviewcast.settings.schema import PublishSettings
from reviewcast.system.file_types import find_type

NOW = datetime(2026, 11, 22, 20, 0, 0, 5, tzinfo=UTC)


def make_record(**fields):
    values = {
        "slug": "film", "title": "Film", "path": "/x/film.mp3", "size_bytes": 9,
        "duration_s": 1.5, "sha256": "a" * 64, "voice": "espeak", "language": "en",
        "loudness": Loudness(-16.0, -1.0), "chapters": (), "companions": {".vtt": "b" * 64},
    }  # fmt: skip
    return EpisodeRecord(**(values | fields))


@pytest.fixture
def tokyo(monkeypatch):
    """Be in a place where the next day has begun."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.delenv("TZ")
    time.tzset()


def test_the_moment_of_a_promise():
    """It is what was asked for, else the review's day, else now to the second."""
    asked = datetime(2027, 1, 1, tzinfo=UTC)
    dated = make_record(date="2026-10-01")
    assert promise_episode(dated, None, guid="g", now=NOW, published=asked).published == asked
    day = datetime(2026, 10, 1, tzinfo=UTC)
    assert promise_episode(dated, None, guid="g", now=NOW).published == day
    moment = promise_episode(make_record(), None, guid="g", now=NOW).published
    assert moment == NOW.replace(microsecond=0)


def test_today_is_today_where_the_writer_is(tokyo):
    """A review of today is not scheduled because the day has not begun in UTC."""
    today = promise_episode(make_record(date="2026-11-23"), None, guid="g", now=NOW)
    assert today.published == NOW.replace(microsecond=0)
    tomorrow = promise_episode(make_record(date="2026-11-24"), None, guid="g", now=NOW)
    assert tomorrow.published > NOW


def test_a_promise_is_kept():
    """Neither another date nor another guid changes what was public."""
    kept = Publication(guid="old", published=NOW, files={"audio": "x"})
    later = NOW + timedelta(days=1)
    assert promise_episode(make_record(), kept, guid="new", now=later, published=later) == kept
    waiting = Publication(guid="old", published=NOW)
    moved = promise_episode(make_record(), waiting, guid="new", now=later, published=later)
    assert (moved.guid, moved.published) == ("old", later)


def test_files_retire_and_return():
    """A name that is left is retired once, and is not when it is used again."""
    one = retire_files(Publication(guid="g", published=NOW, files={"audio": "a"}), {}, now=NOW)
    since = NOW.replace(microsecond=0)
    assert one.retired == (RetiredFile("a", since),)
    again = retire_files(one, {"audio": "b"}, now=NOW + timedelta(days=1))
    assert again.retired == one.retired
    assert retire_files(again, {"audio": "a"}, now=NOW).retired == (RetiredFile("b", since),)
    settings = PublishSettings(grace_days=2)
    assert find_expired(one.retired, settings, now=since + timedelta(days=2)) == {"a"}
    assert not find_expired(one.retired, settings, now=since + timedelta(days=1))


def test_names_follow_content():
    """A published name holds a hash of its file; only files that were written are named."""
    media = list_media(make_record())
    assert {kind: file.name for kind, file in media.items()} == {
        "audio": "media/film-aaaaaaaaaaaa.mp3",
        "vtt": "media/film-bbbbbbbbbbbb.vtt",
    }
    names = {kind: file.name for kind, file in media.items()}
    kept = Publication(guid="g", published=NOW, files=names)
    release = make_release(make_record(), kept, pages=True)
    assert (release.audio, release.vtt, release.srt) == (names["audio"], names["vtt"], "")
    assert release.page == "episodes/film/index.html"
    assert make_release(make_record(), kept, pages=False).page == ""


def test_pictures_of_chapters_are_published_under_their_hash():
    """Each lies beside the MP3 and is named by its chapter, in the release by its public name."""
    suffix = make_suffix(b"a picture")
    chapters = (EpisodeChapter("One", 0.0, suffix), EpisodeChapter("Two", 9.0))
    record = make_record(chapters=chapters, companions={suffix: "c" * 64})
    media = list_media(record)
    (picture,) = (file for kind, file in media.items() if kind != "audio")
    assert picture.path == f"/x/film{suffix}"
    assert picture.name == name_picture("film", suffix) == f"media/film{suffix}"
    assert find_type(picture.name).content_type == "image/jpeg"
    publication = Publication(
        guid="g", published=NOW, files={kind: file.name for kind, file in media.items()}
    )
    release = make_release(record, publication, pages=False)
    assert [chapter.image for chapter in release.chapters] == [picture.name, ""]
