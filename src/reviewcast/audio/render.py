"""The sounding half of the job: a timeline becomes the bytes of an MP3."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import pairwise

from msgspec import structs

from reviewcast.audio.encode import Encoder, encode_timeline
from reviewcast.audio.files.decode import decode_frames
from reviewcast.audio.loudness import gate_loudness, measure_energies, pick_whole, to_stereo_lufs
from reviewcast.audio.master import correct_gain, master_timeline
from reviewcast.audio.mp3.frames import build_info_frame, find_level_change_db
from reviewcast.audio.mp3.joins import can_join, join_blocks, measure_joined
from reviewcast.audio.music import merge_blocks
from reviewcast.model.audio import EncodedAudio, Gain, Sounds, Timeline
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.system.cache import Cache
from reviewcast.system.programs import count_cores

_MOST_CORRECTIONS = 5
_SHORT_S = 60


def render(
    timeline: Timeline,
    sounds: Sounds,
    run: Run,
    *,
    gain: Gain | None = None,
    encoded: set[str] | None = None,
) -> EncodedAudio:
    """Master, encode and measure a timeline on all cores; `gain` is that of the whole of a part.

    While it misses its loudness, it is encoded with another gain. The keys of what is encoded are
    added to `encoded`: when this is tried again, it is not taken for what was there before.
    """
    encoded = set[str]() if encoded is None else encoded
    threads = run.settings.encode.threads or run.cores or count_cores()
    with ThreadPoolExecutor(threads) as executor:
        encode = partial(
            _encode, timeline, sounds, run, executor=executor, ahead=2 * threads, encoded=encoded
        )
        chosen = gain or find_gain(timeline, run.settings)
        audio = encode(chosen)
        before = None
        for _ in range(0 if gain else _MOST_CORRECTIONS):
            better = correct_gain(
                chosen,
                audio.loudness.integrated_lufs,
                run.settings.master,
                channels=run.settings.encode.channels,
                before=before,
            )
            if better == chosen:
                break
            before, chosen = (chosen, audio.loudness.integrated_lufs), better
            audio = encode(chosen)
        return audio


def _encode(
    timeline: Timeline,
    sounds: Sounds,
    run: Run,
    gain: Gain,
    *,
    executor: Executor,
    ahead: int,
    encoded: set[str],
) -> EncodedAudio:
    """Encode a timeline; blocks that cannot be joined within sound become one."""
    encoder = Encoder(
        gain,
        run.settings.encode,
        store=run.cache.blocks,
        load_take=run.cache.takes.load,
        sounds=sounds.list_all(),
        executor=executor,
        force=run.force,
        encoded=encoded,
    )
    while True:
        audio = encode_timeline(timeline, encoder, ahead=ahead, notify=run.notify)
        joints = [block.figures.joint for block in audio.blocks]
        apart = [n for n, pair in enumerate(pairwise(joints)) if not can_join(*pair)]
        if not apart:
            return _measure_short(audio, run.cache)
        blocks = list(timeline.blocks)
        for number in reversed(apart):
            blocks[number : number + 2] = [merge_blocks(*blocks[number : number + 2])]
        timeline = structs.replace(timeline, blocks=tuple(blocks))


def _measure_short(audio: EncodedAudio, cache: Cache) -> EncodedAudio:
    """Measure a short file as a whole: of few windows, it matters where each begins."""
    if audio.samples > _SHORT_S * audio.rate_hz:
        return audio
    samples = decode_frames(b"".join(list_frames(audio, cache)))
    energies = measure_energies(samples, audio.rate_hz)
    whole = pick_whole(energies, len(samples), audio.rate_hz)
    is_spread = samples.ndim == 1 and audio.channels == 2
    lufs = gate_loudness(to_stereo_lufs(whole) if is_spread else whole)
    loudness = structs.replace(audio.loudness, integrated_lufs=round(lufs, 2))
    return structs.replace(audio, loudness=loudness)


def find_gain(timeline: Timeline, config: Config) -> Gain:
    """Find the gain that brings a timeline to the loudness of the settings."""
    return master_timeline(
        timeline,
        config.master,
        codec_change_db=find_level_change_db(config.encode),
    )


def list_frames(audio: EncodedAudio, cache: Cache) -> Iterator[bytes]:
    """Return an MP3 in pieces: the Info frame, then each block's frames."""
    joined = measure_joined(block.figures.joint for block in audio.blocks)
    yield build_info_frame(
        frames=joined.frames,
        size_bytes=joined.size_bytes,
        rate_hz=audio.rate_hz,
        channels=audio.channels,
        bitrate_kbps=audio.bitrate_kbps,
        vbr_quality=audio.vbr_quality,
        offsets=joined.offsets if audio.vbr_quality is not None else (),
        music_crc=joined.music_crc,
    )
    yield from join_blocks(
        (block.figures.joint, cache.blocks.load(block.key)) for block in audio.blocks
    )
