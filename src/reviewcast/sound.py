"""The only door to pydub, soundfile and soxr: audio is opened, cut, faded, mixed."""

import contextlib
import hashlib
import io
import math
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from msgspec.structs import replace

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
from reviewcast.loudness import SILENCE_LUFS, gate_loudness, measure_energies, pack_lufs
from reviewcast.model import Block, Piece, Sound, Take, TakeFigures
from reviewcast.mp3 import FRAME_SAMPLES

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
    with _open_audio(io.BytesIO(data), "The reply", longest_s=3600, is_reply=True) as audio:
        return Take(b"".join(map(_mix_down, audio.blocks)), audio.rate_hz)


def open_recording(data: bytes, name: str) -> Take:
    """Open somebody's own recording in place of a voice: any rate, mixed to one channel.

    The format is told from its bytes; ffmpeg decodes what libsndfile does not. Raises SoundError
    when it is not audio to its end, silent, or longer than ten minutes.
    """
    what = f"The recording {name}"
    with _open_audio(io.BytesIO(data), what, longest_s=_LONGEST_S) as audio:
        take = Take(b"".join(map(_mix_down, audio.blocks)), audio.rate_hz)
    if is_silent(take):
        raise SoundError(f"{what} is silent.", hint=_HINT)
    return take


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
    return bool(np.abs(samples).max(initial=0) < _FULL_SCALE / 300)


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
    libsndfile does not. Raises SoundError when the file is missing, broken, silent or longer.
    """
    pcm, loudest = io.BytesIO(), 0.0
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SoundError(f"{path} is too large.", hint=_HINT)
        with path.open("rb") as source:
            with _open_audio(source, str(path), longest_s=_LONGEST_S) as audio:
                for block in _resample_blocks(audio.blocks, audio.rate_hz):
                    loudest = max(loudest, float(abs(block).max(initial=0)))
                    pcm.write(quantise(block, 2))
    except OSError as error:
        raise SoundError(f"Cannot open {path}: {error.strerror or error}.", hint=_HINT) from error
    if loudest < 1e-4:
        raise SoundError(f"{path} holds no sound.", hint=_HINT)
    whole = pcm.getvalue()
    energies = tuple(_measure_pcm(whole))
    return Sound(
        key=hashlib.sha256(whole).hexdigest(),
        samples=len(whole) // 4,
        level_lufs=gate_loudness(energies),
        energies=pack_lufs(energies),
        pcm=whole,
    )


def measure_length(path: Path) -> float:
    """Give how many seconds of audio a file says that it holds.

    Raises SoundError when it is not audio.
    """
    import soundfile

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

    try:
        file = soundfile.SoundFile(path)
    except (OSError, soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(f"{path.name} is not an audio file that can be read.") from error

    def read_blocks() -> "Iterator[Samples]":
        with file:
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
    overlap = min(round(overlap_s * RATE_HZ), len(samples) // 3)
    rise = np.sin(np.linspace(0, np.pi / 2, overlap, endpoint=False, dtype=np.float32))[:, None]
    looped = samples[:-overlap].copy()
    looped[:overlap] = looped[:overlap] * rise + samples[-overlap:] * rise[::-1]
    return _make_sound(looped / _FULL_SCALE, f"loop {overlap} {sound.key}")


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


def _mix_down(stereo: "Samples") -> bytes:
    return quantise(stereo, 1)


def _resample_blocks(blocks: "Iterator[Samples]", rate_hz: int) -> "Iterator[Samples]":
    """Bring blocks of (n, 2) to the rate of episodes; their length in all is `scale_length`'s."""
    import numpy as np
    import soxr

    if rate_hz == RATE_HZ:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate_hz, RATE_HZ, 2, dtype="float32")
    taken = given = 0
    for block in blocks:
        taken += len(block)
        resampled = stream.resample_chunk(block)
        given += len(resampled)
        yield resampled
    length = scale_length(taken, rate_hz, RATE_HZ)
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
