"""A long feed is light, and nothing that clients need is lost by that."""

from datetime import UTC, datetime, timedelta

import podcastparser
import pytest
from lxml import etree

from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import EpisodeChapter, EpisodeRecord, Publication
from reviewcast.podcast.documents import Podcast, make_documents
from reviewcast.podcast.feed.parse import NAMESPACES
from reviewcast.podcast.release import make_release
from reviewcast.settings.schema import Config, FeedSettings, Show, SiteSettings

ENCODED = f"{{{NAMESPACES['content']}}}encoded"
SENTENCE = "Nobody says a word on the platform in the rain."
TEXT = "<h3>Plot</h3>\n" + f"<p>{SENTENCE}</p>\n" * 92
MARKS = ("Opening", "The plot thickens", "How it looks and sounds", "Verdict", "Spoilers")
SHOW = Show(url="https://example.org/podcast/", author="Jo Doe", description="What we saw.")


def make_podcast(folder, count, *, text=TEXT, pages=True, feed=None, **fields):
    """Make a podcast of so many episodes; of each only its notes lie on the disk."""
    records, releases = {}, []
    for number in range(1, count + 1):
        slug = f"a-film-of-the-year-{number:03}"
        (folder / f"{slug}.notes.html").write_text(text)
        record = EpisodeRecord(
            slug=slug,
            title=f"A Film of the Year {number}",
            path=str(folder / f"{slug}.mp3"),
            size_bytes=4_000_000,
            duration_s=290.0,
            sha256="a" * 64,
            voice="espeak",
            language="en",
            loudness=Loudness(-16.0, -1.0),
            chapters=tuple(EpisodeChapter(mark, 50.0 * n) for n, mark in enumerate(MARKS)),
            track=number,
            rating="4/5",
            subject=f"A Film of the Year {number}",
            soundbite=(12.5, 20.25),
            **{"link": f"https://example.org/reviews/{slug}/", **fields},
        )
        names = {
            kind: f"media/{slug}-0123456789ab{suffix}"
            for kind, suffix in (
                ("audio", ".mp3"), ("vtt", ".vtt"), ("srt", ".srt"), ("jpeg", ".jpg"),
                ("transcript", ".transcript.json"), ("chapters", ".chapters.json"),
            )
        }  # fmt: skip
        when = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
        kept = Publication(guid=f"guid-{number}", published=when, number=number, files=names)
        records[slug] = record
        releases.append(make_release(record, kept, pages=pages))
    config = Config(show=SHOW, feed=feed or FeedSettings(), site=SiteSettings(pages=pages))
    return Podcast(
        config=config, guid="g", cover="c.jpg", releases=tuple(releases), records=records
    )


def read_items(podcast):
    return etree.fromstring(make_documents(podcast).feed).findall("channel/item")


def test_a_long_feed_is_light(tmp_path):
    """300 reviews of 4,400 characters are under 1.2 MB; the newest 20 have all of their text."""
    feed = make_documents(make_podcast(tmp_path, 300)).feed
    assert len(feed) < 1_200_000
    items = etree.fromstring(feed).findall("channel/item")
    notes = [item.findtext(ENCODED) for item in items]
    assert [body.count(SENTENCE) for body in notes[:20]] == [92] * 20
    assert {body.count(SENTENCE) for body in notes[20:]} == {6}
    for item, body in zip(items, notes, strict=True):
        link, described = item.findtext("link"), item.findtext("description")
        assert described.count(SENTENCE) == 6
        assert "00:03:20 Spoilers" in described  # as Apple reads chapters
        assert link in body
        assert link in described


def test_what_clients_read_is_all_there(tmp_path):
    """By gPodder's parser an old item has what a new one has, with less text."""
    data = make_documents(make_podcast(tmp_path, 25)).feed
    with (tmp_path / "feed.xml").open("wb") as file:
        file.write(data)
    parsed = podcastparser.parse("https://example.org/podcast/feed.xml", str(tmp_path / "feed.xml"))
    new, old = parsed["episodes"][0], parsed["episodes"][-1]
    assert set(new) == set(old)
    for item in (new, old):
        assert [chapter["title"] for chapter in item["chapters"]] == list(MARKS)
        assert item["total_time"] == 290
        assert item["enclosures"][0]["file_size"] == 4_000_000
        assert item["episode_art_url"].endswith(".jpg")
        assert SENTENCE in item["description"]
        assert SENTENCE in item["description_html"]


def test_archive_pages_keep_all_text(tmp_path):
    """They are fetched once, so their weight is no matter."""
    podcast = make_podcast(tmp_path, 5, feed=FeedSettings(items=2, full_text=0))
    archives = [one for one in make_documents(podcast).pages if "archive" in one.name]
    assert archives
    for archive in archives:
        for item in etree.fromstring(archive.render()).findall("channel/item"):
            assert item.findtext(ENCODED).count(SENTENCE) == 92


@pytest.mark.parametrize(("link", "pages", "is_whole"), [("", False, True), ("", True, False)])
def test_text_that_stands_nowhere_else_stays_in_the_feed(tmp_path, link, pages, is_whole):
    """Without a page and a written review, an old item keeps all of it; else it leads there."""
    feed = FeedSettings(full_text=0)
    (item,) = read_items(make_podcast(tmp_path, 1, pages=pages, link=link, feed=feed))
    notes = item.findtext(ENCODED)
    assert (notes.count(SENTENCE) == 92) is is_whole
    assert ("https://example.org/podcast/episodes/" in notes) is not is_whole


def test_the_writers_own_description_stays_whole(tmp_path):
    """It is what was meant to describe the episode."""
    own = " ".join(["Words of my own."] * 40)
    (item,) = read_items(make_podcast(tmp_path, 1, description=own))
    assert own in item.findtext("description")
    assert item.findtext(ENCODED).count(SENTENCE) == 92
