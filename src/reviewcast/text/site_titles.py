"""A site's name at the end of its pages' titles: known by the other pages of a show's folder."""

import html
import os
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from msgspec.structs import replace

from reviewcast.model.text import Omission, Review

_FEWEST_PAGES = 20
_MOST_PAGES = 200  # of a folder: enough to know how its titles end
_MOST_BYTES = 20_000
_PAGES = (".html", ".htm")
_ORIGINS = {"title tag", "OpenGraph", "Twitter card", "meta"}
_ENDING = re.compile(r"\s+(?:[|–—·•»«:]{1,2}|-{1,2})\s+(?=\S)")
_TITLE = re.compile(rb"<title[^<>]{0,200}>([^<]{1,1000})</title", re.IGNORECASE)


def drop_site_ending(review: Review, page: Path) -> Review:
    """Return a page's review without the ending that 20 pages of its folder's titles share."""
    if page.suffix.lower() not in _PAGES or review.origins.get("title") not in _ORIGINS:
        return review
    *_, parted = (None, *_ENDING.finditer(review.title))
    if parted is None or not parted.start():
        return review
    ending = review.title[parted.end() :]
    if ending.casefold() not in list_site_endings(page):
        return review
    omissions = (Omission(ending, "the site's name"), *review.omissions)
    return replace(review, title=review.title[: parted.start()], omissions=omissions)


def list_site_endings(page: Path) -> tuple[str, ...]:
    """Return what the titles of a page's folder end in, in small letters and in order.

    None are told of a file that is no page.
    """
    if page.suffix.lower() not in _PAGES:
        return ()
    folder = page.absolute().parent
    try:
        endings = _count_endings(str(folder), folder.stat().st_mtime_ns)
    except OSError:
        return ()
    return tuple(sorted(one for one, times in endings.items() if times >= _FEWEST_PAGES))


@lru_cache(maxsize=64)
def _count_endings(folder: str, _changed_ns: int) -> Counter[str]:
    """Count what stands after the last separator of the titles of a folder's pages."""
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith(_PAGES))
    counted: Counter[str] = Counter()
    for name in names[:_MOST_PAGES]:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                head = file.read(_MOST_BYTES)
        except OSError:
            continue
        if found := _TITLE.search(head):
            title = " ".join(html.unescape(found[1].decode(errors="replace")).split())
            _, *parts = _ENDING.split(title)
            counted.update(parts[-1:] and [parts[-1].casefold()])
    return counted
