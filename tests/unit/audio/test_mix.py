"""Sounds are opened whatever they are, takes are trimmed, and pieces land on their sample."""

import io
import math
import os
import subprocess

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import require_tool
from tests.support.budget import count_examples
from tests.support.tones import ToneVoice, find_offset, make_noise, make_sound, to_pcm

from reviewcast.audio.files.decode import (
    decode_frames,
    decode_speech,
    measure_length,
    open_recording,
    read_recording,
    stream_audio,
)
from reviewcast.audio.files.sounds import make_loop, open_sound
from reviewcast.audio.loudness import SILENCE_LUFS, measure_energies, to_stereo_lufs, unpack_lufs
from reviewcast.audio.measure import measure_take
from reviewcast.audio.mix import quantise, render_block
from reviewcast.audio.samples import RATE_HZ, resample, scale_length
from reviewcast.model.audio import Block, Piece, Take
from reviewcast.model.errors import SoundError


def write_music(path, *, rate_hz=44_100, channels=2, seconds=1.0, kind="WAV", **options):
    """Write noise as music; the right channel is half as loud as the left."""
    left = make_noise(seconds, rate_hz, seed=1)
    samples = left if channels == 1 else np.stack([left, left / 2], axis=1)
    soundfile.write(path, samples, rate_hz, format=kind, **options)
    return left


def read_sound(sound):
    return np.frombuffer(sound.pcm, "<i2").reshape(-1, 2).astype(np.float32) / 32768


# --- opening


@pytest.mark.parametrize("kind", "WAV FLAC MP3 OGG AIFF AU CAF W64 RF64 WAVEX".split())
@pytest.mark.parametrize("channels", [1, 2])
def test_open_sound_reads_every_kind(tmp_path, kind, channels):
    """Every kind becomes 44.1 kHz stereo of the same length, place and balance."""
    path = tmp_path / f"intro.{kind.lower()}"
    left = write_music(path, kind=kind, channels=channels)
    sound = open_sound(path)
    assert sound.samples == 44_100 == len(sound.pcm) // 4
    samples = read_sound(sound)
    assert find_offset(samples[:, 0], left[:20_000]) == 0
    balance = np.abs(samples[:, 1]).sum() / np.abs(samples[:, 0]).sum()
    assert balance == pytest.approx(1.0 if channels == 1 else 0.5, abs=0.02)
    assert -30 < sound.level_lufs < -5


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 22_050, 32_000, 48_000, 96_000])
def test_open_sound_changes_every_rate(tmp_path, rate_hz):
    """Whatever the rate, the sound keeps its length, its level and its place."""
    path = tmp_path / "intro.wav"
    samples = write_music(path, rate_hz=rate_hz)
    sound = open_sound(path)
    assert sound.samples == scale_length(len(samples), rate_hz, RATE_HZ)
    wanted = resample(samples, rate_hz, RATE_HZ)
    assert np.abs(read_sound(sound)[:, 0] - wanted).max() < 1e-3


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_open_sound_reads_every_depth(tmp_path, subtype):
    """The depth of a WAV file changes nothing but its noise."""
    path = tmp_path / "intro.wav"
    left = write_music(path, subtype=subtype)
    assert np.abs(read_sound(open_sound(path))[:, 0] - left).max() < 0.01


def test_open_sound_reads_opus(tmp_path):
    """Opus, which has 48 kHz, keeps its place to a few samples."""
    path = tmp_path / "intro"
    left = write_music(path, rate_hz=48_000, kind="OGG", subtype="OPUS")
    samples = read_sound(open_sound(path))
    assert len(samples) == pytest.approx(44_100, abs=2)
    assert find_offset(samples[:, 0], resample(left, 48_000, RATE_HZ)[:20_000]) <= 2


HALF_POWER = 0.5**0.5
SURROUND = {
    ("WAV", 3): "L R C",
    ("WAV", 4): "L R Ls Rs",
    ("FLAC", 6): "L R C LFE Ls Rs",
    ("WAV", 6): "L R C LFE Ls Rs",
    ("OGG", 5): "L C R Ls Rs",
    ("OGG", 6): "L C R Ls Rs LFE",
    ("WAV", 8): "L R C LFE Ls Rs Ls Rs",
}
SHARES = {
    "L": (1, 0), "R": (0, 1), "C": (HALF_POWER, HALF_POWER), "LFE": (0, 0),
    "Ls": (HALF_POWER, 0), "Rs": (0, HALF_POWER),
}  # fmt: skip


def write_tones(path, kind, channels, rate_hz=44_100):
    """Write one tone a channel, each of its own frequency; give these."""
    tones_hz = 300 + 200 * np.arange(channels)
    at = np.arange(rate_hz)[:, None] / rate_hz
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * tones_hz * at), rate_hz, format=kind)
    return tones_hz


