"""A voice of tones, for tests that need no speech."""

import re
import zlib
from dataclasses import dataclass
from typing import ClassVar

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError
from reviewcast.model.protocols import VoiceInfo


@dataclass(frozen=True)
class ToneVoice:
    """A voice for tests: each word is a tone that its letters decide; offline and repeatable.

    A character lasts `char_s` seconds, from 0.02 to 0.3; the tones have an amplitude of `gain`,
    up to 1. It speaks at 24 kHz, some thousand times as quick as it is heard, and marks its words.
    """

    char_s: float = 0.06
    gain: float = 0.3

    info: ClassVar[VoiceInfo] = VoiceInfo(name="tone", version="1", max_chars=300)
    rate_hz: ClassVar[int] = 24_000

    def __post_init__(self) -> None:
        if not 0.02 <= self.char_s <= 0.3:
            raise ConfigError("[voice.tone] char_s must be from 0.02 to 0.3.")
        if not 0.01 <= self.gain <= 1:
            raise ConfigError("[voice.tone] gain must be from 0.01 to 1.")

    def speak(self, text: str, *, language: str) -> Take:  # noqa: ARG002  tones have none
        """Sound a tone from 200 to 790 Hz a word, whatever the language, between quiet edges.

        Raise VoiceError for a text without a word, or of more than 300 characters.
        """
        import numpy as np

        words = list(re.finditer(r"\w+", text))
        if not words or len(text) > self.info.max_chars:
            raise VoiceError(
                f"Tones are given for 1 to {self.info.max_chars} characters with a word in them,"
                f" not for {text[:60]!r}.",
                hint="Please report it: the script should hold no such segment.",
            )
        edge = self.rate_hz // 10
        pcm = np.zeros(2 * edge + round(len(text) * self.char_s * self.rate_hz), "<i2")
        marks = []
        for word in words:
            first, last = (edge + round(at * self.char_s * self.rate_hz) for at in word.span())
            at_s = np.arange(last - first) / self.rate_hz
            hz = 200 + 10 * (zlib.crc32(word[0].casefold().encode()) % 60)
            fades = np.minimum(1, np.minimum(at_s, at_s[::-1]) / 0.005)
            pcm[first:last] = np.rint(32767 * self.gain * fades * np.sin(2 * np.pi * hz * at_s))
            marks.append((word.start(), first))
        return Take(pcm.tobytes(), self.rate_hz, tuple(marks))
