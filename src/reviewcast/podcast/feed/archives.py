"""A long feed is parted into archive pages that never change."""

from collections.abc import Sequence

from msgspec import Struct

from reviewcast.model.disclosure import find_ai_content, infer_ai_content
from reviewcast.model.podcast import FEED, Release
from reviewcast.podcast.feed.dates import to_utc
from reviewcast.settings.schema import FeedSettings


class FeedPart(Struct, frozen=True):
    """A document of the feed, and the releases in it, newest first.

    `prev_archive` names the next older document, "" when there is none. `ai_content` is what it
    says of its channel: feed.xml of all episodes of the show, an archive page of its own, so that
    it stays as it is.
    """

    name: str
    releases: tuple[Release, ...]
    prev_archive: str = ""
    is_archive: bool = False
    ai_content: str = ""


def plan_feed(releases: Sequence[Release], settings: FeedSettings) -> tuple[FeedPart, ...]:
    """Part the releases among feed.xml, which comes first, and archive pages (RFC 5005, section 4).

    An archive page comes into being when it is full and one of its episodes has left feed.xml.
    It may share episodes with feed.xml, and a newer episode never changes it: clients need not
    fetch it twice.
    """
    ordered = sorted(
        releases, key=lambda one: (to_utc(one.published), one.number, one.slug, one.guid)
    )
    size = settings.items
    archives: list[FeedPart] = []
    for start in range(0, len(ordered) - size, size):
        within = tuple(reversed(ordered[start : start + size]))
        archives.append(
            FeedPart(
                name=f"feed-archive-{len(archives) + 1:04}.xml",
                releases=within,
                prev_archive=archives[-1].name if archives else "",
                is_archive=True,
                ai_content=_infer(within),
            )
        )
    newest = tuple(reversed(ordered[-size:]))
    older = archives[-1].name if archives else ""
    feed = FeedPart(FEED, newest, prev_archive=older, ai_content=_infer(ordered))
    return (feed, *archives)


def _infer(releases: Sequence[Release]) -> str:
    return infer_ai_content(find_ai_content(release.speakers) for release in releases)
