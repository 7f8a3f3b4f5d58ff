"""Sound is written as WAV and FLAC."""

import contextlib
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from reviewcast.audio.samples import RATE_HZ
from reviewcast.model.errors import SoundError


def write_wave(mp3: bytes, file: BinaryIO) -> None:
    """Decode an MP3 into a WAV file of 16 bit, at its own rate and with its own channels.

    Raise SoundError when it is no MP3 to its end.
    """
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(mp3)) as source:
            rate_hz, channels = source.samplerate, source.channels
            with soundfile.SoundFile(
                file, "w", rate_hz, channels, subtype="PCM_16", format="WAV"
            ) as target:
                for block in source.blocks(10 * rate_hz, dtype="int16", always_2d=True):
                    target.write(block)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError("The preview is not an MP3 that can be decoded.") from error


@contextlib.contextmanager
def open_flac(file: BinaryIO, channels: int) -> Iterator[Callable[[NDArray[np.int32]], None]]:
    """Open a FLAC file of 24 bits for blocks of (n, channels), whose lowest 8 bits are dropped.

    Raise OSError when it cannot be written.
    """
    import soundfile

    target = Target(file)
    try:
        with soundfile.SoundFile(
            target, "w", RATE_HZ, channels, subtype="PCM_24", format="FLAC"
        ) as flac:
            yield flac.write
    except (soundfile.LibsndfileError, RuntimeError, AssertionError):
        if not target.error:
            raise
    if target.error:
        raise target.error


class Target:
    """A file that libsndfile writes to: it cannot pass on what goes wrong, so that is kept."""

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self.seek, self.tell = file.seek, file.tell
        self._file = file

    def write(self, data: bytes) -> int:
        """Write, and return how many bytes were written."""
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            return 0
