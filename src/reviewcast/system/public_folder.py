"""Where the folder lies that a show is published to, and the feed in it."""

import os
import tomllib
from pathlib import Path

from reviewcast.model.errors import UsageError
from reviewcast.model.podcast import FEED
from reviewcast.system.workspace import SHOW_FILE

_PUBLIC = "public"
_HINT = "Publish the show first, or name the folder that holds its feed."


def find_feed(folder: Path) -> Path:
    """Find a published feed: `feed.xml`, that of a show in the folder, or the only `.xml` file.

    Raise UsageError when there is none, or several to choose from.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", hint=_HINT)
    if (folder / FEED).is_file():
        return folder / FEED
    if (folder / SHOW_FILE).is_file():
        public = folder / _find_setting(folder / SHOW_FILE)
        if (public / FEED).is_file():
            return public / FEED
    feeds = sorted(path for path in folder.glob("*.xml") if path.is_file())
    if len(feeds) == 1:
        return feeds[0]
    if feeds:
        raise UsageError(
            f"{folder} holds {len(feeds)} .xml files and none is {FEED}.",
            hint=f"Name the feed {FEED}.",
        )
    raise UsageError(f"{folder} holds no feed.", hint=_HINT)


def find_public_folder(start: Path) -> Path:
    """Find what is published of the show that `start` lies in, or `start` if it holds a feed.

    Raise UsageError when neither is there.
    """
    if (start / FEED).is_file():
        return start
    whole = Path(os.path.abspath(start))
    for folder in (whole, *whole.parents):
        if (folder / SHOW_FILE).is_file():
            public = folder / _find_setting(folder / SHOW_FILE)
            if (public / FEED).is_file():
                return public
            if public.is_dir():
                raise UsageError(f"{public} holds no {FEED}.", hint=_HINT)
            raise UsageError(f"The show in {folder} has not been published.", hint=_HINT)
    raise UsageError("There is no published show here.", hint=_HINT)


def _find_setting(show_file: Path) -> str:
    """Return the folder that a show is published to, as podcast.toml has it."""
    try:
        table = tomllib.loads(show_file.read_text(encoding="utf-8")).get("publish", {})
    except (OSError, ValueError, RecursionError):
        return _PUBLIC  # faults of the file are reported where all of it is needed
    place = table.get("to", _PUBLIC) if isinstance(table, dict) else _PUBLIC
    return place if isinstance(place, str) and "://" not in place else _PUBLIC
