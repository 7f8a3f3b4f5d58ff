"""What is shared are whole sentences of the best part, and no spoilers unless they are named."""

import pytest

from reviewcast.episode.clip_choice import Line, choose_part, read_captions
from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.model.podcast import EpisodeChapter, EpisodeCue

CHAPTERS = tuple(
    EpisodeChapter(title, start)
    for title, start in (("Opening", 0.0), ("Plot", 40.0), ("Verdict", 80.0), ("Spoilers", 140.0))
)


def make_cues(*, spoilers=(), count=32, length_s=4.5):
    """Make cues of 4.5 s, one each five seconds, some of them spoilers."""
    return tuple(
        EpisodeCue(
            5.0 * n, 5.0 * n + length_s, "spoiler" if n in spoilers else "narrator", f"Line {n}."
        )
        for n in range(count)
    )


def make_captions(cues):
    return tuple(Line(one.start_s, one.end_s, one.text) for one in cues)


def choose(cues, *places, chapters=CHAPTERS):
    return choose_part(cues, chapters, make_captions(cues), places)


def test_the_verdict_is_chosen():
    """The last chapter without spoilers, from its first word on, at most 60 s of it."""
    part = choose(make_cues(spoilers=range(28, 32)))
    assert part.segments == (17, 28)
    assert part.start_s == pytest.approx(80 - 0.15)
    assert part.end_s == pytest.approx(139.5 + 0.25)
    assert part.end_s - part.start_s <= 60.5
    assert not part.has_spoilers
    assert [line.text for line in part.lines] == [f"Line {n}." for n in range(16, 28)]


def test_a_short_verdict_gives_way_to_the_opening():
    """What has less than 30 s says too little alone."""
    cues = make_cues(count=20)  # the verdict has four lines
    part = choose(cues, chapters=CHAPTERS[:3])
    assert part.segments == (1, 12)
    assert part.is_cut


def test_nothing_that_spoils_is_chosen():
    """A spoiler in the midst of a chapter ends the part before it; none is ever in it."""
    part = choose(make_cues(spoilers={3, *range(8, 32)}), chapters=CHAPTERS)
    assert part.segments == (1, 3)
    assert not part.has_spoilers
    with pytest.raises(ReviewError):
        choose(make_cues(spoilers=range(32)))


def test_the_last_line_behind_spoilers_is_no_verdict():
    """That a voice is synthetic is no chapter to share; the one before the spoilers is."""
    cues = make_cues(spoilers=range(28, 30), count=31)
    chapters = (*CHAPTERS, EpisodeChapter("The film", 150.0))
    assert choose(cues, chapters=chapters).segments == (17, 28)
    longer = make_cues(spoilers=range(28, 30), count=38)
    assert choose(longer, chapters=chapters).segments == (31, 38)


def test_a_clip_ends_before_the_heading_of_spoilers():
    """It is no spoiler itself, and belongs to them all the same."""
    chapters = (EpisodeChapter("Opening", 0.0), EpisodeChapter("Spoilers", 45.0))
    assert choose(make_cues(spoilers=range(10, 20), count=20), chapters=chapters).segments == (1, 9)


def test_spoilers_are_there_when_they_are_named():
    """And it is known that they are."""
    part = choose(make_cues(spoilers=range(28, 32)), "chapter:Spoilers")
    assert part.segments == (29, 32)
    assert part.has_spoilers


@pytest.mark.parametrize(
    ("places", "segments"), [(("7",), (7, 7)), (("7-9",), (7, 9)), (("8", "7"), (7, 8))]
)
def test_segments_are_named_as_a_preview_names_them(places, segments):
    assert choose(make_cues(), *places).segments == segments


@pytest.mark.parametrize("places", [("99",), ("2", "7"), ("chapter:Nowhere",), ("x",)])
def test_what_is_no_stretch_is_refused(places):
    with pytest.raises(UsageError):
        choose(make_cues(), *places)


def test_a_long_segment_is_cut_at_a_sentence():
    """Not at a comma, though that leaves more of it."""
    cues = (EpisodeCue(0.0, 90.0, "narrator", "All of it."),)
    captions = (
        Line(0.0, 25.0, "It begins,"),
        Line(25.2, 41.0, "and it ends."),
        Line(41.5, 58.0, "Then it goes on,"),
        Line(58.2, 90.0, "for ever."),
    )
    part = choose_part(cues, CHAPTERS[:1], captions)
    assert part.end_s == pytest.approx(41.25)
    assert [line.text for line in part.lines] == ["It begins,", "and it ends."]


def test_fades_never_reach_the_words_beside():
    """Half of the pause is the most."""
    cues = (
        EpisodeCue(0.0, 9.98, "narrator", "Before."),
        EpisodeCue(10.0, 45.0, "narrator", "This."),
        EpisodeCue(45.1, 60.0, "narrator", "After."),
    )
    part = choose(cues, "2", chapters=CHAPTERS[:1])
    assert part.start_s == pytest.approx(9.99)
    assert part.end_s == pytest.approx(45.05)


def test_captions_are_read_as_they_are_written():
    """Hours, several lines, and Windows' line ends."""
    srt = "1\r\n00:00:01,500 --> 00:00:02,250\r\nOne\r\nline.\r\n\r\n2\n"
    srt += "01:00:00,000 --> 01:00:01,000\nTwo.\n"
    assert read_captions(srt) == (Line(1.5, 2.25, "One line."), Line(3600.0, 3601.0, "Two."))
