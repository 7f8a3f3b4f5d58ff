"""XML that is broken somewhere: each of its entries is read by itself, or named as broken."""

import html
import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from reviewcast.shelf.values import LeftOut

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOT = re.compile(rb"<(\w+(?::\w+)?)\b[^<>]*>")
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_TITLE = re.compile(rb"<title[^<>]*>(?:\s*<!\[CDATA\[)?([^<>]{1,200}?)(?:\]\]>|<)")
_AMPERSAND = re.compile(rb"&(?!#?\w{1,32};)")
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z]\w{0,31});")
BROKEN = "Its XML is broken."
_FIELD = re.compile(r"<wp:(?:status|post_password)\b|</item>|</entry>")
"""What no text holds: where it stands in one, an entry has swallowed the next one's fields."""

_MOST_BROKEN = 1_000


def read_entries(
    data: bytes, tags: frozenset[str], *, known: int, failed: list[LeftOut]
) -> "Iterator[_Element]":
    """Return the entries behind the `known` first ones; those that are broken add to `failed`.

    Bare ampersands and entities of HTML are mended, nothing else: what an entry says of who may
    read it must not be guessed.
    """
    root = _ROOT.search(re.sub(rb"<\?.*?\?>", lambda match: b" " * len(match[0]), data[:4096]))
    if root is None:
        return
    opening, name = data[root.start() : root.end()], root[1]
    for number, segment in enumerate(_cut(data, tags, root.end())):
        if number < known:
            continue
        element = _parse(opening + segment + b"</" + name + b">", tags)
        if element is not None:
            yield element
        elif len(failed) < _MOST_BROKEN:
            title = _TITLE.search(segment)
            told = html.unescape(title[1].decode(errors="replace")).strip() if title else ""
            failed.append(LeftOut(title=told or f"entry {number + 1}", reason=BROKEN))


def _cut(data: bytes, tags: frozenset[str], start: int) -> Iterator[bytes]:
    """Return the bytes of each entry, from its first tag to its last, or to the next one's."""
    names = b"|".join(sorted(tag.encode() for tag in tags))
    tag = rb"<(/?)(?:\w+:)?(?:" + names + rb")\b[^<>]*>"
    mark = re.compile(rb"<!\[CDATA\[.*?\]\]>|" + tag, re.DOTALL)
    last = max(start, _end_of_cdata(data))
    begun = -1
    for match in chain(mark.finditer(data, start, last), re.compile(tag).finditer(data, last)):
        if match[1] is None:
            continue
        if not match[1]:
            if begun >= 0:  # one without an end
                yield data[begun : match.start()]
            begun = match.start()
        elif begun >= 0:
            yield data[begun : match.end()]
            begun = -1
    if begun >= 0:
        yield data[begun:]


def _parse(document: bytes, tags: frozenset[str]) -> "_Element | None":
    """Return the one entry of a document, mended where that is safe; None when it is broken."""
    from lxml import etree

    for text in (document, _mend(document)):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(text, parser)
        except etree.XMLSyntaxError:
            continue
        found = [one for one in root.iter("*") if name_element(one) in tags]
        return found[0] if len(found) == 1 and not has_swallowed(found[0]) else None
    return None


def name_element(element: "_Element") -> str:
    """Return the name of an element without its namespace, or the prefix of one not declared."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def has_swallowed(entry: "_Element") -> bool:
    """True if a text of an entry has no end, and took the next entry for a part of it."""
    return any(_FIELD.search(child.text or "") for child in entry.iterchildren())


def _mend(document: bytes) -> bytes:
    """Escape what is written in text as nobody may write it in XML; CDATA stays as it is."""
    made: list[bytes] = []
    done = 0
    for match in [*_CDATA.finditer(document, 0, _end_of_cdata(document)), None]:
        end = match.start() if match else len(document)
        plain = _ENTITY.sub(_name_sign, document[done:end])
        made.append(_AMPERSAND.sub(b"&amp;", plain))
        if match:
            made.append(match[0])
            done = match.end()
    return b"".join(made)


def _end_of_cdata(data: bytes) -> int:
    """Return where the last CDATA ends: behind it, an open one would be sought to the end."""
    return data.rfind(b"]]>") + len(b"]]>")


def _name_sign(match: "re.Match[bytes]") -> bytes:
    sign = html.unescape(match[0].decode())
    if sign == match[0].decode():  # it is none
        return b"&amp;" + match[0][1:]
    return "".join(f"&#{ord(one)};" for one in sign).encode()
