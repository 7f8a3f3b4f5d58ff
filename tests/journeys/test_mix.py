"""The mix, heard as it is rendered: ducked music, beds, room tone, and borders nobody can hear."""

import itertools
import zlib

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.budget import count_examples
from tests.support.tones import find_heard, make_script, store_takes, to_pcm

from reviewcast.audio.files.sounds import make_loop, make_room_tone, open_sound
from reviewcast.audio.loudness import gate_loudness, measure_energies, pack_lufs, unpack_lufs
from reviewcast.audio.measure import TRIM_MARGIN_S
from reviewcast.audio.mix import render_block
from reviewcast.audio.mp3.edges import FEWEST_FRAMES, POST_FRAMES, PRE_FRAMES
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.music import merge_blocks
from reviewcast.audio.samples import RATE_HZ
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import Block, Chapter, Sound, Sounds, StoredTake, TakeFigures
from reviewcast.model.errors import ConfigError
from reviewcast.model.text import ScriptChapter
from reviewcast.settings.schema import StitchSettings
from reviewcast.system.cache import Cache
from reviewcast.system.keys import hash_key
from reviewcast.system.resources import find_bundled

WINDOW = RATE_HZ // 10


def make_steady(seconds, *, seed, high_hz=5000.0):
    """Make stereo noise of one level from end to end."""
    count = round(seconds * RATE_HZ)
    dice = np.random.default_rng(seed)
    spectrum = np.fft.rfft(dice.normal(size=(count, 2)), axis=0)
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)[:, None]
    wave = np.fft.irfft(spectrum * ((hz > 60) & (hz < high_hz)), count, axis=0)
    wave = (0.3 * wave / np.abs(wave).max()).astype(np.float32)
    energies = measure_energies(wave, RATE_HZ)
    return Sound(
        key=f"steady {seconds} {seed} {high_hz}",
        samples=count,
        level_lufs=gate_loudness(energies[3:-3] or energies),
        energies=pack_lufs(energies),
        pcm=to_pcm(wave.ravel()),
    )


INTRO, OUTRO, STING = (make_steady(s, seed=n) for n, s in enumerate((10.0, 9.0, 1.5)))
BED, TONE = make_loop(make_steady(7.0, seed=4)), make_room_tone()
SENTENCES = (
    ["The title of it", "Here is the first sentence of all", "A second one that goes on"],
    ["Then comes a chapter", "Yes", "With a sentence more to it", "And the last before the next"],
    ["A verdict is due", "It ends like this"],
)
SCRIPT = make_script(*SENTENCES)


@pytest.fixture
def store(tmp_path):
    return Cache(tmp_path).takes


def lay(store, sounds, script=SCRIPT, *, goes_on=False, cut_pause_s=0.25, **options):
    return stitch_takes(
        script,
        store_takes(script, store),
        sounds,
        StitchSettings(**{"sting_chapters_s": 0.0, **options}),
        goes_on=goes_on,
        cut_pause_s=cut_pause_s,
    )


def render_whole(block, store, sounds, only=None):
    """Mix a block with its lead and trail to (n, 2), or one kind of its pieces alone."""
    if only:
        pieces = tuple(piece for piece in block.pieces if piece.source in only.split())
        block = msgspec.structs.replace(block, pieces=pieces)
    opened = {sound.key: sound for sound in sounds.list_all()}
    mix = render_block(block, load_take=store.load, sounds=opened)
    return mix if mix.ndim == 2 else np.stack([mix, mix], axis=1)


def render(timeline, store, sounds, only=None):
    """Mix a timeline end to end, leads and trails dropped."""
    mixes = []
    for block in timeline.blocks:
        mix, lead = render_whole(block, store, sounds, only), block.lead * FRAME_SAMPLES
        assert len(mix) == lead + block.samples + block.trail * FRAME_SAMPLES
        mixes.append(mix[lead : lead + block.samples])
    return np.concatenate(mixes)


def find_sound(timeline, sound):
    """Return from and to of a sound that is there once, and its piece."""
    [place] = [
        (base + piece.at, base + piece.at + piece.samples, piece)
        for base, block in zip(list_bases(timeline), timeline.blocks, strict=True)
        for piece in block.pieces
        if piece.key == sound.key
    ]
    return place


def find_gain_db(mix, sound, start, at):
    """Return the gain that a sound, which begins at `start` of a mix, has around a sample there."""
    source = np.frombuffer(sound.pcm, "<i2").reshape(-1, 2).astype(np.float64) / 32768
    near = slice(at - start - 64, at - start + 64)
    heard = mix[at - 64 : at + 64].astype(np.float64)
    return 20 * np.log10(np.sqrt((heard**2).sum() / (source[near] ** 2).sum()))


