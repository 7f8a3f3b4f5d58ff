"""A script is held against its review: all of it is said once and in order, or left out by name."""

import collections
import itertools
import re
from collections.abc import Iterator
from itertools import pairwise

from reviewcast.model.characters import has_words
from reviewcast.model.errors import LostTextError
from reviewcast.model.text import Omission, Review, Script, Segment
from reviewcast.text.readers.fields import holds
from reviewcast.text.spoken.engine import apply_changes
from reviewcast.text.spoken.rules.typography import speak_typography

ADDED = -2  # the section of a span that stands for what the script itself adds


_LONGEST_NAME = 80
_LETTERS = re.compile(r"[^\W\d_]+")

# what files are called that are called after nothing
_FILE_WORDS = frozenset(
    "review reviews index readme draft untitled post page text document notes note new copy final"
    " test tmp temp img image export file article entry blog kritik rezension critique".split()
)


def says_title(review: Review) -> bool:
    """True if the script begins with the title of the review."""
    origin = review.origins.get("title")
    if origin in {"slug", "file name"}:
        return _names_work(review.title) and not _mentions(review, review.title)
    return origin in {"front matter", "text"}


def _names_work(title: str) -> bool:
    """True if a title that was made of a file's name may be that of a work."""
    words = [word for word in _LETTERS.findall(title.lower()) if word not in _FILE_WORDS]
    return any(len(word) > 2 for word in words) and len(title) <= _LONGEST_NAME


def _mentions(review: Review, title: str) -> bool:
    """True if the review itself names the work somewhere."""
    name = re.sub(r" \(\d{4}\)$", "", title)
    return any(
        holds(text, name)
        for section in review.sections
        for text in (section.heading or "", *(one.text for one in section.paragraphs))
    )


def prove_whole(review: Review, script: Script) -> None:
    """Hold the script against the review, character by character.

    Raise LostTextError when a segment does not say what stands at its span or says it out of
    order, or when something stands in no segment and no omission, or in two.
    """
    texts = dict(_list_texts(review))
    stretches: dict[tuple[int, int], list[tuple[int, int]]] = {place: [] for place in texts}
    parts: Iterator[Segment | Omission] = itertools.chain(script.segments, script.omissions)
    for part in parts:
        span = part.span
        if span is None or span.section == ADDED:
            continue  # left out by the reader, before there were paragraphs; or of our own
        place = (span.section, span.paragraph)
        if place not in texts or texts[place][span.start : span.end] != part.text:
            raise LostTextError(
                f"The script does not say what the review says: {part.text[:80]!r}."
            )
        stretches[place].append((span.start, span.end))
    for place, text in texts.items():
        at = 0
        for start, end in [*sorted(stretches[place]), (len(text), len(text))]:
            if start < at:
                raise LostTextError(f"The script says this twice: {text[start:end][:80]!r}.")
            lost = text[at:start].strip()
            if lost:
                raise LostTextError(f"The script would lose a part of the review: {lost[:80]!r}.")
            at = end
    for segment in script.segments:
        if not has_words(segment.spoken):
            raise LostTextError(f"The script has no words for this: {segment.text[:80]!r}.")
        prove_said(segment)
    own = [segment for segment in script.segments if segment.span.section != ADDED]
    for before, after in pairwise(own):
        if _order(before) >= _order(after):
            raise LostTextError(f"The script says this out of order: {after.text[:80]!r}.")
    hidden = collections.Counter(review.omissions) - collections.Counter(script.omissions)
    for omission in hidden:
        raise LostTextError(f"The script hides what it leaves out: {omission.text[:80]!r}.")


def prove_said(segment: Segment) -> None:
    """Hold what is said against what is written: with its changes, every word is said, in order.

    Raise LostTextError, naming the first word that is not.
    """
    if segment.spoken == segment.text:
        return
    expected = apply_changes(segment.text, segment.changes)
    if " ".join(expected.split()) == segment.spoken:
        return  # as nearly all are
    said = _WORD.findall(speak_typography(segment.spoken))
    for number, word in enumerate(_WORD.findall(speak_typography(expected))):
        if number >= len(said) or said[number] != word:
            raise LostTextError(f"The script would not say {word!r} of {segment.text[:80]!r}.")


_WORD = re.compile(r"\w+")


def _order(segment: Segment) -> tuple[int, int, int]:
    return segment.span.section, segment.span.paragraph, segment.span.start


def _list_texts(review: Review) -> Iterator[tuple[tuple[int, int], str]]:
    if says_title(review):
        yield (-1, -1), review.title
    for number, section in enumerate(review.sections):
        yield (number, -1), section.heading or ""
        for index, paragraph in enumerate(section.paragraphs):
            yield (number, index), paragraph.text
