"""Each combination of who speaks, in feeds that clients' parsers read, in pages and in MP3s."""

import io
import itertools
import json
import re
from datetime import UTC, datetime

import feedparser
import podcastparser
import pytest
from lxml import etree
from mutagen.id3 import ID3
from tests.support.partytime import read_with_partytime
from tests.support.show import add_episode, make_show

from reviewcast.episode.tag import Tags, build_tag
from reviewcast.model.audio import Chapter
from reviewcast.model.disclosure import find_disclosure
from reviewcast.model.podcast import Publication
from reviewcast.podcast.check.inspect import check_feed_bytes
from reviewcast.podcast.documents import Podcast, make_documents
from reviewcast.podcast.feed.guids import make_show_guid
from reviewcast.podcast.release import list_media, make_release
from reviewcast.settings.load import load_settings
from reviewcast.system.workspace import load_records

NS = {"podcast": "https://podcastindex.org/namespace/1.0"}
SPEAKERS = {
    "synthetic": ("synthetic",),
    "own": ("recording",),
    "mixed": ("recording", "synthetic"),
}
SHOWS = [states for size in (1, 2, 3) for states in itertools.product(SPEAKERS, repeat=size)]
SCHEMA = "https://schema.org/"


def make_podcast(folder, speakers, *, more="", items=300, **fields):
    """Make the podcast of a show whose episodes have these speakers."""
    show = make_show(folder, more=f"{more}\n[feed]\nitems = {items}\n")
    for number, one in enumerate(speakers, 1):
        add_episode(show, f"e{number}", number, f"2026-10-{number:02}", speakers=one, **fields)
    records = {record.slug: record for record in load_records(show)}
    releases = []
    for number, record in enumerate(records.values(), 1):
        names = {kind: file.name for kind, file in list_media(record).items()}
        when = datetime(2026, 10, number, 8, tzinfo=UTC)
        kept = Publication(guid=f"guid-{number}", published=when, files=names)
        releases.append(make_release(record, kept, pages=True))
    return Podcast(
        config=load_settings(show),
        guid=make_show_guid("https://example.org/podcast/feed.xml"),
        cover="cover.png",
        releases=tuple(releases),
        records=records,
    )


def read_feed(data):
    """Return what the channel and its items say, the oldest item first; None for nothing."""
    root = etree.fromstring(data)
    said = "string(podcast:txt[@purpose='ai-content'])"
    channel = root.find("channel")
    values = [item.xpath(said, namespaces=NS) or None for item in channel.findall("item")]
    return channel.xpath(said, namespaces=NS) or None, values[::-1]


def render_pages(podcast):
    return {page.name: page.render().decode() for page in make_documents(podcast).pages}


def list_errors(data):
    return [one for one in check_feed_bytes(data, lambda _: None) if one.rule != "files/missing"]


@pytest.mark.parametrize("states", SHOWS, ids="-".join)
def test_all_combinations(tmp_path, states):
    """Items say what they are, and the show what follows from that; every parser reads it."""
    podcast = make_podcast(tmp_path / "show", [SPEAKERS[state] for state in states])
    feed = make_documents(podcast).feed
    wanted = ["false" if state == "own" else "true" for state in states]
    assert read_feed(feed) == ("true" if "true" in wanted else "false", wanted)
    assert not [one for one in list_errors(feed) if "ai-content" in one.rule]
    lenient = feedparser.parse(feed)
    assert not lenient.bozo
    assert [entry.podcast_txt for entry in lenient.entries][::-1] == [
        {"purpose": "ai-content"} for _ in wanted
    ]
    strict = podcastparser.parse("https://example.org/podcast/feed.xml", io.BytesIO(feed))
    assert len(strict["episodes"]) == len(states)
    pages = render_pages(podcast)
    for number, state in enumerate(states, 1):
        page = pages[f"episodes/e{number}/index.html"]
        assert ("by a synthetic voice" in page) == (state != "own")
        assert ("Parts of this episode" in page) == (state == "mixed")
        assert ("by a person" in page) == (state == "own")
    assert ("by a synthetic voice" in pages["index.html"]) == (set(states) != {"own"})


@pytest.mark.parametrize("states", [SHOWS[0], SHOWS[1], SHOWS[-2]], ids="-".join)
def test_partytime_reads_it(tmp_path, states):
    """So does the parser of the Podcast Index, to the purposes and the words."""
    podcast = make_podcast(tmp_path / "show", [SPEAKERS[state] for state in states])
    parsed = read_with_partytime(make_documents(podcast).feed)
    assert len(parsed["items"]) == len(states)
    assert parsed["itunesType"] == "episodic"


