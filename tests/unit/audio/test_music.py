"""Music is measured out by the speech: short in a short review, no sting by a short chapter."""

import msgspec
import numpy as np
import pytest
from tests.support.tones import find_heard, make_script, make_sound, store_takes

from reviewcast.audio.loudness import gate_loudness, measure_energies, unpack_lufs
from reviewcast.audio.mix import render_block
from reviewcast.audio.samples import RATE_HZ
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import Sounds
from reviewcast.settings.schema import StitchSettings
from reviewcast.system.cache import Cache

INTRO, OUTRO, STING = make_sound(10.0, seed=1), make_sound(9.0, seed=2), make_sound(1.5, seed=3)
ALONG = Sounds(INTRO, OUTRO, STING, shrinks=("intro", "outro"))
OWN = Sounds(INTRO, OUTRO, STING)
SENTENCE = "A sentence that is as long as those of a review are, and hardly any longer than that"


@pytest.fixture
def store(tmp_path):
    return Cache(tmp_path).takes


def make_review(*sentences):
    """Make a script of chapters with so many different sentences."""
    return make_script(
        *(
            [f"{SENTENCE} {chapter} {n}" for n in range(count)]
            for chapter, count in enumerate(sentences)
        )
    )


def stitch(store, script, sounds=ALONG, **settings):
    return stitch_takes(script, store_takes(script, store), sounds, StitchSettings(**settings))


def find_piece(timeline, sound):
    """Return the one piece of a sound, from and to on the timeline."""
    base, found = 0, []
    for block in timeline.blocks:
        found += [
            (piece, base + piece.at, base + piece.at + piece.samples)
            for piece in block.pieces
            if piece.key == sound.key
        ]
        base += block.samples
    [piece] = found
    return piece


def measure_speech(timeline):
    return find_heard(timeline.cues[-1])[1] - find_heard(timeline.cues[0])[0]


@pytest.mark.parametrize("sentences", [1, 6, 12, 30])
@pytest.mark.parametrize("under_s", [0.0, 1.5])
def test_music_is_at_most_a_tenth_of_the_speech_or_three_seconds(store, sentences, under_s):
    """So much is heard before the first words and after the last; the outro ends as it was made."""
    timeline = stitch(
        store, make_review(sentences), gap_s=0.0, intro_under_s=under_s, outro_under_s=under_s
    )
    # the voice of the tests says 20 characters a second, a brisk one is expected to say 18
    most = max(3 * RATE_HZ, 1.12 * measure_speech(timeline) / 10)
    intro, start, _ = find_piece(timeline, INTRO)
    outro, _, end = find_piece(timeline, OUTRO)
    before, after = timeline.cues[0].start - start, end - timeline.cues[-1].end
    assert 3 * RATE_HZ <= before <= min(INTRO.samples, most)
    assert 3 * RATE_HZ <= after <= min(OUTRO.samples, most)
    assert intro.start == 0
    assert outro.end == OUTRO.samples


def test_it_grows_with_the_speech_and_not_with_an_edit(store):
    """Ten sentences more are a longer intro; one word more is the same first block."""
    script = make_review(9)
    short, long = (stitch(store, one) for one in (script, make_review(19)))
    assert find_piece(long, INTRO)[0].samples > find_piece(short, INTRO)[0].samples
    last = msgspec.structs.replace(script.segments[-1], spoken=f"{SENTENCE} indeed")
    edited = msgspec.structs.replace(script, segments=(*script.segments[:-1], last))
    assert stitch(store, edited).blocks[0] == short.blocks[0]


def test_characters_that_are_syllables_count_as_such(store):
    """A Chinese review has the music of the time that it takes, not of its few characters."""
    few, many = (
        make_script([text * 8 for _ in range(4)])
        for text in ("letters only ", "这部电影非常好看没有缺点啊")
    )
    assert len(few.segments[0].spoken) == len(many.segments[0].spoken)
    music = [find_piece(stitch(store, script), INTRO)[0].samples for script in (few, many)]
    assert music[0] < music[1]


@pytest.mark.parametrize(
    ("sounds", "settings"), [(OWN, {}), (ALONG, {"music_share": 1.0})], ids=["own", "share 1"]
)
def test_music_of_ones_own_is_whole(store, sounds, settings):
    """A file of the user's own is never cut, and neither is any when the setting says so."""
    timeline = stitch(store, make_review(1), sounds, **settings)
    for sound in (INTRO, OUTRO):
        assert find_piece(timeline, sound)[0].samples == sound.samples


def test_music_that_is_cut_is_counted_as_it_sounds(store):
    """The loudness that the timeline expects is that of the rendered mix."""
    timeline = stitch(store, make_review(2))
    opened = {sound.key: sound for sound in ALONG.list_all()}
    mixes = [render_block(one, load_take=store.load, sounds=opened) for one in timeline.blocks]
    mix = np.concatenate([m if m.ndim == 2 else np.stack([m, m], axis=1) for m in mixes])
    heard = gate_loudness(measure_energies(mix, RATE_HZ))
    assert gate_loudness(unpack_lufs(timeline.energies)) == pytest.approx(heard, abs=0.1)


@pytest.mark.parametrize("under_s", [0.0, 1.0])
def test_music_that_is_cut_neither_begins_nor_ends_at_once(store, under_s):
    """The intro has faded where it is cut off, and the outro rises."""
    timeline = stitch(store, make_review(1), intro_under_s=under_s, outro_under_s=under_s)
    intro, outro = (dict(find_piece(timeline, sound)[0].levels) for sound in (INTRO, OUTRO))
    assert intro[max(intro)] == outro[0] == -60


def test_stings_stand_between_chapters_of_thirty_seconds(store):
    """Both the chapter before and the one after; 0 puts one between all."""
    script = make_review(8, 8, 2, 8, 8)
    timeline = stitch(store, script)
    assert count_stings(timeline) == 2
    firsts = [min(s.index for s in script.segments if s.chapter == n) for n in range(5)]
    gaps = [
        find_heard(timeline.cues[first])[0] - timeline.chapters[number].start > STING.samples
        for number, first in enumerate(firsts)
    ]
    assert gaps[1:] == [True, False, False, True]
    assert count_stings(stitch(store, script, sting_chapters_s=0.0)) == 4


def count_stings(timeline):
    return sum(piece.key == STING.key for block in timeline.blocks for piece in block.pieces)


def test_a_part_has_the_music_of_the_whole(store):
    """The first words alone have the intro that they will have in the episode."""
    script = make_review(12, 12)
    takes = store_takes(script, store)
    part = msgspec.structs.replace(script, segments=script.segments[:1])
    heard = stitch_takes(part, takes[:1], ALONG, StitchSettings(), goes_on=True, whole=script)
    assert heard.blocks[0] == stitch_takes(script, takes, ALONG, StitchSettings()).blocks[0]
