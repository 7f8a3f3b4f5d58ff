"""A podcast of another tool goes on here, and nobody who follows it notices."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import msgspec
import pytest
import stamina
from lxml import etree
from tests.support.foreign_show import (
    CHAPTERS,
    DATES,
    ITEMS,
    PNG,
    SHOW,
    SRT,
    VTT,
    OldHost,
    make_audio,
    make_feed,
)
from tests.support.show import add_episode, make_show

from reviewcast.jobs.import_feed import import_feed
from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ConflictError, FetchError, LockedError, StorageError, UsageError
from reviewcast.model.events import Warned
from reviewcast.model.text import Review
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.feed.guids import make_show_guid
from reviewcast.podcast.promises import PublishOptions
from reviewcast.system.show_lock import lock_show
from reviewcast.system.workspace import (
    load_cues,
    load_notes,
    load_publications,
    load_records,
    load_show_publication,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SLUGS = ["cafe-society-more", "again-2", "again", "episode", "the-third-man"]


@pytest.fixture(autouse=True)
def _no_waits():
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def host():
    with OldHost().serve() as served:
        yield served


@pytest.fixture
def show(tmp_path):
    """A show that has nothing yet."""
    return make_show(tmp_path / "show")


def adopt(show, feed, *, reviews=(), events=None, **wishes):
    told = [] if events is None else events
    wishes = {"allow_private": True, **wishes}
    return import_feed(str(feed), load_config(show), reviews=reviews, notify=told.append, **wishes)


def publish(show, **wishes):
    place = FolderDestination.open(str(show / "public"))
    return publish_show(
        load_config(show), place, PublishOptions(**wishes), now=NOW, notify=lambda _: None
    )


def make_review(slug, title, link=""):
    return Review(title=title, slug=slug, sections=(), link=link)


def read_files(show):
    """Return all files that an adoption leaves, but the lock and the marks of its folder."""
    return {
        str(path.relative_to(show)): path.read_bytes()
        for path in show.rglob("*")
        if path.is_file() and not path.name.endswith(("lock", "CACHEDIR.TAG", ".gitignore"))
    }


def list_identity(data):
    """Return guid and date of each episode as feedparser sees them."""
    feed = feedparser.parse(data)
    assert not feed.bozo
    return [
        (item.get("id") or item.enclosures[0].href, item.get("published_parsed"))
        for item in feed.entries
    ]


def test_subscribers_see_the_same_episodes(show, host):
    """With the old feed in its place, the new one has each guid, date and byte of audio."""
    url = host.put_show()
    (show / "public").mkdir()
    (show / "public" / "feed.xml").write_bytes(host.files["/feed"])
    with pytest.raises(ConflictError) as refused:
        publish(show)
    assert "reviewcast import --adopt FEED" in refused.value.hint
    result = adopt(show, url)
    assert (result.skipped, result.known) == ((), 0)
    assert [one.slug for one in reversed(result.adopted)] == SLUGS
    done = publish(show)
    assert done.episodes == 5
    assert not [change for change in done.changes if change.kind != "changed"]

    feed = (show / "public" / "feed.xml").read_bytes()
    old, new = list_identity(host.files["/feed"]), list_identity(feed)
    assert {guid for guid, _ in new} == set(host.guids)
    dated = {guid: date for guid, date in old if date}
    assert len(dated) == 4
    assert dated.items() <= dict(new).items()
    dates = {one.guid: one.published for one in load_publications(show).values()}
    assert [f"{dates[guid]:%Y-%m-%dT%H:%M:%SZ}" for guid in host.guids] == list(DATES)

    items = {item.findtext("guid"): item for item in etree.fromstring(feed).iter("item")}
    for number, guid in enumerate(host.guids, 1):
        enclosure = items[guid].find("enclosure")
        name = enclosure.get("url").removeprefix("https://example.org/podcast/")
        audio = (show / "public" / name).read_bytes()
        assert audio == make_audio(number)
        assert enclosure.get("length") == str(len(audio))
    assert publish(show).uploaded == ()


def test_what_an_item_tells_is_carried_over(show, host):
    """Title, notes, numbers, kind, author and links are those of the item."""
    adopt(show, host.put_show())
    record = next(one for one in load_records(show) if one.slug == SLUGS[0])
    assert record.title == "Café Society & more"
    assert (record.track, record.season, record.kind, record.explicit) == (3, 2, "bonus", True)
    assert (record.author, record.date, record.language) == ("Al Guest", "2019-11-05", "en-GB")
    assert record.link == "https://blog.example.org/cafe-society.html"
    assert (record.description, record.voice) == ("In short.", "")
    assert "<em>twice</em>" in load_notes(record)
    assert record.duration_s == pytest.approx(6.24, abs=0.05)
    assert record.loudness.integrated_lufs == pytest.approx(-17, abs=0.2)
    publish(show)
    item = feedparser.parse((show / "public" / "feed.xml").read_bytes()).entries[0]
    assert item.content[0].value.startswith("<p>Al Guest</p>\n<p>Seen <em>twice</em>.</p>")
    again = next(one for one in load_records(show) if one.slug == "again")
    assert (again.track, again.author, again.link) == (0, "", "https://old.example/?p=3")


def test_what_belongs_to_an_episode_comes_along(show, host):
    """Captions, chapters and image become files of the episode; a synthetic voice stays one."""
    told = []
    adopt(show, host.put_show(), events=told)
    records = {one.slug: one for one in load_records(show)}
    third = records["the-third-man"]
    folder = Path(third.path).parent
    assert set(third.companions) == {".vtt", ".srt", ".chapters.json", ".png"}
    for suffix, data in ((".vtt", VTT), (".srt", SRT), (".chapters.json", CHAPTERS), (".png", PNG)):
        assert (folder / f"the-third-man{suffix}").read_bytes() == data
    assert [(c.title, c.start_s) for c in third.chapters] == [("One", 0), ("Two", 3)]
    assert [cue.text for cue in load_cues(third)] == ["The Third Man."]
    assert [one.message for one in told if isinstance(one, Warned)] == [
        "“The Third Man”: its transcript of type text/html is left out."
    ]
    # the tag of the MP3 has chapters, too; the feed's go before them, and begin at 0
    assert [(c.title, c.start_s) for c in records["episode"].chapters] == [
        ("生きる", 0), ("Plot", 2), ("End", 4.5),
    ]  # fmt: skip
    written = json.loads((show / "episodes/episode/episode.chapters.json").read_bytes())
    assert [c["startTime"] for c in written["chapters"]] == [0, 2, 4.5]
    assert [c.title for c in records["again"].chapters] == ["Opening", "Plot", "End"]

    publish(show)
    feed = etree.fromstring((show / "public" / "feed.xml").read_bytes())
    namespaces = {"podcast": "https://podcastindex.org/namespace/1.0",
                  "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd"}  # fmt: skip
    spoken = feed.xpath("//item[podcast:txt/@purpose='ai-content']/guid", namespaces=namespaces)
    assert [guid.text for guid in spoken] == ["third-man"]
    (image,) = feed.xpath("//item/itunes:image/@href", namespaces=namespaces)
    assert (show / "public" / image.removeprefix("https://example.org/podcast/")).is_file()


@pytest.mark.parametrize(
    ("channel", "items", "wanted"),
    [
        ("", ("true", "false", ""), ("true", ["true", "false", None])),
        ("", ("false", "false"), ("false", ["false", "false"])),
        ("", ("false", ""), (None, ["false", None])),
        ("true", ("", "false"), ("true", ["true", "false"])),
        ("false", ("", ""), ("false", ["false", "false"])),
        ("maybe", ("", ""), (None, [None, None])),
    ],
)
def test_what_was_said_of_synthetic_voices_stays(show, host, channel, items, wanted):
    """True, false and nothing are adopted as they are; a show's word holds where items are mute."""
    said = '<podcast:txt purpose="ai-content">{}</podcast:txt>'
    told = [said.format(value) if value else "" for value in items]
    written = []
    for number, text in enumerate(told, 1):
        host.files[f"/{number}.mp3"] = make_audio(number)
        written.append(
            f"<item><title>Episode {number}</title><guid>g{number}</guid>"
            f"<pubDate>Tue, 0{9 - number} Nov 2019 08:30:00 GMT</pubDate>{text}"
            f'<enclosure url="BASE/{number}.mp3" length="1" type="audio/mpeg"/></item>'
        )
    adopt(show, host.put_feed(*written, more=said.format(channel) if channel else ""))
    publish(show)
    feed = etree.fromstring((show / "public" / "feed.xml").read_bytes()).find("channel")
    find = "string(podcast:txt[@purpose='ai-content'])"
    namespaces = {"podcast": "https://podcastindex.org/namespace/1.0"}
    values = [one.xpath(find, namespaces=namespaces) or None for one in feed.iter("item")]
    assert (feed.xpath(find, namespaces=namespaces) or None, values) == wanted


