"""One block becomes MP3 frames that are measured as decoded."""

from collections.abc import Callable

import numpy as np

from reviewcast.audio.files.decode import decode_frames
from reviewcast.audio.limiter import MOST_BETWEEN_DB, limit_peaks, measure_true_peak
from reviewcast.audio.loudness import measure_energies, pack_lufs, to_stereo_lufs
from reviewcast.audio.mix import quantise, render_block
from reviewcast.audio.mp3.edges import encode_block
from reviewcast.audio.mp3.frames import (
    DECODER_DELAY,
    FRAME_SAMPLES,
    build_info_frame,
    find_frames,
    find_level_change_db,
)
from reviewcast.audio.samples import RATE_HZ, Samples
from reviewcast.model.audio import Block, BlockFigures, EncodedBlock, Gain, Sound
from reviewcast.model.errors import SoundError
from reviewcast.settings.schema import EncodeSettings
from reviewcast.system.store import Store

_CODEC_PEAK_DB = 0.3
"""How far coding lifts peaks above what LAME's own change of level leaves; more is found out."""

_MOST_TRIES = 6


def make_block(
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
    samples = render_block(block, load_take=load_take, sounds=sounds)
    samples *= np.float32(10 ** (gain.gain_db / 20))
    own = slice(block.lead * FRAME_SAMPLES, block.lead * FRAME_SAMPLES + block.samples)
    ceiling_dbtp = gain.ceiling_dbtp - find_level_change_db(settings) - _CODEC_PEAK_DB
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


def _find_peaks(samples: Samples, frames: int) -> bytes:
    """Return the largest sample of each frame as a byte."""
    missing = frames * FRAME_SAMPLES - len(samples)
    if missing:
        samples = np.pad(samples, ((0, missing),) + ((0, 0),) * (samples.ndim - 1))
    by_frame = samples.reshape(frames, -1)
    peaks = np.rint(np.maximum(by_frame.max(axis=1), -by_frame.min(axis=1)) * 255)
    return bytes(np.minimum(peaks, 255).astype(np.uint8))


def _decode(frames: bytes, settings: EncodeSettings, *, is_mono: bool) -> Samples:
    """Decode frames as they come, the decoder's delay at the beginning.

    Of VBR decoders must be told how long it is, and then leave the delay out.
    """
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