def find_stretches(mix, *, gap_s=0.2):
    """Return the stretches that are not digital silence, from and to."""
    heard = np.flatnonzero(np.abs(mix).max(axis=1))
    if not len(heard):
        return []
    breaks = np.flatnonzero(np.diff(heard) > gap_s * RATE_HZ)
    firsts = heard[np.concatenate([[0], breaks + 1])]
    return list(
        zip(firsts.tolist(), (heard[np.append(breaks, len(heard) - 1)] + 1).tolist(), strict=True)
    )


# --- intro and outro


@pytest.mark.parametrize("duck_db", [-4.0, -8.0, -20.0])
def test_the_intro_goes_down_before_the_words_and_fades_under_them(store, duck_db):
    """Full before the attack, so much lower from the first word to its fade, then gone."""
    sounds = Sounds(intro=INTRO)
    timeline = lay(store, sounds, duck_db=duck_db, intro_under_s=4.0, duck_attack_s=0.5, fade_s=1.0)
    mix = render(timeline, store, sounds, only="sound")
    start, end, piece = find_sound(timeline, INTRO)
    words = timeline.cues[0].start
    assert end - words == 4 * RATE_HZ
    for at, expected_db in (
        (start + RATE_HZ, 0),
        (words - RATE_HZ // 2 - 100, 0),
        (words - RATE_HZ // 4, duck_db / 2),
        (words, duck_db),
        (words + RATE_HZ, duck_db),
        (end - RATE_HZ - 100, duck_db),
        (end - RATE_HZ // 2, duck_db - 3.01),
    ):
        found = find_gain_db(mix, INTRO, start, at) - piece.gain_db
        assert found == pytest.approx(expected_db, abs=0.5)
    assert find_gain_db(mix, INTRO, start, end - 300) - piece.gain_db < duck_db - 20


@pytest.mark.parametrize("duck_db", [-4.0, -8.0, -20.0])
def test_the_outro_rises_under_the_words_and_comes_up_after_them(store, duck_db):
    """It fades in to its ducked level, and is full a release after the last word."""
    sounds = Sounds(outro=OUTRO)
    script = make_script(["First of all", "The last sentence is a good deal longer than any other"])
    timeline = lay(
        store, sounds, script, duck_db=duck_db, outro_under_s=2.5, duck_release_s=0.8, fade_s=1.0
    )
    mix = render(timeline, store, sounds, only="sound")
    start, end, piece = find_sound(timeline, OUTRO)
    words = timeline.cues[-1].end
    assert words - start == round(2.5 * RATE_HZ)
    for at, expected_db in (
        (start + RATE_HZ // 2, duck_db - 3.01),
        (start + RATE_HZ + 100, duck_db),
        (words, duck_db),
        (words + round(0.4 * RATE_HZ), duck_db / 2),
        (words + round(0.8 * RATE_HZ) + 100, 0),
        (end - 1000, 0),
    ):
        found = find_gain_db(mix, OUTRO, start, at) - piece.gain_db
        assert found == pytest.approx(expected_db, abs=0.5)
    assert find_gain_db(mix, OUTRO, start, start + 300) - piece.gain_db < duck_db - 20


@pytest.mark.parametrize(
    ("curve", "quarters_db"),
    [
        ("linear", (-12.04, -6.02, -2.5)),
        ("power", (-8.34, -3.01, -0.69)),
        ("smooth", (-16.69, -6.02, -1.37)),
    ],
)
@pytest.mark.parametrize("name", ["intro", "outro"])
def test_a_fade_follows_its_curve(store, curve, quarters_db, name):
    """At both ends, in the middle and at the quarters the level is that of the curve."""
    sound = INTRO if name == "intro" else OUTRO
    sounds = Sounds(**{name: sound})
    script = make_script(["A single sentence that is long enough for all of the fade of it"])
    timeline = lay(
        store, sounds, script, fade_curve=curve, duck_db=0.0,
        intro_under_s=2.0, outro_under_s=2.0, fade_s=2.0,
    )  # fmt: skip
    mix = render(timeline, store, sounds, only="sound")
    start, end, piece = find_sound(timeline, sound)
    for quarter, expected_db in enumerate(quarters_db, 1):
        at = round(quarter / 4 * 2 * RATE_HZ)
        at = end - at if name == "intro" else start + at
        found = find_gain_db(mix, sound, start, at) - piece.gain_db
        assert found == pytest.approx(expected_db, abs=0.1)
    outer, inner = (end - 70, end - 2 * RATE_HZ - 70) if name == "intro" else (
        start + 70, start + 2 * RATE_HZ + 70
    )  # fmt: skip
    assert find_gain_db(mix, sound, start, outer) - piece.gain_db < -40
    assert find_gain_db(mix, sound, start, inner) - piece.gain_db == pytest.approx(0, abs=0.02)


def test_music_is_as_loud_against_speech_as_its_setting(store):
    """Loudness against loudness, not peak against peak: intro, sting and outro alike."""
    sounds = Sounds(INTRO, OUTRO, STING)
    timeline = lay(store, sounds, music_db=-5.0, intro_under_s=0, outro_under_s=0, fade_s=0)
    speech = measure_speech(timeline, store)
    mix = render(timeline, store, sounds, only="sound")
    places = [find_stretches(mix)[n] for n in (0, 1, -1)]
    for start, end in places:
        level = gate_loudness(measure_energies(mix[start:end], RATE_HZ)[3:-3])
        assert level - speech == pytest.approx(-5.0, abs=0.1)


def measure_speech(timeline, store):
    """Return the loudness of the speech: the mean over the takes, each within its own ends."""
    mix = render(timeline, store, Sounds(), only="take")
    levels = [
        gate_loudness(measure_energies(mix[cue.start : cue.end], RATE_HZ)[3:-3])
        for cue in timeline.cues
        if cue.end - cue.start > RATE_HZ // 2
    ]
    assert max(levels) - min(levels) < 0.1
    return float(np.mean(levels))


# --- the bed: where


def test_a_chapter_without_a_name_is_refused():
    """An empty entry names nothing, and is a mistake."""
    with pytest.raises(ConfigError, match="bed_chapters"):
        StitchSettings(bed_chapters=("One", " "))


@pytest.mark.parametrize(
    ("wanted", "chapters"),
    [
        ((), {0, 1, 2}),
        (("*",), {0, 1, 2}),
        (("1",), {0}),
        (("2", "3"), {1, 2}),
        ((" the PLOT ",), {1}),
        (("verdict*",), {2}),
        (("*plot", "1"), {0, 1}),
        (("[REC]*",), {0}),
        (("t?e plot",), set()),
        (("Nothing of that name", "4", "0"), set()),
    ],
)
def test_the_bed_is_under_the_chosen_chapters(store, wanted, chapters):
    """Chosen by title, in which only * is special, or by number; nothing is under the others."""
    script = msgspec.structs.replace(
        SCRIPT,
        chapters=tuple(
            ScriptChapter(title, True) for title in ("[REC] and I", "The plot", "Verdict: good")
        ),
    )
    sounds = Sounds(sting=STING, bed=BED)
    timeline = lay(store, sounds, script, bed_chapters=wanted)
    stem = render(timeline, store, sounds, only="loop")
    for cue in timeline.cues:
        heard = np.abs(stem[cue.start + RATE_HZ // 10 : cue.end]).max() > 0
        assert heard == (script.segments[cue.segment].chapter in chapters)
    assert len(timeline.beds) == len(chapters)


def test_one_bed_goes_on_over_chapters_without_a_sting(store):
    """Without stings it rises once and falls once, through every pause between."""
    sounds = Sounds(bed=BED)
    timeline = lay(store, sounds)
    [(start, end)] = find_stretches(render(timeline, store, sounds, only="loop"), gap_s=0.0005)
    assert abs(start - timeline.cues[0].start) < 50
    assert end > timeline.cues[-1].end + RATE_HZ
    assert len(timeline.beds) == 1


@pytest.mark.parametrize("room_tone_db", [0.0, -50.0])
def test_a_bed_ends_before_a_sting_and_rises_after_it(store, room_tone_db):
    """No sting has music under it; the bed rises with the words that follow the sting."""
    sounds = Sounds(sting=STING, bed=BED, tone=TONE if room_tone_db else None)
    timeline = lay(store, sounds, room_tone_db=room_tone_db)
    beds = [
        (base + piece.at, base + piece.at + piece.samples)
        for base, block in zip(list_bases(timeline), timeline.blocks, strict=True)
        for piece in block.pieces
        if piece.key == BED.key
    ]
    firsts = {n: next(c for c in timeline.cues if SCRIPT.segments[c.segment].chapter == n)
              for n in range(3)}  # fmt: skip
    for number in (1, 2):
        sting, words = timeline.chapters[number].start, find_heard(firsts[number])[0]
        assert abs(words - sting - STING.samples - RATE_HZ // 2) <= FRAME_SAMPLES / 2 + 1
        ends = sting + STING.samples
        assert not [bed for bed in beds if bed[0] < ends and bed[1] > sting]
    assert len(timeline.beds) == 3


def list_bases(timeline):
    lengths = [block.samples for block in timeline.blocks]
    return list(itertools.accumulate(lengths, initial=0))[:-1]


# --- the bed: how loud


@pytest.mark.parametrize("bed_db", [-30.0, -22.0, -12.0])
def test_the_bed_is_as_far_under_the_speech_as_its_setting(store, bed_db):
    """Its loudness is that of the speech and the setting, to 0.1 dB, before the master."""
    sounds = Sounds(bed=BED)
    timeline = lay(store, sounds, bed_db=bed_db)
    stem = render(timeline, store, sounds, only="loop")
    [(first, last)] = timeline.beds
    level = gate_loudness(measure_energies(stem[first:last], RATE_HZ)[3:-3])
    assert level - measure_speech(timeline, store) == pytest.approx(bed_db, abs=0.1)


def test_a_bed_is_never_pumped(store):
    """Sample by sample it is the loop at one gain, in pauses and under speech."""
    sounds = Sounds(INTRO, OUTRO, bed=BED)
    timeline = lay(store, sounds)
    stem = render(timeline, store, sounds, only="loop")
    [(first, last)] = timeline.beds
    start = find_stretches(stem)[0][0]
    start = first - round(1.5 * RATE_HZ)
    loop = np.frombuffer(BED.pcm, "<i2").reshape(-1, 2).astype(np.float64) / 32768
    expected = loop[np.arange(first - start, last - start) % BED.samples]
    gain = (stem[first:last] * expected).sum() / (expected**2).sum()
    np.testing.assert_allclose(stem[first:last], gain * expected, atol=1e-6)


def test_a_bed_rises_and_falls_by_its_curve(store):
    """It rises from the first word on, and falls from the last word on, over its own time."""
    sounds = Sounds(bed=BED)
    timeline = lay(store, sounds, bed_fade_s=1.2)
    stem = render(timeline, store, sounds, only="loop")
    rises, falls = timeline.cues[0].start, timeline.cues[-1].end
    fade = round(1.2 * RATE_HZ)
    assert timeline.beds == ((rises + fade, falls),)
    loop = np.frombuffer(BED.pcm, "<i2").reshape(-1, 2).astype(np.float64) / 32768
    whole = loop[np.arange(len(stem) - rises) % BED.samples]
    full = np.sqrt((stem[falls - 9000 : falls] ** 2).sum()
                   / (whole[falls - rises - 9000 : falls - rises] ** 2).sum())  # fmt: skip

    def find_level_db(at):
        heard = stem[at - 64 : at + 64].astype(np.float64)
        source = whole[at - rises - 64 : at - rises + 64] * full
        return 20 * np.log10(np.sqrt((heard**2).sum() / (source**2).sum()))

    assert find_level_db(rises + fade // 2) == pytest.approx(-3.01, abs=0.1)
    assert find_level_db(rises + fade // 4) == pytest.approx(-8.34, abs=0.1)
    assert find_level_db(falls + fade // 2) == pytest.approx(-3.01, abs=0.1)
    assert find_level_db(falls + fade - 200) < -30
    assert not stem[: rises - 1].any()
    assert not stem[falls + fade :].any()


# --- the loop


@pytest.mark.parametrize("name", ["noise", "bed.flac"])
def test_no_seam_where_the_loop_goes_round(name):
    """Around the seam the largest step and the spectrum are those of any other place."""
    sound = make_steady(9.0, seed=6) if name == "noise" else open_sound(find_bundled(name))
    loop = make_loop(sound)
    samples = np.tile(np.frombuffer(loop.pcm, "<i2").reshape(-1, 2).astype(np.float64), (3, 1))
    steps = np.abs(np.diff(samples, axis=0)).max(axis=1)
    for turn in (1, 2):
        seam = turn * loop.samples
        assert steps[seam - 8 : seam + 8].max() <= np.quantile(steps, 0.999)
    # the seam lies in the middle of a window; bands of an octave
    windows = np.lib.stride_tricks.sliding_window_view(samples[:, 0], 2048)
    power = np.abs(np.fft.rfft(windows[::512] * np.hanning(2048))) ** 2
    at_seam = np.abs(np.fft.rfft(windows[loop.samples - 1024] * np.hanning(2048))) ** 2
    for low in 2 ** np.arange(2, 10):
        band = slice(low, 2 * low)
        # below what 16 bits tell there is nothing to compare
        floor = 2048 * low
        usual = np.quantile(power[:, band].sum(axis=1), 0.999)
        assert at_seam[band].sum() <= 1.5 * max(usual, floor)


def test_the_default_bed_keeps_its_level_as_it_goes_round():
    """Its momentary loudness stays within 3 LU over three turns: it never seems to pump."""
    loop = make_loop(open_sound(find_bundled("bed.flac")))
    samples = np.frombuffer(loop.pcm * 3, "<i2").reshape(-1, 2).astype(np.float32) / 32768
    energies = measure_energies(samples, RATE_HZ)[3:-3]
    assert max(energies) - min(energies) <= 3
    assert loop.level_lufs == pytest.approx(gate_loudness(energies), abs=0.1)


@pytest.mark.parametrize("seconds", [0.05, 0.5, 3.0, 5.9])
def test_a_sound_shorter_than_the_overlap_goes_round_too(seconds):
    """A third of it at most is mixed into its beginning."""
    sound = make_steady(seconds, seed=9)
    loop = make_loop(sound)
    assert sound.samples * 2 // 3 <= loop.samples < sound.samples
    assert loop.key != sound.key


def test_room_tone_is_even_and_always_the_same():
    """Ten seconds within 2 LU, the same bytes each time, few highs, and no seam."""
    again = make_room_tone()
    assert again == TONE
    samples = np.frombuffer(TONE.pcm * 2, "<i2").reshape(-1, 2).astype(np.float32) / 32768
    energies = measure_energies(samples, RATE_HZ)[3:-3]
    assert max(energies) - min(energies) < 2
    steps = np.abs(np.diff(samples, axis=0)).max(axis=1)
    assert steps[TONE.samples - 8 : TONE.samples + 8].max() <= np.quantile(steps, 0.999)


# --- borders of blocks

CHOICES = {
    "tiny": {"bed": make_loop(make_steady(0.05, seed=7))},
    "bed": {"bed": BED},
    "tone": {"tone": TONE},
    "both": {"bed": BED, "tone": TONE},
    "all": {"intro": INTRO, "outro": OUTRO, "sting": STING, "bed": BED, "tone": TONE},
}


def check_borders(timeline, store, sounds):
    """What two neighbours both hold around their border is the same, to 80 dB below it."""
    for one, other in itertools.pairwise(timeline.blocks):
        assert (one.trail, other.lead) in {(0, 0), (POST_FRAMES, PRE_FRAMES)}
        if not one.trail:
            continue
        before, after = (render_whole(block, store, sounds) for block in (one, other))
        reach = min((PRE_FRAMES + POST_FRAMES) * FRAME_SAMPLES, len(before), len(after))
        np.testing.assert_allclose(before[-reach:], after[:reach], rtol=1e-4, atol=1e-6)
        assert np.abs(before[-reach:]).max() > 0


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("pause_s", [0.25, 0.45, 1.1])
def test_neighbours_hold_the_same_around_their_border(store, choice, pause_s):
    """So frames of either can stand there."""
    sounds = Sounds(**CHOICES[choice])
    timeline = lay(
        store, sounds, make_script(*SENTENCES, pause_s=pause_s), room_tone_db=-50.0, bed_fade_s=4.0
    )
    assert len(timeline.blocks) >= 7
    assert sum(block.trail > 0 for block in timeline.blocks) >= 4
    check_borders(timeline, store, sounds)


@pytest.mark.parametrize("curve", ["linear", "power", "smooth"])
def test_blocks_sound_as_one_block_would(store, curve):
    """Under a bed, the blocks end to end are what one block without any cut is."""
    sounds = Sounds(INTRO, OUTRO, bed=BED)
    options = {"bed_fade_s": 4.0, "fade_curve": curve}
    timeline = lay(store, sounds, **options)
    mix = render(timeline, store, sounds)
    whole = lay(store, sounds, cut_pause_s=1e6, **options)
    assert (len(timeline.blocks), len(whole.blocks)) == (8, 1)
    assert whole.cues == timeline.cues
    assert whole.chapters == timeline.chapters
    assert whole.beds == timeline.beds
    np.testing.assert_allclose(mix, render(whole, store, sounds), atol=1e-6)


def test_room_tone_is_in_every_pause(store):
    """No digital silence but at both ends; the tone keeps its level over every border."""
    sounds = Sounds(tone=TONE)
    timeline = lay(store, sounds, room_tone_db=-50.0)
    stem = render(timeline, store, sounds, only="loop")
    [(start, end)] = find_stretches(stem, gap_s=0.0005)
    assert start <= timeline.cues[0].start + 100
    assert end > timeline.cues[-1].end
    inside = stem[timeline.cues[0].start + RATE_HZ // 2 : timeline.cues[-1].end - RATE_HZ // 2]
    energies = measure_energies(inside, RATE_HZ)[3:-3]
    assert max(energies) - min(energies) < 3
    speech = measure_speech(timeline, store)
    assert gate_loudness(value + 40 for value in energies) - 40 - speech == pytest.approx(
        -50, abs=0.5
    )


def test_no_step_at_a_border(store):
    """From block to block the sound steps no farther than it does anywhere else."""
    for choice in ("bed", "tone"):
        sounds = Sounds(**CHOICES[choice])
        timeline = lay(store, sounds, room_tone_db=-40.0)
        stem = render(timeline, store, sounds, only="loop")
        steps = np.abs(np.diff(stem, axis=0)).max(axis=1)
        for base in list_bases(timeline)[1:]:
            assert steps[base - 4 : base + 4].max() <= np.quantile(steps[steps > 0], 0.999)


@pytest.mark.parametrize("pause_s", [0.0, 0.1, 0.25, 0.4501, 0.777, 2.0])
def test_pauses_under_a_bed_are_exact_to_the_sample(store, pause_s):
    """Nothing is rounded to frames where the sound goes on."""
    timeline = lay(store, Sounds(bed=BED), make_script(*SENTENCES, pause_s=pause_s))
    for one, other in itertools.pairwise(timeline.cues):
        shortest = RATE_HZ * 2 * TRIM_MARGIN_S  # the silence that takes have at their edges
        pause = find_heard(other)[0] - find_heard(one)[1]
        assert pause == pytest.approx(max(shortest, round(pause_s * RATE_HZ)), abs=2)


@pytest.mark.parametrize("pause_s", [0.25, 0.4501, 0.777, 2.0])
def test_pauses_in_room_tone_are_right_to_half_a_frame(store, pause_s):
    """As without it: a block is what its own pieces make it, wherever it stands."""
    timeline = lay(
        store, Sounds(tone=TONE), make_script(*SENTENCES, pause_s=pause_s), room_tone_db=-50.0
    )
    for one, other in itertools.pairwise(timeline.cues):
        pause = find_heard(other)[0] - find_heard(one)[1]
        assert pause == pytest.approx(pause_s * RATE_HZ, abs=FRAME_SAMPLES / 2 + 1)


@pytest.mark.parametrize("choice", CHOICES)
def test_merged_neighbours_sound_as_they_do_apart(store, choice):
    """Two blocks made one, and then three, hold what the blocks hold end to end."""
    sounds = Sounds(**CHOICES[choice])
    timeline = lay(store, sounds, room_tone_db=-50.0, bed_fade_s=4.0)
    mix, blocks = render(timeline, store, sounds), timeline.blocks
    bases = list_bases(timeline)
    for number in range(len(blocks) - 2):
        two = merge_blocks(*blocks[number : number + 2])
        three = merge_blocks(two, blocks[number + 2])
        other = merge_blocks(blocks[number], merge_blocks(*blocks[number + 1 : number + 3]))
        for merged, count in ((two, 2), (three, 3), (other, 3)):
            last = number + count - 1
            assert (merged.lead, merged.trail) == (blocks[number].lead, blocks[last].trail)
            whole = render_whole(merged, store, sounds)
            first, base = merged.lead * FRAME_SAMPLES, bases[number]
            np.testing.assert_allclose(
                whole[first : first + merged.samples],
                mix[base : base + merged.samples],
                rtol=1e-4,
                atol=1e-6,
            )
            if merged.lead:
                before = render_whole(blocks[number], store, sounds)
                np.testing.assert_allclose(whole[:first], before[:first], rtol=1e-4, atol=1e-6)


# --- what an edit changes


def edit(number, text):
    """Return the script with another sentence in the middle chapter."""
    chapters = [list(texts) for texts in SENTENCES]
    chapters[1][number] = text
    return make_script(*chapters)


@pytest.mark.parametrize("text", ["Nay", "With quite another sentence, a longer one, put to it"])
@pytest.mark.parametrize("with_stings", [False, True])
def test_in_room_tone_an_edit_changes_one_block(store, text, with_stings):
    """All other blocks keep their content, and so their key."""
    music = {"intro": INTRO, "outro": OUTRO, "sting": STING} if with_stings else {}
    sounds = Sounds(tone=TONE, **music)
    before = lay(store, sounds, room_tone_db=-50.0).blocks
    after = lay(store, sounds, edit(2, text), room_tone_db=-50.0).blocks
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("text", ["Nay", "With quite another sentence, a longer one, put to it"])
def test_under_a_bed_an_edit_changes_what_follows_up_to_the_next_bed(store, text):
    """All blocks before it keep theirs, and all after the bed has begun anew."""
    sounds = Sounds(INTRO, OUTRO, STING, BED)
    before = lay(store, sounds).blocks
    after = lay(store, sounds, edit(2, text)).blocks
    changed = [one != other for one, other in zip(before, after, strict=True)]
    holder = [
        number
        for number, block in enumerate(before)
        for piece in block.pieces
        if piece.key == hash_key(SENTENCES[1][2])
    ]
    sting = [
        number
        for number, block in enumerate(before)
        for piece in block.pieces
        if piece.key == STING.key
    ]
    assert changed.index(True) == holder[0]
    assert not any(changed[sting[1] :])


@pytest.mark.parametrize("text", ["Nay", "With quite another sentence, a longer one, put to it"])
def test_with_a_bed_in_one_chapter_other_chapters_keep_their_blocks(store, text):
    """The bed's end leaves nothing behind, with room tone or without."""
    for tone in (None, TONE):
        sounds = Sounds(bed=BED, tone=tone)
        options = {"bed_chapters": ("2",), "room_tone_db": -50.0 if tone else 0.0}
        before = lay(store, sounds, **options).blocks
        after = lay(store, sounds, edit(2, text), **options).blocks
        assert before[-2:] == after[-2:]
        assert before[:3] == after[:3]
        assert before != after


@pytest.mark.parametrize("choice", CHOICES)
def test_a_part_has_the_blocks_of_the_whole(store, choice):
    """A script that goes on is laid as the beginning of the whole."""
    sounds = Sounds(**CHOICES[choice])
    whole = lay(store, sounds, room_tone_db=-50.0).blocks
    part = msgspec.structs.replace(SCRIPT, segments=SCRIPT.segments[:5])
    blocks = lay(store, sounds, part, goes_on=True, room_tone_db=-50.0).blocks
    assert len(blocks) >= 4
    assert blocks == whole[: len(blocks)]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_part_that_ends_in_a_short_pause_ends_in_silence(store, choice):
    """Where the block cannot be cut, the bed falls rather than breaks off."""
    sounds = Sounds(**CHOICES[choice])
    script = make_script(*SENTENCES, pause_s=0.1)
    part = msgspec.structs.replace(script, segments=script.segments[:2])
    timeline = lay(store, sounds, part, goes_on=True, room_tone_db=-50.0)
    mix = render(timeline, store, sounds)
    assert not mix[-2 * FRAME_SAMPLES :].any()
    stem = render(timeline, store, sounds, only="loop")
    _, end = find_stretches(stem)[-1]
    assert np.abs(stem[end - 100 : end]).max() < 0.05 * np.abs(stem).max()


# --- loudness that the master works from


@pytest.mark.parametrize("choice", CHOICES)
def test_the_timeline_knows_its_own_loudness(store, choice):
    """What is gathered from the pieces gates to the loudness of the rendered mix."""
    sounds = Sounds(**CHOICES[choice])
    timeline = lay(store, sounds, room_tone_db=-50.0)
    mix = render(timeline, store, sounds)
    heard = gate_loudness(measure_energies(mix, RATE_HZ))
    energies = unpack_lufs(timeline.energies)
    assert gate_loudness(energies) == pytest.approx(heard, abs=0.15)
    assert len(energies) == pytest.approx(len(mix) / WINDOW, abs=8)


# --- anything at all


class Takes:
    """A store of takes that are made from their key alone."""

    @staticmethod
    def load(key):
        name, count = key.split()
        dice = np.random.default_rng(zlib.crc32(name.encode()))
        return to_pcm(dice.normal(size=int(count)) * 0.1)


def make_take(name, seconds):
    count = max(2, round(seconds * 22_050))
    figures = TakeFigures(
        rate_hz=22_050,
        samples=count,
        start=count // 9,
        end=count,
        level_lufs=-25.0,
        energies=pack_lufs((-25.0,) * (count * 10 // 22_050 + 3)),
        pauses=(),
    )
    return StoredTake(f"{name} {count}", figures)


seconds = st.one_of(st.just(0.0), st.floats(0, 0.3), st.floats(0, 6))
any_settings = st.builds(
    StitchSettings,
    bed_chapters=st.sampled_from([(), ("1",), ("2", "3"), ("none",)]),
    bed_db=st.floats(-60, 0),
    bed_fade_s=seconds,
    intro_under_s=seconds,
    outro_under_s=seconds,
    duck_db=st.floats(-60, 0),
    duck_attack_s=seconds,
    duck_release_s=seconds,
    fade_s=seconds,
    fade_curve=st.sampled_from(["linear", "power", "smooth"]),
    gap_s=st.floats(0, 3),
    music_db=st.floats(-40, 12),
    room_tone_db=st.sampled_from([0.0, -30.0, -80.0]),
)


class Named(Sound, frozen=True):
    """A sound that is shown by its key."""

    def __repr__(self):
        return self.key


def name(sound):
    return Named(**msgspec.structs.asdict(sound))


SHORT = tuple(name(make_steady(s, seed=20 + n)) for n, s in enumerate((0.05, 0.4, 2.0)))
LOOPS = tuple(name(make_loop(sound)) for sound in SHORT)
any_sounds = st.builds(
    Sounds,
    intro=st.sampled_from([None, *SHORT]),
    outro=st.sampled_from([None, *SHORT]),
    sting=st.sampled_from([None, *SHORT]),
    bed=st.sampled_from([None, *LOOPS]),
    tone=st.sampled_from([None, name(TONE)]),
)
any_chapters = st.lists(
    st.lists(
        st.tuples(st.floats(0.0, 2.0), st.one_of(st.just(0.0), st.floats(0, 1.5))),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("length_s", [0.0001, 0.03, 0.1, 0.2])
@pytest.mark.parametrize("pause_s", [0.25, 0.3])
def test_the_shortest_words_leave_their_borders_alone(length_s, pause_s):
    """Room tone is joined within a block where no neighbour holds it too, even in a short one."""
    script = make_script(["Hm", "No", "Oh"], pause_s=pause_s)
    takes = [make_take(f"take{n}", length_s) for n in range(3)]
    sounds = Sounds(tone=TONE)
    timeline = stitch_takes(script, takes, sounds, StitchSettings(room_tone_db=-40.0))
    assert len(timeline.blocks) == 3
    check_borders(timeline, Takes, sounds)
    stem = render(timeline, Takes, sounds, only="loop")
    assert len(find_stretches(stem, gap_s=0.0005)) == 1


@given(any_chapters, any_sounds, any_settings, st.booleans())
@settings(deadline=None, max_examples=count_examples(120))
def test_any_script_with_any_settings(chapters, sounds, options, goes_on):
    """Nothing raises, no piece leaves its block, borders agree, ends are silent, cues in order."""
    script = make_script(*([f"Segment {n} {m}" for m in range(len(c))]
                           for n, c in enumerate(chapters)))  # fmt: skip
    lengths = list(itertools.chain(*chapters))
    script = msgspec.structs.replace(
        script,
        segments=tuple(
            msgspec.structs.replace(segment, pause_s=pause_s)
            for segment, (_, pause_s) in zip(script.segments, lengths, strict=True)
        ),
    )
    takes = [make_take(f"take{n}", seconds) for n, (seconds, _) in enumerate(lengths)]
    timeline = stitch_takes(script, takes, sounds, options, goes_on=goes_on)

    blocks = timeline.blocks
    assert blocks[0].lead == 0
    assert goes_on or blocks[-1].trail == 0
    for block in blocks:
        check_block(block)
    total = sum(block.samples for block in blocks)
    assert [cue.segment for cue in timeline.cues] == list(range(len(takes)))
    for one, other in itertools.pairwise(timeline.cues):
        assert one.start < one.end <= other.start
    assert timeline.cues[-1].end <= total
    assert [chapter.title for chapter in timeline.chapters] == [
        chapter.title for chapter in script.chapters
    ]
    check_chapters(timeline.chapters, total)
    for (_, last), (first, _) in itertools.pairwise(timeline.beds):
        assert last < first
    mix = render(timeline, Takes, sounds)
    assert np.isfinite(mix).all()
    if not blocks[-1].trail:
        assert not mix[-2 * FRAME_SAMPLES :].any()
    check_borders(timeline, Takes, sounds)


def check_block(block: Block):
    """Hold a block against what the encoder needs of it."""
    assert block.samples >= FEWEST_FRAMES * FRAME_SAMPLES
    assert block.samples % FRAME_SAMPLES == 0
    first, last = -block.lead * FRAME_SAMPLES, block.samples + block.trail * FRAME_SAMPLES
    for piece in block.pieces:
        low = first if block.lead else FRAME_SAMPLES
        high = last if block.trail else last - 2 * FRAME_SAMPLES
        if piece.source != "loop":  # only what goes on reaches over a border
            low, high = max(low, 0), min(high, block.samples)
        assert low <= piece.at
        assert piece.at + piece.samples <= high
        assert piece.samples > 0
        places = [at for at, _ in piece.levels]
        assert places == sorted(places)
        assert all(-61 <= level_db <= 0.001 for _, level_db in piece.levels)


def check_chapters(chapters: tuple[Chapter, ...], total: int):
    """Chapters begin at 0, run forward and lie within."""
    starts = [chapter.start for chapter in chapters]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert starts[-1] < total
