"""A stretch of a finished episode becomes a short MP3 of its own, faded at both ends."""

import itertools
from pathlib import Path

import numpy as np

from reviewcast.audio.files.decode import stream_audio
from reviewcast.audio.mix import quantise
from reviewcast.audio.mp3.edges import encode_block
from reviewcast.audio.mp3.frames import (
    FRAME_SAMPLES,
    build_info_frame,
    find_frames,
    level_change_db,
)
from reviewcast.audio.samples import RATE_HZ, Samples, resample_blocks, to_samples
from reviewcast.model.errors import SoundError

_KBPS, _QUALITY, _CHANNELS = 128, 2, 2
_SILENT_FRAMES = 2


def cut_excerpt(
    path: Path, start_s: float, end_s: float, *, fade_in_s: float, fade_out_s: float
) -> Samples:
    """Return a stretch of an audio file as (n, 2) samples at 44.1 kHz, faded within itself.

    Raise SoundError when the file is not audio, or ends before the stretch does.
    """
    rate_hz, _, blocks = stream_audio(path)
    pairs = (np.repeat(one, 2, axis=1) if one.shape[1] == 1 else one[:, :2] for one in blocks)
    first, last = to_samples(start_s), to_samples(end_s)
    parts, at = [], 0
    for block in resample_blocks(pairs, rate_hz, RATE_HZ):
        if at + len(block) > first:
            parts.append(block[max(0, first - at) : last - at])
        at += len(block)
        if at >= last:
            break
    samples = np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)
    if len(samples) < last - first:
        raise SoundError(f"{path.name} ends before {end_s:.1f} s.", hint="Build it again.")
    rise, fall = to_samples(fade_in_s), to_samples(fade_out_s)
    if rise:
        samples[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)[:, None]
    if fall:
        samples[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32)[:, None]
    return samples


def encode_excerpt(samples: Samples) -> bytes:
    """Encode (n, 2) samples at 44.1 kHz as MP3 frames of 128 kb/s, as loud as they are.

    They last as long, up to the end of a frame and two frames of silence.
    """
    frames = -(-len(samples) // FRAME_SAMPLES) + _SILENT_FRAMES
    padded = np.pad(samples, ((0, frames * FRAME_SAMPLES - len(samples)), (0, 0)))
    padded *= np.float32(10 ** (-level_change_db(_KBPS) / 20))
    stream = encode_block(
        quantise(padded, _CHANNELS),
        rate_hz=RATE_HZ,
        channels=_CHANNELS,
        bitrate_kbps=_KBPS,
        quality=_QUALITY,
    ).frames
    info = build_info_frame(
        frames=sum(1 for _ in find_frames(stream)),
        size_bytes=len(stream),
        rate_hz=RATE_HZ,
        channels=_CHANNELS,
        bitrate_kbps=_KBPS,
    )
    return info + stream


def draw_peaks(samples: Samples, count: int) -> list[float]:
    """Return how loud each of so many equal stretches is, from 0 to 1 for the loudest."""
    levels = np.abs(samples).max(axis=1)
    edges = np.linspace(0, len(levels), count + 1).astype(int)
    peaks = [
        float(np.sqrt(np.mean(levels[low:high] ** 2))) if high > low else 0.0
        for low, high in itertools.pairwise(edges)
    ]
    top = max(peaks, default=0.0) or 1.0
    return [peak / top for peak in peaks]
