"""Segments are chosen, spoken and heard as the build would have them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from tests.support.program import Program

from reviewcast.audio.samples import RATE_HZ
from reviewcast.jobs.listing import list_names, list_segments
from reviewcast.jobs.preview import preview_segments, save_preview, speak_words
from reviewcast.jobs.shows import open_review, open_run
from reviewcast.model.errors import UsageError
from reviewcast.model.text import Script, ScriptChapter, Segment, Span
from reviewcast.text.segments import choose_segments

TALE = """# A tale

It begins with Annabelle Lee. She goes to the Odeon, and the Odeon is full of people on this day.

## More

> It goes on.

And then it ends well, as all such tales do in the end.
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A review, what was heard of it before, and the episode that was built then."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "tale.md").write_text(TALE, encoding="utf-8")
    program = Program(folder / "cache")
    first = program.run("preview", folder / "tale.md", "2-3", "-o", folder / "2.mp3",
                        "--voice", "espeak", "--json").json  # fmt: skip
    episode = program.run(
        "build", folder / "tale.md", "-o", folder / "x.mp3", "--voice", "espeak", "--json"
    ).episode
    return folder, first, episode


@pytest.fixture
def opened(built, monkeypatch):
    folder, _, _ = built
    monkeypatch.setenv("REVIEWCAST_CACHE", str(folder / "cache"))
    source, config = open_review(str(folder / "tale.md"), voice="espeak")
    return source, open_run(config)


def make_script(*chapters):
    segments = tuple(
        Segment(index=index, chapter=chapter, role="narrator", text="x", spoken="x", pause_s=0.5,
                span=Span(0, 0, 0, 1))
        for index, chapter in enumerate(n for n, (_, count) in enumerate(chapters)
                                        for _ in range(count))
    )  # fmt: skip
    titles = tuple(ScriptChapter(title, written=True) for title, _ in chapters)
    return Script(title="T", language="en", chapters=titles, segments=segments)


SCRIPT = make_script(("A tale", 2), ("The ride", 3), ("1917", 1), ("The End", 2))


@pytest.mark.parametrize(
    ("places", "indexes"),
    [
        (["1"], [0]),
        (["2-4", "3", "8"], [1, 2, 3, 7]),
        (["7–8"], [6, 7]),
        (["7-"], [6, 7]),
        (["chapter:The ride"], [2, 3, 4]),
        (["Chapter: the RIDE", "1"], [0, 2, 3, 4]),
        (["chapter:a"], [0, 1]),
        (["chapter:4"], [6, 7]),
        (["chapter:1917"], [5]),
    ],
)
def test_segments_are_named_by_number_range_and_chapter(places, indexes):
    """Each once and in order, however often and in whatever order they are named."""
    assert list(choose_segments(places, SCRIPT)) == indexes


@pytest.mark.parametrize(
    ("place", "said", "hint"),
    [
        ("0", "no segment 0", "1 to 8"),
        ("9", "no segment 9", "1 to 8"),
        ("2-99", "no segment 99", "1 to 8"),
        ("4-2", "runs backwards", "2-4"),
        ("verdict", "names no segment", "7-9"),
        ("-3", "names no segment", "7-9"),
        ("²", "names no segment", "7-9"),
        ("99999999999", "names no segment", "7-9"),
        ("chapter:the rid3", "no chapter", "Did you mean 'The ride'"),
        ("chapter:t", "no chapter", "A tale, The ride, 1917, The End"),
        ("chapter:", "no chapter", "There are"),
        ("chapter:9", "no chapter", "There are"),
    ],
)
def test_what_there_is_not_is_refused(place, said, hint):
    """The error says what there is."""
    with pytest.raises(UsageError, match=said) as refused:
        choose_segments([place], SCRIPT)
    assert hint in refused.value.hint


def test_a_chapter_without_words_is_refused():
    """Nothing is played where nothing is said."""
    with pytest.raises(UsageError, match="Nothing is said"):
        choose_segments(["chapter:Empty"], make_script(("A", 1), ("Empty", 0)))


