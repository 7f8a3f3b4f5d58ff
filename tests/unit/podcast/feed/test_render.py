"""The feed: golden documents, read back by the parsers that clients are made of."""

import dataclasses
import io
import time
from datetime import UTC, datetime, timedelta

import feedparser
import msgspec
import podcastparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.support.budget import count_examples
from tests.support.feeds import FOLDER, list_published, load_published
from tests.support.partytime import read_with_partytime

from reviewcast.model.characters import clean_text
from reviewcast.model.clean import clean_line
from reviewcast.model.errors import ConfigError
from reviewcast.model.podcast import EpisodeChapter, Release
from reviewcast.podcast.feed.archives import plan_feed
from reviewcast.podcast.feed.guids import make_episode_guid, make_show_guid
from reviewcast.podcast.feed.render import render_feed
from reviewcast.podcast.feed.validate import check_show
from reviewcast.settings.schema import FeedSettings, Person, Show

GUID = "9b024349-ccf0-5f69-a609-6b82873eab3c"
SHOW = Show(url="https://example.org/podcast/", description="Reviews, read aloud.", author="Ann")
DEFAULT = FeedSettings()
START = datetime(2010, 1, 1, tzinfo=UTC)
NS = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "psc": "http://podlove.org/simple-chapters",
    "fh": "http://purl.org/syndication/history/1.0",
}
OLD_NAMESPACE = b"https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"


def make_release(n=1, **options):
    fields = {
        "slug": f"episode-{n}",
        "guid": f"guid-{n}",
        "title": f"Episode of {n}",
        "published": START + timedelta(days=n),
        "audio": f"episodes/{n}/{n}.mp3",
        "size_bytes": 1000 + n,
        "duration_s": 60.0 + n,
        "number": n,
    } | options
    return Release(**fields)


def render(show=SHOW, releases=(), feed=DEFAULT, cover="cover.jpg"):
    """Render all documents of a feed, by name."""
    return {
        part.name: render_feed(show, part, feed, guid=GUID, cover=cover)
        for part in plan_feed(releases, feed)
    }


def parse(document):
    return etree.fromstring(document).find("channel")


def find_all(channel, path):
    return channel.xpath(path, namespaces=NS)


def full():
    return load_published("full").render()["feed.xml"]


@pytest.mark.parametrize("name", list_published())
def test_golden(name):
    """A show becomes exactly the documents beside it, and the same bytes twice."""
    documents = load_published(name).render()
    assert documents == load_published(name).render()
    golden = {path.name.removeprefix(f"{name}."): path for path in FOLDER.glob(f"{name}.*.xml")}
    assert set(documents) == set(golden)
    for document, path in golden.items():
        assert documents[document].decode() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xml")), ids=lambda path: path.name)
def test_feedparser_finds_no_fault(path):
    """What feedparser reads is well formed, each item with its guid, date and enclosure."""
    parsed = feedparser.parse(path.read_bytes())
    assert not parsed.bozo
    assert parsed.version == "rss20"
    assert parsed.encoding.lower() == "utf-8"
    for entry in parsed.entries:
        assert entry.id
        assert not entry.guidislink
        assert entry.published_parsed
        assert entry.enclosures[0].href.endswith(".mp3")


