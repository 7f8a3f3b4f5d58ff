"""Audio files of any kind are opened, checked and decoded."""

import contextlib
import io
import mmap
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

import numpy as np
from msgspec.structs import replace

from reviewcast.audio.files.conditioning import HighPass, Survey
from reviewcast.audio.files.formats import LARGEST_BYTES, convert_foreign, is_cut_ogg, list_speakers
from reviewcast.audio.mix import quantise
from reviewcast.audio.mp3.extent import FramesFile, find_frames_of
from reviewcast.audio.samples import FULL_SCALE, Samples, resample_blocks
from reviewcast.model.audio import Take
from reviewcast.model.errors import SoundError
from reviewcast.system.file_types import HEAD_BYTES, Format, find_format

if TYPE_CHECKING:
    import soundfile


_LONGEST_S = 600
_MOST_SAMPLES = 600 * 192_000  # of all channels: a small file can claim to hold far more
_LOWEST_HZ, _HIGHEST_HZ = 1000, 768_000
_SLACK = 4096  # samples by which an MP3's own count may be wrong
_STREAMED_BYTES = 0x7FFF0000  # such a size and above stands for one that was not known
_UNKNOWN_CODEC = 4  # libsndfile's SF_ERR_UNSUPPORTED_ENCODING
HINT = "Use a whole WAV, FLAC, MP3 or Ogg file of up to ten minutes."

TURN_AROUND = "Turn one around in an audio editor (often called invert), or keep one of them alone."
"""What to do with two channels that cancel each other."""

_SILENT_PEAK = 1 / 300
_JUST_OVER = 1.001
_HALF_POWER = 0.5**0.5

_DOWNMIX = {
    "L": (1.0, 0.0),
    "R": (0.0, 1.0),
    "C": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "Ls": (_HALF_POWER, 0.0),
    "Rs": (0.0, _HALF_POWER),
    "S": (0.5, 0.5),
}

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


