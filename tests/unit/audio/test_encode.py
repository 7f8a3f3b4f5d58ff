"""The finished file, decoded and measured; and what is encoded anew, and when."""

import io
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec
import numpy as np
import pyloudnorm
import pytest
import soundfile
from tests.support.tones import (
    ToneVoice,
    find_offset,
    join_file,
    make_noise,
    make_script,
    make_segment,
    make_sound,
    store_takes,
    to_pcm,
)

from reviewcast.audio import encode as encode_module
from reviewcast.audio.encode import Encoder, encode_timeline
from reviewcast.audio.limiter import measure_true_peak
from reviewcast.audio.master import master_timeline
from reviewcast.audio.measure import measure_take
from reviewcast.audio.mp3.frames import level_change_db
from reviewcast.audio.samples import RATE_HZ, resample
from reviewcast.audio.timeline import stitch_takes
from reviewcast.model.audio import Sounds, StoredTake, Take
from reviewcast.model.errors import ConfigError, StorageError
from reviewcast.model.events import ignore_events
from reviewcast.settings.schema import EncodeSettings, MasterSettings, StitchSettings
from reviewcast.system.cache import Cache
from reviewcast.system.keys import hash_key

SOUNDS = Sounds(make_sound(3.0, seed=1), make_sound(2.5, seed=2), make_sound(1.0, seed=3))
SCRIPT = make_script(
    ["The title of it", "Here is the first sentence of the review", "A second one comes"],
    ["Then a chapter with a heading", "Yes", "It goes on for a while like this"],
    ["And the last chapter", "It ends like this"],
)
LONG_SCRIPT = make_script(
    [f"The {n} sentence is as long as the sentences of a review mostly are, so it takes a while"
     for n in ("first", "second", "third", "fourth")],
    [f"The {n} sentence of the second chapter is not shorter than those of the first chapter"
     for n in ("first", "second", "third", "last")],
)  # fmt: skip
FAST = EncodeSettings(quality=7)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def lay(cache, script=SCRIPT, sounds=SOUNDS, **settings):
    takes = store_takes(script, cache.takes)
    return stitch_takes(
        script, takes, sounds, StitchSettings(**{"sting_chapters_s": 0.0, **settings})
    )


def encode(
    cache, timeline, settings=FAST, *, master=None, executor=None, ahead=4, sounds=SOUNDS, **options
):
    gain = master_timeline(
        timeline,
        master or MasterSettings(),
        codec_change_db=level_change_db(settings.kbps),
    )
    with ThreadPoolExecutor(2) as threads:
        encoder = Encoder(
            gain,
            settings,
            store=cache.blocks,
            load_take=cache.takes.load,
            sounds=sounds.list_all(),
            executor=executor or threads,
            force=options.pop("force", False),
        )
        notify = options.pop("notify", ignore_events)
        return encode_timeline(timeline, encoder, ahead=ahead, notify=notify, **options)


def decode(data):
    samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    assert rate_hz == RATE_HZ
    return samples