def test_the_second_run_adopts_nothing(show, host):
    """What the show knows is passed over: nothing is fetched but the feed, nothing written."""
    url = host.put_show()
    adopt(show, url)
    before = read_files(show)
    host.asked.clear()
    result = adopt(show, url)
    assert (result.adopted, result.known) == ((), 5)
    assert host.asked == ["/feed"]
    assert read_files(show) == before


def test_an_episode_that_is_new_is_adopted_later(show, host):
    """A feed that has grown gives what is new."""
    host.put_show()
    adopt(show, host.put_feed(*ITEMS[1:]))
    result = adopt(show, host.put_feed(*ITEMS))
    assert [one.slug for one in result.adopted] == SLUGS[:1]
    assert result.known == 4


def test_a_run_that_is_stopped_anywhere_goes_on(tmp_path, host, monkeypatch):
    """Whatever file is written last, the next run ends with the same files.

    Until then no `publish` gives the episode another guid.
    """
    host.put_show()
    url = host.put_feed(ITEMS[4], more="<pubDate>2019-11-02T06:30Z</pubDate>")
    golden = make_show(tmp_path / "golden")
    adopt(golden, url)
    replace = os.replace
    for moment in range(100):
        show = make_show(tmp_path / str(moment))
        count = 0

        def stop(*args, moment=moment):
            nonlocal count
            count += 1
            if count > moment:
                raise KeyboardInterrupt
            replace(*args)

        monkeypatch.setattr(os, "replace", stop)
        try:
            adopt(show, url)
        except KeyboardInterrupt:
            monkeypatch.setattr(os, "replace", replace)
            promised = load_publications(show)
            assert {one.guid for one in promised.values()} <= {"third-man"}
            if not promised:
                assert load_records(show) == []
            elif not load_records(show):
                with pytest.raises(StorageError, match="its record is gone"):
                    publish(show)
            adopt(show, url)
        else:
            monkeypatch.setattr(os, "replace", replace)
            break
        assert read_files(show) == read_files(golden)
    assert moment == 9


