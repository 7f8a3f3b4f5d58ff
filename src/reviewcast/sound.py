"""The only door to pydub, soundfile and soxr: audio is opened, cut, faded, mixed."""

import contextlib
import hashlib
import io
import math
import mmap
import re
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from msgspec.structs import replace

from reviewcast.conditioning import HighPass, Survey
from reviewcast.errors import SoundError
from reviewcast.formats import (
    HEAD_BYTES,
    LARGEST_BYTES,
    Format,
    convert_foreign,
    find_format,
    is_cut_ogg,
    list_speakers,
)
from reviewcast.loudness import (
    SILENCE_LUFS,
    gate_loudness,
    measure_energies,
    pack_lufs,
    to_stereo_lufs,
)
from reviewcast.model import Block, Piece, Sound, Take, TakeFigures
from reviewcast.mp3 import FRAME_SAMPLES
from reviewcast.mp3_extent import FramesFile, find_frames_of

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray
    from pydub import AudioSegment

    Samples = NDArray[np.float32]

RATE_HZ = 44_100
"""The rate at which episodes are mixed and encoded."""

_LONGEST_S = 600
_MOST_SAMPLES = 600 * 192_000  # of all channels: a small file can claim to hold far more
_LOWEST_HZ, _HIGHEST_HZ = 1000, 768_000
_SLACK = 4096  # samples by which an MP3's own count may be wrong
_STREAMED_BYTES = 0x7FFF0000  # such a size and above stands for one that was not known
_UNKNOWN_CODEC = 4  # libsndfile's SF_ERR_UNSUPPORTED_ENCODING
_HINT = "Use a whole WAV, FLAC, MP3 or Ogg file of up to ten minutes."
TURN_AROUND = "Turn one around in an audio editor (often called invert), or keep one of them alone."
"""What to do with two channels that cancel each other."""
_SILENT_PEAK = 1 / 300
_JUST_OVER = 1.001
_SHORTEST_LOOP_S = 0.01
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
_TRIM_BELOW_PEAK_DB = 42.0
TRIM_MARGIN_S = 0.02
"""How much silence a take is left at either end."""
_SHORTEST_PAUSE_S = 0.06
_END_BELOW_PEAK_DB = 30.0
_FULL_SCALE = 32768.0


def make_segment(pcm: bytes, *, rate_hz: int, channels: int) -> "AudioSegment":
    """Make pydub's AudioSegment of 16 bit PCM."""
    with warnings.catch_warnings():
        # pydub looks for ffmpeg as it is imported and warns; nothing here ever asks it to run one
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment(data=pcm, sample_width=2, frame_rate=rate_hz, channels=channels)


def decode_speech(data: bytes) -> Take:
    """Decode a voice's reply (whatever libsndfile reads), mixed to one channel.

    Raises SoundError when it is not audio to its end.
    """
    pcm, rate_hz, _ = _decode_clean(
        io.BytesIO(data), "The reply", channels=1, longest_s=3600, is_reply=True
    )
    return Take(pcm, rate_hz)


def open_recording(data: bytes, name: str) -> Take:
    """Open somebody's own recording in place of a voice: any rate, mixed to one channel.

    The format is told from its bytes; ffmpeg decodes what libsndfile does not. Raises SoundError
    when it is not audio to its end, silent, or longer than ten minutes.
    """
    what = f"The recording {name}"
    pcm, rate_hz, _ = _decode_clean(io.BytesIO(data), what, channels=1)
    take = Take(pcm, rate_hz)
    if not is_silent(take):
        return take
    stereo, _, peak = _decode_clean(io.BytesIO(data), what, channels=2)
    if peak > _SILENT_PEAK and stereo:
        raise SoundError(
            f"{what} is silent as one channel: its two channels cancel each other out.",
            hint=f"One of them is upside down. {TURN_AROUND}",
        )
    raise SoundError(f"{what} is silent.", hint=_HINT)


def measure_take(take: Take) -> TakeFigures:
    """Find where the speech of a take begins, pauses and ends, and how loud it is.

    Without any sound, `start` equals `end`.
    """
    import numpy as np

    samples = np.frombuffer(take.pcm, "<i2").astype(np.float32) / np.float32(_FULL_SCALE)
    start, end, pauses = _find_speech(samples, take.rate_hz)
    speech = samples[start:end]
    energies = measure_energies(speech, take.rate_hz) if end > start else ()
    return TakeFigures(
        rate_hz=take.rate_hz,
        samples=len(samples),
        start=start,
        end=end,
        level_lufs=_measure_level(energies, len(speech) / take.rate_hz),
        energies=pack_lufs(energies),
        pauses=pauses,
        marks=_keep_marks(take.marks, len(samples)),
    )


