"""WAV, FLAC and stems: where the MP3 is to the sample, as loud, and written whole or not at all."""

import io
import os
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyloudnorm
import pytest
import soundfile
from msgspec.structs import replace
from tests.support.program import Program
from tests.support.tones import find_offset, make_script, make_sound, store_takes

from reviewcast.audio.files.encode import open_flac
from reviewcast.audio.files.sounds import make_loop, make_room_tone
from reviewcast.audio.limiter import measure_true_peak
from reviewcast.audio.mix import render_block
from reviewcast.audio.mp3.frames import find_level_change_db
from reviewcast.audio.render import list_frames, render
from reviewcast.audio.samples import RATE_HZ
from reviewcast.audio.timeline import stitch_takes
from reviewcast.episode.export import build_wave_header, export_audio, place_exports
from reviewcast.model.audio import EncodedAudio, Sounds
from reviewcast.model.errors import StorageError
from reviewcast.model.events import ignore_events
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config, EncodeSettings, MasterSettings, StitchSettings
from reviewcast.system.cache import Cache

SCRIPT = make_script(
    ["The title of it", "Here is the first sentence of the review", "A second one comes"],
    ["Then a chapter with a heading", "Yes", "It goes on for a while like this"],
    ["And the last chapter", "It ends like this"],
)
MUSIC = Sounds(make_sound(3.0, seed=1), make_sound(2.5, seed=2), make_sound(1.0, seed=3))
BEDDED = replace(MUSIC, bed=make_loop(make_sound(8.0, seed=4)), tone=make_room_tone())
TONE = StitchSettings(room_tone_db=-55.0, sting_chapters_s=0.0)
LSB = 2.0**-23


@dataclass(frozen=True)
class Made:
    """An episode that was encoded, and what it was made of."""

    audio: EncodedAudio
    cache: Cache
    sounds: Sounds
    encode: EncodeSettings

    def export(self, folder, *formats):
        """Write formats into a folder; return the samples of each file."""
        folder.mkdir(exist_ok=True)
        places = place_exports(folder / "x.mp3", formats)
        export_audio(
            self.audio,
            places,
            load_take=self.cache.takes.load,
            sounds=self.sounds.list_all(),
            level_change_db=find_level_change_db(self.encode),
            notify=ignore_events,
        )
        return {name: read(path) for name, path in places.items()}

    def decode(self):
        """Decode the MP3."""
        return read(io.BytesIO(b"".join(list_frames(self.audio, self.cache))))


def read(file):
    samples, rate_hz = soundfile.read(file, dtype="float32", always_2d=True)
    assert rate_hz == RATE_HZ
    return samples


def make(folder, sounds=MUSIC, *, master=None, **encode):
    """Encode the script; its gain and its blocks are found as in a build."""
    cache = Cache(folder / "cache")
    settings = EncodeSettings(**{"quality": 7, **encode})
    timeline = stitch_takes(SCRIPT, store_takes(SCRIPT, cache.takes), sounds, TONE)
    config = Config(encode=settings, master=master or MasterSettings())
    audio = render(timeline, sounds, Run(settings=config, cache=cache))
    return Made(audio, cache, sounds, settings)


@pytest.mark.parametrize(
    ("sounds", "encode"),
    [
        (MUSIC, {}),
        (MUSIC, {"channels": 1}),
        (MUSIC, {"bitrate_kbps": 320}),
        (BEDDED, {}),
        (BEDDED, {"mode": "vbr", "vbr_quality": 2}),
    ],
    ids=["stereo", "mono", "320 kb/s", "bed", "bed VBR"],
)
def test_a_wav_is_the_mp3_before_coding(tmp_path, sounds, encode):
    """It has the MP3's length, level and place to the sample; what differs is the codec's noise."""
    made = make(tmp_path, sounds, **encode)
    wav, mp3 = made.export(tmp_path / "out", "wav")["wav"], made.decode()
    assert wav.shape == mp3.shape == (made.audio.samples, made.encode.channels)
    length = 2 * RATE_HZ
    for start in range(0, len(wav) - length, length):
        window = wav[start + 2000 : start + length - 2000, 0]
        if np.abs(window).max() > 0.01:
            assert find_offset(mp3[start : start + length, 0], window) == 2000, start
    level_db = 20 * np.log10((mp3 * wav).sum() / (wav**2).sum())
    assert abs(level_db) < 0.01
    noise_db = 10 * np.log10(((mp3 - wav) ** 2).sum() / (wav**2).sum())
    assert noise_db < -30
    assert measure_true_peak(wav) <= -1.0


