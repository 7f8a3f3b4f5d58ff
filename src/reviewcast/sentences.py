"""Where sentences end: sentencex' boundaries, mended where reviews need it."""

import re
from collections.abc import Iterator

# after these a full stop ends no sentence, whatever follows
_OPEN_END = re.compile(
    r"\b(?:vs|vol|feat|ft|pt|min|no|ca|cf|approx|dept|est|eds?|dir)\.$", re.IGNORECASE
)
_NUMBER_NEXT = re.compile(r"\d")
_LIST_NUMBER = re.compile(r"^\d{1,3}\.$")
_TAIL_CHARS = 16  # as much of a sentence's end as those look at
_LATE_END = re.compile(r"(?:(?<=…)|(?<=[.!?]\)))\s+(?=[A-Z\"“])")


def split_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Give (start, end) of each sentence, in characters, without the spaces between them.

    Together they hold every character that is not a space, and each holds a letter or a digit
    unless the whole text has none.
    """
    sentences: list[tuple[int, int]] = []
    has_words = False
    for start, end in _list_pieces(text, language):
        piece = text[start:end]
        piece_has_words = any(map(str.isalnum, piece))
        if sentences:
            first, last = sentences[-1]
            tail = text[max(first, last - _TAIL_CHARS) : last]
            if not (has_words and piece_has_words) or _belongs(tail, piece):
                sentences[-1] = (first, end)
                has_words = has_words or piece_has_words
                continue
        sentences.append((start, end))
        has_words = piece_has_words
    return sentences


def _list_pieces(text: str, language: str) -> Iterator[tuple[int, int]]:
    import sentencex

    offset = 0
    # each piece holds the spaces after it, so the pieces are the text
    for piece in sentencex.segment(language.partition("-")[0].lower(), text):
        for part in _LATE_END.split(piece):
            if part.strip():
                start = text.index(part.strip(), offset)
                offset = start + len(part.strip())
                yield start, offset


def _belongs(before: str, after: str) -> bool:
    """Tell whether a piece goes on with the sentence whose end is `before`."""
    if _LIST_NUMBER.match(before):
        return True
    if _OPEN_END.search(before):
        return not before.lower().endswith("no.") or bool(_NUMBER_NEXT.match(after))
    # a sentence begins with a small letter only in names: iPhone, eXistenZ
    return after[0].islower() and not re.match(r"[a-z]{1,2}[A-Z]", after)
