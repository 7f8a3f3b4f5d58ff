"""A feed is read once, in one way: children by their usual names, nothing fetched."""

import pytest

from reviewcast.podcast.feed.parse import (
    NAMESPACES,
    MalformedFeed,
    Node,
    expand,
    find_base,
    find_channel,
    find_self_url,
    parse_feed,
)

FEED = b"""<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0" xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:itunes="http://www.iTunes.com/DTDs/PodCast-1.0.dtd" xmlns:a="http://www.w3.org/2005/Atom">
<channel><!-- a comment --><title> One
</title><title>Two</title><i:author>Me</i:author><itunes:author>Other</itunes:author>
<a:link rel="self" href=" https://example.org/p/feed.xml?a/b "/><a:link rel="hub" href="x"/>
<description>&x;</description></channel></rss>"""


def test_children_go_by_their_usual_names():
    """What counts is the namespace's exact URI, not the prefix of the document."""
    channel = Node(find_channel(parse_feed(FEED)))
    assert channel.text("title") == "One"
    assert [one.text for one in channel.find_all("title")] == [" One\n", "Two"]
    assert [one.text for one in channel.find_all("itunes:author")] == ["Me"]
    assert channel.find("itunes:image") is None
    assert channel.text("itunes:image") == channel.text("description") == ""
    assert channel.links("hub") == ["x"]


def test_where_a_feed_lives():
    """It says so itself; its folder is what lies before the last slash of the path."""
    url = find_self_url(parse_feed(FEED))
    assert url == "https://example.org/p/feed.xml?a/b"
    assert find_base(url) == "https://example.org/p/"
    assert find_self_url(parse_feed(b"<rss/>")) == ""


@pytest.mark.parametrize("data", [b"", b"<rss>", b"\xff\xfe", b"<rss>&unknown;</rss>"])
def test_what_is_no_xml(data):
    """It is refused with one error, whatever is wrong with it."""
    with pytest.raises(MalformedFeed):
        parse_feed(data)


@pytest.mark.parametrize("data", [b"<feed><channel/></feed>", b"<rss/>"])
def test_what_is_no_rss(data):
    """Other XML has no channel."""
    assert find_channel(parse_feed(data)) is None


def test_names_are_those_of_one_table():
    """A prefix stands for the URI that is declared."""
    assert expand("title") == "title"
    for prefix, uri in NAMESPACES.items():
        assert expand(f"{prefix}:x") == f"{{{uri}}}x"
