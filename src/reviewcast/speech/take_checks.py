"""What a voice gave back is held against what a take must be, in one place for all voices."""

from typing import cast

from reviewcast.model.audio import Take
from reviewcast.model.errors import ReviewcastError, VoiceError
from reviewcast.model.protocols import Voice, describe_voice

LOWEST_HZ, HIGHEST_HZ = 8000, 192_000
"""The rates that a take may have."""

_FILES = (b"RIFF", b"fLaC", b"OggS", b"ID3")
_LEAST_SWING = 109  # of 32,768: what swings less than this around its mean is nothing to be heard


def speak_checked(voice: Voice, text: str, language: str) -> Take:
    """Return a voice's take of a text, once it is checked.

    Raises the voice's own errors of the tree; whatever else it raises, an exit of the program
    included, and a take that cannot be one, as VoiceError that names the voice.
    """
    name = describe_voice(voice).name
    try:
        spoken: object = voice.speak(text, language=language)
    except (ReviewcastError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit too: it would end the program without a word
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        raise VoiceError(
            f"The voice {name} failed with {said[:200]}.", hint=_give_hint(name)
        ) from error
    fault = find_fault(spoken)
    if fault:
        raise VoiceError(f"The voice {name} {fault}.", hint=_give_hint(name))
    return cast("Take", spoken)


def find_fault(spoken: object) -> str:
    """Return what is wrong with what `speak` gave, as what the voice did; "" for a take.

    Silence is a take: whether it can be one of its text is not told here.
    """
    if not isinstance(spoken, Take):
        return f"gave {_name_type(spoken)}, and no Take"
    pcm: object = spoken.pcm
    rate_hz: object = spoken.rate_hz
    if not isinstance(pcm, bytes):
        return f"gave a take whose pcm is {_name_type(pcm)}, not bytes"
    if not pcm:
        return "gave a take that is empty"
    if len(pcm) % 2:
        return f"gave a take of {len(pcm)} bytes, an odd number: it is not 16 bit"
    if type(rate_hz) is not int or not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        return f"gave a take with a rate of {rate_hz!r}, not {LOWEST_HZ} to {HIGHEST_HZ}"
    if pcm.startswith(_FILES):
        return "gave an audio file: decode it, as reviewcast.audio.files.decode.decode_speech does"
    if not _are_marks(spoken.marks):
        return "gave a take whose marks are not pairs of whole numbers"
    if _is_constant(pcm):
        return "gave a take without any sound: all its samples have the same value"
    return ""


def _name_type(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _give_hint(name: str) -> str:
    return (
        f"That is a fault of the voice {name}: report it to whoever made it"
        " (reviewcast.testing.check_voice finds such), and choose another with --voice."
    )


def _are_marks(marks: object) -> bool:
    return isinstance(marks, tuple) and all(
        isinstance(mark, tuple) and len(mark) == 2 and all(type(place) is int for place in mark)
        for mark in marks
    )


def _is_constant(pcm: bytes) -> bool:
    """True if samples stand at one value that is not zero, or hardly move around it.

    Without numpy, which a voice's process may do without: every 97th sample is looked at first.
    """
    samples = memoryview(pcm).cast("h")
    few = samples[::97]
    if max(few) - min(few) >= _LEAST_SWING:
        return False
    low, high = min(samples), max(samples)
    return high - low < _LEAST_SWING and max(-low, high) >= _LEAST_SWING and low * high > 0
