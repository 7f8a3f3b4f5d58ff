"""A voice as a stranger writes it today: what is known of it stands in one value."""

import math
from array import array
from dataclasses import dataclass
from typing import ClassVar

from reviewcast.plugin import Take, Voice, VoiceError, VoiceInfo


@dataclass(frozen=True)
class ChirpVoice:
    """Chirps once a letter."""

    hz: float = 880.0

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="chirp", version="1", max_chars=200, max_workers=0, clean=True, languages=("en",)
    )

    def speak(self, text: str, *, language: str) -> Take:
        """Chirp for 60 ms a letter, each rising by a half."""
        if not language.startswith("en"):
            raise VoiceError("Chirping is only understood in English.", hint="Set language.")
        letters = sum(map(str.isalnum, text))
        if not letters or len(text) > self.info.max_chars:
            raise VoiceError(f"There is nothing to chirp in {text[:60]!r}.")
        tone = array("h")
        for n in range(1440 * letters):
            at = n % 1440
            turn = math.tau * self.hz * (at + at * at / 5760) / 24_000
            tone.append(round(9000 * math.sin(turn) * math.sin(math.pi * at / 1440)))
        return Take(tone.tobytes(), 24_000)


def make_voice() -> Voice:
    """Make one; a type checker sees that it keeps the protocol."""
    return ChirpVoice(hz=1760)
