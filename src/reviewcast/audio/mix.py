"""The only door to pydub, soundfile and soxr: audio is opened, cut, faded, mixed."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.samples import FULL_SCALE, RATE_HZ, Samples, resample
from reviewcast.model.audio import Block, Piece, Sound

if TYPE_CHECKING:
    from pydub import AudioSegment


def make_segment(pcm: bytes, *, rate_hz: int, channels: int) -> "AudioSegment":
    """Make pydub's AudioSegment of 16 bit PCM."""
    with warnings.catch_warnings():
        # pydub looks for ffmpeg as it is imported and warns; nothing here ever asks it to run one
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment(data=pcm, sample_width=2, frame_rate=rate_hz, channels=channels)


def render_block(
    block: Block, *, load_take: Callable[[str], bytes], sounds: dict[str, Sound]
) -> Samples:
    """Mix a block's pieces: (n,) float32 when all is speech, (n, 2) when there is music.

    The frames of its lead and trail come with it.
    """
    channels = 1 if all(piece.source == "take" for piece in block.pieces) else 2
    lead = block.lead * FRAME_SAMPLES
    length = lead + block.samples + block.trail * FRAME_SAMPLES
    mix = np.zeros((length, 2) if channels == 2 else length, np.float32)
    for piece in block.pieces:
        pcm = load_take(piece.key) if piece.source == "take" else sounds[piece.key].pcm
        at = lead + piece.at
        mix[at : at + piece.samples] += _cut_piece(piece, pcm, channels)
    return mix


def quantise(samples: Samples, channels: int) -> bytes:
    """Round (n,) or (n, 2) samples to interleaved 16 bit PCM of one or two channels."""
    if channels == 1 and samples.ndim == 2:
        samples = samples.mean(axis=1)
    scaled = samples * np.float32(FULL_SCALE)
    np.rint(scaled, out=scaled)
    whole = np.clip(scaled, -32768, 32767, out=scaled).astype("<i2")
    if channels == 2 and samples.ndim == 1:
        # each twice, as one number of 32 bits: much quicker than np.repeat
        whole = whole.view("<u2").astype("<u4")
        whole *= 0x1_0001
    pcm: bytes = whole.tobytes()
    return pcm


def _cut_piece(piece: Piece, pcm: bytes, channels: int) -> Samples:
    """Cut a piece out of its source, fade its edges, and set its level and rate.

    pydub cuts and spreads over channels; its fades and gains work in whole milliseconds and 16
    bits, so these are done here, to the sample and without rounding.
    """
    if piece.source == "loop":
        samples = _go_round(pcm, piece.start, piece.samples)
    else:
        segment = make_segment(
            pcm, rate_hz=piece.rate_hz, channels=1 if piece.source == "take" else 2
        )
        segment = segment.get_sample_slice(piece.start, piece.end).set_channels(channels)
        samples = np.frombuffer(segment.raw_data, "<i2").astype(np.float32)
    samples *= np.float32(10 ** (piece.gain_db / 20) / FULL_SCALE)
    samples = samples.reshape(-1, 2) if channels == 2 else samples
    for edge, fade_ms in ((samples, piece.fade_in_ms), (samples[::-1], piece.fade_out_ms)):
        count = min(len(samples), fade_ms * piece.rate_hz // 1000)
        ramp = np.linspace(0, 1, count, endpoint=False, dtype=np.float32)
        edge[:count] *= ramp if channels == 1 else ramp[:, None]
    samples = resample(samples, piece.rate_hz, RATE_HZ)
    if piece.levels:
        places, levels_db = zip(*piece.levels, strict=True)
        curve = np.interp(np.arange(len(samples)), places, levels_db).astype(np.float32)
        curve = np.power(np.float32(10), curve / np.float32(20))
        samples = samples * (curve if channels == 1 else curve[:, None])
    return samples


def _go_round(pcm: bytes, start: int, samples: int) -> Samples:
    """Take interleaved stereo samples out of a loop, from its beginning again at its end."""
    loop = np.frombuffer(pcm, "<i2").reshape(-1, 2)
    start, parts = start % len(loop), []
    while samples > 0:
        part = loop[start : start + samples]
        parts.append(part)
        samples -= len(part)
        start = 0
    return np.concatenate(parts).astype(np.float32).ravel()
