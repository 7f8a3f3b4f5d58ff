"""Audio files of any kind are opened, checked and decoded."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from reviewcast.audio.files.conditioning import HighPass, Survey
from reviewcast.audio.files.formats import LARGEST_BYTES
from reviewcast.audio.files.open_file import HINT, LONGEST_S, check_regular, open_audio, take_frames
from reviewcast.audio.mix import quantise
from reviewcast.audio.samples import FULL_SCALE, Samples, resample_blocks
from reviewcast.model.audio import Take
from reviewcast.model.errors import SoundError
from reviewcast.system.file_types import HEAD_BYTES, find_format

TURN_AROUND = "Turn one around in an audio editor (often called invert), or keep one of them alone."
"""What to do with two channels that cancel each other."""

_SILENT_PEAK = 1 / 300
_JUST_OVER = 1.001
_END_BELOW_PEAK_DB = 30.0


def decode_speech(data: bytes) -> Take:
    """Decode a voice's reply (whatever libsndfile reads), mixed to one channel.

    Raise SoundError when it is not audio to its end.
    """
    pcm, rate_hz, _ = decode_clean(
        io.BytesIO(data), "The reply", channels=1, longest_s=3600, is_reply=True
    )
    return Take(pcm, rate_hz)


def open_recording(data: bytes, name: str) -> Take:
    """Open somebody's own recording in place of a voice: any rate, mixed to one channel.

    The format is told from its bytes; ffmpeg decodes what libsndfile does not. Raise SoundError
    when it is not audio to its end, silent, or longer than ten minutes.
    """
    what = f"The recording {name}"
    pcm, rate_hz, _ = decode_clean(io.BytesIO(data), what, channels=1)
    take = Take(pcm, rate_hz)
    if not is_silent(take):
        return take
    stereo, _, peak = decode_clean(io.BytesIO(data), what, channels=2)
    if peak > _SILENT_PEAK and stereo:
        raise SoundError(
            f"{what} is silent as one channel: its two channels cancel each other out.",
            hint=f"One of them is upside down. {TURN_AROUND}",
        )
    raise SoundError(f"{what} is silent.", hint=HINT)


def is_silent(take: Take) -> bool:
    """True if there is nothing to be heard in a take, or too little to be speech."""
    samples = np.frombuffer(take.pcm, "<i2").astype(np.int32)
    return bool(np.abs(samples).max(initial=0) < FULL_SCALE * _SILENT_PEAK)


def is_cut_off(take: Take) -> bool:
    """True if a take breaks off in the middle of speech: its last 20 ms are still loud."""
    levels = np.abs(np.frombuffer(take.pcm, "<i2").astype(np.float32))
    end = levels[-max(1, take.rate_hz // 50) :]
    limit = float(levels.max(initial=0)) * 10 ** (-_END_BELOW_PEAK_DB / 20)
    return bool(end.max(initial=0) > limit)


def read_recording(path: Path) -> bytes:
    """Read a recording's file, which `open_recording` opens.

    Raise SoundError when there is none, or something that is no file.
    """
    check_regular(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SoundError(f"{path} is too large.", hint=HINT)
        return path.read_bytes()
    except OSError as error:
        raise SoundError(f"Cannot open {path}: {error.strerror or error}.", hint=HINT) from error


def measure_length(path: Path) -> float:
    """Return how many seconds of audio a file says that it holds.

    Raise SoundError when it is not audio.
    """
    import soundfile

    check_regular(path)
    try:
        return float(soundfile.info(str(path)).duration)
    except (OSError, soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(f"{path.name} is not an audio file that can be read.") from error


def stream_audio(path: Path) -> tuple[int, int, Iterator[Samples]]:
    """Open audio of any length: its rate in Hz, its channels, its samples in blocks of 10 s.

    The blocks are (n, channels) float32. Raise SoundError, also in the middle, when the file is
    not audio to its end.
    """
    import soundfile

    check_regular(path)
    with contextlib.ExitStack() as stack:
        try:
            source: BinaryIO = stack.enter_context(path.open("rb"))
            kind = find_format(source.read(HEAD_BYTES))
            source.seek(0)
            if kind and kind.demuxer == "mp3":
                source = take_frames(source, path.name)
            file = stack.enter_context(soundfile.SoundFile(source))
        except (OSError, soundfile.LibsndfileError, RuntimeError) as error:
            raise SoundError(f"{path.name} is not an audio file that can be read.") from error
        opened = stack.pop_all()

    def read_blocks() -> Iterator[Samples]:
        with opened:
            while True:
                try:
                    block = file.read(10 * file.samplerate, dtype="float32", always_2d=True)
                except (soundfile.LibsndfileError, RuntimeError) as error:
                    raise SoundError(f"{path.name} is not audio to its end.") from error
                if not len(block):
                    return
                yield block

    return file.samplerate, file.channels, read_blocks()


def decode_frames(frames: bytes, *, is_mono: bool = False) -> Samples:
    """Decode MP3 frames to (n,) or (n, 2) float32, one channel when both are the same.

    `is_mono` says that they are: what was encoded was the same on both.
    """
    import soundfile

    samples: Samples = soundfile.read(io.BytesIO(frames), dtype="float32", always_2d=True)[0]
    if samples.shape[1] == 1 or is_mono or (samples[:, 0] == samples[:, 1]).all():
        return np.ascontiguousarray(samples[:, 0])
    return samples


def decode_clean(
    source: BinaryIO,
    what: str,
    *,
    channels: int,
    rate_hz: int = 0,
    longest_s: int = LONGEST_S,
    is_reply: bool = False,
) -> tuple[bytes, int, float]:
    """Decode audio to 16 bit PCM of one or two channels, at a rate or its own (0).

    Return the PCM, the rate and the largest sample. It is decoded again without its offset when it
    has one, and once more, lower as a whole, when it goes beyond full scale.
    """
    has_offset, scale = False, 1.0
    while True:
        source.seek(0)
        pcm, survey = io.BytesIO(), Survey()
        with open_audio(source, what, longest_s=longest_s, is_reply=is_reply) as audio:
            rate = rate_hz or audio.rate_hz
            high_pass = HighPass(rate) if has_offset else None
            for stereo in resample_blocks(audio.blocks, audio.rate_hz, rate):
                block = stereo if channels == 2 else stereo.mean(axis=1)
                block = high_pass.filter(block) if high_pass else block
                if not np.isfinite(block).all():
                    raise SoundError(f"{what} has samples that are no numbers.", hint=HINT)
                survey.note(block)
                if scale < 1:
                    block = block * np.float32(scale)
                if survey.peak * scale <= _JUST_OVER:  # else it is decoded again
                    pcm.write(quantise(block, channels))
        if not has_offset and survey.has_offset(rate):
            has_offset = True
        elif scale == 1 and survey.peak > 1:
            scale = 1 / survey.peak
        else:
            return pcm.getvalue(), rate, survey.peak * scale