def test_an_episode_that_was_built_keeps_its_audio(show, host):
    """One of the same title that was never published gets guid and date, and nothing else."""
    built = add_episode(show, "cafe", 7, "2026-10-01", title="Café society & more")
    before = read_files(show)
    result = adopt(show, host.put_show())
    assert [(one.slug, one.how) for one in result.adopted][-1] == ("cafe", "kept")
    assert "/1.mp3" not in host.asked
    after = read_files(show)
    assert before.items() <= after.items()
    kept = load_publications(show)["cafe"]
    assert (kept.guid, kept.published.hour) == ("tag:old.example,2019:1", 13)
    publish(show)
    assert built.title in {one.title for one in load_records(show)}


def test_what_is_another_episode_is_left_alone(show, host):
    """An episode of another title, or one that is published, is none of the feed's."""
    add_episode(show, "cafe-society-more", 1, "2026-10-01", title="Café, another one")
    add_episode(show, "again", 2, "2026-10-02")
    publish(show)
    before = read_files(show)
    result = adopt(show, host.put_show())
    slugs = {one.slug for one in result.adopted}
    assert {"cafe-society-more-2", "again-2", "again-3"} <= slugs
    after = read_files(show)
    assert {name: after[name] for name in before} == before


def test_a_review_takes_the_place_of_its_episode(show, host):
    """An address chooses before a title; what is built of the review keeps guid and date."""
    reviews = [
        make_review("cafe-society", "A café"),
        make_review("again", "Something else", "https://old.example/?p=3"),
        make_review("third", "The third man!"),
        make_review("episode", "No episode of the feed"),
    ]
    result = adopt(show, host.put_show(), reviews=reviews)
    assert [one.slug for one in reversed(result.adopted)] == [
        "cafe-society", "again-2", "again", "episode-2", "third",
    ]  # fmt: skip
    publish(show)
    before = list_identity((show / "public" / "feed.xml").read_bytes())
    add_episode(show, "third", 1, "2026-11-22", audio=b"spoken" * 999, title="The third man!")
    done = publish(show)
    assert [change.title for change in done.changes if change.kind == "changed"][-1:] == [
        "The third man!"
    ]
    assert list_identity((show / "public" / "feed.xml").read_bytes()) == before