@pytest.mark.parametrize(
    ("speakers", "source"),
    [
        (("synthetic",), "TrainedAlgorithmicMediaDigitalSource"),
        (("clone",), "TrainedAlgorithmicMediaDigitalSource"),
        (("recording",), "DigitalCaptureDigitalSource"),
        (("recording", "synthetic"), "CompositeWithTrainedAlgorithmicMediaDigitalSource"),
        (("clone", "recording"), "CompositeWithTrainedAlgorithmicMediaDigitalSource"),
        (("clone", "synthetic"), "TrainedAlgorithmicMediaDigitalSource"),
        (("own",), None),
    ],
)
def test_structured_data_and_tag_agree(tmp_path, speakers, source):
    """The page's JSON-LD and the MP3's tag name the same source, each in its own words."""
    podcast = make_podcast(tmp_path / "show", [speakers])
    page = render_pages(podcast)["episodes/e1/index.html"]
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])
    audio = data["@graph"][0]["associatedMedia"]
    assert audio.get("digitalSourceType") == (f"{SCHEMA}{source}" if source else None)
    tag = read_tag(speakers, language="de")
    marks = {frame.desc: frame.text for frame in tag.getall("TXXX")}
    iptc = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    term = f"{iptc}{source[0].lower()}{source[1:]}".removesuffix("DigitalSource") if source else ""
    state = find_disclosure(speakers)
    assert marks == {"ai-content": ["false" if state == "own" else "true"]} | (
        {"digitalSourceType": [term]} if term else {}
    )
    comments = {frame.desc: (frame.lang, frame.text) for frame in tag.getall("COMM")}
    said = comments.pop("AI disclosure", None)
    assert comments == {"": ("deu", ["What it is about."])}
    assert bool(said) == (not {"clone", "synthetic"}.isdisjoint(speakers))
    assert not said or ("künstliche" in said[1][0] and said[0] == "deu")


def test_a_tag_in_a_language_without_a_line():
    """The comment is then in English, and says that it is."""
    (said,) = (
        frame
        for frame in read_tag(("synthetic",), language="eo").getall("COMM")
        if frame.desc == "AI disclosure"
    )
    assert (said.lang, said.text) == ("eng", ["This review was read by a synthetic voice."])


def test_records_of_before(tmp_path):
    """What named a voice is synthetic, whatever it was; what named none leaves it open."""
    podcast = make_podcast(tmp_path / "one", [(), ()])
    record = (tmp_path / "one" / "episodes" / "e1" / "episode.json").read_text()
    assert "speakers" not in record
    assert read_feed(make_documents(podcast).feed) == ("true", ["true", "true"])
    human = make_podcast(tmp_path / "two", [(), ("recording",)], voice="")
    assert read_feed(make_documents(human).feed) == (None, [None, "false"])
    assert "read aloud" not in render_pages(human)["episodes/e1/index.html"]
    assert "synthetic" not in render_pages(human)["index.html"]


def test_nothing_is_said_on_request(tmp_path):
    """With `ai_voice = false` feed and pages leave the question open."""
    podcast = make_podcast(tmp_path / "show", SPEAKERS.values(), more="ai_voice = false")
    assert read_feed(make_documents(podcast).feed) == (None, [None] * 3)
    assert not any("read aloud" in page for page in render_pages(podcast).values())


def test_archive_pages_tell_of_their_own(tmp_path):
    """The feed tells of all episodes; an archive page stays as it is when others come."""
    speakers = [("synthetic",), ("recording",), ("recording",), ("recording",), ("recording",)]
    podcast = make_podcast(tmp_path / "show", speakers, items=2)
    documents = make_documents(podcast)
    assert read_feed(documents.feed) == ("true", ["false", "false"])
    pages = {page.name: page.render() for page in documents.pages if page.name.endswith(".xml")}
    assert [read_feed(pages[name])[0] for name in sorted(pages)] == ["true", "false"]
    for feed in (documents.feed, *pages.values()):
        assert not [one for one in list_errors(feed) if "ai-content" in one.rule]


def read_tag(speakers, *, language):
    """Build a tag, and read it with mutagen."""
    tag = build_tag(
        Tags(
            title="T",
            artist="A",
            album="B",
            date="",
            track=1,
            comment="What it is about.",
            lyrics="",
            language=language,
            cover=b"",
            chapters=(Chapter("One", 0),),
            samples=44_100,
            rate_hz=44_100,
            speakers=speakers,
        )
    )
    return ID3(io.BytesIO(tag), translate=False)