def test_the_build_speaks_nothing_again_that_was_heard(built):
    """The takes of a preview are those of the build."""
    _, first, episode = built
    assert (first["segments"], first["voiced"]) == ([2, 3], 2)
    assert episode["reused"] == 2
    assert episode["voiced"] == episode["segments"] - 2


def test_a_preview_after_the_build_has_its_blocks(opened):
    """With everything in the store nothing is spoken and no block encoded, but at the music."""
    source, run = opened
    heard = preview_segments(source, run, ["3-5"])
    assert heard.takes.voiced == 0
    assert all(block.reused for block in heard.audio.blocks)
    assert heard.voice == "espeak"


def test_it_sounds_as_in_the_episode(built, opened, tmp_path):
    """Decoded, the segments are the episode's, sample by sample; WAV and MP3 are the same."""
    folder, _, episode = built
    source, run = opened
    heard = preview_segments(source, run, ["3-5"])
    for name in ("x.wav", "x.mp3"):
        save_preview(heard, tmp_path / name, cache=run.cache)
    wave, rate_hz = soundfile.read(tmp_path / "x.wav", dtype="int16")
    assert rate_hz == RATE_HZ
    assert soundfile.info(tmp_path / "x.wav").subtype == "PCM_16"
    assert wave.shape == (heard.audio.samples, 2)
    assert np.array_equal(wave, soundfile.read(tmp_path / "x.mp3", dtype="int16")[0])
    whole, _ = soundfile.read(folder / "x.mp3", dtype="int16")
    for cue in heard.timeline.cues:
        margins = dict(cue.pauses)  # the episode tells when a cue is heard
        said = wave[margins.get(cue.start, cue.start) : cue.end]
        about = round(episode["cues"][cue.segment]["start_s"] * RATE_HZ)  # to a millisecond
        assert any(
            np.array_equal(said, whole[start : start + len(said)])
            for start in range(about - 50, about + 50)
        )


def test_context_and_mix_bring_what_stands_beside(opened):
    """Neighbours with their pauses; the intro at the first, a sting where a chapter begins."""
    source, run = opened
    stitch = replace(run.settings.stitch, sting_chapters_s=0.0)  # its chapters are short
    run = replace(run, settings=replace(run.settings, stitch=stitch))

    def hear(*places, **options):
        return preview_segments(source, run, places, **options)

    beside = hear("2", context=True)
    assert [segment.index for segment in beside.narration.script.segments] == [0, 1, 2]
    for places, sounds in (("1", 1), ("2", 0), ("3", 1), ("4", 0), ("1-", 3)):
        found = [
            piece.key
            for block in hear(places, mix=True).timeline.blocks
            for piece in block.pieces
            if piece.source == "sound"
        ]
        assert len(found) == sounds, places
    mixed = hear("1-", mix=True)
    assert all(block.reused for block in mixed.audio.blocks)
    assert not any(
        piece.source == "sound" for block in hear("1-").timeline.blocks for piece in block.pieces
    )


def test_names_are_listed_with_the_segments(opened):
    """Each name tells the rows that hold it; `list_names` gives the same without a store."""
    source, run = opened
    listing = list_segments(source, run)
    assert all(row.is_known for row in listing.rows)
    found = {name.written: name.places for name in listing.names}
    assert found == {"Annabelle Lee": (1,), "Odeon": (1,)}
    assert list_names(source, run.settings).names == listing.names


def test_words_are_spoken_each_for_itself(opened, tmp_path):
    """A word is said as a review would say it, and can be heard."""
    _, run = opened
    first = speak_words(["Annabelle", "8/10"], "en", run)
    assert [one.narration.script.segments[0].spoken for one in first] == [
        "Annabelle",
        "eight out of ten",
    ]
    assert [one.takes.voiced for one in first] == [0, 0]
    save_preview(first[0], Path(tmp_path, "a.mp3"), cache=run.cache)
    samples, rate_hz = soundfile.read(tmp_path / "a.mp3")
    assert 0.2 < len(samples) / rate_hz < 3
    assert np.abs(samples).max() > 0.05
