"""Blocks become MP3 frames, each once."""

import collections
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from reviewcast.cache import Store, hash_key
from reviewcast.errors import ConfigError, SoundError
from reviewcast.events import Notify, Progressed
from reviewcast.loudness import (
    MOST_BETWEEN_DB,
    EnergyGrid,
    gate_loudness,
    limit_peaks,
    measure_energies,
    measure_range,
    measure_true_peak,
    pack_lufs,
    pick_whole,
    to_stereo_lufs,
    unpack_lufs,
)
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
from reviewcast.mp3 import (
    DECODER_DELAY,
    FRAME_SAMPLES,
    build_info_frame,
    count_samples,
    find_frames,
    level_change_db,
)
from reviewcast.mp3_joins import encode_block
from reviewcast.sound import RATE_HZ, decode_frames, quantise, render_block

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reviewcast.loudness import Lufs

    Samples = NDArray[np.float32]

_FORMAT = "block 7"
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
    mode: Literal["cbr", "vbr"] = "cbr"
    """Constant bit rate, or one that varies with what is heard."""
    vbr_quality: int = 4
    """LAME's -V for "vbr", 0 (best) to 9."""
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
        if not 0 <= self.vbr_quality <= 9:
            raise ConfigError("[encode] vbr_quality must be from 0 to 9.")

    @property
    def kbps(self) -> int:
        """The constant bit rate that is used."""
        return self.bitrate_kbps or (128 if self.channels == 2 else 96)

    def name_recipe(self) -> "EncodeSettings":
        """Give what decides the bytes of a block, and nothing else."""
        if self.mode == "cbr":
            return msgspec.structs.replace(self, bitrate_kbps=self.kbps, vbr_quality=0, threads=0)
        return msgspec.structs.replace(self, bitrate_kbps=0, threads=0)

    @property
    def level_change_db(self) -> float:
        """By how much LAME turns the signal down."""
        return level_change_db(self.kbps) if self.mode == "cbr" else 0.0


class Encoder:
    """Begins blocks on an executor, each once: what the store holds is not encoded again.

    `force` encodes all anew.
    """

    def __init__(
        self,
        gain: Gain,
        settings: EncodeSettings,
        *,
        store: Store[BlockFigures],
        load_take: Callable[[str], bytes],
        sounds: Iterable[Sound],
        executor: Executor,
        force: bool = False,
    ) -> None:
        self.gain, self.settings = gain, settings
        self._recipe = settings.name_recipe()
        self._store, self._load_take = store, load_take
        self._sounds = {sound.key: sound for sound in sounds}
        self._executor, self._force = executor, force
        self._running: dict[str, Future[EncodedBlock]] = {}
        self.is_working = False
        """Whether there was a block that the store did not hold."""

    def begin(self, block: Block) -> Callable[[], EncodedBlock]:
        """Begin a block, one that failed or was given up anew; what comes back waits for it."""
        key = hash_key(_FORMAT, block, self.gain, self._recipe, RATE_HZ)
        running = self._running.get(key)
        if running is None or _has_failed(running):
            running = self._running[key] = self._executor.submit(self._obtain, key, block)
        return running.result

    def _obtain(self, key: str, block: Block) -> EncodedBlock:
        entry = None if self._force else self._store.find(key)
        if entry is not None:
            size = len(entry[1])
            return EncodedBlock(
                key=key, block=block, size_bytes=size, figures=entry[0], reused=True
            )
        self.is_working = True
        return _make_block(
            key,
            block,
            self.gain,
            self._recipe,
            store=self._store,
            load_take=self._load_take,
            sounds=self._sounds,
        )

    def cancel(self) -> None:
        """Give up what has not begun yet."""
        for future in self._running.values():
            future.cancel()


def _has_failed(future: Future[EncodedBlock]) -> bool:
    return future.done() and (future.cancelled() or future.exception() is not None)


def encode_timeline(
    timeline: Timeline, encoder: Encoder, *, ahead: int, notify: Notify
) -> EncodedAudio:
    """Encode what the store does not hold, measured as decoded, and join what was measured.

    At most `ahead` blocks more than are done are begun here, whatever the length.
    """
    settings = encoder.settings
    blocks = []
    try:
        for block in _keep_busy(timeline.blocks, encoder.begin, ahead=ahead):
            blocks.append(block)
            if encoder.is_working:
                notify(Progressed("encode", len(blocks), len(timeline.blocks)))
    finally:
        encoder.cancel()
    energies = _gather_energies(blocks)
    samples = count_samples(sum(block.figures.frames for block in blocks))
    return EncodedAudio(
        rate_hz=timeline.rate_hz,
        bitrate_kbps=settings.kbps,
        channels=settings.channels,
        vbr_quality=settings.vbr_quality if settings.mode == "vbr" else None,
        blocks=tuple(blocks),
        samples=samples,
        loudness=_measure_loudness(blocks, energies, timeline, samples=samples),
        energies=pack_lufs(energies),
        gain_db=encoder.gain.gain_db,
    )


def _measure_loudness(
    blocks: Sequence[EncodedBlock], energies_lufs: "Lufs", timeline: Timeline, *, samples: int
) -> Loudness:
    ratio = _compare_bed(energies_lufs, timeline)
    return Loudness(
        round(gate_loudness(pick_whole(energies_lufs, samples, timeline.rate_hz)), 2),
        round(max(block.figures.true_peak_dbtp for block in blocks), 2),
        round(measure_range(energies_lufs), 2),
        None if ratio is None else round(ratio, 2),
    )


