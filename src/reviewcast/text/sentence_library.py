"""The sentences that the library sentencex finds, a window of the text at a time."""

import re
from collections.abc import Iterator

# the library seeks the other end of every quotation in all that it is given, and would take
# minutes for a long text full of apostrophes: so it gets a window at a time
_WINDOW_CHARS = 4000
_SMILEY = re.compile(r"([:;](?<!\S.)-?)[()](?!\S)")


def find_library_sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Return the library's sentences with the spaces after them; together they are the text."""
    import sentencex

    start = begun = 0
    while start < len(text):
        stop = min(len(text), start + _WINDOW_CHARS)
        if stop < len(text):
            stop = text.rfind(" ", start + _WINDOW_CHARS // 2, stop) + 1 or stop
        # a smiley is no bracket
        pieces = sentencex.segment(language, _SMILEY.sub(r"\1|", text[start:stop]))
        if stop < len(text) and len(pieces) > 1:
            # the last may go on after the window
            del pieces[-1]
        elif stop < len(text):
            start = stop
            continue
        for piece in pieces:
            start += len(piece)
            yield begun, start
            begun = start
