"""Blocks become MP3 frames, each once."""

import collections
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import pairwise

from reviewcast.audio.loudness import (
    EnergyGrid,
    gate_loudness,
    measure_range,
    pack_lufs,
    pick_whole,
    unpack_lufs,
)
from reviewcast.audio.mp3.blocks import make_block
from reviewcast.audio.mp3.frames import DECODER_DELAY, FRAME_SAMPLES, count_samples
from reviewcast.audio.samples import RATE_HZ, Lufs
from reviewcast.model.audio import (
    Block,
    BlockFigures,
    EncodedAudio,
    EncodedBlock,
    Gain,
    Loudness,
    Sound,
    Timeline,
)
from reviewcast.model.events import Notify, Progressed
from reviewcast.settings.schema import EncodeSettings
from reviewcast.system.keys import hash_key
from reviewcast.system.store import Store

_FORMAT = "block 7"


class Encoder:
    """Begins blocks on an executor, each once: what the store holds is not encoded again.

    `force` encodes all anew that this run has not: `encoded` are the keys of what it has.
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
        encoded: set[str] | None = None,
    ) -> None:
        self.gain, self.settings = gain, settings
        self._recipe = settings.name_recipe()
        self._store, self._load_take = store, load_take
        self._sounds = {sound.key: sound for sound in sounds}
        self._executor, self._force = executor, force
        self._encoded = set[str]() if encoded is None else encoded
        self._running: dict[str, Future[EncodedBlock]] = {}
        self.is_working = False
        """Whether there was a block that the store did not hold."""

    def begin(self, block: Block) -> Callable[[], EncodedBlock]:
        """Begin a block; what comes back waits for it."""
        key = hash_key(_FORMAT, block, self.gain, self._recipe, RATE_HZ)
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = self._executor.submit(self._obtain, key, block)
        return running.result

    def _obtain(self, key: str, block: Block) -> EncodedBlock:
        is_ours = key in self._encoded
        entry = None if self._force and not is_ours else self._store.find(key)
        if entry is not None:
            figures, frames = entry
            return EncodedBlock(
                key=key, block=block, size_bytes=len(frames), figures=figures, reused=not is_ours
            )
        self.is_working = True
        made = make_block(
            key,
            block,
            self.gain,
            self._recipe,
            store=self._store,
            load_take=self._load_take,
            sounds=self._sounds,
        )
        self._encoded.add(key)
        return made

    def cancel(self) -> None:
        """Cancel the blocks that have not begun yet."""
        for future in self._running.values():
            future.cancel()


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
    blocks: Sequence[EncodedBlock], energies_lufs: Lufs, timeline: Timeline, *, samples: int
) -> Loudness:
    ratio = _compare_bed(energies_lufs, timeline)
    return Loudness(
        round(gate_loudness(pick_whole(energies_lufs, samples, timeline.rate_hz)), 2),
        round(max(block.figures.true_peak_dbtp for block in blocks), 2),
        round(measure_range(energies_lufs), 2),
        None if ratio is None else round(ratio, 2),
    )


def _gather_energies(blocks: Iterable[EncodedBlock]) -> Lufs:
    """Lay the momentary loudness of decoded blocks end to end."""
    grid, at = EnergyGrid(RATE_HZ), 0
    for block in blocks:
        grid.add(at, unpack_lufs(block.figures.energies))
        at += block.figures.frames * FRAME_SAMPLES
    return grid.list_lufs()


def _compare_bed(energies_lufs: Lufs, timeline: Timeline) -> float | None:
    """Return how much louder speech is than the bed alone, in the windows that are all one of them.

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


def _pick_windows(energies_lufs: Lufs, stretches: Iterable[tuple[int, int]]) -> list[float]:
    """Return the windows of 400 ms that lie within stretches of the timeline, all of each."""
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
    """Start blocks a bounded number ahead and return them in order."""
    waiting: collections.deque[Callable[[], EncodedBlock]] = collections.deque()
    for block in blocks:
        waiting.append(start(block))
        if len(waiting) > ahead:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()
