"""A script is held against its review: all of it is said once and in order, or left out by name."""

import collections
import itertools
import re
from collections.abc import Iterator
from itertools import pairwise

from reviewcast.model.errors import LostTextError
from reviewcast.model.text import Omission, Review, Script, Segment
from reviewcast.text.said_title import says_title
from reviewcast.text.spoken.engine import apply_changes
from reviewcast.text.spoken.rules.typography import speak_typography

ADDED = -2  # the section of a span that stands for what the script itself adds


def is_speakable(text: str) -> bool:
    """True if there is a letter or a digit to say."""
    return any(map(str.isalnum, text))


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
        if not is_speakable(segment.spoken):
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
