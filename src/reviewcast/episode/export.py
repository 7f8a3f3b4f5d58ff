"""The master as it was before MP3 coding, for an editor's further work: WAV, FLAC and stems."""

import contextlib
import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from reviewcast.audio.files.encode import open_flac
from reviewcast.audio.limiter import MOST_BETWEEN_DB, limit_peaks
from reviewcast.audio.mix import render_block
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.samples import Samples
from reviewcast.model.audio import Block, EncodedAudio, EncodedBlock, Sound
from reviewcast.model.events import Notify, Progressed
from reviewcast.system.files import check_writable, write_whole

ExportFormat = Literal["wav", "flac", "stems"]

Export = Literal["wav", "flac", "speech", "music"]
"""A file that is written: stems are two of them."""

_FILES: dict[ExportFormat, dict[Export, str]] = {
    "wav": {"wav": ".wav"},
    "flac": {"flac": ".flac"},
    "stems": {"speech": ".speech.wav", "music": ".music.wav"},
}

_STEMS: dict[Export, tuple[str, ...]] = {"speech": ("take",), "music": ("sound", "loop")}
"""Which pieces a stem is made of."""

_PCM, _FLOAT = 1, 3  # format tags
_UNKNOWN = 0xFFFFFFFF


def place_exports(mp3: Path, formats: Collection[ExportFormat]) -> dict[Export, Path]:
    """Return where the files of these formats lie: beside the MP3, named after it.

    Raise StorageError where the MP3 or one of them cannot be written.
    """
    exports = {
        export: mp3.with_suffix(suffix)
        for name, files in _FILES.items()
        if name in formats
        for export, suffix in files.items()
    }
    for file in (mp3, *exports.values()):
        check_writable(file)
    return exports


def export_audio(
    audio: EncodedAudio,
    places: dict[Export, Path],
    *,
    load_take: Callable[[str], bytes],
    sounds: Iterable[Sound],
    level_change_db: float,
    notify: Notify,
) -> None:
    """Render an episode again and write it as it was before coding, to the sample where its MP3 is.

    Each file has the length, the channels and the level of the decoded MP3: `level_change_db` is
    how LAME changes that. WAV and FLAC hold what LAME was given, in 24 bits: the mix after gain
    and limiter. The stems are speech and music before the limiter, in 32 bit float because there
    peaks may pass full scale; their sum is the mix that the limiter was given.

    Memory holds one block, and each file is written whole or not at all; a WAV over 4 GB is RF64.
    Raise StorageError.
    """
    opened = {sound.key: sound for sound in sounds}

    def mix(encoded: EncodedBlock, kinds: tuple[str, ...] | None) -> Samples:
        block = encoded.block
        if kinds is not None:
            pieces = tuple(piece for piece in block.pieces if piece.source in kinds)
            block = replace(block, pieces=pieces)
        samples = render_block(block, load_take=load_take, sounds=opened)
        if kinds is None:  # as it was done before it was encoded
            samples *= 10 ** (audio.gain_db / 20)
            samples = limit_peaks(
                samples, encoded.figures.limit_dbtp, most_between_db=MOST_BETWEEN_DB
            )
            samples *= 10 ** (level_change_db / 20)
        else:
            samples *= 10 ** ((audio.gain_db + level_change_db) / 20)
        return _pick_own(samples, block, audio.channels)

    left = audio.samples
    with contextlib.ExitStack() as stack:
        writers = {
            export: stack.enter_context(_open_file(path, export, audio))
            for export, path in places.items()
        }
        for number, encoded in enumerate(audio.blocks, 1):
            mixes: dict[tuple[str, ...] | None, Samples] = {}
            for export, write in writers.items():
                kinds = _STEMS.get(export)
                if kinds not in mixes:
                    mixes[kinds] = mix(encoded, kinds)[:left]
                write(mixes[kinds])
            left -= min(left, encoded.block.samples)
            notify(Progressed("export", number, len(audio.blocks)))


def _pick_own(samples: Samples, block: Block, channels: int) -> Samples:
    """Return the samples of a block without its lead and trail, as (n, channels)."""
    lead = block.lead * FRAME_SAMPLES
    own = samples[lead : lead + block.samples]
    if own.ndim == 1:
        return np.repeat(own[:, None], channels, axis=1)
    return own if channels == 2 else own.mean(axis=1, keepdims=True)


@contextlib.contextmanager
def _open_file(
    path: Path, export: Export, audio: EncodedAudio
) -> "Iterator[Callable[[Samples], None]]":
    """Open a file for (n, channels) samples at ±1; it takes its name when all are written."""
    with write_whole(path) as file:
        if export == "flac":
            with open_flac(file, audio.channels) as write:
                yield lambda samples: write(_to_24_bits(samples))
        else:
            with _open_wave(file, audio, is_float=export in _STEMS) as write_samples:
                yield write_samples


@contextlib.contextmanager
def _open_wave(
    file: BinaryIO, audio: EncodedAudio, *, is_float: bool
) -> "Iterator[Callable[[Samples], None]]":
    """Open a WAV file of 24 bit PCM or 32 bit float; libsndfile would write the time into one."""

    def write(samples: Samples) -> None:
        if is_float:
            file.write(samples.astype("<f4").tobytes())
        else:
            packed = _to_24_bits(samples).astype("<i4").view("u1").reshape(-1, 4)[:, 1:]
            file.write(packed.tobytes())

    width = 4 if is_float else 3
    size = audio.samples * audio.channels * width
    file.write(
        build_wave_header(audio.rate_hz, audio.channels, width, audio.samples, is_float=is_float)
    )
    yield write
    file.write(bytes(size % 2))


def build_wave_header(
    rate_hz: int, channels: int, width: int, samples: int, *, is_float: bool
) -> bytes:
    """Build all that stands before the samples: RIFF, or RF64 over 4 GB (EBU Tech 3306)."""
    frame = channels * width
    size = samples * frame
    tag = _FLOAT if is_float else _PCM
    layout = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * frame, frame, 8 * width)
    if is_float:
        layout += struct.pack("<H", 0)  # nothing more is told of the format
    chunks = b"fmt " + struct.pack("<I", len(layout)) + layout
    if is_float:
        chunks += b"fact" + struct.pack("<II", 4, min(samples, _UNKNOWN))
    riff_size = 4 + len(chunks) + 8 + size + size % 2
    if riff_size < _UNKNOWN:
        head = b"RIFF" + struct.pack("<I", riff_size) + b"WAVE"
    else:
        sizes = struct.pack("<QQQI", riff_size + 36, size, samples, 0)
        head = b"RF64" + struct.pack("<I", _UNKNOWN) + b"WAVE"
        head += b"ds64" + struct.pack("<I", len(sizes)) + sizes
        size = _UNKNOWN
    return head + chunks + b"data" + struct.pack("<I", size)


def _to_24_bits(samples: Samples) -> NDArray[np.int32]:
    """Round samples to 24 bits, in the upper bits of 32."""
    whole = np.rint(samples * np.float32(1 << 23))
    whole = np.clip(whole, -(1 << 23), (1 << 23) - 1, out=whole)
    shifted: NDArray[np.int32] = whole.astype(np.int32) << 8
    return shifted