def test_feedparser_reads_every_field():
    """All that a show and an episode can tell comes back from feedparser."""
    parsed = feedparser.parse(full())
    feed, entry = parsed.feed, parsed.entries[0]
    assert feed.title == "Kino & Küche"
    assert feed.link == "https://example.org/"
    assert feed.subtitle == "Filme, Bücher ‹und› Platten.\nJede Woche neu."
    assert feed.language == "de-AT"
    assert feed.rights == "© 2026 Zoë Ångström"
    assert feed.updated == "Sun, 01 Mar 2026 08:30:00 +0000"
    assert [(link.rel, link.href) for link in feed.links] == [
        ("alternate", "https://example.org/"),
        ("self", "https://example.org/podcast/feed.xml"),
        ("hub", "https://hub.example.org/"),
    ]
    assert feed["itunes_new-feed-url"] == "https://new.example.org/feed.xml"
    assert feed.author_detail == {"name": "Zoë Ångström", "email": "zoe@example.org"}
    assert feed.itunes_type == "serial"
    assert [tag.term for tag in feed.tags] == [
        "TV & Film", "Film Reviews", "Arts", "Books", "Music",
    ]  # fmt: skip
    assert feed.image.href == "https://example.org/podcast/cover-1f2e3d4c.jpg"
    assert feed.podcast_guid == "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    assert feed.podcast_locked == {"owner": "zoe@example.org"}
    assert feed.podcast_medium == "podcast"
    assert entry.title == 'Der General: "Volldampf" & ‹mehr›'
    assert entry.itunes_title == entry.title
    assert entry.link == "https://example.org/2026/der-general/"
    assert entry.id == "4cbf4f07-2a3c-5a2e-9a37-6a3f5b1f0a01"
    assert entry.published == "Sun, 01 Mar 2026 08:30:00 +0000"
    assert entry.summary.endswith("00:01:01 Die Lok & der ‹Mann›\n01:00:01 Schluß")
    assert entry.content[0].value.startswith("<p>Ein <em>Film</em> auf Schienen.")
    assert entry.enclosures[0] == {
        "href": "https://example.org/podcast/episodes/der-general/der-general-99aa88bb.mp3",
        "length": "9876543",
        "type": "audio/mpeg",
    }
    assert entry.author == "Gast Autorin"
    assert entry.itunes_duration == "618"
    assert (entry.itunes_season, entry.itunes_episode) == ("1", "2")
    assert (entry.podcast_season, entry.podcast_episode) == ("1", "2")
    assert entry.itunes_episodetype == "full"
    assert entry.image.href == "https://example.org/podcast/episodes/der-general/der-general.jpg"
    assert [chapter.title for chapter in entry.psc_chapters.chapters] == [
        "Anfang", "Die Lok & der <Mann>", "Schluß",
    ]  # fmt: skip
    assert entry.psc_chapters.chapters[1].start_parsed == timedelta(seconds=61.9)


def test_podcastparser_reads_every_field():
    """The parser of gPodder reads the show and its episodes.

    It knows the podcast namespace by an older address alone, so it is given that one here.
    """
    feed = full().replace(NS["podcast"].encode(), OLD_NAMESPACE)
    parsed = podcastparser.parse("https://example.org/podcast/feed.xml", io.BytesIO(feed))
    trailer, episode = parsed["episodes"]
    assert parsed["title"] == "Kino & Küche"
    assert parsed["description"] == "Filme, Bücher ‹und› Platten.\nJede Woche neu."
    assert parsed["link"] == "https://example.org/"
    assert parsed["language"] == "de-AT"
    assert parsed["cover_url"] == "https://example.org/podcast/cover-1f2e3d4c.jpg"
    assert parsed["type"] == "serial"
    assert parsed["explicit"] is False
    assert parsed["itunes_author"] == "Zoë Ångström"
    assert parsed["itunes_owner"] == {"email": "zoe@example.org", "name": "Zoë Ångström"}
    assert parsed["itunes_categories"] == [
        ["TV & Film", "Film Reviews"], ["Arts", "Books"], ["Music"],
    ]  # fmt: skip
    assert parsed["new_url"] == "https://new.example.org/feed.xml"
    assert parsed["funding_url"] == "https://example.org/danke?von=feed&an=zoe"
    assert parsed["import_prohibited"] is True
    assert trailer["type"] == "trailer"
    assert trailer["description"] == "Was kommt.\nUnd was nicht."
    assert trailer["link"] == "https://example.org/podcast/episodes/vorschau/"
    assert episode["title"] == 'Der General: "Volldampf" & ‹mehr›'
    assert episode["guid"] == "4cbf4f07-2a3c-5a2e-9a37-6a3f5b1f0a01"
    assert episode["published"] == datetime(2026, 3, 1, 8, 30, tzinfo=UTC).timestamp()
    assert episode["enclosures"] == [
        {
            "url": "https://example.org/podcast/episodes/der-general/der-general-99aa88bb.mp3",
            "file_size": 9_876_543,
            "mime_type": "audio/mpeg",
        }
    ]
    assert episode["description_html"].startswith("<p>Ein <em>Film</em>")
    assert episode["total_time"] == 618
    assert episode["explicit"] is True
    assert (episode["season"], episode["number"], episode["type"]) == (1, 2, "full")
    assert episode["itunes_author"] == "Gast Autorin"
    assert episode["episode_art_url"].endswith("/der-general.jpg")
    assert [chapter["start"] for chapter in episode["chapters"]] == [0, 61, 3601]
    assert episode["chapters_json_url"].endswith("/der-general.chapters.json")
    assert episode["transcript_url"].endswith("/der-general.transcript.json")
    assert [(one["name"], one["role"], one["group"]) for one in episode["persons"]] == [
        ("Max Muster", "composer", "audio post-production"),
        ("Gast Autorin", "author", "writing"),
    ]


