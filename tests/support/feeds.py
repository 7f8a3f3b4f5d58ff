"""Golden feeds: a show with its releases, and the documents that they become.

After a wanted change: `python -m tests.support.feeds` writes the documents anew; read the diff.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.podcast import Release
from reviewcast.podcast.feed.archives import plan_feed
from reviewcast.podcast.feed.render import render_feed
from reviewcast.settings.schema import FeedSettings, Show

FOLDER = Path(__file__).parent.parent / "golden" / "feed"


class Published(Struct, frozen=True, forbid_unknown_fields=True):
    """All that a feed is made of."""

    guid: str
    cover: str
    settings: FeedSettings
    show: Show
    releases: tuple[Release, ...]

    def render(self) -> dict[str, bytes]:
        """Return the feed's documents by their names, feed.xml first."""
        parts = plan_feed(self.releases, self.settings)
        return {
            part.name: render_feed(self.show, part, self.settings, guid=self.guid, cover=self.cover)
            for part in parts
        }


def load_published(name: str) -> Published:
    """Read a golden show by its name."""
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=Published)


def list_published() -> list[str]:
    """Return the names of all golden shows."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def _write_golden() -> None:
    for name in list_published():
        for document, data in load_published(name).render().items():
            (FOLDER / f"{name}.{document}").write_bytes(data)


if __name__ == "__main__":
    _write_golden()