@pytest.mark.parametrize(("kind", "channels"), list(SURROUND))
def test_open_sound_mixes_surround_as_it_should_be(tmp_path, kind, channels):
    """Centre and surrounds come 3 dB softer into left and right, in every order of channels."""
    path = tmp_path / "intro"
    tones_hz = write_tones(path, kind, channels)
    spectrum = np.abs(np.fft.rfft(read_sound(open_sound(path)), axis=0))[tones_hz] / 2205
    wanted = np.array([SHARES[name] for name in SURROUND[kind, channels].split()])
    assert spectrum == pytest.approx(wanted / wanted.sum(axis=0).max(), abs=0.02)


def test_open_sound_asks_a_wave_for_its_speakers(tmp_path):
    """A WAV that says which speakers its channels are for is believed: here R is a second C."""
    path = tmp_path / "intro.wav"
    tones_hz = write_tones(path, "WAVEX", 3)
    data = bytearray(path.read_bytes())
    at = data.index(b"fmt ") + 28
    data[at : at + 4] = (0b1101).to_bytes(4, "little")  # L, C, LFE
    path.write_bytes(data)
    spectrum = np.abs(np.fft.rfft(read_sound(open_sound(path)), axis=0))[tones_hz] / 2205
    wanted = np.array([SHARES[name] for name in ("L", "C", "LFE")])
    assert spectrum == pytest.approx(wanted / wanted.sum(axis=0).max(), abs=0.01)


@pytest.mark.parametrize("mask", [1, 4])
def test_one_channel_is_for_both_sides(tmp_path, mask):
    """Whichever speaker a WAV of one channel names, both sides get it as loud as it is."""
    path = tmp_path / "intro.wav"
    left = write_music(path, kind="WAVEX", channels=1)
    data = bytearray(path.read_bytes())
    at = data.index(b"fmt ") + 28
    data[at : at + 4] = mask.to_bytes(4, "little")
    path.write_bytes(data)
    assert np.abs(read_sound(open_sound(path)) - left[:, None]).max() < 1e-3


def test_open_sound_of_unknown_speakers_loses_none(tmp_path):
    """Of more channels than any order has, each is heard on both sides."""
    path = tmp_path / "intro.wav"
    tones_hz = write_tones(path, "WAV", 12)
    spectrum = np.abs(np.fft.rfft(read_sound(open_sound(path)), axis=0))[tones_hz] / 2205
    assert spectrum == pytest.approx(np.full((12, 2), 1 / 12), abs=0.01)


def test_open_sound_measures_long_music_as_a_whole(tmp_path):
    """Measured a minute at a time, the loudness is that of one measurement."""
    path = tmp_path / "bed.flac"
    write_music(path, kind="FLAC", seconds=130.05)
    sound = open_sound(path)
    whole = measure_energies(read_sound(sound), RATE_HZ)
    assert unpack_lufs(sound.energies) == pytest.approx(whole, abs=0.006)


def test_open_sound_tells_the_format_from_the_bytes(tmp_path):
    """A FLAC file named .mp3, and a file without a suffix, open all the same."""
    for name in ("intro.mp3", "intro"):
        path = tmp_path / name
        write_music(path, kind="FLAC")
        assert open_sound(path).samples == 44_100


@pytest.mark.parametrize("factor", [2.5, 40.0, 1e30])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_what_is_beyond_full_scale_is_set_lower_as_a_whole(tmp_path, factor, rate_hz):
    """A float file that goes past full scale keeps its shape, to its last sample."""
    path = tmp_path / "intro.wav"
    left = make_noise(11.0, rate_hz)
    soundfile.write(path, left * factor, rate_hz, subtype="FLOAT")
    wanted = left if rate_hz == 44_100 else soxr.resample(left, rate_hz, 44_100)
    samples = read_sound(open_sound(path))[:, 0]
    assert np.abs(samples - wanted / np.abs(wanted).max()).max() < 2e-4
    take = open_recording(path.read_bytes(), "mine")
    assert take.rate_hz == rate_hz
    assert np.abs(np.frombuffer(take.pcm, "<i2") / 32768 - left / 0.5).max() < 2e-4


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("offset", [0.02, -0.4, 3.0])
def test_an_offset_is_taken_away(tmp_path, channels, offset):
    """What does not swing around zero does so then, without a thump at its beginning."""
    path = tmp_path / "intro.wav"
    wave = make_noise(11.0, 44_100)[:, None] * np.ones(channels, np.float32)
    soundfile.write(path, wave + np.array([offset, 0][:channels]), 44_100, subtype="FLOAT")
    samples = read_sound(open_sound(path))
    scale = 0.5 / np.abs(samples[:, 0]).max() if offset > 1 else 1
    assert np.abs(samples.mean(axis=0)).max() < 2e-4
    assert np.abs(samples * scale - wave).max() < 0.02
    speech = np.frombuffer(open_recording(path.read_bytes(), "mine").pcm, "<i2") / 32768
    assert abs(speech.mean()) < 2e-4


