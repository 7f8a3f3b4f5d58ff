"""XML of others is read in bounds: no DOCTYPE, so many levels and elements, one after another."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.mended_xml import BROKEN, has_swallowed, name_element, read_entries
from reviewcast.shelf.values import LeftOut

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_ELEMENTS = 500_000
_PIECE = 1 << 16
_HEAD = 4096
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NO_XML = bytes(sorted(set(range(32)) - {9, 10, 13}))


def parse_elements(
    data: bytes, name: str, tags: frozenset[str], failed: list[LeftOut]
) -> "Iterator[_Element]":
    """Return the elements with these local names, one after another; each is gone after its turn.

    What is not well-formed is read entry by entry; those that are broken add to `failed`. Raise
    ReviewError for XML with a DOCTYPE, which could make a little text a lot or fetch files, and
    where no entry can be read.
    """
    from lxml import etree

    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.translate(None, _NO_XML)  # old blogs have them, and no XML may
    count = 0
    try:
        for element in _read_whole(data, name, tags):
            count += 1
            if count > _MOST_ELEMENTS:
                raise ReviewError(f"{name} has over {_MOST_ELEMENTS:,} entries.")
            if has_swallowed(element):
                failed.append(LeftOut(title=element.findtext("{*}title") or "", reason=BROKEN))
            else:
                yield element
            _forget(element)
    except (etree.XMLSyntaxError, _NestedError) as error:
        if _DOCTYPE.search(data[:_HEAD]):
            raise _refuse_doctype(name) from error
        found = False
        for element in read_entries(data, tags, known=count, failed=failed):
            found = True
            yield element
        if not found and not count:
            raise ReviewError(
                f"{name} is not well-formed XML: {error}.", hint="Export it again."
            ) from error


class _NestedError(Exception):
    """An entry begins in another one, which has no end."""


def _read_whole(data: bytes, name: str, tags: frozenset[str]) -> "Iterator[_Element]":
    """Return the elements of XML that is well-formed; raise where it is not."""
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    checked = opened = False
    for start in range(0, len(data), _PIECE):
        parser.feed(data[start : start + _PIECE])
        for event, found in parser.read_events():
            element = cast("_Element", found)
            if not checked and element.getroottree().docinfo.internalDTD is not None:
                raise _refuse_doctype(name)
            checked = True
            if name_element(element) not in tags:
                continue
            if event == "start" and opened:
                raise _NestedError("an entry has no end")
            opened = event == "start"
            if event == "end":
                yield element
    parser.close()


def check_depth(data: bytes, name: str) -> None:
    """Raise ReviewError for XML of more than 256 levels, whether or not it is well-formed."""
    from lxml import etree

    parser = etree.XMLPullParser(
        events=(), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for start in range(0, len(data), _PIECE):
            parser.feed(data[start : start + _PIECE])
        parser.close()
    except etree.XMLSyntaxError:
        pass  # what is not well-formed is another's to judge
    if any("Excessive depth" in entry.message for entry in parser.feed_error_log):
        raise ReviewError(f"{name} is nested too deeply.")


def _refuse_doctype(name: str) -> ReviewError:
    return ReviewError(f"{name} has a DOCTYPE, which no export has.", hint="Export it again.")


def _forget(element: "_Element") -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
