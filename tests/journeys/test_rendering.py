"""How loud the whole will be is expected after the first minute of speech."""

from itertools import islice

import pytest
from msgspec.structs import replace
from tests.journeys.test_mix import BED, INTRO, OUTRO, STING
from tests.support.tones import make_script, store_takes

from reviewcast.audio.loudness import gate_loudness, unpack_lufs
from reviewcast.audio.samples import RATE_HZ
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import Sounds
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


@pytest.fixture(scope="module", params=[2, 8])
def spoken(request, tmp_path_factory):
    """A script of so many minutes and its takes, which are stored once."""
    script = make_long(request.param)
    return script, store_takes(script, Cache(tmp_path_factory.mktemp("cache")).takes)


@pytest.mark.parametrize("music_db", [-6.0, 0.0])
@pytest.mark.parametrize("music", MUSIC)
def test_the_loudness_of_the_whole_is_expected(spoken, music, music_db):
    """A minute of speech tells it, and the music that is known, so its gain is kept."""
    script, takes = spoken
    settings = StitchSettings(music_db=music_db, sting_chapters_s=0.0)
    timeline = stitch_takes(script, takes, MUSIC[music], settings)
    whole = gate_loudness(unpack_lufs(timeline.energies))
    assert timeline.expected_lufs == pytest.approx(whole, abs=0.1)


def test_less_than_a_minute_tells_nothing(tmp_path):
    """Once the first minute is laid it is told, and no more speech changes what was told."""
    script = make_long(2)
    takes = store_takes(script, Cache(tmp_path).takes)
    told = []
    for count in range(1, len(takes) + 1):
        part = replace(script, segments=script.segments[:count])
        timeline = stitch_takes(
            part, takes[:count], MUSIC["all"], StitchSettings(sting_chapters_s=0.0), whole=script
        )
        told.append((timeline.cues[-1].end / RATE_HZ, timeline.expected_lufs))
    assert all(expected is None for at_s, expected in told if at_s < 60)
    assert all(expected is not None for at_s, expected in told if at_s > 80)
