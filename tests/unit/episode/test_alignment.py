"""When words are said: pauses are matched with the marks that they belong to."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.tones import WordVoice

from reviewcast.audio.measure import measure_take
from reviewcast.episode.alignment import align_text

TEXT = (
    "The camera holds still; nobody looks up, not once. A man runs past in such a hat — then, "
    "after a while, his brother. Extraordinary? Music, somewhere between kitchen and garden, "
    "which a child hears first. He laughs."
)


def speak(text, voice):
    """Return what is known of a text's speech, in seconds, and when each word begins."""
    take = voice.speak(text, language="en")
    figures = measure_take(take)

    def at_s(sample):
        return (sample - figures.start) / figures.rate_hz

    pauses = [(at_s(start), at_s(end)) for start, end in figures.pauses]
    return at_s(figures.end), pauses, {at: at_s(sample) for at, sample in take.marks}


def list_errors(alignment, truth, places):
    return [abs(alignment.locate(at)[1] - truth[at]) for at in places]


def test_pauses_are_found_to_be_marks():
    """Words of any length between: what follows a mark with a pause is right to 10 ms."""
    voice = WordVoice(uneven=True, tells=True)
    end_s, pauses, truth = speak(TEXT, voice)
    alignment = align_text(TEXT, 0.0, end_s, pauses=pauses)
    after = [at for at in truth if at and TEXT[:at].rstrip()[-1] in ".,;?—"]
    assert len(after) == 11
    assert max(list_errors(alignment, truth, after)) <= 0.01
    shares = align_text(TEXT, 0.0, end_s)
    assert max(list_errors(shares, truth, after)) > 0.3


def test_what_stands_before_a_pause_ends_with_it():
    """Silence belongs to neither side."""
    end_s, pauses, _ = speak(TEXT, WordVoice(uneven=True, tells=True))
    alignment = align_text(TEXT, 0.0, end_s, pauses=pauses)
    until_s, from_s = alignment.locate(TEXT.index("A man"))
    assert from_s - until_s == pytest.approx(0.35, abs=0.01)


def test_marks_are_believed():
    """With the voice's own marks every word is right, also where nothing is silent."""
    end_s, pauses, truth = speak(TEXT, WordVoice(uneven=True, tells=True))
    marks = list(truth.items())
    alignment = align_text(TEXT, 0.0, end_s, pauses=pauses, marks=marks)
    assert max(list_errors(alignment, truth, truth)) <= 0.02


def test_a_marked_word_starts_when_it_is_heard():
    """A mark within a silence stands for the word that ends it."""
    alignment = align_text("One. Two.", 0.0, 2.0, pauses=[(0.8, 1.2)], marks=[(0, 0.0), (5, 1.15)])
    assert alignment.locate(5) == (0.8, 1.2)


def test_a_pause_that_belongs_to_no_mark_is_passed_over():
    """A breath in the middle of words moves nothing away from its mark."""
    text = "It goes on and on and on and on without any mark. Then it ends."
    alignment = align_text(text, 0.0, 4.2, pauses=[(1.0, 1.2), (3.1, 3.4)])
    assert alignment.locate(text.index("Then")) == (3.1, 3.4)
    # time is shared by what is heard, so the breath takes none of it
    places = [text.index(word) for word in ("goes", "any", ".")]
    before_s, after_s = (alignment.locate(at)[0] for at in places[:2])
    expected_s = 0.2 + (places[1] - places[0]) / (places[2] + 1) * 2.9
    assert after_s - before_s == pytest.approx(expected_s, abs=0.01)


def test_a_mark_without_a_pause_costs_no_other_its_own():
    """A comma that is spoken over takes no pause from the full stop."""
    text = "Yes, it does. No, it does not, ever, at all. Fine."
    alignment = align_text(text, 0.0, 3.4, pauses=[(0.8, 1.1), (2.7, 3.0)])
    assert alignment.locate(text.index("No"))[1] == 1.1
    assert alignment.locate(text.index("Fine"))[1] == 3.0


def test_without_anything_known_time_is_shared_by_characters():
    """Then each character takes as long."""
    alignment = align_text("one two three", 10.0, 23.0)
    assert [alignment.locate(at)[0] for at in (0, 4, 8)] == [10.0, 14.0, 18.0]


@pytest.mark.parametrize("text", [" ", "—", "word", ". . .", "a" * 50])
def test_any_text_has_its_ends(text):
    """Whatever the text and the pauses, its first and last moment are known."""
    alignment = align_text(text, 1.0, 2.0, pauses=[(1.4, 1.6)])
    assert alignment.locate(0)[0] == 1.0
    assert 1.0 <= alignment.locate(len(text))[1] <= 2.0


def count_calls(pauses):
    """Count the calls that matching so many pauses takes."""
    text = "ah, " * (pauses + 1)
    heard = [(n * 0.25 + 0.15, n * 0.25 + 0.25) for n in range(pauses)]
    count = 0

    def watch(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(watch)
    try:
        alignment = align_text(text, 0.0, pauses * 0.25 + 0.25, pauses=heard)
    finally:
        sys.setprofile(None)
    middle = pauses // 2 * 4
    assert alignment.locate(middle)[1] == pytest.approx(middle / 16, abs=0.3)
    return count


def test_the_work_is_bounded():
    """The most that one call speaks, with a pause at each word, is not matched all with all."""
    assert count_calls(60) < 60**2 * 120
    assert count_calls(240) < 240**2 * 80


TIMES = st.lists(st.floats(0, 20), max_size=24, unique=True).map(sorted)


@given(
    st.text("ab ,.;—“” ", max_size=120), TIMES, st.lists(st.integers(0, 130), unique=True), TIMES
)
@settings(deadline=None)
def test_time_never_runs_backwards_between_words(text, edges, places, times):
    """Words that follow each other in the text do so in time, whatever voice and audio say."""
    pauses = list(zip(edges[::2], edges[1::2], strict=False))
    marks = list(zip(sorted(places), times, strict=False))
    alignment = align_text(text, 0.0, 20.0, pauses=pauses, marks=marks)
    found = [alignment.locate(at) for at in alignment.words]
    assert all(0 <= until_s <= from_s <= 20 for until_s, from_s in found)
    assert [from_s for _, from_s in found] == sorted(from_s for _, from_s in found)