def check_regular(path: Path) -> None:
    """See that a path is that of a file: a pipe would be waited for, and a device has no end.

    Raise SoundError.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise SoundError(f"Cannot open {path}: {said}.", hint=HINT) from error
    if not stat.S_ISREG(found.st_mode):
        kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
        kind = next((name for test, name in kinds if test(found.st_mode)), "a device")
        raise SoundError(f"{path} is {kind}, and no audio file.", hint=HINT)


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
                source = _take_frames(source, path.name)
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
    longest_s: int = _LONGEST_S,
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
        with _open_audio(source, what, longest_s=longest_s, is_reply=is_reply) as audio:
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


class _Audio(NamedTuple):
    """Audio that is open: its blocks are (n, 2) float32, of at most ten seconds."""

    rate_hz: int
    blocks: Iterator[Samples]


@contextlib.contextmanager
def _open_audio(
    source: BinaryIO, what: str, *, longest_s: int, is_reply: bool = False
) -> Iterator[_Audio]:
    """Open audio of any format and rate, mixed to two channels.

    Raise SoundError, also in the middle, when it cannot be read to its end, is too long, or has
    samples that are no numbers. `what` names it in messages. The reply of a service is never
    handed to another program, and what it says of its length is not asked for: it streams.
    """
    with contextlib.ExitStack() as stack:
        file, weights = _open_file(source, what, longest_s, stack, is_reply=is_reply)
        if not _LOWEST_HZ <= file.samplerate <= _HIGHEST_HZ:
            raise SoundError(f"{what} has a rate of {file.samplerate:,} Hz.", hint=HINT)
        if file.frames > longest_s * file.samplerate:
            minutes = f"{longest_s // 60} minutes"
            raise SoundError(f"{what} is longer than {minutes}.", hint="Cut it shorter.")
        if file.frames * file.channels > _MOST_SAMPLES:
            raise SoundError(f"{what} has too many samples.", hint=HINT)
        yield _Audio(file.samplerate, _read_blocks(file, weights, what))


def _open_file(
    source: BinaryIO, what: str, longest_s: int, stack: contextlib.ExitStack, *, is_reply: bool
) -> "tuple[soundfile.SoundFile, Samples]":
    """Open audio by libsndfile, converted by ffmpeg where need be, with its way to two channels."""
    import soundfile

    head = source.read(HEAD_BYTES)
    kind = find_format(head)
    if kind and kind.demuxer == "ogg" and not is_reply and is_cut_ogg(_read_tail(source)):
        raise SoundError(f"{what} breaks off before its end.", hint=HINT)
    if kind and kind.is_foreign and not is_reply:
        source, head, kind = _convert(source, kind, what, longest_s, stack)
    source.seek(0)
    if kind and kind.demuxer == "mp3":
        source = _take_frames(source, what)
    try:
        file = stack.enter_context(soundfile.SoundFile(source))
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        is_rare = getattr(error, "code", 0) == _UNKNOWN_CODEC
        if is_reply or not kind or not is_rare:
            raise SoundError(f"{what} is not an audio file that can be read.", hint=HINT) from error
        kind = replace(kind, name=f"{kind.name} of a rare kind")
        source, head, kind = _convert(source, kind, what, longest_s, stack)
        file = stack.enter_context(soundfile.SoundFile(source))
    if not is_reply and _is_cut(file):
        raise SoundError(f"{what} breaks off before its end.", hint=HINT)
    speakers = list_speakers(kind, head, file.channels) if kind else ()
    return file, _weigh_channels(speakers, file.channels)


def _take_frames(source: BinaryIO, what: str) -> BinaryIO:
    """Return the frames of an MP3 without what stands around them, as a file of their own.

    Raise SoundError when some are missing; the file as it is when there are none that are known.
    """
    try:
        frames = find_frames_of(_map(source))
    except SoundError as error:
        said = (
            "breaks off before its end"
            if "breaks off" in error.message
            else ("is not audio to its end")
        )
        raise SoundError(f"{what} {said}.", hint=HINT) from error
    return cast("BinaryIO", FramesFile(source, frames)) if frames else source


def _map(source: BinaryIO) -> bytes | mmap.mmap:
    """Return the bytes of an open file, without reading them when it lies on a disk."""
    if isinstance(source, io.BytesIO):
        return source.getvalue()
    return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


def _convert(
    source: BinaryIO, kind: Format, what: str, longest_s: int, stack: contextlib.ExitStack
) -> tuple[BinaryIO, bytes, Format | None]:
    """Convert audio to a WAV in a temporary folder; return it open, its first bytes, its format.

    It is copied there first: what ffmpeg reads has a name of ours and no neighbours.
    """
    try:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reviewcast-")))
        copy, wave = folder / "foreign", folder / "sound.wav"
        source.seek(0)
        with copy.open("wb") as target:
            shutil.copyfileobj(source, target)
    except OSError as error:
        raise SoundError(
            f"{what} cannot be converted: {error.strerror or error}.", hint=HINT
        ) from error
    convert_foreign(copy, wave, kind, longest_s=longest_s, what=what)
    converted = stack.enter_context(wave.open("rb"))
    head = converted.read(HEAD_BYTES)
    converted.seek(0)
    return converted, head, find_format(head)


def _is_cut(file: "soundfile.SoundFile") -> bool:
    """True if a file holds less than it says, by what libsndfile remarks on it."""
    for told, found in re.findall(r"(\d+) \(should be (\d+)\)", file.extra_info):
        is_known = int(told) < _STREAMED_BYTES or int(told) > 1 << 32
        if is_known and int(told) > int(found) + HEAD_BYTES:
            return True
    return False


def _read_tail(source: BinaryIO) -> bytes:
    """Read so much of the end that a whole page of Ogg is in it, which has up to 65,307 bytes."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - 70_000))
    return source.read()


def _read_blocks(file: "soundfile.SoundFile", weights: Samples, what: str) -> Iterator[Samples]:
    import soundfile

    count = 0
    while True:
        try:
            block = file.read(10 * file.samplerate, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise SoundError(f"{what} is not audio to its end.", hint=HINT) from error
        if not len(block):
            break
        if not np.isfinite(block).all():
            raise SoundError(f"{what} has samples that are no numbers.", hint=HINT)
        count += len(block)
        yield block if block.shape[1] == 2 else block @ weights
    if not count or count < file.frames - _SLACK:
        problem = "breaks off before its end" if count else "holds no sound"
        raise SoundError(f"{what} {problem}.", hint=HINT)


def _weigh_channels(speakers: tuple[str, ...], channels: int) -> Samples:
    """Return what each channel adds to left and right, (channels, 2) (ITU-R BS.775-4, table 2).

    The deep effects are left out, and the sum is set so low that it never clips.
    """
    table = [_DOWNMIX[name] for name in speakers] or [(1.0, 1.0)] * channels
    weights = np.array(table, np.float32)
    weights /= max(1.0, float(weights.sum(axis=0).max()))
    return weights