def test_partytime_reads_every_field():
    """The parser of the Podcast Index reads the show, its episodes and every namespace tag."""
    parsed = read_with_partytime(full())
    assert parsed["title"] == "Kino & Küche"
    assert parsed["link"] == "https://example.org/"
    assert parsed["language"] == "de-AT"
    assert parsed["author"] == "Zoë Ångström"
    assert parsed["owner"] == {"name": "Zoë Ångström", "email": "zoe@example.org"}
    assert parsed["explicit"] is False
    assert parsed["itunesType"] == "serial"
    assert parsed["itunesCategory"] == ["TV & Film > Film Reviews", "Arts > Books", "Music"]
    assert parsed["itunesImage"] == "https://example.org/podcast/cover-1f2e3d4c.jpg"
    assert parsed["itunesNewFeedUrl"] == "https://new.example.org/feed.xml"
    assert parsed["copyright"] == "© 2026 Zoë Ångström"
    assert parsed["pubsub"] == {
        "self": "https://example.org/podcast/feed.xml",
        "hub": "https://hub.example.org/",
    }
    assert parsed["lastBuildDate"] == "2026-03-01T08:30:00.000Z"
    assert parsed["guid"] == "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    assert parsed["locked"] is True
    assert parsed["podcastOwner"] == "zoe@example.org"
    assert parsed["medium"] == "podcast"
    assert parsed["license"] == {
        "identifier": "cc-by-4.0",
        "url": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert parsed["podcastFunding"] == [
        {"message": "Danke sagen", "url": "https://example.org/danke?von=feed&an=zoe"}
    ]
    assert [(one["name"], one["role"], one["group"]) for one in parsed["podcastPeople"]] == [
        ("Zoë Ångström", "Author", "Writing"),
        ("Max Muster", "Composer", "Audio Post-Production"),
    ]
    assert parsed["pc20support"] == {
        "1": ["locked", "funding", "transcript", "chapters", "soundbite"],
        "2": ["person", "season", "episode"],
        "3": ["license", "guid"],
        "4": ["medium"],
    }
    item, trailer = parsed["items"]
    assert item["title"] == 'Der General: "Volldampf" & ‹mehr›'
    assert item["guid"] == "4cbf4f07-2a3c-5a2e-9a37-6a3f5b1f0a01"
    assert item["pubDate"] == "2026-03-01T08:30:00.000Z"
    assert item["enclosure"] == {
        "url": "https://example.org/podcast/episodes/der-general/der-general-99aa88bb.mp3",
        "length": 9_876_543,
        "type": "audio/mpeg",
    }
    assert item["duration"] == 618
    assert item["explicit"] is True
    assert item["author"] == "Gast Autorin"
    assert item["link"] == "https://example.org/2026/der-general/"
    assert item["itunesImage"].endswith("/der-general.jpg")
    assert (item["itunesSeason"], item["itunesEpisode"]) == (1, 2)
    assert item["itunesEpisodeType"] == "full"
    assert item["description"].startswith("Der General · ★★★★ Ein Film auf Schienen.")
    assert item["content"].startswith("<p>Ein <em>Film</em>")
    assert [(one["type"], one["language"]) for one in item["podcastTranscripts"]] == [
        ("text/vtt", "de-AT"),
        ("application/srt", "de-AT"),
        ("application/json", "de-AT"),
    ]
    assert item["podcastChapters"]["type"] == "application/json+chapters"
    assert item["podcastSoundbites"][0]["startTime"] == 12.5
    assert item["podcastSoundbites"][0]["duration"] == 30
    assert item["podcastSeason"] == {"number": 1}
    assert item["podcastEpisode"] == {"number": 2}
    assert [one["name"] for one in item["podcastPeople"]] == ["Max Muster", "Gast Autorin"]
    assert trailer["itunesEpisodeType"] == "trailer"
    assert "podcastPeople" not in trailer


def test_root_names_the_namespaces():
    """The prefixes are literal, for clients that look for `itunes:` alone, and so is UTF-8."""
    first, second = full().split(b"\n")[:2]
    assert first == b'<?xml version="1.0" encoding="UTF-8"?>'
    assert second.startswith(b"<rss ")
    assert b'version="2.0"' in second
    for prefix, uri in NS.items():
        assert f'xmlns:{prefix}="{uri}"'.encode() in second


def test_least_show():
    """A show with little to tell has no empty element and nothing that it does not know."""
    channel = parse(load_published("least").render()["feed.xml"])
    empty = [one.tag for one in channel.iter() if not (one.text or len(one) or one.attrib)]
    assert empty == []
    for path in ("podcast:txt", "itunes:owner", "itunes:image", "image", "podcast:person"):
        assert not find_all(channel, path)
    assert find_all(channel, "podcast:locked")[0].text == "no"


def test_no_releases():
    """A show without an episode has a feed all the same."""
    channel = parse(render()["feed.xml"])
    assert not find_all(channel, "item")
    assert not find_all(channel, "lastBuildDate")
    assert feedparser.parse(render()["feed.xml"]).bozo is False


def test_ai_voice():
    """`ai_voice` switches what the show and each episode say of the voice."""
    for spoken, count in ((True, 3), (False, 0)):
        show = msgspec.structs.replace(SHOW, ai_voice=spoken)
        channel = parse(render(show, [make_release(1), make_release(2)])["feed.xml"])
        found = find_all(channel, "//podcast:txt[@purpose='ai-content']")
        assert [one.text for one in found] == ["true"] * count


def test_a_human_voice_is_not_called_synthetic():
    """An episode without a synthetic voice, such as an adopted one, is not disclosed as one."""
    releases = [make_release(1), make_release(2, speakers=())]
    channel = parse(render(SHOW, releases)["feed.xml"])
    found = find_all(channel, "item[podcast:txt[@purpose='ai-content']]/guid")
    assert [one.text for one in found] == ["guid-1"]


def test_links_of_chapters():
    """A chapter's link is an address of the web in ASCII (Podlove Simple Chapters, href)."""
    chapters = (
        EpisodeChapter("One", 0.0, link="https://example.org/é"),
        EpisodeChapter("Two", 1.0),
        EpisodeChapter("Three", 2.0, link="javascript:x()"),
    )
    document = render(SHOW, [make_release(1, chapters=chapters)])["feed.xml"]
    found = find_all(parse(document), "item/psc:chapters/psc:chapter")
    assert [one.get("href") for one in found] == ["https://example.org/%C3%A9", None, None]
    (episode,) = podcastparser.parse(SHOW.url, io.BytesIO(document))["episodes"]
    assert [one["href"] for one in episode["chapters"] if one.get("href")] == [
        "https://example.org/%C3%A9"
    ]


def test_a_guid_is_written_as_it_is():
    """Clients compare it to the character, so nothing of it is tidied."""
    guid = "a\u200b  b\ufeff&<"
    channel = parse(render(SHOW, [make_release(1, guid=guid)])["feed.xml"])
    assert find_all(channel, "item/guid")[0].text == guid


def test_pictures_of_chapters():
    """A chapter's picture is named by its whole address (Podlove Simple Chapters, image)."""
    chapters = (EpisodeChapter("One", 0.0, "media/a.jpg"), EpisodeChapter("Two", 1.0))
    data = render(releases=[make_release(chapters=chapters)])["feed.xml"]
    found = etree.fromstring(data).iterfind(".//psc:chapter", NS)
    assert [chapter.get("image") for chapter in found] == [
        "https://example.org/podcast/media/a.jpg",
        None,
    ]
    entry = feedparser.parse(data).entries[0]
    assert entry.psc_chapters.chapters[0].image == "https://example.org/podcast/media/a.jpg"


def test_title_is_never_empty():
    """A title of nothing that can be shown gives way to the slug."""
    channel = parse(render(releases=[make_release(title="\x00\u202e")])["feed.xml"])
    assert find_all(channel, "item/title")[0].text == "episode-1"


def test_link_of_an_item():
    """An item leads to the written review, else to its page, and never to a script."""
    for link, page, expected in (
        ("https://example.org/r/é", "p/", ["https://example.org/r/%C3%A9"]),
        ("javascript:alert(1)", "p/", ["https://example.org/podcast/p/"]),
        ("", "", []),
    ):
        channel = parse(render(releases=[make_release(link=link, page=page)])["feed.xml"])
        assert [one.text for one in find_all(channel, "item/link")] == expected


def test_url_with_and_without_slash():
    """The show's URL is joined with one slash, however it was written."""
    for url in ("https://example.org/podcast", "https://example.org/podcast/"):
        show = msgspec.structs.replace(SHOW, url=url)
        channel = parse(render(show, [make_release()])["feed.xml"])
        enclosure = find_all(channel, "item/enclosure")[0]
        assert enclosure.get("url") == "https://example.org/podcast/episodes/1/1.mp3"


def test_persons_of_a_guest():
    """An episode by another author names the regular persons again, but for their author."""
    show = msgspec.structs.replace(
        SHOW, persons=(Person("Ann", role="host"), Person("Bo", role="author"))
    )
    channel = parse(render(show, [make_release(author="Cy"), make_release(2)])["feed.xml"])
    newest, guest = find_all(channel, "item")
    assert [one.text for one in find_all(guest, "podcast:person")] == ["Ann", "Cy"]
    assert not find_all(newest, "podcast:person")
    own = parse(render(show, [make_release(author="ANN")])["feed.xml"])
    assert not find_all(own, "item/podcast:person")


def test_texts_are_cut():
    """Descriptions end after 4,000 bytes at a word, titles after 255 characters."""
    text = "Schöne Filme " * 1000
    show = msgspec.structs.replace(SHOW, description=text, title=text)
    channel = parse(render(show, [make_release(description=text, title=text)])["feed.xml"])
    for path in ("description", "item/description"):
        cut = find_all(channel, path)[0].text
        assert 3900 < len(cut.encode()) <= 4000
        assert cut.endswith(("Schöne…", "Filme…"))
    for path in ("title", "image/title", "item/title", "item/itunes:title"):
        assert 200 < len(find_all(channel, path)[0].text) <= 255


def test_dates_without_a_zone_are_utc():
    """A time without a zone sorts and prints as UTC, beside others."""
    naive = make_release(1, published=datetime(2026, 5, 1, 12))  # noqa: DTZ001
    aware = make_release(2, published=datetime(2026, 5, 1, 11, tzinfo=UTC))
    channel = parse(render(releases=[aware, naive])["feed.xml"])
    dates = [one.text for one in find_all(channel, "item/pubDate")]
    assert dates == ["Fri, 01 May 2026 12:00:00 +0000", "Fri, 01 May 2026 11:00:00 +0000"]


# --- every code point ---------------------------------------------------------------------------


def test_every_code_point():
    """Every code point in a title, a note and a name leaves a feed that says what can be said."""
    for start in range(0, 0x110000, 0x1000):
        text = "a" + "".join(map(chr, range(start, start + 0x1000))) + "z"
        pieces = [text[at : at + 200] for at in range(0, len(text), 200)]
        releases = [
            make_release(
                n,
                slug=f"s{n}",
                title=f"t {piece}",
                description=f"d {piece}",
                notes=f"<p>{piece}</p>",
                author=f"n {piece}",
                chapters=(EpisodeChapter(f"c {piece}", 0.0),),
            )
            for n, piece in enumerate(pieces, 1)
        ]
        show = msgspec.structs.replace(
            SHOW, title=pieces[0], author=pieces[0], description=text, copyright=pieces[0]
        )
        channel = parse(render(show, releases)["feed.xml"])
        items = find_all(channel, "item")
        assert len(items) == len(pieces)
        for item, piece in zip(reversed(items), pieces, strict=True):
            assert item.find("title").text == clean_line(f"t {piece}")
            assert find_all(item, "content:encoded")[0].text == clean_text(f"<p>{piece}</p>")
            assert find_all(item, "itunes:author")[0].text == clean_line(f"n {piece}")
            chapter = find_all(item, ".//psc:chapter")[0]
            assert chapter.get("title") == clean_line(f"c {piece}")


TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\x00\x0b\r\n\t<>&\"']]>\ufffe\uffff\ud83c\u2028 "),
    ),
    max_size=60,
)


