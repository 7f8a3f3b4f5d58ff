"""A voice as a stranger writes it, with nothing but the public face for plug-ins."""

import math
from array import array
from dataclasses import dataclass
from typing import ClassVar

from reviewcast.plugin import ConfigError, Take, Voice, VoiceError


@dataclass(frozen=True)
class WhistleVoice:
    """Whistles one tone a text, as long as the text."""

    hz: float = 440.0

    name: ClassVar[str] = "whistle"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 200
    max_workers: ClassVar[int] = 0
    online: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 100 <= self.hz <= 2000:
            raise ConfigError("[voice.whistle] hz must be from 100 to 2000.")

    def speak(self, text: str, *, language: str) -> Take:
        """Whistle for 60 ms a character, between 100 ms of silence."""
        if not language.startswith("en"):
            raise VoiceError("Whistling is only understood in English.", hint="Set language.")
        if not 0 < len(text) <= self.max_chars or not any(map(str.isalnum, text)):
            raise VoiceError(f"There is nothing to whistle in {text[:60]!r}.")
        edge = array("h", bytes(2 * 2400))
        turn = 2 * math.pi * self.hz / 24_000
        tone = array("h", (round(9000 * math.sin(turn * n)) for n in range(1440 * len(text))))
        return Take((edge + tone + edge).tobytes(), 24_000)


def make_voice() -> Voice:
    """Make one; a type checker sees that it keeps the protocol."""
    return WhistleVoice(hz=523.25)


class Mute:
    """What is no voice; a type checker that took it would call the comment below unused."""

    name: ClassVar[str] = "mute"


def make_mute() -> Voice:
    """Make one, against the type checker's advice."""
    return Mute()  # type: ignore[return-value]
