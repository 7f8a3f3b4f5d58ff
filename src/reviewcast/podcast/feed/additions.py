"""Elements of the podcast namespace that only some shows have."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.model.clean import clean_line, quote_url
from reviewcast.model.podcast import Release
from reviewcast.podcast.feed.prefixes import add_prefix
from reviewcast.settings.schema import FeedSettings
from reviewcast.system.file_types import find_type

_BLUESKY = re.compile(r"/profile/([^/]+)/post/[^/]+/?")
_ACTOR = re.compile(r"/(?:@|users/)([^/@]+)(@[^/]+)?(?:/|$)")
_LONGEST_VALUE = 128


class Addition(Struct, frozen=True):
    """An element: its name, its attributes, and those within it."""

    tag: str
    attributes: dict[str, str]
    children: "tuple[Addition, ...]" = ()


def list_images(settings: FeedSettings) -> Iterator[Addition]:
    """Return a show's further pictures (podcast:image, which replaces podcast:images)."""
    for image in settings.images:
        values = {
            "href": quote_url(image.href),
            "alt": clean_line(image.alt, longest=_LONGEST_VALUE),
            "aspect-ratio": image.aspect_ratio.replace(" ", ""),
            "width": str(image.width or ""),
            "height": str(image.height or ""),
            "type": clean_line(image.type),
            "purpose": clean_line(image.purpose, longest=_LONGEST_VALUE),
        }
        yield Addition("podcast:image", {name: value for name, value in values.items() if value})


def list_further(release: Release, base: str, *, prefix: str) -> Iterator[Addition]:
    """Return what only some episodes have; `base` is the show's address.

    `prefix` counts downloads of audio, as of the enclosure.
    """
    yield from list_variants(release, base, prefix=prefix)
    yield from list_posts(release)


def list_variants(release: Release, base: str, *, prefix: str) -> Iterator[Addition]:
    """Return a smaller encoding (podcast:alternateEnclosure); `base` is the show's address."""
    if release.opus:
        values = {
            "type": find_type(".opus").mime,
            "length": str(release.opus_bytes),
            "bitrate": str(release.opus_kbps * 1000),
            "title": f"Opus, {release.opus_kbps} kb/s",
            "codecs": "opus",
        }
        url = add_prefix(prefix, f"{base.rstrip('/')}/{release.opus}")
        source = Addition("podcast:source", {"uri": url})
        yield Addition("podcast:alternateEnclosure", values, (source,))


def list_posts(release: Release) -> Iterator[Addition]:
    """Return the posts under which listeners talk of an episode (podcast:socialInteract)."""
    urls = list(dict.fromkeys(filter(None, map(quote_url, release.social))))
    for priority, url in enumerate(urls, 1):
        values = {"uri": url, "protocol": "activitypub"}
        parts = urlsplit(url)
        if found := _BLUESKY.fullmatch(parts.path):
            values["protocol"] = "atproto"
            values["accountId"] = found[1]
            values["accountUrl"] = f"{parts.scheme}://{parts.netloc}/profile/{found[1]}"
        elif found := _ACTOR.match(parts.path):
            values["accountId"] = f"@{found[1]}{found[2] or f'@{parts.netloc}'}"
            values["accountUrl"] = f"{parts.scheme}://{parts.netloc}/@{found[1]}{found[2] or ''}"
        if len(urls) > 1:
            values["priority"] = str(priority)
        yield Addition("podcast:socialInteract", values)