def _gather_energies(blocks: Iterable[EncodedBlock]) -> "Lufs":
    """Lay the momentary loudness of decoded blocks end to end."""
    grid, at = EnergyGrid(RATE_HZ), 0
    for block in blocks:
        grid.add(at, unpack_lufs(block.figures.energies))
        at += block.figures.frames * FRAME_SAMPLES
    return grid.list_lufs()


def _compare_bed(energies_lufs: "Lufs", timeline: Timeline) -> float | None:
    """Tell how much louder speech is than the bed alone, in the windows that are all one of them.

    None without a bed, or without a pause that is long enough to hear it.
    """
    pauses = [(one.end, other.start) for one, other in pairwise(timeline.cues)]
    alone = [
        (max(start, first), min(end, last))
        for first, last in timeline.beds
        for start, end in pauses
        if start < last and end > first
    ]
    bed = _pick_windows(energies_lufs, alone)
    speech = _pick_windows(
        energies_lufs,
        [
            (cue.start, cue.end)
            for cue in timeline.cues
            if any(first <= cue.start and cue.end <= last for first, last in timeline.beds)
        ],
    )
    if not bed or not speech:
        return None
    return gate_loudness(speech) - 10 * math.log10(
        math.fsum(10 ** (value / 10) for value in bed) / len(bed)
    )


def _pick_windows(energies_lufs: "Lufs", stretches: Iterable[tuple[int, int]]) -> list[float]:
    """Give the windows of 400 ms that lie within stretches of the timeline, all of each."""
    found: list[float] = []
    step = RATE_HZ // 10
    for start, end in stretches:
        # decoding comes late; a block's windows lie on the grid to half a step
        first = -(-(start + DECODER_DELAY + step // 2) // step) + 3
        last = (end + DECODER_DELAY - step // 2) // step - 1
        found += energies_lufs[first : last + 1].tolist()
    return found


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

    Coding moves peaks: while the decoded block is over the ceiling, it is limited lower and encoded
    again.
    """
    import numpy as np

    samples = render_block(block, load_take=load_take, sounds=sounds)
    samples *= np.float32(10 ** (gain.gain_db / 20))
    own = slice(block.lead * FRAME_SAMPLES, block.lead * FRAME_SAMPLES + block.samples)
    ceiling_dbtp = gain.ceiling_dbtp - settings.level_change_db - _CODEC_PEAK_DB
    for _ in range(_MOST_TRIES):
        encoded = encode_block(
            quantise(
                limit_peaks(samples, ceiling_dbtp, most_between_db=MOST_BETWEEN_DB),
                settings.channels,
            ),
            rate_hz=RATE_HZ,
            channels=settings.channels,
            bitrate_kbps=settings.kbps,
            quality=settings.quality,
            vbr_quality=settings.vbr_quality if settings.mode == "vbr" else None,
            pre_frames=block.lead,
            post_frames=block.trail,
        )
        decoded = _decode(encoded.heard, settings, is_mono=samples.ndim == 1)[own]
        true_peak = measure_true_peak(decoded)
        if true_peak <= gain.ceiling_dbtp:
            break
        ceiling_dbtp -= true_peak - gain.ceiling_dbtp + 0.05
    else:
        raise SoundError("The true peaks of a block cannot be held under the ceiling.")
    energies = measure_energies(decoded, RATE_HZ)
    is_spread = decoded.ndim == 1 and settings.channels == 2  # of music, too, both may be alike
    figures = BlockFigures(
        joint=encoded.figures,
        energies=pack_lufs(to_stereo_lufs(energies) if is_spread else energies),
        true_peak_dbtp=true_peak,
        peaks=_find_peaks(decoded, encoded.figures.frames),
        limit_dbtp=ceiling_dbtp,
    )
    store.put(key, figures, encoded.frames)
    size = len(encoded.frames)
    return EncodedBlock(key=key, block=block, size_bytes=size, figures=figures, reused=False)


def _find_peaks(samples: "Samples", frames: int) -> bytes:
    """Give the largest sample of each frame as a byte."""
    import numpy as np

    missing = frames * FRAME_SAMPLES - len(samples)
    if missing:
        samples = np.pad(samples, ((0, missing),) + ((0, 0),) * (samples.ndim - 1))
    by_frame = samples.reshape(frames, -1)
    peaks = np.rint(np.maximum(by_frame.max(axis=1), -by_frame.min(axis=1)) * 255)
    return bytes(np.minimum(peaks, 255).astype(np.uint8))


def _decode(frames: bytes, settings: EncodeSettings, *, is_mono: bool) -> "Samples":
    """Decode frames as they come, the decoder's delay at the beginning.

    Of VBR decoders must be told how long it is, and then leave the delay out.
    """
    import numpy as np

    if settings.mode == "cbr":
        return decode_frames(frames, is_mono=is_mono)
    info = build_info_frame(
        frames=sum(1 for _ in find_frames(frames)),
        size_bytes=len(frames),
        rate_hz=RATE_HZ,
        channels=settings.channels,
        bitrate_kbps=settings.kbps,
        vbr_quality=settings.vbr_quality,
    )
    decoded = decode_frames(info + frames, is_mono=is_mono)
    return np.pad(decoded, ((DECODER_DELAY, 0),) + ((0, 0),) * (decoded.ndim - 1))