@pytest.mark.parametrize(
    ("channels", "kbps"),
    [
        *((2, kbps) for kbps in (112, 128, 160, 192, 224, 256, 320)),
        *((1, kbps) for kbps in (64, 80, 96, 112, 128, 160)),
    ],
)
def test_speech_is_as_loud_as_the_wav_at_every_bit_rate(tmp_path, channels, kbps):
    """Each block of speech, by an independent meter, within 0.02 dB however LAME turns it down.

    At 64 kb/s what the codec adds to noise like this is 0.025 dB by itself.
    """
    made = make(tmp_path, Sounds(), channels=channels, bitrate_kbps=kbps)
    wav, mp3 = made.export(tmp_path / "out", "wav")["wav"], made.decode()
    meter = pyloudnorm.Meter(RATE_HZ)
    start = compared = 0
    off_db = 0.02 if kbps > 64 else 0.03
    for block in made.audio.blocks:
        own = slice(start, start + block.block.samples)
        start += block.block.samples
        if len(wav[own]) < RATE_HZ // 2:
            continue  # shorter than the meter's window
        wanted = meter.integrated_loudness(wav[own])
        assert meter.integrated_loudness(mp3[own]) == pytest.approx(wanted, abs=off_db)
        compared += 1
    assert compared > 4


@pytest.mark.parametrize("channels", [1, 2])
def test_the_sum_of_the_stems_is_the_mix(tmp_path, channels):
    """Speech and music add to the mix before the limiter, also above full scale."""
    made = make(tmp_path, BEDDED, channels=channels, master=MasterSettings(loudness_lufs=-8.0))
    stems = made.export(tmp_path / "out", "stems")
    opened = {sound.key: sound for sound in made.sounds.list_all()}
    mixes = []
    for block in made.audio.blocks:
        mix = render_block(block.block, load_take=made.cache.takes.load, sounds=opened)
        lead = block.block.lead * 1152
        mix = mix[lead : lead + block.block.samples]
        mix = np.stack([mix, mix], axis=1) if mix.ndim == 1 else mix
        mixes.append(mix if channels == 2 else mix.mean(axis=1, keepdims=True))
    gain_db = made.audio.gain_db + find_level_change_db(made.encode)
    mix = np.concatenate(mixes)[: made.audio.samples].astype(float) * 10 ** (gain_db / 20)
    assert np.abs(mix).max() > 1.2  # so it would be cut in whole numbers
    assert stems["speech"].shape == stems["music"].shape == mix.shape
    speech, music = stems["speech"].astype(float), stems["music"].astype(float)
    wrong = np.abs(speech + music - mix) / np.maximum(1, np.abs(speech) + np.abs(music))
    # each of these is rounded to 24 bits: two sums of pieces and one of channels in the mix,
    # a sum of pieces, one of channels and the gain in the stems
    assert wrong.max() <= 6 * LSB / 2


def test_where_no_peak_is_limited_the_stems_are_the_wav(tmp_path):
    """They add to it within one step of its 24 bits, and a FLAC holds the same samples."""
    made = make(tmp_path, BEDDED, master=MasterSettings(loudness_lufs=-30.0))
    files = made.export(tmp_path / "out", "wav", "flac", "stems")
    assert np.abs(files["speech"] + files["music"] - files["wav"]).max() <= LSB
    assert (files["flac"] == files["wav"]).all()
    assert soundfile.info(tmp_path / "out" / "x.flac").subtype == "PCM_24"
    assert soundfile.info(tmp_path / "out" / "x.wav").subtype == "PCM_24"
    assert soundfile.info(tmp_path / "out" / "x.music.wav").subtype == "FLOAT"


