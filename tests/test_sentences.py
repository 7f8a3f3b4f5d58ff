"""Where sentences end."""

import pytest
from hypothesis import given, settings
from tests.readers.texts import CountingText, paragraphs

from reviewcast.sentences import split_sentences


def split(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["It is short.", "It is good!", "Is it?", "Yes."],
        ["King Kong vs. Godzilla was never silent."],
        ["See Vol. 2 first.", "Then Vol. 1."],
        ["It runs 122 min. without a pause.", "Nobody left."],
        ["A song feat. Gish closes Pt. 2 of it."],
        ["His No. 1 rule is No. 9 of theirs.", "She said no.", "He left."],
        ["4. The Great Train Robbery.", "It is a western."],
        ["He says it again. and again.", "Then he stops."],
        ["She waits.", "iPhone cameras came later.", "eXistenZ too."],
        ["He waits…", "Then he falls."],
        ["(It rains.)", "Nobody minds."],
        ["“Was it good?” asked my daughter.", "It was."],
        ["It ends. . .", "Then it begins."],
        ["这部电影很好。", "我哭了！"],
        ["هل رأيته؟", "نعم."],
    ],
    ids=lambda sentences: sentences[0],
)
def test_sentences(sentences):
    """Sentences end where a reader would stop, and nowhere else."""
    assert split(" ".join(sentences)) == sentences


def test_nothing():
    """A text without a character has no sentence."""
    assert split("") == []


@pytest.mark.parametrize("text", ["…", "* * *", "?! ?! ?!", "🎬 . 🎬"])
def test_without_words(text):
    """A text without letters or digits is one piece."""
    assert split(text) == [text]


@settings(max_examples=150, deadline=None)
@given(paragraphs)
def test_hold_everything(text):
    """Sentences are in order, hold all but spaces, and each has a letter or digit if any has."""
    found = split_sentences(text, "en")
    end = 0
    for start, stop in found:
        assert text[end:start].strip() == ""
        assert text[start:stop] == text[start:stop].strip() != ""
        end = stop
    assert text[end:].strip() == ""
    has_words = [any(map(str.isalnum, text[start:stop])) for start, stop in found]
    assert all(has_words) or len(found) == 1


@pytest.mark.parametrize("piece", ["lower case. ", "? ", "Short one. ", "word ", "vs. "])
def test_time_is_linear(piece):
    """Twice the text takes twice the slicing, whatever the pieces are."""

    def count(times: int) -> int:
        text = CountingText(piece * times)
        split_sentences(text, "en")
        return text.count

    assert count(2000) <= 2.1 * count(1000)
