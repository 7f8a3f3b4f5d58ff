"""Pictures and posts of the podcast namespace stand in the feed where they are set."""

import msgspec
import pytest
from lxml import etree
from msgspec.structs import replace
from tests.support.feeds import load_published
from tests.support.partytime import read_with_partytime

from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ConfigError
from reviewcast.podcast.feed.parse import expand
from reviewcast.settings.images import Image
from reviewcast.text.draft import read_source
from reviewcast.text.read import ReviewSource

POSTS = (
    "https://mastodon.social/@jo/114000000000000000",
    "https://chaos.example/users/jo/statuses/1",
    "https://bsky.app/profile/jo.bsky.social/post/3kabc",
    "https://friends.example/display/7",
)


def render(**changes):
    published = load_published("full")
    releases = tuple(replace(one, **changes) for one in published.releases)
    return msgspec.structs.replace(published, releases=releases).render()["feed.xml"]


def test_posts_are_where_listeners_talk():
    """Each with its protocol, its account where the address tells it, in the writer's order."""
    item = etree.fromstring(render(social=POSTS)).find("channel/item")
    found = [dict(one.attrib) for one in item.iter(expand("podcast:socialInteract"))]
    assert [one["uri"] for one in found] == list(POSTS)
    assert [one["protocol"] for one in found] == ["activitypub"] * 2 + ["atproto", "activitypub"]
    assert [one.get("accountId") for one in found] == [
        "@jo@mastodon.social",
        "@jo@chaos.example",
        "jo.bsky.social",
        None,
    ]
    assert found[2]["accountUrl"] == "https://bsky.app/profile/jo.bsky.social"
    assert [one["priority"] for one in found] == ["1", "2", "3", "4"]


def test_partytime_reads_posts():
    """The Podcast Index' own parser finds them."""
    parsed = read_with_partytime(render(social=POSTS[:1]))
    (post,) = parsed["items"][0]["podcastSocialInteraction"]
    assert post["id"] == "@jo@mastodon.social"
    assert post["url"] == POSTS[0]


def test_pictures_stand_in_the_channel():
    """With what is known of them, and nothing where nothing is set."""
    published = load_published("full")
    image = Image(
        "https://example.org/wide.jpg", purpose="social", aspect_ratio="16 / 9", alt="A projector"
    )
    settings = replace(published.settings, images=(image,))
    data = msgspec.structs.replace(published, settings=settings).render()["feed.xml"]
    (found,) = etree.fromstring(data).findall(f"channel/{expand('podcast:image')}")
    assert dict(found.attrib) == {
        "href": image.href,
        "purpose": "social",
        "aspect-ratio": "16/9",
        "alt": "A projector",
    }


@pytest.mark.parametrize(
    "value",
    [
        '{ href = "x" }',
        '{ href = "https://x.org/", width = -1 }',
        '{ href = "https://x.org/", aspect_ratio = "wide" }',
        "{}",
    ],
)
def test_pictures_that_cannot_be(tmp_path, value):
    """The setting is named."""
    (tmp_path / "podcast.toml").write_text(f"[feed]\nimages = [{value}]\n")
    with pytest.raises(ConfigError, match="feed"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("lines", "posts"),
    [
        (f"social: {POSTS[0]}", POSTS[:1]),
        (f"social:\n  - {POSTS[0]}\n  - {POSTS[2]}", (POSTS[0], POSTS[2])),
        (f'mastodon: {POSTS[0]}\nbluesky: "{POSTS[2]}"', (POSTS[0], POSTS[2])),
        ("mastodon: '@jo@mastodon.social'\nbluesky: jo.bsky.social", ()),
        ("social:\n  github: jo", ()),
    ],
)
def test_front_matter_names_posts(tmp_path, lines, posts):
    """Accounts and other things that themes keep there are no posts."""
    source = ReviewSource("x.md", f"---\ntitle: Heat\n{lines}\n---\nA heist.\n".encode())
    assert read_source(source, load_config(None, environ={})).social == posts
