"""Addresses that count downloads: put on by the service's rule, and taken off to the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace
from tests.support.budget import count_examples
from tests.support.feeds import load_published

from reviewcast.model.errors import ConfigError
from reviewcast.model.podcast import FEED
from reviewcast.model.protocols import Stored
from reviewcast.podcast.feed.live import compare_feeds, read_live_feed
from reviewcast.podcast.feed.prefixes import (
    add_prefix,
    fill_prefix,
    find_prefix_guid,
    strip_prefix,
)
from reviewcast.podcast.feed.validate import check_show
from reviewcast.settings.schema import FeedSettings
from reviewcast.web.folder_server import point_feed_at

BASE = "https://example.org/podcast/"
FILE = f"{BASE}media/one.mp3"
GUID = "9b024349-ccf0-5f69-a609-6b82873eab3c"
OP3 = "https://op3.dev/e,pg={guid}/"


@pytest.mark.parametrize(
    ("prefix", "url", "joined"),
    [
        ("", FILE, FILE),
        ("https://op3.dev/e/", FILE, "https://op3.dev/e/example.org/podcast/media/one.mp3"),
        ("https://op3.dev/e/", "http://a.org/1.mp3", "https://op3.dev/e/http://a.org/1.mp3"),
        (fill_prefix(OP3, GUID), FILE, f"https://op3.dev/e,pg={GUID}/example.org/podcast/media/one.mp3"),
        (
            "https://op3.dev/e/dts.podtrac.com/redirect.mp3/",
            FILE,
            "https://op3.dev/e/dts.podtrac.com/redirect.mp3/example.org/podcast/media/one.mp3",
        ),
    ],
)  # fmt: skip
def test_a_prefix_is_put_on_and_taken_off(prefix, url, joined):
    """By the rule of OP3: https:// goes, http:// stays."""
    assert add_prefix(prefix, url) == joined
    assert strip_prefix(joined) == url
    assert strip_prefix(joined, url.rpartition("/")[0] + "/") == url


@pytest.mark.parametrize(
    ("url", "real"),
    [
        ("https://dts.podtrac.com/redirect.mp3/a.org/1.mp3", "https://a.org/1.mp3"),
        ("https://www.podtrac.com/pts/redirect.mp3/a.org/1.mp3", "https://a.org/1.mp3"),
        ("https://chrt.fm/track/AB12/pdst.fm/e/a.org/1.mp3?x=1", "https://a.org/1.mp3?x=1"),
        ("https://mgln.ai/e/12/a.org:8080/1.mp3", "https://a.org:8080/1.mp3"),
        ("https://op3.dev/e/https://a.org/1.mp3", "https://a.org/1.mp3"),
        # no prefixes: a page of the service, a host that only looks alike, the way back in time
        ("https://op3.dev/e/", "https://op3.dev/e/"),
        ("https://op3.dev/episode/a.org/1.mp3", "https://op3.dev/episode/a.org/1.mp3"),
        ("https://op3.dev.example/e/a.org/1.mp3", "https://op3.dev.example/e/a.org/1.mp3"),
        ("https://archive.example/web/https://a.org/1.mp3",) * 2,
        ("", ""),
    ],
)
def test_known_services(url, real):
    """What stands behind the prefixes of known services is found, and nothing else is."""
    assert strip_prefix(url) == real


def test_any_service_before_the_show_itself():
    """Where the show's URL is known, no service has to be."""
    assert strip_prefix("https://count.example/t/example.org/podcast/a.mp3", BASE) == f"{BASE}a.mp3"
    plain = "http://example.org/podcast/"
    assert strip_prefix("https://count.example/t/example.org/podcast/a", plain) == f"{plain}a"
    assert strip_prefix(f"https://count.example/t/{plain}a", plain) == f"{plain}a"
    below = f"{BASE}x/example.org/podcast/a.mp3"
    assert strip_prefix(below, BASE) == below


@settings(max_examples=count_examples(200), deadline=None)
@given(st.text(st.characters(codec="ascii"), max_size=60), st.text(max_size=20))
def test_no_text_is_too_odd(url, base):
    """Whatever a feed has there, there is an answer, which stays the same."""
    real = strip_prefix(f"https://op3.dev/e/{url}", base)
    assert strip_prefix(real, base) == real or base
    find_prefix_guid(url)


