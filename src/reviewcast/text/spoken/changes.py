"""What is made of the changes of a text: where a long form is cut, and what is left unsaid."""

import re
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from reviewcast.model.characters import has_words
from reviewcast.model.text import Change

# a listener hears a group end behind these
_GROUP_ENDS = frozenset("million billion trillion thousand to dollars pounds euros of and".split())
_WRITTEN_GAP = re.compile(r"[\s,./:–-]+")
_SPACE = re.compile(r"\s+")
_SPOKEN = attrgetter("spoken")

_ADDRESSES = frozenset({"web: address", "web: address without scheme", "typography: address"})
_PATH = re.compile(r"(?:\w{1,8}://)?[^/?#]+(?P<path>[/?#].+)", re.DOTALL)

_REASONS = {
    "emoji: emoji": "an ornament",
    "emoji: ornament": "an ornament",
    "ratings: stars": "an ornament",
    "emoticons: emoticon": "an ornament",
    "typography: note number": "a note's number",
}


def find_long_form(text: str, changes: Sequence[Change], max_chars: int) -> Change | None:
    """Return the form of `text` that has to be cut, or None when a cut can be elsewhere.

    It is one that fills most of `max_chars` by itself, in a text without a space beside it.
    """
    length = max(map(len, map(_SPOKEN, changes)), default=0)
    if 2 * length < max_chars:
        return None
    longest = next((change for change in changes if len(change.spoken) == length), None)
    if not longest or longest.ipa:
        return None
    if longest.end - longest.start < 2 or " " not in longest.spoken.strip():
        return None
    for gap in _SPACE.finditer(text):
        inside = longest.start < gap.start() and gap.end() < longest.end
        if not inside and gap.start() > 0 and gap.end() < len(text):
            return None
    return longest


def cut_form(form: Change, max_chars: int) -> tuple[Change, Change]:
    """Cut a form in two, between two words of what is said; each keeps some written character.

    The first has at most `max_chars` spoken characters, as far as its first word allows; the
    written form is cut where it has a comma or the like, or in proportion.
    """
    words = form.spoken.split()
    ends = [0]
    for word in words:
        ends.append(ends[-1] + len(word) + 1)
    half = ends[-1] / 2
    fitting = [at for at in range(1, len(words)) if at == 1 or ends[at] - 1 <= max_chars]
    at = min(
        fitting,
        key=lambda at: abs(ends[at] - half) + (0 if words[at - 1] in _GROUP_ENDS else half / 2),
    )
    wished = len(form.written) * ends[at] / ends[-1]
    places = [
        gap.end() for gap in _WRITTEN_GAP.finditer(form.written) if gap.end() < len(form.written)
    ]
    places = [place for place in places if place > 0] or [round(wished)]
    place = min(places, key=lambda place: abs(place - wished))
    place = min(max(1, place), len(form.written) - 1)
    middle = form.start + place
    return (
        Change(form.start, middle, form.written[:place], " ".join(words[:at]), form.rule),
        Change(middle, form.end, form.written[place:], " ".join(words[at:]), form.rule),
    )


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