def test_without_download_only_identities_are_taken(show, host):
    """Reviews and episodes get guids and dates; the others are named, and come when asked for."""
    add_episode(show, "the-third-man", 1, "2026-10-01")
    reviews = [make_review("again", "Again")]
    result = adopt(show, host.put_show(), reviews=reviews, download=False)
    assert {(one.slug, one.how) for one in result.adopted} == {
        ("the-third-man", "kept"), ("again", "promised"),
    }  # fmt: skip
    assert {one.title for one in result.skipped} == {"Café Society & more", "Again", "生きる"}
    assert host.asked == ["/feed"]
    assert adopt(show, host.base + "/feed", reviews=reviews, download=False).known == 2
    with pytest.raises(StorageError, match="its record is gone"):
        publish(show)
    result = adopt(show, host.base + "/feed", reviews=reviews)
    assert {one.how for one in result.adopted} == {"fetched"}
    assert len(result.adopted) == 4
    assert publish(show).episodes == 5


def test_dry_run_tells_all_and_writes_nothing(show, host):
    """A dry run names the same episodes as the real one and fetches the feed alone."""
    url = host.put_show()
    before = read_files(show)
    told = adopt(show, url, dry_run=True)
    assert read_files(show) == before
    assert host.asked == ["/feed"]
    done = adopt(show, url)
    assert msgspec.structs.replace(told, dry_run=False) == done