# --- what a listener gets


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("under_s", [0.0, 1.0])
def test_every_cue_is_heard_where_it_should_be(cache, channels, under_s):
    """In the decoded file each text's own noise stands within 1 ms of its cue."""
    timeline = lay(cache, intro_under_s=under_s, outro_under_s=under_s)
    audio = encode(cache, timeline, EncodeSettings(channels=channels, quality=7))
    decoded = decode(join_file(audio, cache.blocks))[:, 0]
    for cue, segment in zip(timeline.cues, SCRIPT.segments, strict=True):
        speech = resample(ToneVoice().make_speech(segment.spoken), ToneVoice.rate_hz, RATE_HZ)
        low = max(0, cue.start - RATE_HZ // 2)
        place = low + find_offset(decoded[low : cue.end + RATE_HZ // 2], speech)
        take = ToneVoice().speak(segment.spoken, language="en")
        trimmed_s = ToneVoice.edge_s - measure_take(take).start / take.rate_hz
        assert place - trimmed_s * RATE_HZ == pytest.approx(cue.start, abs=RATE_HZ / 1000)


def test_chapters_begin_where_their_sting_does(cache):
    """In the decoded file the sting stands within 1 ms of the chapter's start."""
    timeline = lay(cache)
    decoded = decode(join_file(encode(cache, timeline), cache.blocks))[:, 0]
    sting = np.frombuffer(SOUNDS.sting.pcm, "<i2").reshape(-1, 2)[:, 0] / 32768
    for chapter in timeline.chapters[1:]:
        low = chapter.start - RATE_HZ // 4
        place = low + find_offset(decoded[low : chapter.start + 2 * RATE_HZ], sting)
        assert place == pytest.approx(chapter.start, abs=RATE_HZ / 1000)


@pytest.mark.parametrize("channels", [1, 2])
def test_length_is_that_of_the_decoded_samples(cache, channels):
    """`samples` counts what a decoder gives, to the sample."""
    audio = encode(cache, lay(cache), EncodeSettings(channels=channels, quality=7))
    assert decode(join_file(audio, cache.blocks)).shape == (audio.samples, channels)


@pytest.mark.parametrize(
    ("settings", "lufs"),
    [
        (EncodeSettings(quality=7), -16),
        (EncodeSettings(bitrate_kbps=320, quality=7), -16),
        (EncodeSettings(channels=1, quality=7), -19),
        (EncodeSettings(channels=1, bitrate_kbps=64, quality=7), -19),
    ],
    ids=lambda value: f"{value.channels}x{value.kbps}" if isinstance(value, EncodeSettings) else "",
)
@pytest.mark.parametrize("sounds", [SOUNDS, Sounds()], ids=["music", "speech"])
def test_loudness_and_true_peak_of_the_finished_file(cache, settings, lufs, sounds):
    """An independent meter finds the loudness within 0.3 LU, and no true peak over -1 dB."""
    audio = encode(cache, lay(cache, LONG_SCRIPT, sounds), settings, sounds=sounds)
    decoded = decode(join_file(audio, cache.blocks))
    measured = pyloudnorm.Meter(RATE_HZ).integrated_loudness(decoded)
    assert measured == pytest.approx(lufs, abs=0.3)
    assert audio.loudness.integrated_lufs == pytest.approx(measured, abs=0.1)
    assert measure_true_peak(decoded) <= -1.0
    assert audio.loudness.true_peak_dbtp == pytest.approx(measure_true_peak(decoded), abs=0.01)


@pytest.mark.parametrize(("lufs", "peak_dbtp"), [(-8.0, -3.0), (-14.0, -12.0), (-30.0, 0.0)])
def test_the_ceiling_holds_however_loud(cache, lufs, peak_dbtp):
    """Even far too loud a target leaves the true peaks of the decoded file under the ceiling."""
    master = MasterSettings(loudness_lufs=lufs, true_peak_dbtp=peak_dbtp)
    audio = encode(cache, lay(cache), master=master)
    decoded = decode(join_file(audio, cache.blocks))
    assert measure_true_peak(decoded) <= peak_dbtp
    assert audio.loudness.true_peak_dbtp <= peak_dbtp


def test_speech_is_equally_loud_however_loud_it_was_spoken(cache):
    """The takes' own levels differ by up to 20 dB; in the file by less than 1.5 dB."""
    timeline = lay(cache, sounds=Sounds())
    decoded = decode(join_file(encode(cache, timeline), cache.blocks))[:, 0]
    levels = [20 * np.log10(decoded[cue.start : cue.end].std()) for cue in timeline.cues]
    assert max(levels) - min(levels) < 1.5


def test_no_silence_of_three_seconds(cache):
    """In the finished file nothing is silent for long."""
    decoded = decode(join_file(encode(cache, lay(cache)), cache.blocks))
    heard = np.flatnonzero(np.abs(decoded).max(axis=1) > 1e-4)
    assert np.diff(heard).max() < 3 * RATE_HZ
    assert heard[0] < RATE_HZ // 2
    assert len(decoded) - heard[-1] < RATE_HZ


def test_an_episode_of_one_word(cache):
    """One word without any music is a whole file of the right loudness."""
    script = make_script(["Yes"])
    audio = encode(cache, lay(cache, script, Sounds()), sounds=Sounds())
    decoded = decode(join_file(audio, cache.blocks))
    assert len(decoded) == audio.samples
    assert np.abs(decoded).max() > 0.05
    assert measure_true_peak(decoded) <= -1


def test_a_whisper_and_a_shout_are_held(cache):
    """Square waves at full scale and takes near silence neither fail nor go over the ceiling."""
    script = make_script(["Whisper", "Shout"])
    whisper = np.concatenate([np.zeros(2000), make_noise(1.0, 24_000) * 0.003])
    shout = np.sign(np.sin(np.arange(24_000) / 20))
    takes = []
    for segment, samples in zip(script.segments, (whisper, shout), strict=True):
        take = Take(to_pcm(samples), 24_000)
        cache.takes.put(hash_key(segment.text), measure_take(take), take.pcm)
        takes.append(StoredTake(hash_key(segment.text), measure_take(take)))
    timeline = stitch_takes(script, tuple(takes), Sounds(), StitchSettings())
    decoded = decode(join_file(encode(cache, timeline, sounds=Sounds()), cache.blocks))
    assert measure_true_peak(decoded) <= -1


# --- same bytes, nothing twice


def test_same_bytes_whatever_the_threads(cache, tmp_path):
    """One thread and four, a cold and a warm store: the same file."""
    files = []
    for threads in (1, 4):
        store = Cache(tmp_path / str(threads))
        with ThreadPoolExecutor(threads) as executor:
            for _ in range(2):
                audio = encode(store, lay(store), executor=executor, ahead=2 * threads)
                files.append(join_file(audio, store.blocks))
    assert len(set(files)) == 1


def test_a_second_run_encodes_nothing(cache, monkeypatch):
    """All blocks are reused, and equal blocks within one run are made once."""
    script = make_script(["Same words", "Same words", "Other words", "Last words"])
    first = encode(cache, lay(cache, script, Sounds()), sounds=Sounds())
    monkeypatch.setattr(encode_module, "make_block", None)
    again = encode(cache, lay(cache, script, Sounds()), sounds=Sounds())
    assert not any(block.reused for block in first.blocks)
    assert all(block.reused for block in again.blocks)
    assert first.blocks[0].key == first.blocks[1].key
    assert join_file(first, cache.blocks) == join_file(again, cache.blocks)


def test_force_encodes_everything_anew(cache):
    """With force nothing counts as reused, and the bytes are the same."""
    first = encode(cache, lay(cache))
    again = encode(cache, lay(cache), force=True)
    assert not any(block.reused for block in again.blocks)
    assert [b.key for b in first.blocks] == [b.key for b in again.blocks]


def test_one_changed_sentence_makes_one_block(cache):
    """After a change of one text all blocks but one are reused."""
    encode(cache, lay(cache))
    segments = list(SCRIPT.segments)
    segments[5] = make_segment(5, "It goes on for a while like that", chapter=1)
    script = msgspec.structs.replace(SCRIPT, segments=tuple(segments))
    audio = encode(cache, lay(cache, script))
    assert sum(not block.reused for block in audio.blocks) == 1


def test_an_inserted_sentence_makes_one_block(cache):
    """A new sentence moves all that follows, and still only one block is made."""
    encode(cache, lay(cache))
    segments = [*SCRIPT.segments[:2], make_segment(2, "This is new"), *SCRIPT.segments[2:]]
    segments = [msgspec.structs.replace(s, index=n) for n, s in enumerate(segments)]
    audio = encode(cache, lay(cache, msgspec.structs.replace(SCRIPT, segments=tuple(segments))))
    assert sum(not block.reused for block in audio.blocks) == 1


@pytest.mark.parametrize(
    "settings",
    [
        EncodeSettings(quality=5),
        EncodeSettings(quality=7, bitrate_kbps=160),
        EncodeSettings(quality=7, channels=1),
    ],
)
def test_other_settings_make_other_blocks(cache, settings):
    """Quality, bit rate and channels are part of the key."""
    first = encode(cache, lay(cache))
    other = encode(cache, lay(cache), settings)
    assert not {b.key for b in first.blocks} & {b.key for b in other.blocks}


def test_a_stated_default_and_the_threads_make_the_same_blocks(cache):
    """128 kb/s is the same whether said or not; how many threads there are changes nothing."""
    encode(cache, lay(cache))
    settings = EncodeSettings(quality=7, bitrate_kbps=128, threads=3)
    assert all(block.reused for block in encode(cache, lay(cache), settings).blocks)


def list_entries(cache):
    return sorted((cache.folder / "blocks").glob("*/*"))


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "gone", "other"])
def test_a_damaged_block_is_made_again(cache, damage):
    """An entry that was cut, changed, emptied, lost or swapped is a miss, never heard."""
    wanted = join_file(encode(cache, lay(cache)), cache.blocks)
    entry, neighbour = list_entries(cache)[:2]
    data = entry.read_bytes()
    if damage == "gone":
        entry.unlink()
    else:
        broken = {
            "cut": data[: len(data) // 2],
            "flip": data[:-100] + bytes([data[-100] ^ 1]) + data[-99:],
            "empty": b"",
            "other": neighbour.read_bytes(),
        }
        entry.write_bytes(broken[damage])
    audio = encode(cache, lay(cache))
    assert sum(not block.reused for block in audio.blocks) == 1
    assert join_file(audio, cache.blocks) == wanted


# --- order, memory, failure


class Counting:
    """An executor that runs a job only when its result is asked for, and counts."""

    def __init__(self):
        self.waiting = 0
        self.most = 0

    def submit(self, work, *args, **options):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        counter = self

        class Lazy(Future):
            def result(self, timeout=None):
                if not self.done():
                    counter.waiting -= 1
                    self.set_result(work(*args, **options))
                return super().result(timeout)

        return Lazy()


@pytest.mark.parametrize("ahead", [1, 3])
def test_few_blocks_are_in_flight(cache, ahead):
    """However many blocks there are, only a bounded number is started at once."""
    script = make_script([f"Sentence number {n}" for n in range(12)])
    executor = Counting()
    audio = encode(
        cache, lay(cache, script, Sounds()), sounds=Sounds(), executor=executor, ahead=ahead
    )
    assert len(audio.blocks) == 12
    assert executor.most <= ahead + 1
    assert executor.waiting == 0


def test_a_failing_block_stops_the_rest(cache):
    """When a take is gone the error comes through, and what has not begun never begins."""
    timeline = lay(cache, make_script([f"Sentence number {n}" for n in range(12)]), Sounds())
    begun = []

    def load(key):
        begun.append(key)
        raise StorageError("It is gone.")

    gate = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(gate.wait)
        threading.Timer(0, gate.set).start()
        with pytest.raises(StorageError, match="gone"):
            encoder = Encoder(
                master_timeline(timeline, MasterSettings(), codec_change_db=0.0),
                FAST,
                store=cache.blocks,
                load_take=load,
                sounds=(),
                executor=executor,
            )
            encode_timeline(timeline, encoder, ahead=2, notify=ignore_events)
    assert 1 <= len(begun) <= 4


def test_progress_is_told(cache):
    """The last event says that all blocks are done."""
    events = []
    audio = encode(cache, lay(cache), notify=events.append)
    assert [event.done for event in events] == sorted(event.done for event in events)
    assert events[-1].done == events[-1].total == len(audio.blocks)


@pytest.mark.parametrize(
    "options",
    [
        {"channels": 3},
        {"bitrate_kbps": 100},
        {"channels": 2, "bitrate_kbps": 64},
        {"channels": 1, "bitrate_kbps": 320},
        {"quality": 10},
        {"threads": -1},
    ],
)
def test_settings_that_cannot_be_are_refused(options):
    """A format that LAME would not give as asked is refused."""
    with pytest.raises(ConfigError):
        EncodeSettings(**options)
