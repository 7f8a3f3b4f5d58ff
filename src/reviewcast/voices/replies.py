"""What a voice on the network takes, and how its reply is proven to be the speech of it."""

from collections.abc import Callable

from reviewcast.errors import SoundError, VoiceError, VoiceUnavailable
from reviewcast.model import Take
from reviewcast.mp3 import find_frames
from reviewcast.sound import decode_speech, is_cut_off, is_silent, measure_take
from reviewcast.voices.connection import LATER

_FASTEST_LETTERS_PER_S = 24.0
"""Voices speak some 14 letters a second; of what is quicker by so much, a part is missing."""


def refuse_unspeakable(text: str, *, service: str, max_chars: int) -> None:
    """Refuse a text without a word in it, or with too many characters.

    Raises VoiceError. `service` begins its sentence.
    """
    if not any(map(str.isalnum, text)) or len(text) > max_chars:
        raise VoiceError(
            f"{service} takes 1 to {max_chars:,} characters with a word in them,"
            f" not {text[:60]!r}.",
            hint="Please report it: the script should hold no such segment.",
        )


def read_speech(decode: Callable[[], Take], text: str, *, service: str, speed: float = 1.0) -> Take:
    """Decode a reply, and hold it against its text: not silent, not cut off, not too short.

    `speed` is how much quicker than usual was asked for. Raises VoiceUnavailable, which begins
    with `service`, for a reply that is not the whole speech of the text.
    """
    try:
        take = decode()
    except SoundError as error:
        raise VoiceUnavailable(
            f"{service} answered with broken audio for {text[:60]!r}.", hint=LATER
        ) from error
    figures = measure_take(take)
    spoken_s = (figures.end - figures.start) / take.rate_hz
    letters = sum(map(str.isalnum, text))
    for is_wrong, what in (
        (is_silent(take), "answered with silence"),
        (is_cut_off(take), "broke off"),
        (
            spoken_s < letters / (_FASTEST_LETTERS_PER_S * max(1.0, speed)),
            "answered with too little audio",
        ),
    ):
        if is_wrong:
            raise VoiceUnavailable(f"{service} {what} for {text[:60]!r}.", hint=LATER)
    return take


def decode_mp3(data: bytes) -> Take:
    """Decode an MP3 without tags.

    Raises SoundError when it is empty, or anything else than whole frames.
    """
    if not list(find_frames(data)):
        raise SoundError("The reply is empty.")
    return decode_speech(data)
