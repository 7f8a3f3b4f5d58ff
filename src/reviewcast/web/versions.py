"""The last versions of the episode that the page can play, and how loud they are where."""

import contextlib
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from reviewcast.audio.files.decode import decode_frames
from reviewcast.audio.mp3.frames import FRAME_SAMPLES
from reviewcast.audio.render import list_frames
from reviewcast.model.audio import EncodedAudio
from reviewcast.system.cache import Cache

_KEPT_VERSIONS = 3

Measure = Callable[[bytes], list[int]]
"""From the MP3 frames of a block to a level from 0 to 100 for each."""


def name_version(audio: EncodedAudio) -> str:
    """Return the name of what is heard: the same for the same frames."""
    keys = " ".join(block.key for block in audio.blocks)
    return hashlib.sha256(keys.encode()).hexdigest()[:16]


def measure_levels(frames: bytes) -> list[int]:
    """Return how loud each MP3 frame is as decoded, from 0 to 100: its root mean square.

    Peaks tell little of an episode that was brought to its loudness: they are nearly all alike.
    """
    import numpy as np

    samples = decode_frames(frames)
    powers = samples**2 if samples.ndim == 1 else (samples**2).mean(axis=1)
    whole = np.pad(powers, (0, -len(powers) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
    levels: list[int] = np.rint(100 * np.sqrt(whole.mean(axis=1))).astype(int).tolist()
    return levels


class Versions:
    """The MP3s of the last three versions, in a folder of their own, and their levels."""

    def __init__(self, measure: Measure = measure_levels) -> None:
        self._measure = measure
        self._folder = tempfile.TemporaryDirectory(prefix="reviewcast-")
        self._kept: dict[str, tuple[Path, bytes | None]] = {}
        self._levels: dict[str, list[int]] = {}

    def close(self) -> None:
        """Remove the files."""
        self._folder.cleanup()

    def find_audio(self, version: str) -> Path | None:
        """Return the MP3 of a version, None when it is none of the last few."""
        found = self._kept.get(version)
        return found[0] if found else None

    def find_levels(self, version: str) -> bytes | None:
        """Return the levels of a version's MP3 frames: JSON, whole numbers from 0 to 100.

        None while they are not measured yet.
        """
        found = self._kept.get(version)
        return found[1] if found else None

    def keep(self, audio: EncodedAudio, cache: Cache) -> None:
        """Write a version's MP3, and remove all but the last few."""
        version = name_version(audio)
        if version in self._kept:
            self._kept[version] = self._kept.pop(version)  # the newest again
            return
        path = Path(self._folder.name, f"{version}.mp3")
        with path.open("wb") as file:
            for piece in list_frames(audio, cache):
                file.write(piece)
        self._kept[version] = path, None
        for old in list(self._kept)[:-_KEPT_VERSIONS]:
            gone, _ = self._kept.pop(old)
            with contextlib.suppress(OSError):  # where an open file cannot be removed
                gone.unlink()

    def count_unmeasured(self, audio: EncodedAudio) -> int:
        """Return how many of its blocks have to be decoded before it can be drawn."""
        return sum(block.key not in self._levels for block in audio.blocks)

    def draw(self, audio: EncodedAudio, cache: Cache, *, check: Callable[[], None]) -> None:
        """Measure the levels of a version that is kept, as far as they are not known.

        `check` is called before each block, and may raise to end it.
        """
        version = name_version(audio)
        known, self._levels = self._levels, {}
        levels: list[int] = []
        for block in audio.blocks:
            check()
            found = known.get(block.key)
            if found is None:
                found = self._measure(cache.blocks.load(block.key))
            self._levels[block.key] = found
            levels += found
        path, _ = self._kept[version]
        self._kept[version] = path, msgspec.json.encode(levels[1:])  # the decoder's delay