def test_without_an_offset_no_sample_is_touched(tmp_path):
    """Deep notes, and what is too short to tell, are left as they are."""
    deep = 0.5 * np.sin(2 * np.pi * 20 * np.arange(44_100 * 3 + 500) / 44_100)
    for number, wave in enumerate((deep, np.full(1000, 0.25), np.array([0.5]))):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, wave, 44_100, subtype="PCM_16")
        stored = soundfile.read(path, dtype="int16")[0]
        assert np.array_equal(np.frombuffer(open_sound(path).pcm, "<i2")[::2], stored)


def test_a_constant_is_no_sound(tmp_path):
    """What holds nothing but an offset is refused as silence is."""
    path = tmp_path / "intro.wav"
    soundfile.write(path, np.full((44_100, 2), 0.4), 44_100, subtype="FLOAT")
    with pytest.raises(SoundError, match="holds no sound"):
        open_sound(path)
    with pytest.raises(SoundError, match="is silent"):
        open_recording(path.read_bytes(), "mine")


def test_what_is_lost_in_mono_is_measured(tmp_path):
    """By how much both channels played as one are softer: by theory, and for two that cancel."""
    one, other = (make_noise(4.0, 44_100, seed=seed) for seed in (1, 2))
    bass = 0.2 * np.sin(2 * np.pi * 80 * np.arange(len(one)) / 44_100)
    lost = []
    for left, right in (
        (one, one), (one, other), (one, -0.5 * one + 0.75**0.5 * other), (one, -one),
        (bass + one, bass - one),
    ):  # fmt: skip
        soundfile.write(tmp_path / "x.wav", np.stack([left, right], axis=1), 44_100)
        lost.append(open_sound(tmp_path / "x.wav").mono_loss_db)
    assert lost[0] == 0
    assert lost[1] <= 3.3
    assert lost[2] == pytest.approx(6.02, abs=0.3)
    assert lost[3] > 60
    assert lost[4] > 2  # a deep note in the middle hides nothing
    assert make_loop(open_sound(tmp_path / "x.wav")).mono_loss_db == lost[4]


def test_channels_that_cancel_are_told_of_a_recording():
    """Such a recording is not merely silent: what to do is said."""
    speech = make_noise(1.0, 44_100)
    file = io.BytesIO()
    soundfile.write(file, np.stack([speech, -speech], axis=1), 44_100, format="WAV")
    with pytest.raises(SoundError, match="silent as one channel") as caught:
        open_recording(file.getvalue(), "mine")
    assert "Turn one around" in caught.value.hint


@pytest.mark.parametrize("samples", [1, 2, 100, 440])
def test_a_bed_that_is_too_short_is_refused(tmp_path, samples):
    """A bed of a few samples would buzz; one of a twentieth of a second goes round."""
    soundfile.write(tmp_path / "bed.wav", np.full(samples, 0.5), 44_100)
    with pytest.raises(SoundError, match=r"A bed must last 0\.01 s") as caught:
        make_loop(open_sound(tmp_path / "bed.wav"))
    assert caught.value.hint
    write_music(tmp_path / "bed.wav", seconds=0.05)
    assert make_loop(open_sound(tmp_path / "bed.wav")).samples > 1000


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "link"])
def test_what_is_no_file_is_never_opened(tmp_path, kind):
    """A pipe that nobody writes to, and a device without an end, are refused at once."""
    path = tmp_path / "intro.wav"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    for use in (open_sound, read_recording, stream_audio, measure_length):
        with pytest.raises(SoundError, match=r"is a .*, and no audio file") as caught:
            use(path)
        assert caught.value.hint


