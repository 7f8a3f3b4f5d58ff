"""Speech and music that tests can find again in finished audio."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from reviewcast.audio.loudness import gate_loudness, measure_energies, pack_lufs
from reviewcast.audio.measure import measure_take
from reviewcast.audio.mp3.edges import encode_block
from reviewcast.audio.mp3.frames import build_info_frame
from reviewcast.model.audio import (
    BlockFigures,
    Cue,
    EncodedAudio,
    Sound,
    StoredTake,
    Take,
    TakeFigures,
)
from reviewcast.model.errors import VoiceError
from reviewcast.model.text import Script, ScriptChapter, Segment, Span
from reviewcast.system.keys import hash_key
from reviewcast.system.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


def make_noise(seconds: float, rate_hz: int, *, seed: int = 0, low: float = 300.0) -> Samples:
    """Make noise of the speech band with a syllable's rise and fall, its peak at 0.5.

    Its autocorrelation has one sharp peak, so its place can be found to the sample.
    """
    count = round(seconds * rate_hz)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    frequencies = np.fft.rfftfreq(count, 1 / rate_hz)
    spectrum[(frequencies < low) | (frequencies > min(5000, rate_hz * 0.4))] = 0
    wave = np.fft.irfft(spectrum, count)
    wave *= 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(count) / rate_hz)
    return np.asarray(0.5 * wave / np.abs(wave).max(), np.float32)


def to_pcm(samples: Samples) -> bytes:
    """Round float samples to 16 bit PCM."""
    return bytes(np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes())


def make_sound(seconds: float, *, seed: int = 0, key: str = "") -> Sound:
    """Make a stereo sound as `open_sound` gives it."""
    left = make_noise(seconds, 44_100, seed=2 * seed + 1, low=60)
    right = make_noise(seconds, 44_100, seed=2 * seed + 2, low=60)
    stereo = np.stack([left, 0.5 * left + 0.5 * right], axis=1)
    energies = measure_energies(stereo, 44_100)
    return Sound(
        key=key or f"sound{seed}",
        samples=len(stereo),
        level_lufs=gate_loudness(energies),
        energies=pack_lufs(energies),
        pcm=to_pcm(stereo),
    )


@dataclass(frozen=True)
class ToneVoice:
    """A voice whose speech is noise that its text alone decides, between quiet edges.

    It lasts 0.06 s a letter. A text with a word in capitals makes it fail in the way that
    the word tells. The first call for such a text with ONCE leaves a mark in `folder`, and one with
    HOLD waits for whoever opens the pipe `gate` in it.
    """

    folder: str = ""
    gain: float = 1.0

    name: ClassVar[str] = "tone"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 300
    max_workers: ClassVar[int] = 2
    online: ClassVar[bool] = False
    edge_s: ClassVar[float] = 0.15
    rate_hz: ClassVar[int] = 24_000

    def speak(self, text: str, *, language: str) -> Take:
        """Speak, fail, or die as the text says."""
        if "DIE" in text and not ("ONCE" in text and self._has_mark(text)):
            os._exit(3)
        if "HOLD" in text:
            with open(os.path.join(self.folder, "gate"), "rb"):  # a pipe: until somebody writes
                pass
        if "REFUSE" in text:
            raise VoiceError("The voice refuses.", hint="Say something else.")
        if "SILENT" in text:
            return Take(bytes(2 * self.rate_hz), self.rate_hz)
        edge = np.zeros(round(self.edge_s * self.rate_hz), np.float32)
        speech = self.make_speech(text)
        if "SHORT" in text:
            speech = speech[: self.rate_hz // 50]
        if "LONG" in text:
            speech = np.tile(speech, 40)
        return Take(to_pcm(np.concatenate([edge, speech, edge])), self.rate_hz)

    def make_speech(self, text: str) -> Samples:
        """Return the speech of a text without the edges."""
        letters = max(1, sum(map(str.isalnum, text)))
        level = self.gain * (0.1 + 0.9 * (zlib.crc32(text.encode()) % 7) / 6)
        noise = make_noise(0.06 * letters, self.rate_hz, seed=zlib.crc32(text.encode()))
        return np.asarray(level * noise, np.float32)

    def _has_mark(self, text: str) -> bool:
        path = os.path.join(self.folder, f"{zlib.crc32(text.encode()):08x}")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return True
        return False


@dataclass(frozen=True)
class WordVoice:
    """A voice that says each word as a tone, so that the finished audio tells which is where.

    It takes 0.06 s a character, so that time tells of place; when `uneven`, words are 0.6 to 1.6
    times as long and there are pauses at marks. `tells` makes it mark its words. When it `glides`,
    each tone rises by a half, so that its place can be found to the sample by cross-correlation.
    """

    uneven: bool = False
    tells: bool = False
    glides: bool = False

    name: ClassVar[str] = "words"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 300
    max_workers: ClassVar[int] = 2
    online: ClassVar[bool] = False
    rate_hz: ClassVar[int] = 24_000
    edge_s: ClassVar[float] = 0.15
    char_s: ClassVar[float] = 0.06
    gap_s: ClassVar[float] = 0.02
    pauses_s: ClassVar[dict[str, float]] = {".": 0.33, "?": 0.33, ",": 0.16, ";": 0.2, "—": 0.2}

    def speak(self, text: str, *, language: str) -> Take:
        """Say each word as the tone that `pitch_word` gives it."""
        sounds = [np.zeros(round(self.edge_s * self.rate_hz), np.float32)]
        marks: list[tuple[int, int]] = []
        words = [match.start() for match in re.finditer(r"(?<![^\W_])[^\W_]", text)]
        words = [at for at in words if at == 0 or text[at - 1] not in "’'-"]
        bounds = [0, *words[1:], len(text)]
        for at, (start, end) in zip(words, pairwise(bounds), strict=True):
            word = text[at:end]
            length_s, silent_s = (end - start) * self.char_s, self.gap_s
            if self.uneven:
                length_s *= 0.6 + zlib.crc32(word.encode()) % 100 / 100
                silent_s += max((self.pauses_s.get(mark, 0.0) for mark in word), default=0.0)
                length_s += silent_s
            if end == len(text):
                silent_s = 0.0
            marks.append((at, sum(map(len, sounds))))
            sounds += [
                self._make_tone(pitch_word(word), length_s - silent_s),
                np.zeros(round(silent_s * self.rate_hz), np.float32),
            ]
        pcm = to_pcm(np.concatenate([*sounds, sounds[0]]))
        return Take(pcm, self.rate_hz, tuple(marks) if self.tells else ())

    def _make_tone(self, hz: int, seconds: float) -> Samples:
        at = np.arange(round(seconds * self.rate_hz)) / self.rate_hz
        edges = np.minimum(1, np.minimum(at, at[::-1]) / 0.004)
        rise = 1 + at / (4 * at[-1]) if self.glides else 1  # half of it: frequency is a derivative
        return np.asarray(0.3 * edges * np.sin(2 * np.pi * hz * at * rise), np.float32)


def pitch_word(word: str) -> int:
    """Return the tone of a word in Hz: by its letters alone, from 600 to 4,140 in steps of 60."""
    letters = "".join(filter(str.isalnum, word)).casefold()
    return 600 + 60 * (zlib.crc32(letters.encode()) % 60)


def find_tones(blocks: Iterable[Samples], rate_hz: int) -> list[tuple[float, float, float]]:
    """Find the tones in audio of any length: from and to, in seconds, and the pitch in Hz.

    The blocks are (n,) samples; all but the last are whole milliseconds long. Tones are a fifth
    as loud as the loudest at least, with 10 ms and more between them.
    """
    step = rate_hz // 500
    levels, crossings = [], []
    last = np.zeros(1, np.float32)
    for block in blocks:
        rows = np.pad(block, (0, -len(block) % step)).reshape(-1, step)
        levels.append(np.abs(rows).max(axis=1))
        signs = np.signbit(np.concatenate([last, rows.ravel()]))
        crossings.append((signs[1:] != signs[:-1]).reshape(-1, step).sum(axis=1))
        last = rows.ravel()[-1:]
    level, crossed = (
        np.concatenate(levels),
        np.concatenate([[0], np.cumsum(np.concatenate(crossings))]),
    )
    heard = np.flatnonzero(level > 0.2 * level.max())
    breaks = np.flatnonzero(np.diff(heard) > 0.01 * rate_hz / step)
    firsts = heard[np.concatenate([[0], breaks + 1])]
    ends = heard[np.concatenate([breaks, [len(heard) - 1]])] + 1
    tones = []
    for first, end in zip(firsts.tolist(), ends.tolist(), strict=True):
        inner = (first + 2, max(first + 3, end - 2))
        hz = (crossed[inner[1]] - crossed[inner[0]]) / 2 / ((inner[1] - inner[0]) * step / rate_hz)
        tones.append((first * step / rate_hz, end * step / rate_hz, float(hz)))
    return tones


def find_offset(haystack: Any, needle: Any) -> int:
    """Find where a signal stands in another, to the sample, by cross-correlation."""
    size = 1 << (len(haystack) + len(needle)).bit_length()
    product = np.fft.rfft(haystack, size) * np.conj(np.fft.rfft(needle, size))
    return int(np.argmax(np.fft.irfft(product, size)[: len(haystack)]))


def make_segment(index: int, text: str, *, chapter: int = 0, pause_s: float = 0.45) -> Segment:
    """Make a segment that is spoken as it is written."""
    return Segment(
        index=index,
        chapter=chapter,
        role="narrator",
        text=text,
        spoken=text,
        pause_s=pause_s,
        span=Span(chapter, index, 0, len(text)),
    )


def make_script(*chapters: list[str], pause_s: float = 0.45) -> Script:
    """Make a script of written chapters; the last pause is 0, as the splitter leaves it."""
    segments: list[Segment] = []
    for number, texts in enumerate(chapters):
        for text in texts:
            last = number == len(chapters) - 1 and text is texts[-1]
            segments.append(
                make_segment(len(segments), text, chapter=number, pause_s=0.0 if last else pause_s)
            )
    return Script(
        title="A review",
        language="en",
        chapters=tuple(ScriptChapter(f"Chapter {n}", True) for n in range(len(chapters))),
        segments=tuple(segments),
    )


def find_heard(cue: Cue) -> tuple[int, int]:
    """Return the samples from and to which a cue is heard, without the silence of its edges."""
    (first, start), (end, last) = cue.pauses[0], cue.pauses[-1]
    assert (first, last) == (cue.start, cue.end)
    return start, end


def store_takes(script: Script, store: Store[TakeFigures]) -> tuple[StoredTake, ...]:
    """Speak a script with the ToneVoice into a store, each text under its own key."""
    takes = []
    for segment in script.segments:
        take = ToneVoice().speak(segment.spoken, language="en")
        key = hash_key(segment.spoken)
        store.put(key, measure_take(take), take.pcm)
        takes.append(StoredTake(key, measure_take(take)))
    return tuple(takes)


def join_file(audio: EncodedAudio, store: Store[BlockFigures]) -> bytes:
    """Join an episode's blocks behind their Info frame."""
    info = build_info_frame(
        frames=audio.frames,
        size_bytes=sum(block.size_bytes for block in audio.blocks),
        rate_hz=audio.rate_hz,
        channels=audio.channels,
        bitrate_kbps=audio.bitrate_kbps,
    )
    return info + b"".join(store.load(block.key) for block in audio.blocks)


def encode_frames(
    pcm: bytes,
    *,
    rate_hz: int = 44_100,
    channels: int,
    bitrate_kbps: int,
    quality: int,
    vbr_quality: int | None = None,
) -> bytes:
    """Encode a block that begins and ends in silence to its MP3 frames."""
    return encode_block(
        pcm,
        rate_hz=rate_hz,
        channels=channels,
        bitrate_kbps=bitrate_kbps,
        quality=quality,
        vbr_quality=vbr_quality,
    ).frames
