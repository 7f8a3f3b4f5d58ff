"""Takes become blocks: positions, pauses, and music before, under and after the words."""

import msgspec
import numpy as np
import pytest
from tests.support.tones import WordVoice, find_heard, make_script, make_sound, store_takes

from reviewcast.audio.loudness import unpack_lufs
from reviewcast.audio.measure import TRIM_MARGIN_S, measure_take
from reviewcast.audio.mix import render_block
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.samples import RATE_HZ
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import Sounds, StoredTake
from reviewcast.model.errors import ConfigError
from reviewcast.model.text import ScriptChapter
from reviewcast.settings.schema import StitchSettings
from reviewcast.system.cache import Cache

INTRO, OUTRO, STING = make_sound(4.0, seed=1), make_sound(3.0, seed=2), make_sound(1.5, seed=3)
ALL = Sounds(INTRO, OUTRO, STING)
SCRIPT = make_script(
    ["The title of it", "Here is the first sentence", "A second one"],
    ["Then comes a chapter", "Yes", "It ends like this"],
)


@pytest.fixture
def store(tmp_path):
    return Cache(tmp_path).takes


def stitch(store, sounds=ALL, script=SCRIPT, **settings):
    return stitch_takes(
        script,
        store_takes(script, store),
        sounds,
        StitchSettings(**{"sting_chapters_s": 0.0, **settings}),
    )


def render(timeline, store):
    """Mix the whole timeline to (n, 2)."""
    sounds = {sound.key: sound for sound in (INTRO, OUTRO, STING)}
    mixes = (render_block(b, load_take=store.load, sounds=sounds) for b in timeline.blocks)
    return np.concatenate([m if m.ndim == 2 else np.stack([m, m], axis=1) for m in mixes])


def list_places(timeline):
    """Return the place on the timeline of each piece, in order of time."""
    places, base = [], 0
    for block in timeline.blocks:
        places += [(base + p.at, base + p.at + p.samples, p) for p in block.pieces]
        base += block.samples
    return places


def place_sound(timeline, sound):
    return [(start, end) for start, end, piece in list_places(timeline) if piece.key == sound.key]


def test_pauses_and_marks_are_placed_with_their_cue(store):
    """Silences and marks of a take stand on the timeline, at its rate and from its start."""
    take = WordVoice(uneven=True, tells=True).speak("It goes, on. And on", language="en")
    figures = measure_take(take)
    store.put("a" * 64, figures, take.pcm)
    script = make_script(["Words before it"], ["It goes, on. And on"])
    takes = (store_takes(script, store)[0], StoredTake("a" * 64, figures))
    cue = stitch_takes(script, takes, Sounds(), StitchSettings()).cues[1]
    assert (cue.pauses[0][0], cue.pauses[-1][1]) == (cue.start, cue.end)
    assert len(cue.pauses) == 4
    expected = [
        cue.start + (sample - figures.start) * RATE_HZ / take.rate_hz for _, sample in take.marks
    ]
    assert [where for _, where in cue.marks] == pytest.approx(expected, abs=1)
    assert [at for at, _ in cue.marks] == [0, 3, 9, 13, 17]


def test_blocks_are_whole_frames_between_silence(store):
    """Each block begins with one frame of silence, ends with two, and is whole frames long."""
    timeline = stitch(store)
    assert len(timeline.blocks) >= 5
    for block in timeline.blocks:
        assert block.samples % FRAME_SAMPLES == 0
        assert min(piece.at for piece in block.pieces) >= FRAME_SAMPLES
        end = max(piece.at + piece.samples for piece in block.pieces)
        assert block.samples - end >= 2 * FRAME_SAMPLES


def test_cues_are_where_the_takes_are(store):
    """Each cue spans exactly its take's piece, in order, without overlap."""
    timeline = stitch(store)
    takes = [(s, e) for s, e, piece in list_places(timeline) if piece.source == "take"]
    assert [(cue.start, cue.end) for cue in timeline.cues] == takes
    assert [cue.segment for cue in timeline.cues] == list(range(6))
    assert all(a.end <= b.start for a, b in zip(timeline.cues, timeline.cues[1:], strict=False))


