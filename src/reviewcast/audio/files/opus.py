"""Episodes are encoded as Opus, in one channel, without ever standing in memory."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from reviewcast.audio.files.decode import stream_audio
from reviewcast.audio.files.encode import Target
from reviewcast.audio.samples import resample_blocks
from reviewcast.model.errors import SoundError

RATE_HZ = 48_000
_LEAST_KBPS, _SPAN_KBPS = 6.0, 250.0
"""libsndfile takes a compression level from 1 to 0 for 6 to 256 kb/s a channel."""


def encode_opus(source: Path, file: BinaryIO, *, kbps: int) -> None:
    """Encode an audio file as Ogg Opus of one channel; its time stays, to the sample at 48 kHz.

    Raise SoundError when it is not audio to its end, OSError when the file cannot be written.
    """
    import soundfile

    rate_hz, _, blocks = stream_audio(source)
    # of one channel both are the same
    pairs = (np.repeat(one, 2, axis=1) if one.shape[1] == 1 else one[:, :2] for one in blocks)
    level = 1 - (kbps - _LEAST_KBPS) / _SPAN_KBPS
    target = Target(file)
    try:
        with soundfile.SoundFile(
            target, "w", RATE_HZ, 1, format="OGG", subtype="OPUS", compression_level=level
        ) as opus:
            for block in resample_blocks(pairs, rate_hz, RATE_HZ):
                opus.write(np.clip(block.mean(axis=1), -1, 1))
    except (soundfile.LibsndfileError, RuntimeError, AssertionError) as error:
        if not target.error:
            raise SoundError(f"{source.name} cannot be encoded as Opus.") from error
    if target.error:
        raise target.error
