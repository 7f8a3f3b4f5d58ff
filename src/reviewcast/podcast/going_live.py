"""What a listener gets at the public address, asked for as a listener does."""

import contextlib
from collections.abc import Sequence

from reviewcast.model.clean import quote_url
from reviewcast.model.errors import DestinationError
from reviewcast.model.podcast import FEED, Release
from reviewcast.model.protocols import Stored
from reviewcast.podcast.check.places import Unreadable, WebPlace
from reviewcast.podcast.feed.live import read_live_feed
from reviewcast.settings.schema import Show
from reviewcast.system.http import try_again

_LARGEST_FEED_BYTES = 50 << 20
_BETWEEN_S = 5


class _NotYet(Exception):
    """The feed lacks an episode that it will have once all caches have noticed."""


def find_missing(show: Show, releases: Sequence[Release], *, wait_s: int = 0) -> dict[str, str]:
    """Return the episodes that cannot be heard yet, by guid, and why; {} when all can be.

    The feed at the show's own address has to name an episode, and its audio has to be there with
    its size. A feed that does not name it yet is asked for again every five seconds for `wait_s`.
    """
    found: dict[str, str] = {}

    def look() -> None:
        found.clear()
        place = WebPlace("", allow_private=True)
        try:
            found.update(_look(place, show, releases))
        finally:
            place.close()
        if found:
            raise _NotYet

    with contextlib.suppress(_NotYet):
        try_again(
            look,
            on=_NotYet,
            attempts=1 + wait_s // _BETWEEN_S,
            first_wait_s=_BETWEEN_S,
            longest_wait_s=_BETWEEN_S,
        )
    return found


def _look(place: WebPlace, show: Show, releases: Sequence[Release]) -> dict[str, str]:
    feed_url = f"{show.url.rstrip('/')}/{FEED}"
    try:
        data = place.read(feed_url, _LARGEST_FEED_BYTES) or b""
        live = read_live_feed((data, Stored(len(data), "")))
    except (Unreadable, DestinationError) as error:
        return {one.guid: f"{feed_url}: {error}" for one in releases}
    missing = {}
    for release in releases:
        item = live.items.get(release.guid)
        if item is None:
            missing[release.guid] = f"{feed_url} does not name it yet"
            continue
        audio = quote_url(f"{show.url.rstrip('/')}/{release.audio}")
        held = place.look(audio)
        if held.state != "there":
            missing[release.guid] = f"{audio}: {held.problem}"
        elif held.size_bytes is not None and str(held.size_bytes) != item.fields.get("bytes"):
            missing[release.guid] = f"{audio} is not whole yet"
    return missing