@settings(max_examples=count_examples(150), deadline=None)
@given(title=TEXTS, notes=TEXTS, description=TEXTS, name=TEXTS)
def test_any_text(title, notes, description, name):
    """Whatever is written anywhere, the feed parses, and twice to the same bytes."""
    show = msgspec.structs.replace(
        SHOW,
        title=title,
        author=name,
        description=description,
        copyright=name,
        license=name,
        funding_url="https://example.org/",
        funding_text=name,
        email=name,
        language=name,
        persons=(Person(name, role=name, url=name, image=name),),
    )
    release = make_release(
        title=title,
        notes=notes,
        description=description,
        author=name,
        guid=name,
        link=name,
        audio=name,
        image=name,
        vtt=name,
        language=name,
        soundbite=(1.0, 2.0),
        chapters=(EpisodeChapter(title, 0.0),),
    )
    document = render(show, [release])["feed.xml"]
    channel = parse(document)
    assert render(show, [release])["feed.xml"] == document
    assert find_all(channel, "item/guid")[0].get("isPermaLink") == "false"
    expected = clean_line(title)
    assert (find_all(channel, "title")[0].text or "") == expected
    assert find_all(channel, "item/title")[0].text == (expected or "episode-1")
    assert not find_all(channel, "//script")


# --- archives -----------------------------------------------------------------------------------