def test_only_enclosures_are_counted():
    """Pages, captions, chapters and pictures are what they were, and so are lengths and guids."""
    plain = load_published("full")
    counted = replace(plain, settings=replace(plain.settings, analytics_prefix=OP3))
    before, after = plain.render()[FEED].decode(), counted.render()[FEED].decode()
    prefix = f"https://op3.dev/e,pg={plain.guid}/"
    differing = [
        (one, other)
        for one, other in zip(before.splitlines(), after.splitlines(), strict=True)
        if one != other
    ]
    assert len(differing) == len(plain.releases)
    for one, other in differing:
        assert "<enclosure " in one
        assert other == one.replace("https://", prefix, 1)


def test_turning_it_on_changes_no_episode():
    """What is compared are the files; that they are counted is told once, of the show."""
    plain = load_published("full")
    counted = replace(plain, settings=replace(plain.settings, analytics_prefix=OP3))
    feeds = [read(one.render()[FEED]) for one in (plain, counted)]
    (change,) = compare_feeds(*feeds)
    assert (change.guid, set(change.fields)) == ("", {"analytics_prefix"})
    assert change.fields["analytics_prefix"] == ("", f"https://op3.dev/e,pg={plain.guid}/")
    audio = [item.fields["audio"] for item in feeds[1].items.values()]
    assert audio == [item.fields["audio"] for item in feeds[0].items.values()]


def test_what_is_tried_here_is_not_counted():
    """`serve` leads to the file on this machine, and to no service."""
    plain = load_published("full")
    counted = replace(plain, settings=replace(plain.settings, analytics_prefix=OP3))
    local = "http://127.0.0.1:8000/"
    assert point_feed_at(counted.render()[FEED], local) == point_feed_at(
        plain.render()[FEED], local
    )


@pytest.mark.parametrize(
    ("prefix", "said", "hint"),
    [
        ("http://op3.dev/e/", "is not encrypted", "https://op3.dev/e/"),
        ("op3.dev/e/", "is not a web address", "Such as https://op3.dev/e/"),
        ("https://op3.dev/e", "does not end in a slash", "https://op3.dev/e/"),
        ("https://op3.dev/", "is a whole site", "https://op3.dev/e/"),
        ("https://op3.dev/e,pg={show}/", "has {show}", "{guid}"),
        ("https://op3.dev/e,pg={guid/", "has {guid", "{guid}"),
        ("https://op3.dev/e/?to=", "cannot stand before", "follows a ?"),
        ("https://me@op3.dev/e/", "cannot stand before", "user's name"),
        ("https://op3.dev/é/", "is not a web address", ""),
        ("ftp://op3.dev/e/", "is not a web address", ""),
        ("{guid}", "is not a web address", ""),
        ("https://[::1/e/", "is not a web address", ""),
    ],
)
def test_a_wrong_prefix_is_refused(prefix, said, hint):
    """With what is wrong, and how it is written."""
    with pytest.raises(ConfigError) as refused:
        FeedSettings(analytics_prefix=prefix)
    assert said in refused.value.message
    assert hint in refused.value.hint


@pytest.mark.parametrize("prefix", ["https://op3.dev/e/", OP3, "http://127.0.0.1:8000/e/"])
def test_a_right_prefix_is_taken(prefix):
    """{guid} is not asked for, and this machine needs no encryption."""
    assert FeedSettings(analytics_prefix=prefix).analytics_prefix == prefix


def test_codes_that_prove_who_the_owner_is():
    """Each stands once in the feed, by its purpose, and in no archive page; others are refused."""
    made = load_published("paged")
    show = replace(made.show, verify="S6lpp-7ZCn8 dZ&f", apple_verify="05124")
    check_show(show)
    for name, data in replace(made, show=show).render().items():
        found = {
            one.get("purpose"): one.text
            for one in etree.fromstring(data).iterfind("channel/{*}txt")
            if one.get("purpose") != "ai-content"
        }
        codes = {"verify": "S6lpp-7ZCn8 dZ&f", "applepodcastsverify": "05124"}
        assert found == (codes if name == FEED else {})
    for wrong in ("<podcast:txt>1</podcast:txt>", "one\ntwo", " 05124", "x" * 4001):
        with pytest.raises(ConfigError, match=r"\[show\] apple_verify"):
            check_show(replace(show, apple_verify=wrong))


def read(data):
    """Read a feed as one that is live."""
    return read_live_feed((data, Stored(len(data), "")))
