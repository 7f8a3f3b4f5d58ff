"""What the podcast.toml of a show makes the program reach outside of it."""

import glob
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from reviewcast.model.protocols import Access, Voice
from reviewcast.settings.schema import Config
from reviewcast.system.trust import is_inside

SOUNDS = ("intro", "outro", "sting", "bed")
_REVIEWS, _FILES = "reviews in", "a sound or picture at"
_SOURCE = "reviews imported from"
_PUBLISHING, _HUB = "publishing to", "a message to the hub"
_DEFAULT = "default"

_PUBLIC_HUBS = {
    "pubsubhubbub.appspot.com",
    "pubsubhubbub.superfeedr.com",
    "websubhub.com",
}

_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


def find_access(voice: Voice) -> tuple[Access, ...]:
    """Return what a voice reaches that has to be confirmed: none for most."""
    found = getattr(voice, "access", None)
    several = found if isinstance(found, tuple) else (found,)
    return tuple(access for access in several if isinstance(access, Access))


def list_file_accesses(config: Config) -> list[Access]:
    """List the sounds and the cover that podcast.toml names outside of the show's folder."""
    named = [("stitch", name, getattr(config.stitch, name)) for name in SOUNDS]
    named.append(("show", "cover", config.show.cover))
    found: list[Access] = []
    for table, key, value in named:
        if value and value != _DEFAULT and (table, key) not in config.variables:
            found += reach_file(value, config)
    return found


def reach_file(value: str, config: Config) -> Iterable[Access]:
    """Yield what has to be confirmed before a file that podcast.toml names is opened."""
    if config.folder:
        path = config.folder / Path(value).expanduser()
        if not is_inside(path, config.folder):
            yield Access(_FILES, str(path.resolve()))


def reach_review(path: Path, config: Config) -> Iterable[Access]:
    """Yield what has to be confirmed before a review is read that only a pattern names."""
    own = ("show", "reviews") in config.variables
    if config.folder and not own and not is_inside(path, config.folder):
        yield reach_reviews(path.resolve().parent)


def reach_reviews(folder: Path) -> Access:
    """Return the access to the reviews of a folder and all below it."""
    return Access(_REVIEWS, str(folder.resolve()))


def list_review_accesses(config: Config, paths: Iterable[Path]) -> list[Access]:
    """List the folders outside of a show that its patterns take these reviews from.

    A folder that a pattern names stands for all below it.
    """
    if config.folder is None:
        return []
    bases = []
    for pattern in config.show.reviews:
        plain = itertools.takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts[:-1])
        bases.append(reach_reviews(config.folder.joinpath(*plain)))
    found: list[Access] = []
    for path in paths:
        for access in reach_review(path, config):
            place = Path(access.place)
            found.append(next((one for one in bases if place.is_relative_to(one.place)), access))
    return list(dict.fromkeys(found))


def reach_source(place: str, config: Config) -> Iterator[Access]:
    """Yield what has to be confirmed before a source that podcast.toml names is imported."""
    if config.folder is None or ("sync", "sources") in config.variables:
        return
    if is_web(place):
        yield Access(_SOURCE, f"{urlsplit(place).scheme.lower()}://{_find_host(place)}")
        return
    path = place_source(place, config)
    if not is_inside(path, config.folder):
        yield Access(_SOURCE, str(path.resolve()))


def place_source(place: str, config: Config) -> Path:
    """Return where a source of podcast.toml lies that is none of the web."""
    return (config.folder or Path()) / os.path.expanduser(place)


def is_web(place: str) -> bool:
    """True if a source is an address of the web."""
    return place.lower().startswith(("http://", "https://"))


def list_publish_accesses(config: Config) -> Iterator[Access]:
    """List where podcast.toml has the show sent to, and announced."""
    to, folder = config.publish.to, config.folder
    if folder and ("publish", "to") not in config.variables:
        scheme, separator, _ = to.partition("://")
        if separator and scheme.lower() != "folder":
            yield Access(_PUBLISHING, f"{scheme.lower()}://{_find_host(to)}")
        else:
            with suppress(RuntimeError):  # without a home folder: told where it is opened
                path = folder / Path(to.removeprefix("folder://")).expanduser()
                if not is_inside(path, folder):
                    yield Access(_PUBLISHING, str(path.resolve()))
    hub = config.feed.hub
    if hub and ("feed", "hub") not in config.variables:
        host = _find_host(hub)
        if host not in _PUBLIC_HUBS and not _LOCAL.fullmatch(host):
            yield Access(_HUB, host)


def _find_host(url: str) -> str:
    """Return a URL's host and port, without the user's name; all of it when it is none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower() or url
    except ValueError:
        return url