def list_guids(document):
    return [one.text for one in find_all(parse(document), "item/guid")]


@pytest.mark.parametrize("items", [1, 2, 3, 7])
def test_every_release_is_somewhere(items):
    """Feed and archives hold every episode, are linked in one chain, and stand once full."""
    feed = FeedSettings(items=items)
    before = {}
    for count in range(25):
        releases = [make_release(n) for n in range(count, 0, -1)]
        documents = render(releases=releases, feed=feed)
        guids = {guid for document in documents.values() for guid in list_guids(document)}
        assert guids == {release.guid for release in releases}
        assert list_guids(documents["feed.xml"]) == [one.guid for one in releases[:items]]
        archives = {name: data for name, data in documents.items() if name != "feed.xml"}
        assert all(len(list_guids(data)) == items for data in archives.values())
        assert len(archives) == max(0, (count - 1) // items)
        assert before.items() <= archives.items()
        before = archives
        follow, seen = "feed.xml", []
        while follow:
            seen.append(follow)
            found = find_all(parse(documents[follow]), "atom:link[@rel='prev-archive']/@href")
            follow = found[0].rpartition("/")[2] if found else ""
        assert sorted(seen) == sorted(documents)


def test_archive_names_the_feed():
    """An archive page says that it is one, and where the current feed is (RFC 5005)."""
    documents = load_published("paged").render()
    page = parse(documents["feed-archive-0002.xml"])
    assert find_all(page, "fh:archive")
    assert find_all(page, "atom:link[@rel='current']/@href") == [
        "https://example.org/podcast/feed.xml"
    ]
    assert find_all(page, "atom:link[@rel='self']/@href") == [
        "https://example.org/podcast/feed-archive-0002.xml"
    ]
    feed = parse(documents["feed.xml"])
    assert not find_all(feed, "fh:archive")
    assert not find_all(feed, "atom:link[@rel='current']")
    for document in documents.values():
        assert not find_all(parse(document), "atom:link[@rel='next-archive']")


def test_order_is_stable():
    """Episodes of one moment are ordered by number, then by slug, however they come."""
    moment = {"published": START}
    releases = [
        make_release(2, slug="b", guid="2b", number=2, **moment),
        make_release(3, slug="a", guid="2a", number=2, **moment),
        make_release(1, slug="z", guid="1z", number=1, **moment),
    ]
    for order in (releases, releases[::-1], releases[1:] + releases[:1]):
        assert list_guids(render(releases=order)["feed.xml"]) == ["2b", "2a", "1z"]


def test_one_more_of_5000():
    """With 5,000 episodes, one more changes feed.xml and nothing else, and it is quick."""
    releases = [make_release(n, notes="<p>Some words.</p>" * 20) for n in range(1, 5001)]
    before = render(releases=releases)
    assert len(before) == 1 + 16
    started = time.process_time()
    more = [*releases, make_release(5001)]
    parts = plan_feed(more, DEFAULT)
    feed = render_feed(SHOW, parts[0], DEFAULT, guid=GUID, cover="cover.jpg")
    assert time.process_time() - started < 1.0
    after = render(releases=more)
    assert after["feed.xml"] == feed
    assert {name for name in after if after[name] != before.get(name)} == {"feed.xml"}
    assert len(find_all(parse(feed), "item")) == 300


# --- identity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "guid"),
    [
        ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://podnews.net/rss///", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
    ],
)
def test_show_guid(url, guid):
    """The guids of the podcast namespace's own examples."""
    assert make_show_guid(url) == guid


