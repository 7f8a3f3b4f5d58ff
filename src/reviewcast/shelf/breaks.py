"""Breaks at the edges of paragraphs, which no browser shows and Markdown would keep as signs."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_BLOCKS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table tbody thead tr td th figure figcaption"
    " hr section article aside details summary dl dt dd body html header footer center form".split()
)
_SHOWN = frozenset({"img", "video", "audio", "input", "iframe"})


def drop_idle_breaks(soup: "BeautifulSoup") -> None:
    """Take away the breaks that nothing stands before or behind in their own paragraph."""
    breaks = [node for node in soup.find_all("br") if node.find_parent("pre") is None]
    idle = _find_idle(reversed(breaks), lambda node: node.next_elements)
    idle |= _find_idle(breaks, lambda node: node.previous_elements)
    for node in breaks:
        if id(node) in idle:
            node.extract()


def _find_idle(breaks: Iterable[Any], walk: Callable[[Any], Iterator[Any]]) -> set[int]:
    """Return the breaks that end on no text on one side; a break beside one is as that one is."""
    idle: set[int] = set()
    for node in breaks:
        other = next((one for one in walk(node) if _ends(one)), None)
        is_beside = other is not None and _find_block(other) is _find_block(node)
        if not is_beside or _is_block(other) or id(other) in idle:
            idle.add(id(node))
    return idle


def _ends(node: Any) -> bool:
    """True if a node is something to see, another break, or the edge of a block."""
    if node.name is None:
        return bool(node.strip())
    return node.name == "br" or node.name in _SHOWN or _is_block(node)


def _is_block(node: Any) -> bool:
    return node.name in _BLOCKS


def _find_block(node: Any) -> Any:
    return next((one for one in node.parents if one.name in _BLOCKS), None)
