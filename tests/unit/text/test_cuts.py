"""Where a sentence over the limit is cut."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples
from tests.unit.text.texts import CountingText, plain_sentences

from reviewcast.model.characters import has_words
from reviewcast.settings.schema import SplitSettings
from reviewcast.text import clauses
from reviewcast.text.pieces import Cutter, Manner, say_plainly
from reviewcast.text.spoken.rules.typography import speak_typography


def list_parts(text: str, limit: int = 100, say=say_plainly):
    return Cutter(Manner(limit, say), SplitSettings(), "en").cut_text(text, ())


def cut(text: str, limit: int = 100) -> list[str]:
    return [text[part.start : part.end] for part in list_parts(text, limit)]


@pytest.mark.parametrize(
    "parts",
    [
        # after a mark
        [
            "The score by Morricone carries a script that has nothing to say about the 1970s;",
            "the actors do the rest, and they do it beautifully from the first to the last line.",
        ],
        [
            "The Lord of the Rings: The Fellowship of the Ring remains the most generous of films,",
            "long but never slow and grand but never pompous from its first frame to its last.",
        ],
        [
            "The director — who made his name with music videos and commercials for a Swedish bank",
            "— has learned at last that silence may be louder than a drum.",
        ],
        # before a conjunction
        [
            "Its budget would not have paid for a day of catering on Godzilla vs. Megaguirus",
            "and yet every single frame looks as though somebody had thought about it for a week.",
        ],
        [
            "Critics who complained about the heroine of it cannot have stayed in their seats",
            "until the scene in the kitchen with the broken plates and the dog.",
        ],
        # before a bracket, and not in it
        [
            "The film is mostly remembered today for whatever happened behind the scenes of it",
            "(and in the tabloids) although it has one of the best chases ever put on film.",
        ],
        # between the sentences of a long quotation
        [
            "“It was a long and cold night and nobody had thought of bringing even a blanket.",
            "We waited all the night for a train that had stopped running in the war,” he says.",
        ],
    ],
    ids=lambda parts: parts[0][:20],
)
def test_places(parts):
    """A cut is after a mark or before a clause, near the middle."""
    assert cut(" ".join(parts)) == parts


@pytest.mark.parametrize(
    "whole",
    [
        "Robert De Niro", "Samuel L. Jackson", "J. J. Abrams", "M. Night Shyamalan",
        "Guillermo del Toro", "Dr. Strange", "King Kong vs. Godzilla", "Vol. 2", "No. 1",
        "128 minutes", "3.5 out of 5", "$5,000,000", "May 12, 1999", "10.30",
        "“Kind Hearts and Coronets”", "(and in the tabloids)", "Simon & Garfunkel", "chapter 12",
        "the house", "of a village", "Lord of the Rings",
    ],
)  # fmt: skip
def test_wholes(whole):
    """Names, numbers, titles and articles stay with what belongs to them, wherever they stand."""
    for before in range(2, 22):
        text = " ".join(["dog"] * before + [whole] + ["cat"] * (40 - before))
        parts = cut(text)
        assert len(parts) > 1
        assert any(whole in part for part in parts), parts


@settings(max_examples=count_examples(100), deadline=None)
@given(plain_sentences)
def test_parts(sentence):
    """Parts are within the limit, hold every word, and none is a word alone."""
    parts = cut(sentence)
    assert " ".join(parts).split() == sentence.split()
    assert all(len(speak_typography(part)) <= 100 for part in parts)
    assert len(parts) == 1 or all(len(part.split()) > 1 for part in parts)


@pytest.mark.parametrize("text", ["1,2,3,4,5,6 " * 30, "5,000 " * 60, "12:30:59 " * 40])
def test_numbers_are_whole(text):
    """Where nothing but numbers stands, cuts are between them."""
    for part in cut(text.strip()):
        assert set(part.split()) == set(text.split())


class _CountingPattern:
    """A pattern that counts the characters it is let loose on."""

    def __init__(self, pattern: re.Pattern[str], counts: list[int]) -> None:
        self._pattern = pattern
        self._counts = counts

    def finditer(self, text: str, start: int, end: int):
        self._counts.append(end - start)
        return self._pattern.finditer(text, start, end)


@pytest.mark.parametrize(
    "piece",
    ["word ", "word, ", ", ", "…! ", "a", "foo bar. ", "a/b-", "你好，", "e\u0301", "👍", "a—b"],
)
def test_time_is_linear(piece, monkeypatch):
    """Twice the text takes hardly more than twice the looking at it, without any sentence's end."""
    counts: list[int] = []

    def say(text: str, _emphasis):
        counts.append(len(text))
        return speak_typography(text), ()

    for name in ("_GAP", "_ASIDE", "_INSIDE_WORD"):
        monkeypatch.setattr(clauses, name, _CountingPattern(getattr(clauses, name), counts))

    def count(characters: int) -> int:
        counts.clear()
        text = CountingText((piece * characters)[:characters].strip())
        parts = list(list_parts(text, say=say))
        # what holds no word is not said, so it need not be cut
        assert len(parts) >= characters // 200 or not has_words(piece)
        return sum(counts) + text.count

    assert count(16_000) <= 2.3 * count(8_000)


@pytest.mark.parametrize("limit", [100, 1000])
@pytest.mark.parametrize("piece", ["& ", "film and ", "film & "])
def test_a_huge_sentence_is_looked_at_few_times(piece, limit):
    """Each character of a sentence that is none is said a few times, not once for each halving."""
    counts = []

    def say(text: str, _emphasis):
        counts.append(len(text))
        return speak_typography(text), ()

    text = "x" + piece * (200_000 // len(piece))
    parts = list(list_parts(text, limit, say=say))
    assert sum(counts) < 5 * len(text)
    assert "".join(text[part.start : part.end] for part in parts).replace(" ", "") == text.replace(
        " ", ""
    )
    assert all(len(part.spoken) <= limit for part in parts if has_words(part.spoken))


WORDS = ["wend ", "wend, ", "and ", "(wend ", "wend) ", " ", "\t", '"wend" ', "10 ", "Wend. "]


@settings(deadline=None, max_examples=count_examples(300))
@given(
    st.lists(st.sampled_from(WORDS), min_size=3, max_size=300).map("wend".join),
    st.integers(2, 9),
    st.integers(2, 300),
)
def test_accents_move_no_cut(text, parts, max_chars):
    """Plain letters, whose gaps are found in a quicker way, are cut where others are."""
    cut_at = clauses.find_cut(text, 0, len(text), parts=parts, max_chars=max_chars)
    accented = text.replace("e", "é")
    assert clauses.find_cut(accented, 0, len(text), parts=parts, max_chars=max_chars) == cut_at
