"""An audio file of any kind is opened: its format found, its channels mixed down."""

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

from reviewcast.audio.files.formats import convert_foreign, is_cut_ogg, list_speakers
from reviewcast.audio.mp3.extent import FramesFile, find_frames_of
from reviewcast.audio.samples import Samples
from reviewcast.model.errors import SoundError
from reviewcast.system.file_types import HEAD_BYTES, Format, find_format

if TYPE_CHECKING:
    import soundfile

LONGEST_S = 600

_MOST_SAMPLES = 600 * 192_000  # of all channels: a small file can claim to hold far more

_LOWEST_HZ, _HIGHEST_HZ = 1000, 768_000

_SLACK = 4096  # samples by which an MP3's own count may be wrong

_STREAMED_BYTES = 0x7FFF0000  # such a size and above stands for one that was not known

_UNKNOWN_CODEC = 4  # libsndfile's SF_ERR_UNSUPPORTED_ENCODING

HINT = "Use a whole WAV, FLAC, MP3 or Ogg file of up to ten minutes."

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


class _Audio(NamedTuple):
    """Audio that is open: its blocks are (n, 2) float32, of at most ten seconds."""

    rate_hz: int
    blocks: Iterator[Samples]


@contextlib.contextmanager
def open_audio(
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
        source = take_frames(source, what)
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


def take_frames(source: BinaryIO, what: str) -> BinaryIO:
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