def test_stems_hold_nothing_of_each_other(tmp_path):
    """Without a bed there is digital silence in one where the other alone sounds."""
    stems = make(tmp_path).export(tmp_path / "out", "stems")
    speech, music = (np.abs(stems[name]).max(axis=1) for name in ("speech", "music"))
    assert speech[: 2 * RATE_HZ // 2].max() == 0  # the intro alone
    assert music[: 2 * RATE_HZ // 2].max() > 0.01
    spoken = speech > 0.02
    assert (music[spoken] == 0).mean() > 0.5  # all but the words that the music goes under
    assert music.max() > 0.02


def test_same_bytes_whatever_the_threads_and_the_stores(tmp_path):
    """One thread and four, cold and from the stores: the same files."""
    one = make(tmp_path / "one", BEDDED, threads=1)
    four = make(tmp_path / "four", BEDDED, threads=4)
    again = make(tmp_path / "four", BEDDED, threads=4)
    assert all(block.reused for block in again.audio.blocks)
    for number, made in enumerate((one, four, again)):
        made.export(tmp_path / f"out{number}", "wav", "flac", "stems")
    folders = [sorted((tmp_path / f"out{number}").iterdir()) for number in range(3)]
    assert [file.name for file in folders[0]] == ["x.flac", "x.music.wav", "x.speech.wav", "x.wav"]
    for one_folder, other in pairwise(folders):
        for file, same in zip(one_folder, other, strict=True):
            assert file.read_bytes() == same.read_bytes(), file.name


@pytest.mark.parametrize("channels", [1, 2])
def test_files_that_are_written_apart_are_those_written_together(tmp_path, channels):
    """No file depends on which others are asked for."""
    made = make(tmp_path, channels=channels)
    made.export(tmp_path / "together", "wav", "flac", "stems")
    for name in ("wav", "flac", "stems"):
        made.export(tmp_path / "apart", name)
    for file in (tmp_path / "together").iterdir():
        assert file.read_bytes() == (tmp_path / "apart" / file.name).read_bytes()


def test_chunks_of_a_wav_begin_on_even_bytes(tmp_path):
    """An odd count of bytes, as of mono, is followed by one more that counts in RIFF alone."""
    made = make(tmp_path, channels=1)
    assert made.audio.samples % 2
    made.export(tmp_path / "out", "wav")
    data = (tmp_path / "out" / "x.wav").read_bytes()
    assert len(data) % 2 == 0
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert int.from_bytes(data[40:44], "little") == made.audio.samples * 3 == len(data) - 45


@pytest.mark.parametrize(("width", "hours"), [(3, 4.4), (3, 4.6), (4, 3.3), (4, 3.5), (4, 11.0)])
def test_a_wav_over_4_gb_is_rf64(tmp_path, width, hours):
    """A reader finds every sample of a file of any size; it is held sparse here."""
    samples = round(hours * 3600 * RATE_HZ)
    header = build_wave_header(RATE_HZ, 2, width, samples, is_float=width == 4)
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + samples * 2 * width)
    is_long = path.stat().st_size - 8 > 0xFFFFFFFE
    assert header[:4] == (b"RF64" if is_long else b"RIFF")
    info = soundfile.info(path)
    assert (info.frames, info.channels, info.samplerate) == (samples, 2, RATE_HZ)


def test_a_run_that_fails_leaves_the_old_files(tmp_path):
    """A take that is gone stops it; each file is the old one, and nothing lies beside it."""
    made = make(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    names = ["x.flac", "x.music.wav", "x.speech.wav", "x.wav"]
    for name in names:
        (out / name).write_bytes(b"old")
    last = made.audio.blocks[-1].block.pieces[0].key
    path = next((tmp_path / "cache" / "takes").rglob(f"{last}*"))
    path.unlink()
    with pytest.raises(StorageError):
        made.export(out, "wav", "flac", "stems")
    assert sorted(os.listdir(out)) == names
    assert all((out / name).read_bytes() == b"old" for name in names)


@pytest.mark.parametrize("room", [0, 100, 20_000])
def test_a_full_disk_is_told_of_by_flac_too(room, capfd):
    """What libsndfile cannot pass on is raised, whether it comes early or at the end."""

    class Full(io.BytesIO):
        def write(self, data):
            if self.tell() + len(data) > room:
                raise OSError(28, "No space left on device")
            return super().write(data)

    noise = np.random.default_rng(1).integers(-(2**31), 2**31, (5000, 2)).astype(np.int32)
    with pytest.raises(OSError, match="No space"), open_flac(Full(), 2) as write:
        write(noise)
    assert capfd.readouterr() == ("", "")


# --- as users ask for it


REVIEW = "# A short one\n\nIt begins.\n\n## More\n\nIt goes on, and then it ends well.\n"


@pytest.fixture
def program(tmp_path):
    (tmp_path / "short.md").write_text(REVIEW, encoding="utf-8")
    return Program(tmp_path / "cache")


def build(program, folder, *options):
    arguments = ("build", folder / "short.md", "--voice", "espeak", "--json", *options)
    return program.run(*arguments)


def test_build_writes_formats_beside_the_mp3(program, tmp_path):
    """--format may be given several times; --json names the files, and the record does not."""
    episode = build(program, tmp_path, "--format", "wav", "--format", "stems").episode
    stem = tmp_path / "short"
    assert episode["files"] == {
        "wav": f"{stem}.wav",
        "speech": f"{stem}.speech.wav",
        "music": f"{stem}.music.wav",
    }
    for path in (episode["path"], *episode["files"].values()):
        assert soundfile.info(path).duration == pytest.approx(episode["duration_s"], abs=1e-6)
    assert (episode["rate_hz"], episode["channels"], episode["bitrate_kbps"]) == (44100, 2, 128)
    assert episode["voices"] == {"espeak": episode["segments"]}
    assert episode["voiced_segments"] == list(range(episode["segments"]))


def test_the_mp3_is_always_made_and_alone_by_default(program, tmp_path):
    """--format mp3 asks for what is made anyway."""
    episode = build(program, tmp_path, "--format", "mp3").episode
    assert episode["files"] == {}
    assert not list(tmp_path.glob("*.wav"))
    assert (tmp_path / "short.mp3").is_file()


def test_a_plan_writes_no_format(program, tmp_path):
    """--plan with --format or --report is refused, as nothing would come of these."""
    for options in (("--format", "wav"), ("--report", tmp_path / "report.html")):
        result = build(program, tmp_path, "--plan", *options)
        assert result.code == 2
        assert "--plan" in result.err


def test_a_folder_in_the_way_is_told_before_any_work(program, tmp_path):
    """Nothing is spoken when a format cannot be written."""
    (tmp_path / "short.wav").mkdir()
    result = build(program, tmp_path, "--format", "wav")
    assert result.code == 6
    assert "short.wav is a folder" in result.err
    assert not (tmp_path / "short.mp3").exists()
