"""Blocks become MP3 frames, each once."""

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import chain

import msgspec
from msgspec import Struct

from reviewcast.cache import Store, hash_key
from reviewcast.errors import ConfigError, SoundError
from reviewcast.events import Notify, Progressed
from reviewcast.loudness import gate_loudness, limit_peaks, measure_energies, measure_true_peak
from reviewcast.model import (
    Block,
    BlockFigures,
    EncodedAudio,
    EncodedBlock,
    Gain,
    Loudness,
    Sound,
    Timeline,
)
from reviewcast.mp3 import FRAME_SAMPLES, count_samples, encode_frames, level_change_db
from reviewcast.sound import RATE_HZ, decode_frames, quantise, render_block, to_stereo_lufs

_FORMAT = "block 1"
_BITRATES_KBPS = {1: (64, 80, 96, 112, 128, 160), 2: (112, 128, 160, 192, 224, 256, 320)}
_CODEC_PEAK_DB = 0.3
"""How far coding lifts peaks above what LAME's own change of level leaves; more is found out."""
_MOST_TRIES = 6


class EncodeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the MP3 is like."""

    channels: int = 2
    """2: joint stereo. 1: mono, for which 96 kb/s are enough."""
    bitrate_kbps: int = 0
    """Constant; 0 takes 128 for stereo and 96 for mono."""
    quality: int = 3
    """LAME's algorithm quality, 0 (slow) to 9."""
    threads: int = 0
    """How many blocks are encoded at once; 0 takes one a core."""

    def __post_init__(self) -> None:
        if self.channels not in _BITRATES_KBPS:
            raise ConfigError("[encode] channels must be 1 or 2.")
        allowed = _BITRATES_KBPS[self.channels]
        if self.bitrate_kbps and self.bitrate_kbps not in allowed:
            raise ConfigError(
                f"[encode] bitrate_kbps cannot be {self.bitrate_kbps}.",
                hint=f"For {self.channels} channels choose one of {', '.join(map(str, allowed))}.",
            )
        if not 0 <= self.quality <= 9 or not 0 <= self.threads <= 256:
            raise ConfigError("[encode] quality must be from 0 to 9, threads from 0 to 256.")

    @property
    def kbps(self) -> int:
        """The bit rate that is used."""
        return self.bitrate_kbps or (128 if self.channels == 2 else 96)


def encode_timeline(
    timeline: Timeline,
    gain: Gain,
    settings: EncodeSettings,
    *,
    store: Store[BlockFigures],
    load_take: Callable[[str], bytes],
    sounds: Iterable[Sound],
    executor: Executor,
    ahead: int,
    notify: Notify,
    force: bool = False,
) -> EncodedAudio:
    """Encode what the store does not hold, measure it as decoded, and store it.

    At most `ahead` blocks are in memory at once, whatever the length. `force` encodes all anew.
    """
    by_key = {sound.key: sound for sound in sounds}
    recipe = msgspec.structs.replace(settings, bitrate_kbps=settings.kbps, threads=0)

    def start(block: Block) -> Callable[[], EncodedBlock]:
        key = hash_key(_FORMAT, block, gain, recipe, timeline.rate_hz)
        if key in running:
            return running[key].result
        entry = None if force else store.find(key)
        if entry is not None:
            size = len(entry[1])
            found = EncodedBlock(key=key, size_bytes=size, figures=entry[0], reused=True)
            return lambda: found
        running[key] = executor.submit(
            _make_block, key, block, gain, recipe, store=store, load_take=load_take, sounds=by_key
        )
        return running[key].result

    running: dict[str, Future[EncodedBlock]] = {}
    blocks = []
    try:
        for block in _keep_busy(timeline.blocks, start, ahead=ahead):
            blocks.append(block)
            if running:
                notify(Progressed("encode", len(blocks), len(timeline.blocks)))
    finally:
        for future in running.values():
            future.cancel()
    return EncodedAudio(
        rate_hz=timeline.rate_hz,
        bitrate_kbps=settings.kbps,
        channels=settings.channels,
        blocks=tuple(blocks),
        samples=count_samples(sum(block.figures.frames for block in blocks)),
        loudness=Loudness(
            round(gate_loudness(chain.from_iterable(b.figures.energies_lufs for b in blocks)), 2),
            round(max(block.figures.true_peak_dbtp for block in blocks), 2),
        ),
    )


def _keep_busy(
    blocks: Iterable[Block], start: Callable[[Block], Callable[[], EncodedBlock]], *, ahead: int
) -> Iterator[EncodedBlock]:
    """Start blocks a bounded number ahead and give them in order."""
    waiting: collections.deque[Callable[[], EncodedBlock]] = collections.deque()
    for block in blocks:
        waiting.append(start(block))
        if len(waiting) > ahead:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()


def _make_block(
    key: str,
    block: Block,
    gain: Gain,
    settings: EncodeSettings,
    *,
    store: Store[BlockFigures],
    load_take: Callable[[str], bytes],
    sounds: dict[str, Sound],
) -> EncodedBlock:
    """Render, limit, encode, decode, measure and store one block.

    Coding moves peaks: while the decoded block is over the ceiling, it is limited lower and
    encoded again.
    """
    import numpy as np

    samples = render_block(block, load_take=load_take, sounds=sounds)
    samples *= np.float32(10 ** (gain.gain_db / 20))
    codec_db = level_change_db(settings.kbps)
    ceiling_dbtp = gain.ceiling_dbtp - codec_db - _CODEC_PEAK_DB
    for _ in range(_MOST_TRIES):
        pcm = quantise(limit_peaks(samples, ceiling_dbtp), settings.channels)
        frames = encode_frames(
            pcm,
            rate_hz=RATE_HZ,
            channels=settings.channels,
            bitrate_kbps=settings.kbps,
            quality=settings.quality,
        )
        decoded = decode_frames(frames)
        true_peak = measure_true_peak(decoded)
        if true_peak <= gain.ceiling_dbtp:
            break
        ceiling_dbtp -= true_peak - gain.ceiling_dbtp + 0.05
    else:
        raise SoundError("The true peaks of a block cannot be held under the ceiling.")
    energies = measure_energies(decoded, RATE_HZ)
    if decoded.ndim == 1 and settings.channels == 2:
        energies = to_stereo_lufs(energies)
    figures = BlockFigures(
        frames=block.samples // FRAME_SAMPLES, energies_lufs=energies, true_peak_dbtp=true_peak
    )
    store.put(key, figures, frames)
    return EncodedBlock(key=key, size_bytes=len(frames), figures=figures, reused=False)