def test_what_cannot_be_adopted_is_named(show, host):
    """Video, texts, pages that are called MP3, and files that are gone: each with its reason."""
    host.put_show()
    host.files |= {
        "/page.mp3": b"<html>Please log in</html>",
        "/cut.mp3": b"",
        "/wave.mp3": b"RIFF\x24\0\0\0WAVEfmt " + bytes(200),
    }
    item = (
        "<item><title>{0}</title><guid>{0}</guid><pubDate>Tue, 05 Nov 2019 08:30:00 GMT</pubDate>"
        '<enclosure url="BASE/{0}" type="{1}"/></item>'
    )
    url = host.put_feed(
        item.format("film.m4v", "video/mp4"),
        "<item><title>text</title><guid>text</guid></item>",
        *(item.format(name, "audio/mpeg") for name in ("page.mp3", "cut.mp3", "wave.mp3", "x.mp3")),
        item.format("4.mp3", "audio/mpeg"),
        item.format("5.mp3", "audio/mpeg").replace("<guid>5", "<guid>4"),
    )
    result = adopt(show, url)
    assert {one.title: one.reason for one in result.skipped} == {
        "film.m4v": "Its audio is video/mp4, and only audio/mpeg can be adopted.",
        "text": "It has no audio.",
        "page.mp3": "Its audio is no MP3.",
        "cut.mp3": "Its audio is no MP3.",
        "wave.mp3": "Its audio is no MP3.",
        "x.mp3": f"The server answers 404 for {host.base}/x.mp3.",
        "5.mp3": "An item above it has the same guid.",
    }
    assert [one.guid for one in result.adopted] == ["4.mp3"]
    assert sorted(path.name for path in (show / "episodes").iterdir()) == ["4-mp3"]
    assert not list((show / ".reviewcast" / "adopted").iterdir())


def test_of_an_episode_that_is_here_the_audio_does_not_matter(show, host):
    """A feed of another kind of audio gives guids and dates to what was built anew."""
    add_episode(show, "film", 1, "2026-10-01")
    item = ITEMS[4].replace("audio/mpeg", "audio/x-m4a").replace("The Third Man", "Film")
    result = adopt(show, host.put_feed(item, more="<pubDate>2019-11-02T06:30Z</pubDate>"))
    assert [(one.guid, one.how) for one in result.adopted] == [("third-man", "kept")]


def test_a_server_that_breaks_off_is_asked_again(show, host):
    """Half a file is no file: it is fetched anew; after three times the others still come."""
    url = host.put_show()
    host.failures = {"/1.mp3": [-1, 503], "/3.mp3": [500] * 3, "/third.vtt": [-1] * 3}
    result = adopt(show, url)
    assert host.asked.count("/1.mp3") == 3
    assert {one.guid for one in result.skipped} == {"https://old.example/?p=3", "third-man"}
    # what is missing is not left out for ever: both come with all that is theirs
    host.asked.clear()
    result = adopt(show, url)
    assert {one.guid for one in result.adopted} == {"https://old.example/?p=3", "third-man"}
    assert "/5.mp3" not in host.asked  # it was fetched before its captions failed
    assert (show / "episodes/the-third-man/the-third-man.vtt").read_bytes() == VTT


def test_a_dead_server_is_not_asked_for_everything(show, host):
    """After three episodes that nobody answers for, the others wait for the next run."""
    url = host.put_show()
    host.failures = {name: [503] * 3 for name in host.files if "mp3" in name}
    result = adopt(show, url)
    assert [one.reason for one in result.skipped][3:] == [
        "It was not tried, as no server has answered."
    ] * 2
    assert len(adopt(show, url).adopted) == 3  # the two that were not asked for fail now
    assert len(adopt(show, url).adopted) == 2


@pytest.mark.parametrize("relation", ["next", "prev-archive"])
def test_a_feed_in_pages_is_read_to_its_end(show, host, relation):
    """Older documents (RFC 5005) are followed; an episode that is on two of them comes once."""
    host.put_show()

    def link(target):
        return f'<atom:link rel="{relation}" href="{target}"/>'

    host.put_feed(*ITEMS[3:], path="/page3", more=link("/feed"))  # in a circle
    host.put_feed(*ITEMS[2:4], path="/page2", more=link("BASE/page3"))
    url = host.put_feed(*ITEMS[:3], more=link("page2"))
    result = adopt(show, url)
    assert result.skipped == ()
    assert {one.guid for one in result.adopted} == set(host.guids)
    assert len(load_records(show)) == 5


def test_a_page_that_is_missing_stops_it(show, host):
    """Without all of its pages a feed would lose episodes: nothing is adopted."""
    host.put_show()
    url = host.put_feed(*ITEMS, more='<atom:link rel="next" href="page2"/>')
    before = read_files(show)
    with pytest.raises(FetchError, match=r"404 for .*/page2"):
        adopt(show, url)
    assert read_files(show) == before


