"""MP3s with odd tags, junk and lengths are decoded whole, and libmpg123 has nothing to remark."""

import io
import struct

import numpy as np
import pytest
import soundfile
from tests.support.tones import find_offset, make_noise, to_pcm

from reviewcast.audio.files.decode import open_recording, stream_audio
from reviewcast.audio.files.sounds import open_sound
from reviewcast.audio.mp3.extent import FramesFile, find_frames_of
from reviewcast.audio.mp3.frames import build_info_frame, encode_stream, find_frames
from reviewcast.model.errors import SoundError

RATE = 44_100
NOISE = make_noise(4.0, RATE, seed=3)
JUNK = np.random.default_rng(9).bytes(3000).replace(b"\xff", b"\xfe")


def encode(**options):
    chosen = {"rate_hz": RATE, "channels": 1, "bitrate_kbps": 96, "quality": 5} | options
    quiet = np.concatenate([NOISE, np.zeros(RATE, np.float32), 0.1 * NOISE])
    return encode_stream(to_pcm(quiet), **chosen)


BARE, VARIED = encode(), encode(vbr_quality=4)


def tell(frames, *, size=1.0, count=0):
    """Put an Info frame before others that tells another size or count than there is."""
    number = sum(1 for _ in find_frames(frames)) + count
    info = build_info_frame(
        frames=number,
        size_bytes=round(len(frames) * size),
        rate_hz=RATE,
        channels=1,
        bitrate_kbps=96,
        vbr_quality=4,
    )
    return info + frames


def tag(frames, *, flags=0, size=None):
    body = b"TIT2" + struct.pack(">IH", size or 100, 0) + bytes(90)
    return b"ID3\x03\x00" + bytes((flags, 0, 0, 0, len(body))) + body + frames


ODD = {
    "bare": BARE,
    "bit rates that vary": VARIED,
    "told right": tell(VARIED),
    "told too small": tell(VARIED, size=0.5),
    "told too large": tell(VARIED, size=1.3),
    "told too few": tell(VARIED, count=-40, size=0.8),
    "tag": tag(BARE),
    "tag that claims more": tag(BARE, size=100_000),
    "tag with a broken header": tag(BARE, flags=0x40),
    "two tags": tag(tag(BARE)),
    "space after the tag": tag(bytes(5000) + BARE),
    "old tag": BARE + b"TAG" + b"x" * 125,
    "lyrics": BARE + b"LYRICSBEGIN" + b"IND00003110" * 20 + b"000241LYRICS200",
    "junk at the end": BARE + JUNK,
    "cut last frame": BARE + BARE[:100],
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_streams_are_whole_and_nothing_is_remarked(tmp_path, capfd, kind):
    """All of the sound is there, to its soft end, and standard error stays empty."""
    path = tmp_path / "intro.mp3"
    path.write_bytes(ODD[kind])
    samples = np.frombuffer(open_sound(path).pcm, "<i2")[::2] / 32768
    end = round(9 * RATE)
    assert end <= len(samples) <= end + 4000
    place = find_offset(samples[: 2 * RATE], NOISE[2000:20_000])
    assert place == pytest.approx(2000, abs=2400)
    assert np.abs(samples[6 * RATE : end]).max() > 0.03
    _, _, blocks = stream_audio(path)
    assert sum(map(len, blocks)) == len(samples)
    assert len(open_recording(path.read_bytes(), "mine").pcm) == 2 * len(samples)
    assert capfd.readouterr().err == ""


def test_streams_of_two_files_are_both_heard(tmp_path, capfd):
    """Files that were put one after another by their bytes, tags between them, are one sound."""
    path = tmp_path / "intro.mp3"
    path.write_bytes(tag(tell(VARIED)) + b"TAG" + b"x" * 125 + tag(BARE) + JUNK[:500])
    assert open_sound(path).samples >= 18 * RATE
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BARE[: 40 * 313] + JUNK[:2000] + BARE[40 * 313 :], "not audio to its end"),
        (tell(VARIED, count=60), "breaks off before its end"),
        (tell(VARIED, count=6), "breaks off before its end"),
    ],
)
def test_streams_that_are_broken_are_refused(tmp_path, capfd, data, said):
    """What misses frames is told by us, and by nobody else."""
    path = tmp_path / "intro.mp3"
    path.write_bytes(data)
    for use in (open_sound, lambda one: list(stream_audio(one)[2])):
        with pytest.raises(SoundError, match=said):
            use(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("data", [b"", b"\xff" * 3000, JUNK, b"ID3\x03", tag(b""), BARE[:50]])
def test_what_is_no_stream_has_no_frames(data):
    """Nothing is made up where no frame is."""
    assert find_frames_of(data) is None


@pytest.mark.parametrize("options", [{}, {"channels": 2}, {"rate_hz": 22_050, "bitrate_kbps": 64}])
def test_a_length_is_told_where_bit_rates_vary(options):
    """The frame that is put before them is one that libsndfile counts by, for any such stream."""
    varied = encode(**options, vbr_quality=5)
    found = find_frames_of(varied)
    assert found.info
    with soundfile.SoundFile(FramesFile(io.BytesIO(varied), found)) as file:
        told, heard = file.frames, len(file.read())
    per_frame = 576 if "rate_hz" in options else 1152
    assert told == heard
    late = per_frame * sum(1 for _ in find_frames(varied)) - heard
    assert 0 <= late <= 529  # a decoder's own delay
    assert find_frames_of(encode(**options)).info == b""


def test_frames_are_read_as_one_file():
    """Reading in any steps, from anywhere, gives what lies between the gaps."""
    found = find_frames_of(tag(VARIED) + tag(BARE))
    file = FramesFile(io.BytesIO(tag(VARIED) + tag(BARE)), found)
    whole = found.info + VARIED + BARE
    assert file.read() == whole
    dice = np.random.default_rng(1)
    for start, size in dice.integers(0, len(whole), (50, 2)).tolist():
        assert file.seek(start) == start == file.tell()
        assert file.read(size) == whole[start : start + size]
    assert file.seek(0, io.SEEK_END) == len(whole)
    assert file.read(5) == b""
