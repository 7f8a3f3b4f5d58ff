"""A published show is checked: its feed, its files, and each against the other."""

import itertools
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.events import Notify, ignore_events
from reviewcast.model.podcast import FEED
from reviewcast.podcast.check.document import Feed, is_url, read_feed
from reviewcast.podcast.check.findings import Finding, apply_rules
from reviewcast.podcast.check.places import FolderPlace, ListedPlace, Unreadable, WebPlace
from reviewcast.podcast.check.rules import (  # noqa: F401  their rules enter the table
    alternates,
    disclosure,
    feed,
    feed_directories,
    items,
    items_files,
    prefixes,
)
from reviewcast.podcast.check.rules.archives import Chain
from reviewcast.podcast.check.rules.hashes import Hashed, is_ours, list_built, list_hashed
from reviewcast.podcast.check.rules.links import Unread, list_pages, open_page
from reviewcast.podcast.check.walk import LARGEST_FEED, Inspection, check_document
from reviewcast.podcast.feed.parse import find_base
from reviewcast.system.files import hash_file, reporting
from reviewcast.system.public_folder import find_feed
from reviewcast.system.workspace import find_show


class Report(Struct, frozen=True):
    """What was found, and how many feeds, episodes, files were looked at."""

    findings: list[Finding]
    checked: dict[str, int]


def check_show_folder(
    folder: Path,
    *,
    quick: bool = False,
    deep: bool = False,
    only: Collection[str] | None = None,
    notify: Notify = ignore_events,
) -> Report:
    """Check a folder that holds a feed, or a show's folder.

    What lies below the feed's own URL is looked for in the folder; nothing is asked of the net.
    `quick` decodes no audio and compares no hashes; `deep` compares them in any case, also those
    of the built episodes of the show that the folder belongs to. `only` names the files, as paths
    below the folder, whose contents are looked into: audio, captions, chapters, images, pages;
    the feed is checked in any case.
    Raise UsageError when there is no feed, StorageError when it cannot be read.
    """
    path = find_feed(folder)
    data = _read_file(path)
    root, fault, base = read_feed(data, name=path.name)
    place = FolderPlace(base, path.parent)
    main = Feed(path.name, data, place, root, fault)
    inspection = Inspection(place, quick=quick, only=only, notify=notify)
    found = list(inspection.inspect(main))
    lost = tuple(
        entry.name
        for entry in sorted(path.parent.glob(f"{path.stem}-archive-*.xml"))
        if entry.name not in inspection.names
    )
    if base:
        found += apply_rules(Chain(main.name, (), lost=lost))
        for name in list_pages(path.parent):
            if only is None or name in only:
                inspection.count("pages")
                found += apply_rules(open_page(path.parent, name, base=base, place=place))
    if is_ours(main) and (deep or not quick):
        found += _compare_names(path.parent, only)
    if deep and (show := find_show(path.parent.absolute())):
        found += itertools.chain.from_iterable(map(apply_rules, list_built(show)))
    return Report(found, inspection.checked)


def check_feed_url(
    url: str,
    *,
    quick: bool = False,
    deep: bool = False,
    allow_private: bool = False,
    notify: Notify = ignore_events,
) -> Report:
    """Fetch a feed and all that it names, one file at a time.

    What lies in a private network is not asked for unless `allow_private` is set or the feed's
    own URL is one of this machine or its network by its very name. `quick` asks for the audio's
    size and type only. `deep` fetches all that reviewcast has named by a hash, and compares it.
    Raise UsageError for what is no URL of HTTP, StorageError when the feed cannot be fetched.
    """
    if not is_url(url):
        raise UsageError(f"{url} is no URL of a feed.", hint="It begins with https://.")
    from reviewcast.system.guarded_http import is_local_name

    place = WebPlace(find_base(url), allow_private=allow_private or is_local_name(url))
    try:
        data = place.read(url, LARGEST_FEED) or b""
        root, fault, _ = read_feed(data, name=url, url=url)
        name = urlsplit(url).path.rpartition("/")[2] or url
        inspection = Inspection(place, quick=quick, deep=deep, only=None, notify=notify)
        url = place.final_urls.get(url, url)
        found = list(inspection.inspect(Feed(name, data, place, root, fault, url=url)))
    except Unreadable as error:
        raise StorageError(f"Cannot fetch {url}: {error}", hint="Open it in a browser.") from error
    finally:
        place.close()
    return Report(found, inspection.checked)


def check_feed_bytes(data: bytes, list_file: Callable[[str], int | None]) -> list[Finding]:
    """Check a feed before it goes out, by its bytes and what is known of its files.

    `list_file` takes a path below the show's URL and gives the size in bytes of what is or will
    be there, None for nothing. The feed's archive pages are documents of their own.
    """
    root, fault, base = read_feed(data, name=FEED)
    return list(check_document(Feed(FEED, data, ListedPlace(base, list_file), root, fault)))


def _compare_names(folder: Path, only: Collection[str] | None) -> Iterator[Finding]:
    """Compare what is in a folder with the hashes that its names hold."""
    for name, promise in list_hashed(folder):
        if only is None or name in only:
            try:
                digest = hash_file(folder / name)
            except OSError as error:
                reason = f"It cannot be read: {error.strerror or error}."
                yield from apply_rules(Unread(name, name, reason))
            else:
                yield from apply_rules(Hashed(name, promise, digest))


def _read_file(path: Path) -> bytes:
    with reporting(f"read {path}", hint="Check its permissions."):
        if path.stat().st_size > LARGEST_FEED:
            raise StorageError(f"{path} is larger than 50 MB.", hint="That is no feed.")
        return path.read_bytes()
