"""The stretch that apps play of an episode unasked: its end, and nothing that spoils."""

import pytest

from reviewcast.episode.describe import pick_soundbite
from reviewcast.model.audio import Chapter, Cue, Timeline
from reviewcast.model.text import Segment, Span

RATE_HZ = 44_100
STEP_S = 5


def pick(*chapters):
    """Return the soundbite of chapters of segments of five seconds: p plain, s spoiler, t title."""
    roles = {"p": "narrator", "s": "spoiler", "t": "title"}
    segments = [
        Segment(
            index=0, chapter=number, role=roles[role], text="x", spoken="x", pause_s=0.0,
            span=Span(0, 0, 0, 0),
        )
        for number, chapter in enumerate(chapters)
        for role in chapter
    ]  # fmt: skip
    step = STEP_S * RATE_HZ
    cues = tuple(Cue(n, n * step, (n + 1) * step) for n in range(len(segments)))
    starts = [sum(map(len, chapters[:n])) * step for n in range(len(chapters))]
    timeline = Timeline(
        rate_hz=RATE_HZ,
        blocks=(),
        chapters=tuple(Chapter("x", start) for start in starts),
        cues=cues,
        energies=b"",
    )
    return pick_soundbite(timeline, segments)


@pytest.mark.parametrize(
    ("chapters", "soundbite"),
    [
        (("pppp", "tpppp"), (20.0, 25.0)),
        (("pppp", "t" + "p" * 20), (20.0, 60.0)),
        (("pppp", "tp"), (0.0, 0.0)),
        (("pppp", "tppp", "tssss"), (20.0, 20.0)),
        (("pppp", "tppp", "tssss", "p"), (20.0, 20.0)),
        (("pppp", "tppp", "tssss", "pppp"), (65.0, 20.0)),
        (("tssss",), (0.0, 0.0)),
        (("t", "sssss"), (0.0, 0.0)),
        ((), (0.0, 0.0)),
    ],
)
def test_the_last_chapter_that_spoils_nothing_stands_for_the_episode(chapters, soundbite):
    """From its first word on, at most a minute; behind spoilers a mere last line is none."""
    assert pick(*chapters) == soundbite