def test_open_sound_keys_by_content(tmp_path):
    """The key follows the file's bytes and nothing else."""
    write_music(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    write_music(tmp_path / "c.wav", seconds=1.1)
    first, same, other = (open_sound(tmp_path / f"{name}.wav") for name in "abc")
    assert first == same
    assert first.key != other.key


def make_bad(kind, path):
    """Write a file that cannot be an intro."""
    silence = np.zeros((44_100, 2), np.float32)
    broken = silence + np.float32(0.1)
    broken[100] = math.inf if kind == "infinite" else math.nan
    if kind == "script":
        path.write_text("ffconcat version 1.0\nfile '../secret.wav'\n" * 20)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "page":
        path.write_bytes(b"<!DOCTYPE html><title>404</title>" * 100)
    elif kind == "zeros":
        path.write_bytes(bytes(5000))
    elif kind == "bytes":
        path.write_bytes(np.random.default_rng(1).bytes(20_000))
    elif kind == "cut":
        write_music(path, kind="FLAC")
        path.write_bytes(path.read_bytes()[:-2000])
    elif kind == "short":
        write_music(path)
        path.write_bytes(path.read_bytes()[:-20_000])
    elif kind == "header":
        write_music(path)
        path.write_bytes(path.read_bytes()[:44])
    elif kind == "silent":
        soundfile.write(path, silence, 44_100)
    elif kind in {"infinite", "nan"}:
        soundfile.write(path, broken, 44_100, subtype="FLOAT")
    elif kind == "long":
        soundfile.write(path, np.full(8000 * 600 + 1, 0.1), 8000, format="FLAC")
    elif kind == "folder":
        path.mkdir()


@pytest.mark.parametrize(
    "kind",
    "script empty page zeros bytes cut short header silent nan infinite long folder gone".split(),
)
def test_open_sound_refuses(tmp_path, kind):
    """What is no music is refused in one sentence that names the file, with a hint."""
    suffixes = {"cut": "flac", "long": "flac"} | dict.fromkeys(
        ("short", "header", "silent", "infinite", "nan"), "wav"
    )
    path = tmp_path / f"intro.{suffixes.get(kind, 'mp3')}"
    make_bad(kind, path)
    with pytest.raises(SoundError) as caught:
        open_sound(path)
    assert str(path) in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.hint


def test_open_sound_follows_no_list_of_files(tmp_path):
    """A list named .mp3 is refused, whatever lies beside it."""
    write_music(tmp_path / "secret.wav")
    path = tmp_path / "intro.mp3"
    for text in (
        "ffconcat version 1.0\nfile 'secret.wav'\n",
        "#EXTM3U\n#EXTINF:1,\nsecret.wav\n",
        "RIFFxxxxWAVEffconcat version 1.0\nfile 'secret.wav'\n",
        "\0\0\0\x18ftypM4A ffconcat version 1.0\nfile 'secret.wav'\n",
    ):
        path.write_text(text * 20)
        with pytest.raises(SoundError):
            open_sound(path)


@pytest.mark.parametrize("kind", "WAV AIFF AU CAF W64 RF64 FLAC OGG MP3".split())
def test_what_breaks_off_is_refused(tmp_path, kind):
    """Of a file that was cut, whatever its format, no part is taken for the whole."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    write_music(whole, kind=kind, seconds=3.0)
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 6 // 10])
    for use in (lambda: open_sound(cut), lambda: open_recording(cut.read_bytes(), "cut")):
        with pytest.raises(SoundError, match="cut") as caught:
            use()
        assert caught.value.hint


def test_a_wave_of_unknown_length_is_whole(tmp_path):
    """A WAV that was streamed says no length, or the largest there is."""
    path = tmp_path / "intro.wav"
    write_music(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    for size in (b"\xff\xff\xff\xff", b"\x00\xf0\xff\x7f"):
        data[4:8] = data[at : at + 4] = size
        path.write_bytes(data)
        assert open_sound(path).samples == 44_100


@pytest.mark.parametrize("rate_hz", [10, 2_000_000])
def test_a_rate_that_cannot_be_is_refused(tmp_path, rate_hz):
    """A header may claim anything."""
    path = tmp_path / "intro.wav"
    soundfile.write(path, make_noise(1.0, 44_100)[:5000], rate_hz)
    with pytest.raises(SoundError, match=f"rate of {rate_hz:,} Hz"):
        open_sound(path)


# --- what ffmpeg reads

FOREIGN = {
    "M4A": ("ipod", "aac"),
    "MP4": ("mp4", "aac"),
    "QuickTime": ("mov", "alac"),
    "AAC": ("adts", "aac"),
    "WMA": ("asf", "wmav2"),
    "WebM or Matroska": ("matroska", "flac"),
    "AC-3": ("ac3", "ac3"),
    "E-AC-3": ("eac3", "eac3"),
    "WavPack": ("wv", "wavpack"),
    "True Audio": ("tta", "tta"),
}


def write_foreign(path, kind, *options, seconds=2.0, channels=2):
    """Write music in a format that libsndfile does not read; return its left channel."""
    container, codec = FOREIGN[kind]
    wave = path.with_name("music.wav")
    left = write_music(wave, seconds=seconds, channels=channels)
    command = [require_tool("ffmpeg"), "-v", "error", "-i", wave, "-c:a", codec, "-b:a", "192k"]
    subprocess.run([*command, *options, "-f", container, path], check=True)
    wave.unlink()
    return left


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_ffmpeg_opens_what_libsndfile_does_not(tmp_path, kind):
    """Music and recordings of other formats keep place and balance, whatever they are called."""
    path = tmp_path / "in tro.mp3"
    left = write_foreign(path, kind)
    samples = read_sound(open_sound(path))
    place = find_offset(samples[:, 0], left[20_000:60_000])
    assert place == pytest.approx(20_000, abs=2200)
    assert len(samples) == pytest.approx(88_200, abs=4500)
    balance = np.abs(samples[:, 1]).sum() / np.abs(samples[:, 0]).sum()
    assert balance == pytest.approx(0.5, abs=0.05)
    take = open_recording(path.read_bytes(), "x")
    assert take.rate_hz == 44_100
    assert len(take.pcm) // 2 == len(samples)


def test_ffmpeg_opens_streamed_flac(tmp_path):
    """FLAC that does not tell its length, as it is streamed, is one that libsndfile refuses."""
    path = tmp_path / "intro.flac"
    left = write_music(path, kind="FLAC")
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    require_tool("ffmpeg")
    assert find_offset(read_sound(open_sound(path))[:, 0], left[:20_000]) == 0


def test_ffmpeg_opens_a_known_format_with_a_rare_codec(tmp_path):
    """CAF with Apple's codec is CAF, and libsndfile reads CAF, but not that."""
    path = tmp_path / "intro.caf"
    write_music(tmp_path / "music.wav")
    command = [require_tool("ffmpeg"), "-v", "error", "-i", tmp_path / "music.wav"]
    subprocess.run([*command, "-c:a", "adpcm_ima_qt", path], check=True)
    assert open_sound(path).samples == pytest.approx(44_100, abs=100)


@pytest.mark.parametrize("kind", ["M4A", "AAC", "WMA", "WebM or Matroska", "AC-3"])
@pytest.mark.parametrize("options", [(), ("-movflags", "+faststart")])
def test_a_foreign_file_that_breaks_off_is_refused(tmp_path, kind, options):
    """Of a cut file ffmpeg gives a part, and that is not taken either."""
    if options and kind != "M4A":
        options = ()
    path = tmp_path / "intro.m4a"
    write_foreign(path, kind, *options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(
        SoundError, match=f"is {kind} that ffmpeg cannot decode to its end"
    ) as caught:
        open_sound(path)
    assert caught.value.hint


def test_a_foreign_file_may_be_too_long(tmp_path):
    """Ten minutes are the limit here too."""
    path = tmp_path / "intro.m4a"
    command = [require_tool("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", "sine=r=8000:d=605"]
    subprocess.run([*command, "-c:a", "aac", "-b:a", "16k", path], check=True)
    with pytest.raises(SoundError, match="longer than 10 minutes"):
        open_sound(path)


def test_without_ffmpeg_it_is_asked_for(tmp_path, monkeypatch):
    """The message names the format and what is missing, the hint a way without."""
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "intro.mp3"
    path.write_bytes(b"\0\0\0\x18ftypM4A " + bytes(2000))
    with pytest.raises(SoundError) as caught:
        open_sound(path)
    assert caught.value.message == f"{path} is M4A, which needs ffmpeg."
    assert "Install ffmpeg" in caught.value.hint
    with pytest.raises(SoundError, match=r"The recording x\.mp3 is M4A, which needs ffmpeg\."):
        open_recording(path.read_bytes(), "x.mp3")


# --- recordings


@pytest.mark.parametrize("rate_hz", [8000, 44_100, 96_000])
def test_a_recording_keeps_its_rate(rate_hz):
    """A recording of any rate becomes one channel of the same rate and length."""
    speech = make_noise(1.0, rate_hz)
    file = io.BytesIO()
    soundfile.write(file, speech, rate_hz, format="WAV", subtype="PCM_24")
    take = open_recording(file.getvalue(), "mine.wav")
    assert take.rate_hz == rate_hz
    assert np.abs(np.frombuffer(take.pcm, "<i2") / 32768 - speech).max() < 1e-4


def test_a_recording_of_many_channels_is_mixed_down():
    """Of surround, the centre is heard best and the deep effects not at all."""
    tones_hz = 300 + 200 * np.arange(6)
    tones = 0.1 * np.sin(2 * np.pi * tones_hz * np.arange(44_100)[:, None] / 44_100)
    file = io.BytesIO()
    soundfile.write(file, tones, 44_100, format="FLAC")
    samples = np.frombuffer(open_recording(file.getvalue(), "x").pcm, "<i2") / 32768
    left, right, centre, deep, *around = np.abs(np.fft.rfft(samples))[tones_hz]
    assert left == pytest.approx(right, rel=0.01)
    assert centre / left == pytest.approx(2 * HALF_POWER, rel=0.01)
    assert around == pytest.approx([left * HALF_POWER] * 2, rel=0.01)
    assert deep < left / 100


@pytest.mark.parametrize(
    ("kind", "said"),
    [("silent", "is silent"), ("nan", "no numbers"), ("long", "longer than 10 minutes"),
     ("bytes", "is not an audio file"), ("empty", "is not an audio file"),
     ("header", "breaks off")],
)  # fmt: skip
def test_a_recording_that_cannot_be_used(tmp_path, kind, said):
    """What is wrong is said in one sentence that names the recording."""
    path = tmp_path / ("x.flac" if kind == "long" else "x.wav")
    make_bad(kind, path)
    with pytest.raises(SoundError, match=f"^The recording mine .*{said}") as caught:
        open_recording(path.read_bytes(), "mine")
    assert caught.value.hint


# --- speech


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3", "OGG"])
def test_decode_speech_reads_every_kind(kind):
    """A reply in any of the four formats becomes a take of its rate and length."""
    speech = make_noise(1.0, 24_000)
    file = io.BytesIO()
    soundfile.write(file, speech, 24_000, format=kind)
    take = decode_speech(file.getvalue())
    assert take.rate_hz == 24_000
    samples = np.frombuffer(take.pcm, "<i2") / 32768
    assert len(samples) == pytest.approx(24_000, abs=1200)
    place = find_offset(samples, speech[4000:16_000])
    assert place == pytest.approx(4000, abs=1200)


def test_decode_speech_mixes_channels():
    """Two channels become their mean."""
    left, right = make_noise(0.5, 24_000, seed=1), make_noise(0.5, 24_000, seed=2)
    file = io.BytesIO()
    soundfile.write(file, np.stack([left, right], axis=1), 24_000, format="WAV")
    samples = np.frombuffer(decode_speech(file.getvalue()).pcm, "<i2") / 32768
    assert np.abs(samples - (left + right) / 2).max() < 1e-3


def test_decode_speech_starts_no_other_program():
    """A reply that only ffmpeg reads is refused: it comes from the network."""
    with pytest.raises(SoundError, match="The reply is not an audio file"):
        decode_speech(b"\0\0\0\x18ftypM4A " + bytes(2000))


@pytest.mark.parametrize("data", [b"", b"<html>", bytes(4000), b"\xff\xf3\x84\xc4" + b"\0" * 20])
def test_decode_speech_refuses(data):
    """Bytes that are not audio raise."""
    with pytest.raises(SoundError):
        decode_speech(data)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("edges_s", [(0.0, 0.0), (0.3, 0.5), (0.0, 1.0)])
@pytest.mark.parametrize("level", [1.0, 0.01])
def test_measure_take_finds_the_speech(rate_hz, edges_s, level):
    """The speech is found between its edges, with a margin of at most 30 ms."""
    speech = make_noise(1.0, rate_hz, seed=4) * level
    before, after = (np.zeros(round(s * rate_hz), np.float32) for s in edges_s)
    take = Take(to_pcm(np.concatenate([before, speech, after])), rate_hz)
    figures = measure_take(take)
    margin = 0.03 * rate_hz
    assert figures.samples == len(take.pcm) // 2
    assert max(0, len(before) - margin) <= figures.start <= len(before) + 0.01 * rate_hz
    end = len(before) + len(speech)
    assert end - 0.01 * rate_hz <= figures.end <= min(figures.samples, end + margin)
    assert len(unpack_lufs(figures.energies)) >= 10


def test_measure_take_ignores_the_noise_of_the_edges():
    """Noise 60 dB below the speech, as a codec leaves it, is trimmed."""
    noise = np.random.default_rng(1).normal(0, 0.0002, 48_000).astype(np.float32)
    noise[12_000:36_000] += make_noise(1.0, 24_000)
    figures = measure_take(Take(to_pcm(noise), 24_000))
    assert figures.start == pytest.approx(12_000, abs=800)
    assert figures.end == pytest.approx(36_000, abs=800)


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 24_000, 48_000])
def test_measure_take_finds_the_pauses(rate_hz):
    """Silences of 60 ms and more are found to 10 ms, shorter ones are part of speech."""
    lengths_s = [(0.4, 0.3), (0.5, 0.03), (0.3, 0.08), (0.6, 0.2)]
    parts, truth, at_s = [np.zeros(round(0.2 * rate_hz), np.float32)], [], 0.2
    for seed, (speech_s, silent_s) in enumerate(lengths_s):
        parts += [make_noise(speech_s, rate_hz, seed=seed), np.zeros(round(silent_s * rate_hz))]
        at_s += speech_s
        truth += [(at_s, at_s + silent_s)] if silent_s > 0.05 else []
        at_s += silent_s
    figures = measure_take(Take(to_pcm(np.concatenate(parts)), rate_hz))
    first, *pauses, last = np.array(figures.pauses) / rate_hz
    assert np.array(pauses) == pytest.approx(np.array(truth[:-1]), abs=0.011)
    assert (first[0], last[1]) == (figures.start / rate_hz, figures.end / rate_hz)
    assert first[1] == pytest.approx(0.2, abs=0.006)
    assert last[0] == pytest.approx(truth[-1][0], abs=0.006)


@pytest.mark.parametrize(
    "marks", [((0, 5), (3, 4)), ((3, 1), (3, 2)), ((0, 0), (4, 24_001)), ((-1, 0),), ((0, -1),)]
)
def test_measure_take_drops_marks_that_cannot_be(marks):
    """Marks that run backwards or out of the take are worth nothing, all of them."""
    pcm = to_pcm(make_noise(1.0, 24_000))
    assert measure_take(Take(pcm, 24_000, marks)).marks == ()
    good = ((0, 0), (4, 12_000), (9, 24_000))
    assert measure_take(Take(pcm, 24_000, good)).marks == good


@pytest.mark.parametrize("count", [0, 1, 24_000])
def test_measure_take_of_silence(count):
    """Without any sound nothing is found."""
    figures = measure_take(Take(bytes(2 * count), 24_000))
    assert figures.start == figures.end == 0
    assert figures.level_lufs == SILENCE_LUFS
    assert (figures.energies, figures.pauses) == (b"", ())


@pytest.mark.parametrize("seconds", [0.06, 0.15, 0.35, 0.5, 1.0, 3.0])
def test_the_level_of_a_take_is_fair_to_short_ones(seconds):
    """The same noise has the same level within 2 LU, be it a word or a sentence."""
    noise = make_noise(4.0, 24_000, seed=8)
    long = measure_take(Take(to_pcm(noise), 24_000)).level_lufs
    short = measure_take(Take(to_pcm(noise[: round(seconds * 24_000)]), 24_000)).level_lufs
    assert short == pytest.approx(long, abs=2.0)


# --- rates and lengths


@given(
    st.integers(0, 50_000),
    st.sampled_from([8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000]),
)
@settings(deadline=None, max_examples=count_examples(60))
def test_resample_gives_the_length_that_was_promised(count, rate_hz):
    """The stitcher's arithmetic and the resampler agree on every length."""
    for shape in (count, (count, 2)):
        resampled = resample(np.zeros(shape, np.float32), rate_hz, RATE_HZ)
        assert len(resampled) == scale_length(count, rate_hz, RATE_HZ)
        assert resampled.ndim == len(np.zeros(shape).shape)


def test_resample_keeps_the_place_of_a_click():
    """A click at one second stays at one second."""
    samples = np.zeros(48_000, np.float32)
    samples[24_000] = 1.0
    assert np.abs(resample(samples, 24_000, RATE_HZ)).argmax() == RATE_HZ


@given(st.integers(0, 10**9), st.sampled_from([8000, 22_050, 24_000, 96_000]))
def test_scale_length_rounds_halves_up(count, rate_hz):
    """It is the nearest whole number, computed without any float."""
    exact = count * RATE_HZ / rate_hz
    assert abs(scale_length(count, rate_hz, RATE_HZ) - exact) <= 0.5 + 1e-6


# --- rendering


def make_piece(key, *, at, samples, source="take", rate_hz=24_000, start=0, end=None, **options):
    end = start + samples * rate_hz // RATE_HZ if end is None else end
    fields = {"gain_db": 0.0, "fade_in_ms": 5, "fade_out_ms": 5} | options
    return Piece(
        source=source,
        key=key,
        rate_hz=rate_hz,
        start=start,
        end=end,
        at=at,
        samples=scale_length(end - start, rate_hz, RATE_HZ),
        **fields,
    )


@pytest.mark.parametrize("rate_hz", [22_050, 24_000, 44_100])
def test_render_block_places_takes_to_the_sample(rate_hz):
    """Two takes stand exactly where their pieces say, and nothing stands elsewhere."""
    takes = {f"t{n}": to_pcm(make_noise(0.8, rate_hz, seed=n)) for n in range(2)}
    start, end = rate_hz // 10, rate_hz // 2
    pieces = tuple(
        make_piece(f"t{n}", at=at, samples=0, rate_hz=rate_hz, start=start, end=end)
        for n, at in enumerate((1152, 30_001))
    )
    mix = render_block(Block(pieces, 1152 * 60), load_take=takes.__getitem__, sounds={})
    assert mix.shape == (1152 * 60,)
    silent = np.ones(len(mix), bool)
    for number, piece in enumerate(pieces):
        noise = make_noise(0.8, rate_hz, seed=number)[start:end]
        wanted = resample(noise, rate_hz, RATE_HZ)
        got = mix[piece.at : piece.at + piece.samples]
        edge = RATE_HZ // 100
        assert np.abs(got[edge:-edge] - wanted[edge:-edge]).max() < 2e-3
        assert np.abs(got[:3]).max() < 0.01
        assert np.abs(got[-3:]).max() < 0.01
        silent[piece.at : piece.at + piece.samples] = False
    assert not mix[silent].any()


def test_render_block_sets_gain_and_fades():
    """A gain is what it says, and a fade rises evenly from nothing."""
    sound = make_sound(1.0)
    piece = make_piece(
        sound.key, at=0, samples=44_100, source="sound", rate_hz=44_100, gain_db=-6.0206,
        fade_in_ms=500, fade_out_ms=100,
    )  # fmt: skip
    mix = render_block(Block((piece,), 44_100), load_take={}.__getitem__, sounds={sound.key: sound})
    music = np.frombuffer(sound.pcm, "<i2").reshape(-1, 2) / 32768
    assert mix.shape == (44_100, 2)
    np.testing.assert_allclose(mix[23_000:39_000], music[23_000:39_000] / 2, atol=1e-5)
    np.testing.assert_allclose(mix[11_025], music[11_025] / 4, atol=1e-5)
    np.testing.assert_allclose(mix[-2205], music[-2205] / 4, atol=1e-4)
    assert not mix[0].any()


def test_render_block_mixes_speech_into_both_channels():
    """Where music sounds, speech stands in the middle and both are summed."""
    sound = make_sound(1.0)
    speech = make_noise(0.5, 44_100, seed=9)
    pieces = (
        make_piece(sound.key, at=0, samples=44_100, source="sound", rate_hz=44_100),
        make_piece("t", at=10_000, samples=22_050, rate_hz=44_100),
    )
    render = {"load_take": {"t": to_pcm(speech)}.__getitem__, "sounds": {sound.key: sound}}
    both = render_block(Block(pieces, 1152 * 40), **render)
    music = render_block(Block(pieces[:1], 1152 * 40), **render)
    alone = render_block(Block(pieces[1:], 1152 * 40), **render)
    assert alone.ndim == 1
    np.testing.assert_allclose(both, music + alone[:, None], atol=1e-6)


def test_quantise_rounds_clips_and_spreads():
    """16 bit samples are rounded, clipped at full scale, and mixed or doubled as needed."""
    mono = np.array([0, 0.5, 1.5, -1.5, 1.4 / 32768], np.float32)
    assert np.frombuffer(quantise(mono, 1), "<i2").tolist() == [0, 16384, 32767, -32768, 1]
    pairs = np.frombuffer(quantise(mono, 2), "<i2").reshape(-1, 2)
    assert (pairs[:, 0] == pairs[:, 1]).all()
    stereo = np.array([[0.5, 0.25], [0.2, -0.2]], np.float32)
    assert np.frombuffer(quantise(stereo, 1), "<i2").tolist() == [12288, 0]


def test_decode_frames_gives_one_channel_when_both_are_the_same():
    """Speech in joint stereo comes back as one channel, music as two."""
    from tests.support.tones import encode_frames

    speech = np.zeros(1152 * 20, np.float32)
    speech[2000:12_000] = make_noise(1.0, 44_100)[:10_000]
    music = np.stack([speech, np.roll(speech, 500)], axis=1)
    for samples, shape in ((speech, (1152 * 20,)), (music, (1152 * 20, 2))):
        frames = encode_frames(
            quantise(samples, 2), rate_hz=44_100, channels=2, bitrate_kbps=128, quality=7
        )
        assert decode_frames(frames).shape[1:] == shape[1:]


def test_one_channel_from_two_speakers_is_3_db_louder():
    """The loudness of one channel becomes that of the same signal in both."""
    assert to_stereo_lufs((-20.0, -30.0)) == pytest.approx((-16.99, -26.99), abs=0.001)


def test_a_voice_of_noise_speaks_as_long_as_its_text():
    """The tests' own voice is what they take it for: trimmed to its speech."""
    figures = measure_take(ToneVoice().speak("Ten letters", language="en"))
    assert (figures.end - figures.start) / 24_000 == pytest.approx(0.6, abs=0.06)


def test_audio_of_any_length_comes_in_blocks(tmp_path):
    """Its rate and channels are told, and the blocks add up to the file."""
    path = tmp_path / "music.wav"
    left = write_music(path, seconds=25.0)
    rate_hz, channels, blocks = stream_audio(path)
    found = list(blocks)
    assert (rate_hz, channels) == (44_100, 2)
    assert [len(block) for block in found] == [441_000, 441_000, 220_500]
    assert np.abs(np.concatenate(found)[:, 0] - left).max() < 1e-3


@pytest.mark.parametrize("data", [b"", b"no audio", b"RIFF"])
def test_a_stream_that_is_no_audio_is_told(tmp_path, data):
    """A broken file is a SoundError and nothing else."""
    path = tmp_path / "x.mp3"
    path.write_bytes(data)
    with pytest.raises(SoundError, match="can be read"):
        stream_audio(path)