@pytest.mark.parametrize("pause_s", [0.0, 0.1, 0.25, 0.45, 1.0, 2.5])
def test_pauses_are_as_long_as_they_should(store, pause_s):
    """What is heard is apart as set: to the half of a frame, or to the sample within a block."""
    script = make_script(["One sentence", "Another one", "And a third"], pause_s=pause_s)
    timeline = stitch(store, Sounds(), script)
    for this, following in zip(timeline.cues, timeline.cues[1:], strict=False):
        pause = find_heard(following)[0] - find_heard(this)[1]
        off = FRAME_SAMPLES / 2 if pause_s >= 0.25 else 1
        shortest = RATE_HZ * 2 * TRIM_MARGIN_S  # the silence that takes have at their edges
        assert pause == pytest.approx(max(shortest, pause_s * RATE_HZ), abs=off)


@pytest.mark.parametrize("pause_s", [0.12, 0.25, 0.45, 1.1])
def test_pauses_are_heard_as_they_are_set(store, pause_s):
    """In the mix itself: from the last sound of one text to the first of the next."""
    script = make_script(["Sentence" + " and so on" * n for n in range(16)], pause_s=pause_s)
    mix = np.abs(render(stitch(store, Sounds(), script), store)[:, 0])
    silent = np.diff(np.flatnonzero(mix > mix.max() / 100)) / RATE_HZ
    pauses = silent[silent > 0.06]
    off = 0.003 if pause_s < 0.25 else 0.003 + FRAME_SAMPLES / 2 / RATE_HZ
    assert len(pauses) == 15
    assert pauses == pytest.approx(pause_s, abs=off)
    assert pauses.mean() == pytest.approx(pause_s, abs=0.008)


def test_keys_hold_no_position(store):
    """Two equal runs of pieces are equal blocks, wherever they stand."""
    script = make_script(["Again", "Other", "Again", "Another", "Again", "Last"])
    blocks = stitch(store, Sounds(), script).blocks
    assert blocks[0] == blocks[2] == blocks[4]


def test_chapters_start_with_their_sting_or_their_words(store):
    """The first chapter starts at 0, the next at its sting, or without one at its words."""
    timeline = stitch(store)
    assert [chapter.title for chapter in timeline.chapters] == ["Chapter 0", "Chapter 1"]
    assert timeline.chapters[0].start == 0
    assert timeline.chapters[1].start == place_sound(timeline, STING)[0][0]
    timeline = stitch(store, Sounds(INTRO, OUTRO))
    assert timeline.chapters[1].start == timeline.cues[3].start


def test_only_written_chapters_have_a_sting(store):
    """A chapter that the writer did not set as a heading begins without music."""
    script = msgspec.structs.replace(
        SCRIPT, chapters=(ScriptChapter("One", True), ScriptChapter("Two", False))
    )
    timeline = stitch(store, script=script)
    assert place_sound(timeline, STING) == []
    assert timeline.chapters[1].start == timeline.cues[3].start


@pytest.mark.parametrize("under_s", [0.5, 1.5, 2.0])
def test_the_intro_goes_down_before_the_first_words_and_fades_under_them(store, under_s):
    """The speech begins so long before the intro's end; there the intro is ducked already."""
    timeline = stitch(store, intro_under_s=under_s, duck_db=-9.0, duck_attack_s=0.4)
    [(start, end)] = place_sound(timeline, INTRO)
    assert start == FRAME_SAMPLES
    under = round(under_s * RATE_HZ)
    assert end - timeline.cues[0].start == under
    words, levels = INTRO.samples - under, dict(timeline.blocks[0].pieces[0].levels)
    assert levels[words - round(0.4 * RATE_HZ)] == 0
    assert levels[words] == -9
    assert levels[INTRO.samples] == -60
    assert [at for at, level in levels.items() if level > -9] == [words - round(0.4 * RATE_HZ)]


@pytest.mark.parametrize(("fade_s", "begins_s"), [(0.0, 0.0), (0.5, 0.5), (1.5, 1.5), (30.0, 1.5)])
def test_a_fade_is_as_long_as_its_setting_or_the_time_under_words(store, fade_s, begins_s):
    """It ends with the intro; without one the intro is ducked to its end."""
    [piece] = [
        piece
        for piece in stitch(store, fade_s=fade_s, intro_under_s=1.5).blocks[0].pieces
        if piece.key == INTRO.key
    ]
    falling = [at for at, level_db in piece.levels if level_db < -8]
    first = min(falling, default=INTRO.samples)
    step = begins_s * RATE_HZ / 24
    assert first == pytest.approx(INTRO.samples - begins_s * RATE_HZ + step, abs=1)