def is_silent(take: Take) -> bool:
    """Tell whether there is nothing to be heard in a take, or too little to be speech."""
    import numpy as np

    samples = np.frombuffer(take.pcm, "<i2").astype(np.int32)
    return bool(np.abs(samples).max(initial=0) < _FULL_SCALE * _SILENT_PEAK)


def is_cut_off(take: Take) -> bool:
    """Tell whether a take breaks off in the middle of speech: its last 20 ms are still loud."""
    import numpy as np

    levels = np.abs(np.frombuffer(take.pcm, "<i2").astype(np.float32))
    end = levels[-max(1, take.rate_hz // 50) :]
    limit = float(levels.max(initial=0)) * 10 ** (-_END_BELOW_PEAK_DB / 20)
    return bool(end.max(initial=0) > limit)


def open_sound(path: Path) -> Sound:
    """Open music for the episode: any rate, any channels, mixed to two, up to ten minutes.

    The format is told from the file's own bytes, never from its name; ffmpeg decodes what
    libsndfile does not. What is over full scale is set lower as a whole, and an offset is taken
    away. Raises SoundError when the file is missing, broken, silent or longer, or no file at all.
    """
    check_regular(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SoundError(f"{path} is too large.", hint=_HINT)
        with path.open("rb") as source:
            whole, _, loudest = _decode_clean(source, str(path), channels=2, rate_hz=RATE_HZ)
    except OSError as error:
        raise SoundError(f"Cannot open {path}: {error.strerror or error}.", hint=_HINT) from error
    if loudest < 1e-4:
        raise SoundError(f"{path} holds no sound.", hint=_HINT)
    energies = tuple(_measure_pcm(whole))
    level_lufs = gate_loudness(energies)
    return Sound(
        key=hashlib.sha256(whole).hexdigest(),
        samples=len(whole) // 4,
        level_lufs=level_lufs,
        energies=pack_lufs(energies),
        pcm=whole,
        mono_loss_db=_measure_mono_loss(whole, level_lufs),
    )


def read_recording(path: Path) -> bytes:
    """Read a recording's file, which `open_recording` opens.

    Raises SoundError when there is none, or something that is no file.
    """
    check_regular(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SoundError(f"{path} is too large.", hint=_HINT)
        return path.read_bytes()
    except OSError as error:
        raise SoundError(f"Cannot open {path}: {error.strerror or error}.", hint=_HINT) from error


def check_regular(path: Path) -> None:
    """See that a path is that of a file: a pipe would be waited for, and a device has no end.

    Raises SoundError.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise SoundError(f"Cannot open {path}: {said}.", hint=_HINT) from error
    if not stat.S_ISREG(found.st_mode):
        kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
        kind = next((name for test, name in kinds if test(found.st_mode)), "a device")
        raise SoundError(f"{path} is {kind}, and no audio file.", hint=_HINT)


def measure_length(path: Path) -> float:
    """Give how many seconds of audio a file says that it holds.

    Raises SoundError when it is not audio.
    """
    import soundfile

    check_regular(path)
    try:
        return float(soundfile.info(str(path)).duration)
    except (OSError, soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(f"{path.name} is not an audio file that can be read.") from error


def stream_audio(path: Path) -> "tuple[int, int, Iterator[Samples]]":
    """Open audio of any length: its rate in Hz, its channels, its samples in blocks of 10 s.

    The blocks are (n, channels) float32. Raises SoundError, also in the middle, when the file is
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

    def read_blocks() -> "Iterator[Samples]":
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


def resample(samples: "Samples", from_hz: int, to_hz: int) -> "Samples":
    """Change the rate of (n,) or (n, channels) samples; the length becomes `scale_length`'s."""
    import numpy as np
    import soxr

    if from_hz == to_hz:
        return samples
    resampled = soxr.resample(samples, from_hz, to_hz)
    length = scale_length(len(samples), from_hz, to_hz)
    missing = max(0, length - len(resampled))
    widths = ((0, missing),) + ((0, 0),) * (samples.ndim - 1)
    return np.pad(resampled[:length], widths) if missing else resampled[:length]


def scale_length(samples: int, from_hz: int, to_hz: int) -> int:
    """Give the count of samples after a change of rate: rounded, halves up."""
    return (2 * samples * to_hz + from_hz) // (2 * from_hz)


def render_block(
    block: Block, *, load_take: Callable[[str], bytes], sounds: dict[str, Sound]
) -> "Samples":
    """Mix a block's pieces: (n,) float32 when all is speech, (n, 2) when there is music.

    The frames of its lead and trail come with it.
    """
    import numpy as np

    channels = 1 if all(piece.source == "take" for piece in block.pieces) else 2
    lead = block.lead * FRAME_SAMPLES
    length = lead + block.samples + block.trail * FRAME_SAMPLES
    mix = np.zeros((length, 2) if channels == 2 else length, np.float32)
    for piece in block.pieces:
        pcm = load_take(piece.key) if piece.source == "take" else sounds[piece.key].pcm
        at = lead + piece.at
        mix[at : at + piece.samples] += _cut_piece(piece, pcm, channels)
    return mix


def make_loop(sound: Sound, overlap_s: float = 2.0) -> Sound:
    """Make a sound that goes round without a seam: its end is mixed into its beginning."""
    import numpy as np

    samples = np.frombuffer(sound.pcm, "<i2").reshape(-1, 2).astype(np.float32)
    if len(samples) < _SHORTEST_LOOP_S * RATE_HZ:
        raise SoundError(
            f"A bed must last {_SHORTEST_LOOP_S} s, and this one lasts"
            f" {len(samples) / RATE_HZ:.3f} s.",
            hint="Take a longer one: ten seconds and more go round without being noticed.",
        )
    overlap = min(round(overlap_s * RATE_HZ), len(samples) // 3)
    rise = np.sin(np.linspace(0, np.pi / 2, overlap, endpoint=False, dtype=np.float32))[:, None]
    looped = samples[:-overlap].copy()
    looped[:overlap] = looped[:overlap] * rise + samples[-overlap:] * rise[::-1]
    made = _make_sound(looped / _FULL_SCALE, f"loop {overlap} {sound.key}")
    return replace(made, mono_loss_db=sound.mono_loss_db)


def make_room_tone() -> Sound:
    """Make ten seconds of the quiet of a room: soft noise that goes round, always the same."""
    import numpy as np

    count = 10 * RATE_HZ
    dice = np.random.Generator(np.random.PCG64(1926))
    spectrum = dice.normal(size=(count // 2 + 1, 2)) + 1j * dice.normal(size=(count // 2 + 1, 2))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)[:, None]
    # brown above 100 Hz, gone below 40 Hz and above 8 kHz
    spectrum *= 1 / np.maximum(hz, 100) * ((hz > 40) & (hz < 8000))
    wave = np.fft.irfft(spectrum, count, axis=0)
    wave *= 0.25 / np.abs(wave).max()
    return _make_sound(wave.astype(np.float32), "room tone 1")


def _make_sound(stereo: "Samples", key: str) -> Sound:
    import numpy as np

    energies = measure_energies(stereo, RATE_HZ)
    inside = energies[3:-3] or energies
    clipped = np.clip(stereo * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1)
    return Sound(
        key=key,
        samples=len(stereo),
        level_lufs=gate_loudness(inside),
        energies=pack_lufs(energies),
        pcm=np.rint(clipped).astype("<i2").tobytes(),
    )


def quantise(samples: "Samples", channels: int) -> bytes:
    """Round (n,) or (n, 2) samples to interleaved 16 bit PCM of one or two channels."""
    import numpy as np

    if channels == 1 and samples.ndim == 2:
        samples = samples.mean(axis=1)
    scaled = samples * np.float32(_FULL_SCALE)
    np.rint(scaled, out=scaled)
    whole = np.clip(scaled, -32768, 32767, out=scaled).astype("<i2")
    if channels == 2 and samples.ndim == 1:
        # each twice, as one number of 32 bits: much quicker than np.repeat
        whole = whole.view("<u2").astype("<u4")
        whole *= 0x1_0001
    pcm: bytes = whole.tobytes()
    return pcm


def decode_frames(frames: bytes, *, is_mono: bool = False) -> "Samples":
    """Decode MP3 frames to (n,) or (n, 2) float32, one channel when both are the same.

    `is_mono` says that they are: what was encoded was the same on both.
    """
    import numpy as np
    import soundfile

    samples: Samples = soundfile.read(io.BytesIO(frames), dtype="float32", always_2d=True)[0]
    if samples.shape[1] == 1 or is_mono or (samples[:, 0] == samples[:, 1]).all():
        return np.ascontiguousarray(samples[:, 0])
    return samples


def write_wave(mp3: bytes, file: BinaryIO) -> None:
    """Decode an MP3 into a WAV file of 16 bit, at its own rate and with its own channels.

    Raises SoundError when it is no MP3 to its end.
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
def open_flac(file: BinaryIO, channels: int) -> "Iterator[Callable[[NDArray[np.int32]], None]]":
    """Open a FLAC file of 24 bits for blocks of (n, channels), whose lowest 8 bits are dropped.

    Raises OSError when it cannot be written.
    """
    import soundfile

    target = _Target(file)
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


class _Target:
    """A file that libsndfile writes to: it cannot pass on what goes wrong, so that is kept."""

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self.seek, self.tell = file.seek, file.tell
        self._file = file

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            return 0


def _decode_clean(
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
    import numpy as np

    has_offset, scale = False, 1.0
    while True:
        source.seek(0)
        pcm, survey = io.BytesIO(), Survey()
        with _open_audio(source, what, longest_s=longest_s, is_reply=is_reply) as audio:
            rate = rate_hz or audio.rate_hz
            high_pass = HighPass(rate) if has_offset else None
            for stereo in _resample_blocks(audio.blocks, audio.rate_hz, rate):
                block = stereo if channels == 2 else stereo.mean(axis=1)
                block = high_pass.filter(block) if high_pass else block
                if not np.isfinite(block).all():
                    raise SoundError(f"{what} has samples that are no numbers.", hint=_HINT)
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
    blocks: "Iterator[Samples]"


@contextlib.contextmanager
def _open_audio(
    source: BinaryIO, what: str, *, longest_s: int, is_reply: bool = False
) -> Iterator[_Audio]:
    """Open audio of any format and rate, mixed to two channels.

    Raises SoundError, also in the middle, when it cannot be read to its end, is too long, or has
    samples that are no numbers. `what` names it in messages. The reply of a service is never
    handed to another program, and what it says of its length is not asked for: it streams.
    """
    with contextlib.ExitStack() as stack:
        file, weights = _open_file(source, what, longest_s, stack, is_reply=is_reply)
        if not _LOWEST_HZ <= file.samplerate <= _HIGHEST_HZ:
            raise SoundError(f"{what} has a rate of {file.samplerate:,} Hz.", hint=_HINT)
        if file.frames > longest_s * file.samplerate:
            minutes = f"{longest_s // 60} minutes"
            raise SoundError(f"{what} is longer than {minutes}.", hint="Cut it shorter.")
        if file.frames * file.channels > _MOST_SAMPLES:
            raise SoundError(f"{what} has too many samples.", hint=_HINT)
        yield _Audio(file.samplerate, _read_blocks(file, weights, what))


def _open_file(
    source: BinaryIO, what: str, longest_s: int, stack: contextlib.ExitStack, *, is_reply: bool
) -> "tuple[soundfile.SoundFile, Samples]":
    """Open audio by libsndfile, converted by ffmpeg where need be, with its way to two channels."""
    import soundfile

    head = source.read(HEAD_BYTES)
    kind = find_format(head)
    if kind and kind.demuxer == "ogg" and not is_reply and is_cut_ogg(_read_tail(source)):
        raise SoundError(f"{what} breaks off before its end.", hint=_HINT)
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
            raise SoundError(
                f"{what} is not an audio file that can be read.", hint=_HINT
            ) from error
        kind = replace(kind, name=f"{kind.name} of a rare kind")
        source, head, kind = _convert(source, kind, what, longest_s, stack)
        file = stack.enter_context(soundfile.SoundFile(source))
    if not is_reply and _is_cut(file):
        raise SoundError(f"{what} breaks off before its end.", hint=_HINT)
    speakers = list_speakers(kind, head, file.channels) if kind else ()
    return file, _weigh_channels(speakers, file.channels)


def _take_frames(source: BinaryIO, what: str) -> BinaryIO:
    """Return the frames of an MP3 without what stands around them, as a file of their own.

    Raises SoundError when some are missing; the file as it is when there are none that are known.
    """
    try:
        frames = find_frames_of(_map(source))
    except SoundError as error:
        said = (
            "breaks off before its end"
            if "breaks off" in error.message
            else ("is not audio to its end")
        )
        raise SoundError(f"{what} {said}.", hint=_HINT) from error
    return cast("BinaryIO", FramesFile(source, frames)) if frames else source


def _map(source: BinaryIO) -> bytes | mmap.mmap:
    """Return the bytes of an open file, without reading them when it lies on a disk."""
    if isinstance(source, io.BytesIO):
        return source.getvalue()
    return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)


def _convert(
    source: BinaryIO, kind: Format, what: str, longest_s: int, stack: contextlib.ExitStack
) -> tuple[BinaryIO, bytes, Format | None]:
    """Convert audio to a WAV in a temporary folder; give it open, its first bytes, its format.

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
            f"{what} cannot be converted: {error.strerror or error}.", hint=_HINT
        ) from error
    convert_foreign(copy, wave, kind, longest_s=longest_s, what=what)
    converted = stack.enter_context(wave.open("rb"))
    head = converted.read(HEAD_BYTES)
    converted.seek(0)
    return converted, head, find_format(head)


def _is_cut(file: "soundfile.SoundFile") -> bool:
    """Tell whether a file holds less than it says, by what libsndfile remarks on it."""
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


def _read_blocks(file: "soundfile.SoundFile", weights: "Samples", what: str) -> "Iterator[Samples]":
    import numpy as np
    import soundfile

    count = 0
    while True:
        try:
            block = file.read(10 * file.samplerate, dtype="float32", always_2d=True)
        except (soundfile.LibsndfileError, RuntimeError) as error:
            raise SoundError(f"{what} is not audio to its end.", hint=_HINT) from error
        if not len(block):
            break
        if not np.isfinite(block).all():
            raise SoundError(f"{what} has samples that are no numbers.", hint=_HINT)
        count += len(block)
        yield block if block.shape[1] == 2 else block @ weights
    if not count or count < file.frames - _SLACK:
        problem = "breaks off before its end" if count else "holds no sound"
        raise SoundError(f"{what} {problem}.", hint=_HINT)


def _weigh_channels(speakers: tuple[str, ...], channels: int) -> "Samples":
    """Give what each channel adds to left and right, (channels, 2) (ITU-R BS.775-4, table 2).

    The deep effects are left out, and the sum is set so low that it never clips.
    """
    import numpy as np

    table = [_DOWNMIX[name] for name in speakers] or [(1.0, 1.0)] * channels
    weights = np.array(table, np.float32)
    weights /= max(1.0, float(weights.sum(axis=0).max()))
    return weights


def _resample_blocks(blocks: "Iterator[Samples]", rate_hz: int, to_hz: int) -> "Iterator[Samples]":
    """Bring blocks of (n, 2) to another rate; their length in all is `scale_length`'s."""
    import numpy as np
    import soxr

    if rate_hz == to_hz:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate_hz, to_hz, 2, dtype="float32")
    taken = given = 0
    for block in blocks:
        taken += len(block)
        resampled = stream.resample_chunk(block)
        given += len(resampled)
        yield resampled
    length = scale_length(taken, rate_hz, to_hz)
    rest = stream.resample_chunk(np.zeros((0, 2), np.float32), last=True)[: length - given]
    yield np.pad(rest, ((0, length - given - len(rest)), (0, 0)))


def _measure_pcm(pcm: bytes) -> Iterator[float]:
    """Measure the momentary loudness of stereo PCM, a minute at a time: memory stays small.

    A second before each minute is measured too, so that its first windows are filled.
    """
    import numpy as np

    samples = np.frombuffer(pcm, "<i2").reshape(-1, 2)
    minute = 60 * RATE_HZ
    for start in range(0, len(samples), minute):
        before, end = max(0, start - RATE_HZ), start + minute
        part = samples[before:end].astype(np.float32) / np.float32(_FULL_SCALE)
        energies = measure_energies(part, RATE_HZ)[(start - before) * 10 // RATE_HZ :]
        yield from energies if end >= len(samples) else energies[:-3]


def _measure_mono_loss(pcm: bytes, level_lufs: float) -> float:
    """Give how much softer stereo PCM is where both channels are played as one, in LU.

    Two channels that have nothing in common lose 3 LU. It is 0 when what they have in common, below
    and above, is more than what they do against each other.
    """
    import numpy as np

    samples, minute = np.frombuffer(pcm, "<i2").reshape(-1, 2), 60 * RATE_HZ
    common = common_highs = 0.0
    middle: list[float] = []
    parts = [samples[start : start + minute] for start in range(0, len(samples), minute)]
    for part in parts:
        left, right = (part[:, index].astype(np.float32) for index in (0, 1))
        common += float(np.dot(left, right))
        common_highs += float(np.dot(np.diff(left), np.diff(right)))
    if min(common, common_highs) >= 0:
        return 0.0
    for part in parts:
        both = part.astype(np.float32).mean(axis=1) / np.float32(_FULL_SCALE)
        middle += measure_energies(both, RATE_HZ)
    return max(0.0, level_lufs - gate_loudness(to_stereo_lufs(middle)))


def _cut_piece(piece: Piece, pcm: bytes, channels: int) -> "Samples":
    """Cut a piece out of its source, fade its edges, and set its level and rate.

    pydub cuts and spreads over channels; its fades and gains work in whole milliseconds and 16
    bits, so these are done here, to the sample and without rounding.
    """
    import numpy as np

    if piece.source == "loop":
        samples = _go_round(pcm, piece.start, piece.samples)
    else:
        segment = make_segment(
            pcm, rate_hz=piece.rate_hz, channels=1 if piece.source == "take" else 2
        )
        segment = segment.get_sample_slice(piece.start, piece.end).set_channels(channels)
        samples = np.frombuffer(segment.raw_data, "<i2").astype(np.float32)
    samples *= np.float32(10 ** (piece.gain_db / 20) / _FULL_SCALE)
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


def _go_round(pcm: bytes, start: int, samples: int) -> "Samples":
    """Take interleaved stereo samples out of a loop, from its beginning again at its end."""
    import numpy as np

    loop = np.frombuffer(pcm, "<i2").reshape(-1, 2)
    start, parts = start % len(loop), []
    while samples > 0:
        part = loop[start : start + samples]
        parts.append(part)
        samples -= len(part)
        start = 0
    return np.concatenate(parts).astype(np.float32).ravel()


def _find_speech(samples: "Samples", rate_hz: int) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """Find the first and the last 5 ms in which something can be heard, with a small margin.

    Also, from and to, the stretches in which nothing can, to the sample: both margins, and what
    lasts 60 ms.
    """
    import numpy as np

    size = max(1, rate_hz // 200)  # 5 ms
    peaks = np.abs(np.pad(samples, (0, -len(samples) % size))).reshape(-1, size).max(axis=1)
    floor = max(float(peaks.max(initial=0)) * 10 ** (-_TRIM_BELOW_PEAK_DB / 20), 1.5 / _FULL_SCALE)
    heard = np.flatnonzero(peaks > floor)
    if not len(heard):
        return 0, 0, ()
    before = np.flatnonzero((np.diff(heard) - 1) * size >= _SHORTEST_PAUSE_S * rate_hz)
    first, last = int(heard[0]) * size, min(len(samples), (int(heard[-1]) + 1) * size)
    margin = int(TRIM_MARGIN_S * rate_hz)
    start, end = max(0, first - margin), min(len(samples), last + margin)

    def find_onset(piece: int) -> int:
        """Give the first sample that is heard of these 5 ms."""
        inside = np.abs(samples[piece * size : (piece + 1) * size]) > floor
        return piece * size + int(np.argmax(inside))

    def find_end(piece: int) -> int:
        inside = np.abs(samples[piece * size : (piece + 1) * size]) > floor
        return piece * size + len(inside) - int(np.argmax(inside[::-1]))

    ends = [start, *(find_end(int(heard[index])) for index in before), find_end(int(heard[-1]))]
    onsets = [find_onset(int(heard[0])), *(find_onset(int(heard[i + 1])) for i in before), end]
    pauses = zip(ends, onsets, strict=True)
    return start, end, tuple(pause for pause in pauses if pause[0] < pause[1])


def _keep_marks(marks: tuple[tuple[int, int], ...], samples: int) -> tuple[tuple[int, int], ...]:
    """Give a voice's marks, or none when they run backwards or past the end: they tell nothing."""
    rises = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(marks))
    return marks if rises and all(at >= 0 and 0 <= where <= samples for at, where in marks) else ()


def _measure_level(energies: tuple[float, ...], duration_s: float) -> float:
    """Give the loudness of a take, fair to one that is shorter than a window."""
    if not energies:
        return SILENCE_LUFS
    if duration_s >= 0.4:
        inside = energies[3:-3] or energies
        return gate_loudness(inside)
    return max(energies) + 10 * math.log10(0.4 / max(duration_s, 0.05))
