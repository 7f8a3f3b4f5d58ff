"""One channel spread over two: every decoder hears on both sides what it hears of the one."""

import io
import subprocess

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import require_tool
from tests.support.tones import make_noise, to_pcm

from reviewcast import mp3_twins
from reviewcast.errors import SoundError
from reviewcast.mp3 import (
    DECODER_DELAY,
    FRAME_SAMPLES,
    build_info_frame,
    encode_stream,
    find_frames,
    list_sizes,
)
from reviewcast.mp3_joins import encode_block
from reviewcast.mp3_twins import encode_twin, spread_frames

RATE_HZ = 44_100
STEREO_KBPS = (112, 128, 160, 192, 224, 256, 320)
KINDS = ("speech", "noise", "clicks", "silence", "loud", "steps")
FLOAT_STEP = 1e-6


def make_sound(kind, frames, *, seed=0):
    """Make one channel of so many frames, whose last three are silent."""
    count = frames * FRAME_SAMPLES
    random = np.random.default_rng(seed)
    at = np.arange(count) / RATE_HZ
    sound = np.zeros(count)
    if kind == "speech":
        words = make_noise(count / RATE_HZ, RATE_HZ, seed=seed)[:count]
        sound[: len(words)] = words * (np.sin(2 * np.pi * 1.3 * at) > 0)[: len(words)]
    elif kind == "noise":
        sound = 0.2 * random.normal(size=count)
    elif kind == "loud":
        sound = np.sign(np.sin(2 * np.pi * 997 * at)) * 0.99
    elif kind == "clicks":  # short windows
        sound[random.integers(0, count, frames)] = random.uniform(-0.9, 0.9, frames)
    elif kind == "steps":  # loud to quiet: the reservoir is emptied and filled
        sound = random.normal(size=count) * np.where((at * 4).astype(int) % 3, 0.0005, 0.3)
    sound[-3 * FRAME_SAMPLES :] = 0
    return to_pcm(np.clip(sound, -0.99, 0.99).astype(np.float32))


def decode(stream):
    return soundfile.read(io.BytesIO(stream), dtype="float32", always_2d=True)[0]


def spread(pcm, kbps):
    return encode_twin(pcm, rate_hz=RATE_HZ, bitrate_kbps=kbps, quality=3)


@pytest.mark.parametrize("kbps", STEREO_KBPS)
@pytest.mark.parametrize("kind", KINDS)
def test_both_sides_are_the_one(kind, kbps):
    """To the last step of a float, at every bit rate, with short windows and an empty reservoir."""
    one, two = spread(make_sound(kind, 120), kbps)
    heard, both = decode(one), decode(two)
    assert both.shape == (len(heard), 2)
    assert (both[:, 0] == both[:, 1]).all()
    assert np.abs(both[:, :1] - heard).max() <= FLOAT_STEP
    assert kind == "silence" or np.abs(heard).max() > 0.01


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.sampled_from(STEREO_KBPS),
    st.integers(4, 60),
    st.integers(0, 1 << 30),
)
def test_any_sound_is_spread(kind, kbps, frames, seed):
    """Whatever LAME gives has room, and is heard as it was."""
    one, two = spread(make_sound(kind, frames, seed=seed), kbps)
    assert len(list(find_frames(one))) == len(list(find_frames(two)))
    assert np.abs(decode(two) - decode(one)).max() <= FLOAT_STEP


@pytest.mark.parametrize("kind", ["speech", "clicks", "steps"])
def test_other_decoders_hear_the_same(tmp_path, kind):
    """Both sides are alike by ffmpeg and by mpg123, and as they give the one channel."""
    one, two = spread(make_sound(kind, 200), 128)
    heard = {}
    for name, stream in (("one", one), ("two", two)):
        path = tmp_path / f"{name}.mp3"
        path.write_bytes(stream)
        commands = {
            "ffmpeg": ["ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-"],
            "mpg123": ["mpg123", "-q", "--no-gapless", "-e", "f32", "-s", path],
        }
        for program, command in commands.items():
            command[0] = require_tool(program)
            told = subprocess.run(command, capture_output=True, timeout=60, check=True)
            assert not told.stderr
            channels = 1 if name == "one" else 2
            samples = np.frombuffer(told.stdout, "<f4").reshape(-1, channels)
            heard[program, name] = samples
    for program in ("ffmpeg", "mpg123"):
        mono, both = heard[program, "one"], heard[program, "two"]
        assert len(mono) == len(both)
        assert np.abs(both - mono).max() <= FLOAT_STEP
        assert np.abs(mono).max() > 0.01