def test_the_intro_ends_cleanly_before_the_words(store):
    """With 0 s under the words, the gap after the intro is digital silence."""
    timeline = stitch(store, intro_under_s=0, gap_s=0.5)
    [(_, end)] = place_sound(timeline, INTRO)
    assert timeline.cues[0].start - end == RATE_HZ // 2
    mix = render(timeline, store)
    assert not mix[end : timeline.cues[0].start].any()
    assert mix[end - RATE_HZ : end].any()


@pytest.mark.parametrize("under_s", [0.3, 0.8])
def test_the_outro_rises_under_the_last_words(store, under_s):
    """It begins so long before the last words end, fades in ducked, and comes up after them."""
    timeline = stitch(store, outro_under_s=under_s, duck_db=-9.0, duck_release_s=0.7)
    [(start, end)] = place_sound(timeline, OUTRO)
    under = round(under_s * RATE_HZ)
    assert timeline.cues[-1].end - start == under
    [levels] = [
        dict(piece.levels)
        for block in timeline.blocks
        for piece in block.pieces
        if piece.key == OUTRO.key
    ]
    assert (levels[0], levels[under]) == (-60, -9)
    assert list(levels.items())[-1] == (under + round(0.7 * RATE_HZ), 0)
    assert list(levels.values()) == sorted(levels.values())
    assert end + 2 * FRAME_SAMPLES <= sum(block.samples for block in timeline.blocks)


def test_the_outro_begins_cleanly_after_the_words(store):
    """With 0 s under the words, the outro follows after the gap."""
    timeline = stitch(store, outro_under_s=0, gap_s=0.75)
    [(start, _)] = place_sound(timeline, OUTRO)
    assert start - timeline.cues[-1].end == round(0.75 * RATE_HZ)
    assert not render(timeline, store)[timeline.cues[-1].end : start].any()


