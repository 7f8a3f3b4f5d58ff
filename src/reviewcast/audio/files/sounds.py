"""A show's music becomes sounds at the episode's rate, with their levels."""

import filecmp
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec.structs import replace

from reviewcast.audio.files.decode import decode_clean
from reviewcast.audio.files.formats import LARGEST_BYTES
from reviewcast.audio.files.open_file import HINT, check_regular
from reviewcast.audio.loudness import gate_loudness, measure_energies, pack_lufs, to_stereo_lufs
from reviewcast.audio.samples import FULL_SCALE, RATE_HZ, Samples
from reviewcast.model.audio import Sound, Sounds
from reviewcast.model.errors import SoundError
from reviewcast.settings.load import find_asset
from reviewcast.settings.schema import Config
from reviewcast.system.resources import find_bundled


def open_sounds(config: Config) -> Sounds:
    """Open what stands around the speech, before anything is spoken.

    Raise SoundError for what is missing or broken.
    """
    settings = config.stitch
    opened = {
        name: _open_sound(name, value, config)
        for name, value in (
            ("intro", settings.intro),
            ("outro", settings.outro),
            ("sting", settings.sting),
            ("bed", settings.bed),
        )
        if value
    }
    if "bed" in opened:
        try:
            opened["bed"] = make_loop(opened["bed"])
        except SoundError as error:
            error.hint = f"It is the bed of [stitch] in podcast.toml. {error.hint}"
            raise
    if settings.room_tone_db:
        opened["tone"] = make_room_tone()
    music: tuple[Literal["intro", "outro"], ...] = ("intro", "outro")
    shrinks = tuple(name for name in music if _is_bundled(name, getattr(settings, name), config))
    return Sounds(**opened, shrinks=shrinks)


def _is_bundled(name: str, value: str, config: Config) -> bool:
    """True if a sound is the one that comes along, or a copy of it as `init` makes one."""
    if not value:
        return False
    file = f"{name}.flac"
    try:
        return value == "default" or filecmp.cmp(
            find_asset(value, file, config, ("stitch", name)), find_bundled(file), shallow=False
        )
    except OSError:
        return False


def _open_sound(name: str, value: str, config: Config) -> Sound:
    try:
        return open_sound(find_asset(value, f"{name}.flac", config, ("stitch", name)))
    except SoundError as error:
        error.hint = f"It is the {name} of [stitch] in podcast.toml. {error.hint}"
        raise


_SHORTEST_LOOP_S = 0.01


def open_sound(path: Path) -> Sound:
    """Open music for the episode: any rate, any channels, mixed to two, up to ten minutes.

    The format is told from the file's own bytes, never from its name; ffmpeg decodes what
    libsndfile does not. What is over full scale is set lower as a whole, and an offset is taken
    away. Raise SoundError when the file is missing, broken, silent or longer, or no file at all.
    """
    check_regular(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SoundError(f"{path} is too large.", hint=HINT)
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").digest()
        return _decode_sound(path, digest)
    except OSError as error:
        raise SoundError(f"Cannot open {path}: {error.strerror or error}.", hint=HINT) from error


@functools.lru_cache(maxsize=4)
def _decode_sound(path: Path, _digest: bytes) -> Sound:
    """Decode and measure music; the reviews of a batch share the four sounds of their show."""
    with path.open("rb") as source:
        whole, _, loudest = decode_clean(source, str(path), channels=2, rate_hz=RATE_HZ)
    if loudest < 1e-4:
        raise SoundError(f"{path} holds no sound.", hint=HINT)
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


def make_loop(sound: Sound, overlap_s: float = 2.0) -> Sound:
    """Make a sound that goes round without a seam: its end is mixed into its beginning."""
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
    made = _make_sound(looped / FULL_SCALE, f"loop {overlap} {sound.key}")
    return replace(made, mono_loss_db=sound.mono_loss_db)


def make_room_tone() -> Sound:
    """Make ten seconds of the quiet of a room: soft noise that goes round, always the same."""
    count = 10 * RATE_HZ
    dice = np.random.Generator(np.random.PCG64(1926))
    spectrum = dice.normal(size=(count // 2 + 1, 2)) + 1j * dice.normal(size=(count // 2 + 1, 2))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)[:, None]
    # brown above 100 Hz, gone below 40 Hz and above 8 kHz
    spectrum *= 1 / np.maximum(hz, 100) * ((hz > 40) & (hz < 8000))
    wave = np.fft.irfft(spectrum, count, axis=0)
    wave *= 0.25 / np.abs(wave).max()
    return _make_sound(wave.astype(np.float32), "room tone 1")


def _make_sound(stereo: Samples, key: str) -> Sound:
    energies = measure_energies(stereo, RATE_HZ)
    inside = energies[3:-3] or energies
    clipped = np.clip(stereo * FULL_SCALE, -FULL_SCALE, FULL_SCALE - 1)
    return Sound(
        key=key,
        samples=len(stereo),
        level_lufs=gate_loudness(inside),
        energies=pack_lufs(energies),
        pcm=np.rint(clipped).astype("<i2").tobytes(),
    )


def _measure_pcm(pcm: bytes) -> Iterator[float]:
    """Measure the momentary loudness of stereo PCM, a minute at a time: memory stays small.

    A second before each minute is measured too, so that its first windows are filled.
    """
    samples = np.frombuffer(pcm, "<i2").reshape(-1, 2)
    minute = 60 * RATE_HZ
    for start in range(0, len(samples), minute):
        before, end = max(0, start - RATE_HZ), start + minute
        part = samples[before:end].astype(np.float32) / np.float32(FULL_SCALE)
        energies = measure_energies(part, RATE_HZ)[(start - before) * 10 // RATE_HZ :]
        yield from energies if end >= len(samples) else energies[:-3]


def _measure_mono_loss(pcm: bytes, level_lufs: float) -> float:
    """Return how much softer stereo PCM is where both channels are played as one, in LU.

    Two channels that have nothing in common lose 3 LU. It is 0 when what they have in common, below
    and above, is more than what they do against each other.
    """
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
        both = part.astype(np.float32).mean(axis=1) / np.float32(FULL_SCALE)
        middle += measure_energies(both, RATE_HZ)
    return max(0.0, level_lufs - gate_loudness(to_stereo_lufs(middle)))