def test_episode_guid():
    """An episode's guid hangs on the show's and on its slug alone."""
    assert make_episode_guid(GUID, "1917") == make_episode_guid(GUID.upper(), "1917")
    assert make_episode_guid(GUID, "1917") != make_episode_guid(GUID, "1918")
    assert make_episode_guid(make_show_guid("a.org/f"), "1917") != make_episode_guid(GUID, "1917")


# --- settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{"items": 0}, {"items": 5001}, {"hub": "hub.example.org"}, {"hub": "ftp://example.org/"}],
)
def test_wrong_settings(options):
    """Settings that make no feed are refused."""
    with pytest.raises(ConfigError, match=r"^\[feed\] "):
        FeedSettings(**options)


@pytest.mark.parametrize("name", list_published())
def test_golden_shows_pass(name):
    """The shows of the golden feeds have no fault."""
    check_show(load_published(name).show)


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        ({"title": " "}, "title is empty", "Name the show"),
        ({"url": ""}, "url is missing", "https://example.org/podcast/"),
        ({"url": "example.org"}, "is not a web address", "begins with https://"),
        ({"url": "s3://bucket/x"}, "is not a web address", "begins with https://"),
        ({"url": "https://exämple.org/"}, "is not a web address", "https://xn--exmple-cua.org/"),
        ({"url": "https://example.org/a b"}, "is not a web address", "https://example.org/a%20b"),
        ({"url": "https://example.org/?feed=1"}, "not the address of a folder", "Leave out"),
        ({"url": "https://me:pw@example.org/"}, "not the address of a folder", "Leave out"),
        ({"description": "\n"}, "description is missing", "Such as"),
        ({"categories": ()}, "categories is empty", "Film Reviews"),
        ({"categories": ("Film Reviews",)}, "not in Apple's", "'TV & Film > Film Reviews'"),
        ({"categories": ("tv & film",)}, "not in Apple's", "'TV & Film'"),
        ({"categories": ("Arts > Book",)}, "not in Apple's", "'Arts > Books'"),
        ({"categories": ("Arts>Books",)}, "not in Apple's", "'Arts > Books'"),
        ({"categories": ("Xyzzy",)}, "not in Apple's", "There are: Arts, Business"),
        ({"language": "english"}, "is not a language tag", "en-GB"),
        ({"language": ""}, "is not a language tag", "en-GB"),
        ({"frequency": "weakly"}, "frequency 'weakly' is not known", "'weekly'"),
        ({"frequency": "never"}, "frequency 'never' is not known", "daily, weekly"),
        ({"email": "ann.example.org"}, "is not an address", "me@example.org"),
        ({"website": "www.example.org"}, "website 'www.example.org' is not", "https://"),
        ({"funding_url": "paypal"}, "funding_url 'paypal' is not", "https://"),
        ({"license_url": "x"}, "license_url 'x' is not", "https://"),
        ({"new_feed_url": "x"}, "new_feed_url 'x' is not", "https://"),
        ({"guid": "my-guid"}, "guid 'my-guid' is not a UUID", "<podcast:guid>"),
        ({"license": "All mine"}, "license 'All mine'", "license_url"),
        ({"persons": (Person(" "),)}, "without a name", "name"),
        ({"persons": (Person("Bo", role="Hosst"),)}, "role 'Hosst' of Bo", "'host'"),
        ({"persons": (Person("Bo", url="bo.org"),)}, "url 'bo.org' is not", "https://"),
    ],
)
def test_check_show(change, message, hint):
    """Each fault of a show is named in a sentence, with what to write instead."""
    with pytest.raises(ConfigError) as caught:
        check_show(msgspec.structs.replace(SHOW, **change))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.endswith(".")


def test_a_good_show_passes():
    """All that a show may say, said right, passes."""
    check_show(SHOW)
    check_show(
        msgspec.structs.replace(
            SHOW,
            language="pt-BR",
            license="Mine",
            license_url="https://example.org/licence",
            categories=("Arts", "TV & Film > TV Reviews"),
            frequency="monthly",
            guid=GUID,
            persons=(Person("Bo", role="Cover Art Designer"),),
        )
    )


def test_frozen_values():
    """A part of a feed cannot be changed after it was planned."""
    part = plan_feed([make_release()], DEFAULT)[0]
    with pytest.raises((AttributeError, dataclasses.FrozenInstanceError)):
        part.name = "other.xml"
