"""The only door to pydub, soundfile and soxr: audio is opened, cut, faded, mixed."""

import hashlib
import io
import math
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from reviewcast.errors import SoundError
from reviewcast.loudness import SILENCE_LUFS, gate_loudness, measure_energies
from reviewcast.model import Block, Piece, Sound, Take, TakeFigures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydub import AudioSegment

    Samples = NDArray[np.float32]

RATE_HZ = 44_100
"""The rate at which episodes are mixed and encoded."""

_MAX_SOUND_S = 120
_LONGEST_RECORDING_S = 600
_MOST_RECORDED = 600 * 96_000  # samples of all channels: a small file can claim to hold far more
_TRIM_BELOW_PEAK_DB = 42.0
_TRIM_MARGIN_S = 0.02
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
    """Decode a voice's reply (MP3, WAV, FLAC, Ogg), mixed to one channel.

    Raises SoundError when it is not audio to its end.
    """
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(f"The reply is not audio: {error}") from error
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1).astype("int16")
    return Take(mono.astype("<i2").tobytes(), rate_hz)


def open_recording(data: bytes, name: str) -> Take:
    """Open somebody's own recording in place of a voice: any rate, mixed to one channel.

    Raises SoundError when it is not audio to its end, silent, or longer than ten minutes.
    """
    import soundfile

    hint = "Use a WAV, FLAC, MP3 or Ogg file of up to ten minutes."
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.frames > _LONGEST_RECORDING_S * file.samplerate:
                raise SoundError(f"The recording {name} is longer than ten minutes.", hint=hint)
            if file.frames * file.channels > _MOST_RECORDED:
                raise SoundError(f"The recording {name} has too many samples.", hint=hint)
        take = decode_speech(data)
    except (SoundError, soundfile.LibsndfileError, RuntimeError) as error:
        if isinstance(error, SoundError) and error.hint:
            raise
        raise SoundError(
            f"The recording {name} is no audio file that can be read.", hint=hint
        ) from error
    if is_silent(take):
        raise SoundError(f"The recording {name} is silent.", hint=hint)
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
        energies_lufs=energies,
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
    """Open music for the episode: any rate, one or two channels, up to two minutes.

    The format is told from the file's own bytes, never from its name. Raises SoundError when the
    file is missing, broken, silent or longer.
    """
    import numpy as np
    import soundfile

    hint = "Use a WAV, FLAC, MP3 or Ogg file, or leave the setting empty for none."
    try:
        data = path.read_bytes()
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.frames > _MAX_SOUND_S * file.samplerate:
                raise SoundError(f"{path} is longer than {_MAX_SOUND_S} s.", hint="Cut it shorter.")
            samples, rate_hz = file.read(dtype="float32", always_2d=True), file.samplerate
    except OSError as error:
        raise SoundError(f"Cannot open {path}: {error.strerror or error}.", hint=hint) from error
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(f"{path} is not an audio file that can be read.", hint=hint) from error
    stereo = np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples[:, :2]
    stereo = resample(stereo, rate_hz, RATE_HZ)
    if not len(stereo) or not np.isfinite(stereo).all() or np.abs(stereo).max() < 1e-4:
        raise SoundError(f"{path} holds no sound.", hint=hint)
    stereo = np.clip(stereo, -1, 32767 / _FULL_SCALE)
    energies = measure_energies(stereo, RATE_HZ)
    return Sound(
        key=hashlib.sha256(data).hexdigest(),
        samples=len(stereo),
        level_lufs=gate_loudness(energies),
        energies_lufs=energies,
        pcm=np.rint(stereo * _FULL_SCALE).astype("<i2").tobytes(),
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
    """Mix a block's pieces: (n,) float32 when all is speech, (n, 2) when there is music."""
    import numpy as np

    channels = 2 if any(piece.source == "sound" for piece in block.pieces) else 1
    mix = np.zeros((block.samples, 2) if channels == 2 else block.samples, np.float32)
    for piece in block.pieces:
        pcm = load_take(piece.key) if piece.source == "take" else sounds[piece.key].pcm
        mix[piece.at : piece.at + piece.samples] += _cut_piece(piece, pcm, channels)
    return mix


def quantise(samples: "Samples", channels: int) -> bytes:
    """Round (n,) or (n, 2) samples to interleaved 16 bit PCM of one or two channels."""
    import numpy as np

    if channels == 1 and samples.ndim == 2:
        samples = samples.mean(axis=1)
    scaled = samples * np.float32(_FULL_SCALE)
    np.rint(scaled, out=scaled)
    whole = np.clip(scaled, -32768, 32767, out=scaled).astype("<i2")
    if channels == 2 and samples.ndim == 1:
        whole = np.repeat(whole, 2)
    pcm: bytes = whole.tobytes()
    return pcm


def decode_frames(frames: bytes) -> "Samples":
    """Decode MP3 frames to (n,) or (n, 2) float32, one channel when both are the same."""
    import soundfile

    samples: Samples = soundfile.read(io.BytesIO(frames), dtype="float32", always_2d=True)[0]
    if samples.shape[1] == 1 or (samples[:, 0] == samples[:, 1]).all():
        return samples[:, 0].copy()
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


def to_stereo_lufs(energies_lufs: tuple[float, ...]) -> tuple[float, ...]:
    """Turn the loudness of one channel into that of the same signal from two speakers."""
    return tuple(value + 10 * math.log10(2) for value in energies_lufs)


def _cut_piece(piece: Piece, pcm: bytes, channels: int) -> "Samples":
    """Cut a piece out of its source, fade its edges, and set its level and rate.

    pydub cuts and spreads over channels; its fades and gains work in whole milliseconds and 16
    bits, so these are done here, to the sample and without rounding.
    """
    import numpy as np

    segment = make_segment(pcm, rate_hz=piece.rate_hz, channels=1 if piece.source == "take" else 2)
    segment = segment.get_sample_slice(piece.start, piece.end).set_channels(channels)
    samples = np.frombuffer(segment.raw_data, "<i2").astype(np.float32)
    samples *= np.float32(10 ** (piece.gain_db / 20) / _FULL_SCALE)
    samples = samples.reshape(-1, 2) if channels == 2 else samples
    for edge, fade_ms in ((samples, piece.fade_in_ms), (samples[::-1], piece.fade_out_ms)):
        count = min(len(samples), fade_ms * piece.rate_hz // 1000)
        ramp = np.linspace(0, 1, count, endpoint=False, dtype=np.float32)
        edge[:count] *= ramp if channels == 1 else ramp[:, None]
    return resample(samples, piece.rate_hz, RATE_HZ)


def _find_speech(samples: "Samples", rate_hz: int) -> tuple[int, int, tuple[tuple[int, int], ...]]:
    """Find the first and the last sample that can be heard, with a small margin.

    Also, from and to, the stretches in which nothing can: both margins, and what lasts 60 ms.
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
    margin = int(_TRIM_MARGIN_S * rate_hz)
    start, end = max(0, first - margin), min(len(samples), last + margin)
    pauses = (
        (start, first),
        *((int(heard[index] + 1) * size, int(heard[index + 1]) * size) for index in before),
        (last, end),
    )
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
