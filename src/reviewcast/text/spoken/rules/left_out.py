"""What the spoken form of a text leaves out, with the reasons."""

import re
from collections.abc import Iterable, Iterator

from reviewcast.model.characters import has_words
from reviewcast.model.text import Change

_ADDRESSES = frozenset({"web: address", "web: address without scheme", "typography: address"})
_PATH = re.compile(r"(?:\w{1,8}://)?[^/?#]+(?P<path>[/?#].+)", re.DOTALL)

_REASONS = {
    "emoji: emoji": "an ornament",
    "emoji: ornament": "an ornament",
    "ratings: stars": "an ornament",
    "emoticons: emoticon": "an ornament",
    "typography: note number": "a note's number",
}


def list_left_out(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """Return what is written but not said, each with its reason: ornaments, paths of addresses.

    >>> list(list_left_out([Change(0, 14, "www.x.org/salt", "x dot org", "web: address")]))
    [('/salt', 'path of an address')]
    """
    for change in changes:
        if change.rule in _ADDRESSES:
            found = _PATH.fullmatch(change.written)
            if found:
                yield found["path"], "path of an address"
        elif change.rule in _REASONS and not has_words(change.spoken):
            written = change.written.strip()
            if written:
                yield written, _REASONS[change.rule]