@pytest.mark.parametrize("pause_s", [0.0, 0.3, 0.45, 2.0])
@pytest.mark.parametrize("under_s", [0.0, 1.0])
def test_the_outro_is_right_whatever_the_last_pause(store, pause_s, under_s):
    """A pause after the last words neither moves the outro nor breaks a block."""
    script = make_script(["First of all", "Second of all"])
    last = msgspec.structs.replace(script.segments[-1], pause_s=pause_s)
    script = msgspec.structs.replace(script, segments=(*script.segments[:-1], last))
    timeline = stitch(store, Sounds(outro=OUTRO), script, outro_under_s=under_s)
    [(start, _)] = place_sound(timeline, OUTRO)
    wanted = -round(
        min(under_s, (timeline.cues[-1].end - timeline.cues[-1].start) / RATE_HZ) * RATE_HZ
    )
    assert start - timeline.cues[-1].end == (wanted or RATE_HZ // 2)
    assert len(render(timeline, store)) == sum(block.samples for block in timeline.blocks)


def test_music_longer_than_the_words_is_never_longer_under_them(store):
    """A one-word episode keeps its order: intro, word, outro, whatever the settings."""
    script = make_script(["Yes"])
    timeline = stitch(store, script=script, intro_under_s=60, outro_under_s=60)
    [(intro_start, intro_end)] = place_sound(timeline, INTRO)
    [(outro_start, _)] = place_sound(timeline, OUTRO)
    assert intro_start <= intro_end - INTRO.samples // 2 <= timeline.cues[0].start
    assert outro_start >= timeline.cues[0].start
    render(timeline, store)


@pytest.mark.parametrize(
    "sounds",
    [Sounds(), Sounds(intro=INTRO), Sounds(outro=OUTRO), Sounds(sting=STING), ALL],
    ids=["none", "intro", "outro", "sting", "all"],
)
@pytest.mark.parametrize("under_s", [0.0, 1.0])
def test_any_choice_of_sounds(store, sounds, under_s):
    """Each sound that is wanted is there once, and no silence lasts 3 s."""
    timeline = stitch(store, sounds, intro_under_s=under_s, outro_under_s=under_s)
    for sound in (INTRO, OUTRO, STING):
        wanted = sound in (sounds.intro, sounds.outro, sounds.sting)
        assert len(place_sound(timeline, sound)) == wanted
    heard = np.flatnonzero(np.abs(render(timeline, store)).max(axis=1) > 1e-4)
    assert np.diff(heard).max() < 3 * RATE_HZ
    assert heard[0] < RATE_HZ / 2


def test_every_take_has_the_same_level(store):
    """Takes from -6 to -26 dB come out within 1.5 LU of each other."""
    timeline = stitch(store, Sounds())
    mix = render(timeline, store)[:, 0]
    levels = [20 * np.log10(mix[c.start : c.end].std()) for c in timeline.cues]
    assert max(levels) - min(levels) < 1.5


def test_gain_has_a_bound(store):
    """A take that is hardly there is not lifted by more than 30 dB."""
    script = make_script(["Hardly there"])
    [take] = store_takes(script, store)
    figures = msgspec.structs.replace(take.figures, level_lufs=-75.0)
    timeline = stitch_takes(
        script, (msgspec.structs.replace(take, figures=figures),), Sounds(), StitchSettings()
    )
    assert timeline.blocks[0].pieces[0].gain_db == 30.0


def test_music_is_as_loud_as_the_setting_says(store):
    """The music stands so many LU over or under the speech."""
    quiet, loud = (stitch(store, music_db=db).blocks[0].pieces[0].gain_db for db in (-12, 0))
    assert loud - quiet == pytest.approx(12)


def test_the_loudness_of_the_whole_lies_on_a_grid(store):
    """Every 100 ms has a value, silence -120, and music and speech add up where they overlap."""
    timeline = stitch(
        store, Sounds(), make_script(["Here is the one", "Here is the other"], pause_s=2.0)
    )
    energies, total = (
        unpack_lufs(timeline.energies),
        sum(block.samples for block in timeline.blocks),
    )
    assert len(energies) == pytest.approx(total / 4410, abs=4)
    first, second = timeline.cues
    silent = energies[first.end // 4410 + 6 : second.start // 4410 - 1]
    assert set(silent) == {-120.0}
    assert max(energies) == pytest.approx(-21, abs=1)


def test_the_bed_is_told_where_it_is_full(store):
    """From its rise's end to its fall's beginning, in samples of the timeline."""
    timeline = stitch(store, Sounds(bed=INTRO), bed_fade_s=0.5)
    fade = RATE_HZ // 2
    assert timeline.beds == ((timeline.cues[0].start + fade, timeline.cues[-1].end),)
    assert stitch(store, Sounds(bed=INTRO), bed_fade_s=30.0).beds == ()


def test_a_bed_falls_within_the_pause_where_the_next_chapter_has_none(store):
    """What follows stands in a block of its own, between silence."""
    script = make_script(["With a bed", "And more of it"], ["Without one", "To the end"])
    timeline = stitch(store, Sounds(bed=INTRO), script, bed_chapters=("1",))
    ends = [end for _, end, piece in list_places(timeline) if piece.source == "loop"]
    assert timeline.cues[1].end < max(ends) < timeline.cues[2].start - 4 * FRAME_SAMPLES
    assert [(block.lead > 0, block.trail > 0) for block in timeline.blocks] == [
        (False, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip


@pytest.mark.parametrize("pause_s", [0.0, 0.05, 0.2])
def test_a_bed_falls_over_all_of_a_short_pause(store, pause_s):
    """Where no block can be cut, the next words begin within 5 ms of the bed's end."""
    script = make_script(["With a bed"], ["Without one"], pause_s=pause_s)
    timeline = stitch(store, Sounds(bed=INTRO), script, bed_chapters=("1",))
    [end] = [end for _, end, piece in list_places(timeline) if piece.source == "loop"]
    assert end - timeline.cues[0].end >= 220
    assert abs(end - timeline.cues[1].start) <= 221
    assert len(timeline.blocks) == 1


@pytest.mark.parametrize(
    "name",
    [
        "intro_under_s",
        "outro_under_s",
        "gap_s",
        "music_db",
        "duck_db",
        "duck_attack_s",
        "duck_release_s",
        "fade_s",
        "bed_db",
        "bed_fade_s",
        "music_share",
    ],
)
@pytest.mark.parametrize("value", [-60.1, 61.0, float("nan"), float("inf")])
def test_settings_that_cannot_be_are_refused(name, value):
    """Negative, endless and undefined numbers are refused before anything is placed."""
    with pytest.raises(ConfigError, match=name):
        StitchSettings(**{name: value})


@pytest.mark.parametrize("value", [-80.1, -29.9, 1.0, float("nan"), float("-inf")])
def test_room_tone_that_is_no_breath_is_refused(value):
    """It is from -80 to -30 dB, or 0 for none."""
    with pytest.raises(ConfigError, match="room_tone_db"):
        StitchSettings(room_tone_db=value)
    assert StitchSettings(room_tone_db=-30.0).room_tone_db == -30