def test_a_feed_in_a_file(show, host, tmp_path):
    """A feed on the disk does as well, with its pages beside it."""
    host.put_show()
    link = '<atom:link rel="next" href="older%20ones.xml"/>'
    for name, data in (
        ("feed.xml", make_feed(*ITEMS[:2], more=link)),
        ("older ones.xml", make_feed(ITEMS[4])),
    ):
        text = data.replace("BASE", host.base)
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = adopt(show, tmp_path / "feed.xml")
    assert len(result.adopted) == 3


def test_a_feed_that_goes_on_at_no_address(show, host):
    """The older episodes cannot be had then, so none is adopted, in a sentence."""
    url = host.put_feed(ITEMS[0], more='<atom:link rel="next" href="http://evil[::1/x"/>')
    with pytest.raises(FetchError, match="no address"):
        adopt(show, url)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not well-formed"),
        (b"<rss><channel><item>", "is not well-formed"),
        (b"<html/>", "is no RSS feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "is no RSS feed"),
        (b"<rss/>", "is no RSS feed"),
    ],
)
def test_what_is_no_feed(show, tmp_path, data, said):
    """Anything else is refused in a sentence."""
    (tmp_path / "x.xml").write_bytes(data)
    with pytest.raises(UsageError, match=said):
        adopt(show, tmp_path / "x.xml")
    with pytest.raises(UsageError, match="There is no file"):
        adopt(show, tmp_path / "y.xml")


def test_another_run_is_not_disturbed(show, tmp_path):
    """While the show is held, nothing is adopted."""
    with lock_show(show), pytest.raises(LockedError):
        adopt(show, tmp_path / "x.xml")


def test_the_show_keeps_its_guid(show, host, tmp_path):
    """The feed's podcast:guid goes on; without one, that of its address; a show's own stays."""
    url = host.put_show()
    assert adopt(show, url).show_guid == "9b024349-ccf0-5f69-a609-6b82873eab3c"
    kept = load_show_publication(show)
    bare = SHOW.replace("9b024349-ccf0-5f69-a609-6b82873eab3c", "none")
    url = host.put_feed(*ITEMS, show=bare)
    adopt(show, url)
    assert load_show_publication(show) == kept
    other = make_show(tmp_path / "other")
    assert adopt(other, url).show_guid == make_show_guid(url)
    own = make_show(tmp_path / "own", more='guid = "ead4c236-bf58-58c6-a2c6-a6b28d128cb6"')
    told = []
    adopt(own, host.put_show(), events=told)
    assert load_show_publication(own) is None
    assert "keeps its podcast:guid ead4c236" in told[0].message


def test_settings_of_the_feed_are_told(show, host):
    """What podcast.toml lacks of the feed's show, and what it says otherwise."""
    result = adopt(show, host.put_show(), dry_run=True)
    assert result.settings == {
        "language": "en-GB",
        "website": "https://blog.example.org/",
        "categories": ("TV & Film > Film History",),
        "type": "serial",
        "copyright": "© Jo Critic",
        "locked": False,
    }
    assert result.differing == {
        "title": "Old & good",
        "author": "Jo Critic",
        "description": "Films of yore.",
        "email": "jo@old.example",
    }
    assert result.cover == f"{host.base}/cover.jpg"


def test_a_feed_leads_to_no_private_network_unasked(show, host, tmp_path):
    """A file of a stranger's feed makes nobody fetch what only this machine can reach."""
    feed = tmp_path / "feed.xml"
    url = host.put_show()
    feed.write_bytes(host.files["/feed"])
    result = adopt(show, feed, allow_private=False)
    assert result.adopted == ()
    assert "private network" in result.skipped[0].reason
    assert host.asked == []
    assert len(adopt(show, url, allow_private=False).adopted) == 5  # the user has named it
