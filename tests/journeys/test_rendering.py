"""What is encoded while the rest is still spoken: early, once, and at the level of the whole."""

import threading
from itertools import islice

import pytest
from tests.journeys.test_mix import BED, INTRO, OUTRO, STING
from tests.support.tones import make_script, store_takes

from reviewcast.audio import encode
from reviewcast.audio.loudness import gate_loudness, unpack_lufs
from reviewcast.audio.master import expect_gain
from reviewcast.audio.mp3.frames import find_level_change_db
from reviewcast.audio.render import Renderer, encode_audio, find_gain
from reviewcast.audio.samples import RATE_HZ
from reviewcast.audio.timeline import Stitching, stitch_takes
from reviewcast.model.audio import Sounds
from reviewcast.model.events import ignore_events
from reviewcast.settings.schema import Config, StitchSettings
from reviewcast.system.cache import Cache

MUSIC = {
    "none": Sounds(),
    "intro": Sounds(intro=INTRO),
    "all": Sounds(intro=INTRO, outro=OUTRO, sting=STING),
    "bed": Sounds(intro=INTRO, outro=OUTRO, bed=BED),
}
CONFIG = Config()


def make_long(minutes):
    """Make a script of about so many minutes, in chapters of a minute."""
    numbers = iter(range(10_000))
    return make_script(
        *(
            [f"This is the sentence of number {n} that is to be said" for n in islice(numbers, 20)]
            for _ in range(minutes)
        )
    )


class Made:
    """The keys of the blocks that are made, as they are begun."""

    def __init__(self):
        self.keys = []
        self._changed = threading.Condition()

    def note(self, key):
        with self._changed:
            self.keys.append(key)
            self._changed.notify_all()

    def wait(self, count):
        """Wait until so many are begun."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.keys) >= count, timeout=60)


@pytest.fixture
def made(monkeypatch):
    watched, make = Made(), encode._make_block

    def note(key, *arguments, **options):
        watched.note(key)
        return make(key, *arguments, **options)

    monkeypatch.setattr(encode, "_make_block", note)
    return watched


@pytest.mark.parametrize("music_db", [-6.0, 0.0])
@pytest.mark.parametrize("minutes", [2, 8])
@pytest.mark.parametrize("music", MUSIC)
def test_the_loudness_of_the_whole_is_expected(tmp_path, music, minutes, music_db):
    """A minute of speech tells it, and the music that is known, so its gain is kept."""
    script = make_long(minutes)
    settings = StitchSettings(music_db=music_db, sting_chapters_s=0.0)
    takes = store_takes(script, Cache(tmp_path).takes)
    timeline = stitch_takes(script, takes, MUSIC[music], settings)
    whole = gate_loudness(unpack_lufs(timeline.energies))
    assert timeline.expected_lufs == pytest.approx(whole, abs=0.1)


def test_less_than_a_minute_tells_nothing(tmp_path):
    """Nor does a part of a script that is shorter."""
    script = make_long(2)
    takes = store_takes(script, Cache(tmp_path).takes)
    stitching = Stitching(script, MUSIC["all"], StitchSettings(sting_chapters_s=0.0))
    told = []
    for segment, take in zip(script.segments, takes, strict=True):
        stitching.add(segment, take)
        told.append((stitching.samples / RATE_HZ, stitching.expected_lufs))
    assert all(expected is None for at_s, expected in told if at_s < 60)
    assert [expected for at_s, expected in told if at_s > 75 and expected is not None]
    assert len({expected for _, expected in told}) == 2  # it is told once, and stays


def test_the_first_minute_is_encoded_before_the_last_is_spoken(tmp_path, made):
    """In any order of the takes; nothing is encoded twice, and the bytes are those of one go."""
    cache, sounds = Cache(tmp_path / "early"), MUSIC["all"]
    cache.prepare()
    script = make_long(3)
    takes = store_takes(script, cache.takes)
    pairs = list(zip(script.segments, takes, strict=True))
    with Renderer(sounds, CONFIG, cache, notify=ignore_events) as renderer:
        for pair in [*pairs[20:40][::-1], *pairs[:20]]:
            renderer.hear(script, *pair)
        assert made.wait(20)  # a minute of them, and the words are not all there
        for pair in pairs[40:]:
            renderer.hear(script, *pair)
        timeline = renderer.stitch(script, takes)
        change_db = find_level_change_db(CONFIG.encode)
        assert find_gain(timeline, CONFIG) == expect_gain(
            timeline.expected_lufs, CONFIG.master, channels=2, codec_change_db=change_db
        )
        audio = renderer.encode(timeline)
    assert len(audio.blocks) > 50
    assert sorted(made.keys) == sorted({block.key for block in audio.blocks})
    assert not any(block.reused for block in audio.blocks)
    whole = Cache(tmp_path / "late")
    whole.prepare()
    store_takes(script, whole.takes)
    late = encode_audio(timeline, sounds, CONFIG, whole, notify=ignore_events)
    assert [block.key for block in late.blocks] == [block.key for block in audio.blocks]
    for block in late.blocks:
        assert whole.blocks.load(block.key) == cache.blocks.load(block.key)
