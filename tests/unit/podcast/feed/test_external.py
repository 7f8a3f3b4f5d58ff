"""Feeds of other tools are read as their clients read them."""

from datetime import UTC, datetime

import pytest
from tests.support.foreign_show import make_feed

from reviewcast.podcast.feed.dates import read_date
from reviewcast.podcast.feed.external import read_external_feed
from reviewcast.podcast.feed.texts import plain_title
from reviewcast.settings.schema import Person


def read(*items, url="https://old.example/feed.xml", **parts):
    return read_external_feed(make_feed(*items, **parts).encode(), url=url, name="feed.xml")


def read_item(inside):
    return read(f"<item>{inside}</item>").items[0]


@pytest.mark.parametrize(
    "text",
    [
        "Sat, 02 Nov 2019 06:30:00 GMT",
        "Sat, 02 Nov 2019 06:30:00 +0000",
        "Sat, 02 Nov 2019 06:30:00 -0000",
        "2 Nov 2019 06:30 Z",
        "Sat, 02 Nov 2019 06:30:00",
        "Mon, 02 Nov 2019 02:30:00 EDT",
        "Fri, 01 Nov 2019 22:30:00 PST",
        "Sat, 02 Nov 2019 08:30:00 CEST",
        "Sat, 02 Nov 2019 07:30:00 cet",
        "Sat, 02 Nov 2019 08:30:00 GMT+0200",
        "Sat, 02 Nov 2019 08:30:00 +02:00",
        "\n Sat,  02 Nov 2019\n06:30:00 GMT ",
        "02 Nov 19 06:30 UT",
        "2019-11-02T06:30:00Z",
        "2019-11-02T08:30:00.5+02:00",
        "2019-11-02 06:30",
    ],
)
def test_dates(text):
    """A date in any of the forms that feeds have is the same moment, in UTC."""
    assert read_date(text) == datetime(2019, 11, 2, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "31 Feb 2019 00:00 GMT", "2019-13-01", "0001-01-01T00:00+14:00", "9" * 99]
)
def test_what_is_no_date(text):
    """What cannot be read is no date, and no error."""
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<b>Café</b> Society &amp; more", "Café Society & more"),
        ("One<br/>two <i class='x'>three</i>", "One two three"),
        ("1 < 2 and <3 > 2", "1 < 2 and <3 > 2"),
        ("The <title> of it", "The <title> of it"),
        ("a\u202e\n b", "a b"),
        ("&lt;b&gt;", "<b>"),
        ("", ""),
    ],
)
def test_titles(text, title):
    """HTML in a title is markup; what only looks like it is text."""
    assert plain_title(text) == title


def test_guid_is_taken_to_the_character():
    """A guid keeps what nobody sees; without one it is the enclosure's URL as it is written."""
    assert read_item("<guid>\n a\u200b b </guid>").guid == "a\u200b b"
    item = read_item('<guid> </guid><enclosure url=" /a b.mp3?x=1&amp;y=é " type="audio/mpeg"/>')
    assert item.guid == "/a b.mp3?x=1&y=é"
    assert item.audio.url == "https://old.example/a%20b.mp3?x=1&y=%C3%A9"


def test_a_permanent_link_is_one():
    """A guid that is a permanent link stands for a link that is missing."""
    guid = "<guid>https://old.example/1</guid>"
    assert read_item(guid).link == "https://old.example/1"
    assert read_item(guid + "<link>https://x.example/2</link>").link == "https://x.example/2"
    assert read_item(guid.replace("<guid", '<guid isPermaLink="false"')).link == ""


@pytest.mark.parametrize(
    ("url", "content_type", "is_mp3"),
    [
        ("/a", "audio/mpeg", True),
        ("/a.m4a", "Audio/MP3; x=y", True),
        ("/a.MP3?x", "", True),
        ("/a.mp3", "application/octet-stream", True),
        ("/a.mp3", "audio/x-m4a", False),
        ("/a", "", False),
        ("", "audio/mpeg", False),
    ],
)
def test_what_says_that_it_is_an_mp3(url, content_type, is_mp3):
    """The type decides; where it says nothing, the name does."""
    assert read_item(f'<enclosure url="{url}" type="{content_type}"/>').is_mp3 is is_mp3


def test_of_several_enclosures_the_mp3_is_taken():
    """A video beside the audio is left; the guid is that of the first one, as clients have it."""
    item = read_item(
        '<enclosure url="/a.mp4" type="video/mp4"/><enclosure url="/a.mp3" type="audio/mpeg"/>'
    )
    assert (item.guid, item.audio.url) == ("/a.mp4", "https://old.example/a.mp3")


def test_notes_without_tags_become_paragraphs():
    """Plain text keeps its lines; HTML stays what it is."""
    assert read_item("<description>One &amp;lt;\ntwo\n\nthree</description>").notes == (
        "<p>One &lt;<br>two</p><p>three</p>"
    )
    assert read_item("<description>&lt;p&gt;x&lt;/p&gt;</description>").notes == "<p>x</p>"


def test_a_synthetic_show_has_synthetic_episodes():
    """What the channel discloses holds for items that do not say otherwise."""
    said = '<podcast:txt purpose="ai-content">{}</podcast:txt>'
    feed = read("<item/>", f"<item>{said.format('false')}</item>", more=said.format("true"))
    assert [item.ai_content for item in feed.items] == ["true", "false"]


def test_the_namespace_of_old():
    """Feeds name the podcast namespace by an address that it had before, too."""
    data = make_feed("<item><podcast:season>4</podcast:season></item>").replace(
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    )
    feed = read_external_feed(data.encode(), url="", name="x")
    assert (feed.items[0].season, feed.guid) == (4, "9b024349-ccf0-5f69-a609-6b82873eab3c")


def test_persons_and_support():
    """Whom the show credits, and where it is supported; unknown roles are left out."""
    feed = read(
        show="",
        more='<podcast:person href="https://jo.example/">Jo</podcast:person>'
        '<podcast:person role="Wizard">Al</podcast:person>'
        '<podcast:funding url="https://pay.example/">Pay</podcast:funding>'
        "<podcast:guid>no uuid</podcast:guid><title/><link/><language>Klingon</language>",
    )
    assert feed.guid == ""
    assert feed.settings == {
        "explicit": False,
        "funding_url": "https://pay.example/",
        "funding_text": "Pay",
        "persons": (Person("Jo", url="https://jo.example/"),),
    }


def test_nothing_is_fetched_or_expanded():
    """Entities of a feed's own stay unread, wherever they point to."""
    head = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    data = f"{head}<rss><channel><item><title>a&x;b</title></item></channel></rss>"
    feed = read_external_feed(data.encode(), url="", name="x")
    assert feed.items[0].title in {"ab", "a&x;b"}
