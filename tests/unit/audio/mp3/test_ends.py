"""Where an MP3 ends: at its encoder's filling, or in the middle of sound."""

import lameenc
import pytest
from tests.support.tones import make_noise, to_pcm

from reviewcast.audio.mp3.ends import find_end
from reviewcast.audio.mp3.frames import find_frames
from reviewcast.model.errors import SoundError


def encode(rate_hz, channels, kbps, *, quiet_s=0.2):
    """Encode a second and a half of noise of the speech band between quiet edges."""
    edge = bytes(2 * round(quiet_s * rate_hz) * channels)
    pcm = to_pcm(make_noise(1.5, rate_hz).repeat(channels))
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(kbps)
    encoder.set_in_sample_rate(rate_hz)
    encoder.set_out_sample_rate(rate_hz)
    encoder.set_channels(channels)
    encoder.set_quality(7)
    return bytes(encoder.encode(edge + pcm + edge)) + bytes(encoder.flush())


def build_frame(bits, *, main_data_begin=0, rest=b""):
    """Build a frame of MPEG-2, 24 kHz, mono, 64 kb/s (192 bytes), with so much main data."""
    side = (main_data_begin << 64 | bits << 51).to_bytes(9)
    frame = bytes((0xFF, 0xF3, 0x84, 0xC0)) + side
    used = (bits + 7) // 8 - main_data_begin
    return (frame + b"\x12" * used + rest).ljust(192, rest[-1:] or b"\x12")


@pytest.mark.parametrize(
    ("rate_hz", "channels", "kbps"),
    [(24_000, 1, 64), (24_000, 1, 32), (24_000, 1, 48), (22_050, 2, 64), (44_100, 2, 128)],
    ids=["google", "google until 2023", "edge", "MPEG-2 stereo", "MPEG-1 stereo"],
)
def test_a_whole_stream_is_closed_and_a_cut_one_open(rate_hz, channels, kbps):
    """Every cut between two frames of speech is found, and the end of the encoder's own."""
    mp3 = encode(rate_hz, channels, kbps)
    assert find_end(mp3) == "closed"
    frames = list(find_frames(mp3))
    samples = 576 if rate_hz <= 24_000 else 1152
    cuts = range(round(0.5 * rate_hz / samples), round(1.6 * rate_hz / samples))
    assert len(cuts) > 20
    assert {find_end(mp3[: frames[cut]]) for cut in cuts} == {"open"}


def test_an_end_that_is_loud_is_closed():
    """A voice that stops with its last sound is whole."""
    assert find_end(encode(24_000, 1, 64, quiet_s=0)) == "closed"


@pytest.mark.parametrize(
    ("frame", "end"),
    [
        (build_frame(1000, rest=b"LAME3.100" + b"\x55"), "closed"),
        (build_frame(1000, rest=b"\xaa"), "closed"),
        (build_frame(1003, rest=b"\x13" + b"\x55"), "closed"),
        (build_frame(1400, main_data_begin=0, rest=b"LAME"), "closed"),
        (build_frame(179 * 8), "unknown"),
        (build_frame(179 * 8 + 80, main_data_begin=10), "unknown"),
        (build_frame(1000, rest=b"\0"), "unknown"),
        (build_frame(1000, rest=b"\xff"), "unknown"),
        (build_frame(1000, rest=bytes(range(50))), "open"),
        (build_frame(800, main_data_begin=30, rest=b"\x55\x12\x55"), "open"),
        (build_frame(1000, rest=b"some words before LAME3.100\x55"), "open"),
    ],
)
def test_what_follows_the_main_data(frame, end):
    """LAME's filling closes a stream; nothing, or one byte all along, says nothing."""
    assert len(frame) == 192
    assert find_end(build_frame(1000, rest=b"\x55") + frame) == end


def test_the_version_may_begin_at_any_bit():
    """The string of LAME follows the last bit of main data."""
    for shift in range(8):
        rest = (int.from_bytes(b"\x01LAME3.100" + b"\x55" * 40) << shift).to_bytes(51)[1:]
        frame = build_frame(1000, rest=rest + b"\x55")
        assert find_end(frame) == "closed", shift


def test_what_is_no_stream():
    """Half a frame is an error, nothing at all has no end."""
    with pytest.raises(SoundError):
        find_end(encode(24_000, 1, 64)[:-5])
    with pytest.raises(SoundError):
        find_end(b"<!DOCTYPE html>")
    assert find_end(b"") == "unknown"