def test_a_checker_finds_nothing(tmp_path):
    """mp3val reads every frame, and says that the bit rate is constant."""
    _, two = spread(make_sound("steps", 300), 128)
    tag = b"ID3\3\0\0\0\0\0\x10TIT2\0\0\0\6\0\0\0Title"
    info = build_info_frame(
        frames=len(list(find_frames(two))),
        size_bytes=len(two),
        rate_hz=RATE_HZ,
        channels=2,
        bitrate_kbps=128,
    )
    path = tmp_path / "twin.mp3"
    path.write_bytes(tag + info + two)
    told = subprocess.run(
        [require_tool("mp3val"), path], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert "WARNING" not in told
    assert "ERROR" not in told
    assert "CBR" in told


@pytest.mark.parametrize("kbps", STEREO_KBPS)
def test_frames_are_those_of_joint_stereo(kbps):
    """Each has the header and the size that LAME gives it at this bit rate, on average."""
    pcm = make_sound("speech", 90)
    _, two = spread(pcm, kbps)
    stereo = np.repeat(np.frombuffer(pcm, "<i2"), 2).tobytes()
    lame = encode_stream(stereo, rate_hz=RATE_HZ, channels=2, bitrate_kbps=kbps, quality=3)
    ours, theirs = list(find_frames(two)), list(find_frames(lame))
    assert len(ours) == len(theirs)
    assert abs(len(two) - len(lame)) <= 1
    for mine, other in zip(ours, theirs, strict=True):
        assert two[mine : mine + 2] == lame[other : other + 2]
        assert two[mine + 2] & 0b11111101 == lame[other + 2] & 0b11111101
        assert two[mine + 3] == lame[other + 3] & 0b1111 | 0b01100000
    sizes = np.diff([*ours, len(two)]).tolist()
    assert sizes == list(list_sizes(len(ours), RATE_HZ, kbps))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_no_worse_than_joint_stereo(seed):
    """The error that coding leaves of speech is not above that of LAME's own two channels."""
    pcm = make_sound("speech", 200, seed=seed)
    samples = np.frombuffer(pcm, "<i2").astype(np.float64) / 32768
    stereo = np.repeat(np.frombuffer(pcm, "<i2"), 2).tobytes()
    lame = encode_stream(stereo, rate_hz=RATE_HZ, channels=2, bitrate_kbps=128, quality=3)
    errors_db = []
    for stream in (spread(pcm, 128)[1], lame):
        heard = decode(stream)[DECODER_DELAY : DECODER_DELAY + len(samples), 0]
        heard = np.pad(heard, (0, len(samples) - len(heard))).astype(np.float64)
        level = heard @ samples / (samples @ samples)
        assert 20 * np.log10(level) == pytest.approx(-0.445, abs=0.05)
        error = heard / level - samples
        errors_db.append(10 * np.log10((error @ error) / (samples @ samples)))
    assert errors_db[0] <= errors_db[1] + 0.1


def test_a_block_has_the_frames_of_its_twin():
    """Without the one that LAME adds at the end; it is heard as one channel."""
    pcm = make_sound("speech", 50)
    block = encode_block(
        pcm, rate_hz=RATE_HZ, channels=2, bitrate_kbps=128, quality=3, is_twin=True
    )
    one, two = spread(pcm, 128)
    assert block.frames == two[: len(block.frames)]
    assert block.heard == one
    assert (block.figures.frames, len(block.figures.opens)) == (50, 2)


@pytest.mark.parametrize("more", [{"channels": 1}, {"vbr_quality": 4}, {"pre_frames": 3}])
def test_a_twin_of_other_kinds_is_refused(more):
    """One channel, a varying bit rate and sound around it are encoded by LAME itself."""
    options = {"channels": 2, "bitrate_kbps": 128} | more
    with pytest.raises(ValueError, match="a twin"):
        encode_block(bytes(90_000), rate_hz=RATE_HZ, quality=3, is_twin=True, **options)


def test_what_has_no_room_is_refused():
    """Two channels at a bit rate that is too low would lose what is heard."""
    one = encode_stream(
        make_sound("noise", 60), rate_hz=RATE_HZ, channels=1, bitrate_kbps=128, quality=3
    )
    with pytest.raises(SoundError, match="no room"):
        spread_frames(one, rate_hz=RATE_HZ, bitrate_kbps=96)


def test_what_is_too_loud_is_refused(monkeypatch):
    """A level that the side information cannot tell is not told wrong."""
    one, _ = spread(make_sound("loud", 30), 128)
    monkeypatch.setattr(mp3_twins, "_LOUDEST", 150)
    with pytest.raises(SoundError, match="too loud"):
        spread_frames(one, rate_hz=RATE_HZ, bitrate_kbps=128)
