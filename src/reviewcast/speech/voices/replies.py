"""What a voice on the network takes, and how its reply is proven to be the speech of it.

What needs NumPy is imported where it is used: a list of the voices decodes nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewcast.model.audio import IS_QUICK, IS_SILENT, Take
from reviewcast.model.errors import (
    FetchError,
    FetchUnavailable,
    SoundError,
    VoiceError,
    VoiceUnavailable,
)
from reviewcast.system.http import send_request

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

LATER = "Wait a while and run the same command again; what was spoken is kept."
_FASTEST_LETTERS_PER_S = 24.0

_FASTEST_CUT_LETTERS_PER_S = 18.0
"""No real voice says more than 16 letters a second: of what is quicker by so much, a part is
missing, and sooner so when it also breaks off."""

_LONG = 20  # letters: of a shorter text the length says little, and silence can be the answer
_BREAKS_OFF = "breaks off"


def refuse_unspeakable(text: str, *, service: str, max_chars: int) -> None:
    """Refuse a text without a word in it, or with too many characters.

    Raise VoiceError. `service` begins its sentence.
    """
    if not any(map(str.isalnum, text)) or len(text) > max_chars:
        raise VoiceError(
            f"{service} takes 1 to {max_chars:,} characters with a word in them,"
            f" not {text[:60]!r}.",
            hint="Please report it: the script should hold no such segment.",
        )


def ask_service(
    request: "PreparedRequest", *, service: str, timeout_s: float, direct: bool = False
) -> "tuple[Response, bytes]":
    """Send a request to a voice's service, and read the whole reply; see `send_request`.

    Raise VoiceUnavailable when the service cannot be reached or breaks off, VoiceError when it
    cannot prove who it is. `service` begins their sentences.
    """
    try:
        return send_request(request, name=service, timeout_s=timeout_s, direct=direct)
    except FetchUnavailable as error:
        raise VoiceUnavailable(error.message, hint=f"{error.hint} {LATER}".strip()) from error
    except FetchError as error:
        raise VoiceError(error.message, hint=error.hint) from error


def read_speech(decode: Callable[[], Take], text: str, *, service: str, speed: float = 1.0) -> Take:
    """Decode a reply, and hold it against its text.

    `speed` is how much quicker than usual was asked for. Raise VoiceUnavailable, which begins
    with `service`, for what is no whole audio, and when most of a long text cannot be in it. What
    only sounds as if it were not whole is told by the take's `doubts`.
    """
    from reviewcast.audio.files.decode import is_silent

    try:
        take = decode()
    except SoundError as error:
        raise VoiceUnavailable(
            f"{service} answered with broken audio for {text[:60]!r}.", hint=LATER
        ) from error
    letters = sum(map(str.isalnum, text))
    pace = _measure_pace(take, letters) / max(1.0, speed)
    is_mute = is_silent(take)
    is_cut = _BREAKS_OFF in take.doubts
    if letters >= _LONG:
        what = ""
        if is_mute:
            what = "answered with silence"
        elif is_cut and pace > _FASTEST_CUT_LETTERS_PER_S:
            what = "broke off"
        elif pace > _FASTEST_LETTERS_PER_S:
            what = "answered with too little audio"
        if what:
            raise VoiceUnavailable(f"{service} {what} for {text[:60]!r}.", hint=LATER)
    doubts = list(take.doubts)
    if is_mute:
        doubts.append(IS_SILENT)
    elif pace > (_FASTEST_CUT_LETTERS_PER_S if letters >= _LONG else _FASTEST_LETTERS_PER_S):
        doubts.append(IS_QUICK)
    return replace(take, doubts=tuple(doubts))


def _measure_pace(take: Take, letters: int) -> float:
    """Measure how many letters are spoken a second; 0 when nothing is heard."""
    from reviewcast.audio.measure import measure_take

    figures = measure_take(take)
    samples = figures.end - figures.start
    return letters * take.rate_hz / samples if samples else 0.0


def decode_mp3(data: bytes, *, by_lame: bool = False) -> Take:
    """Decode an MP3 without tags; `by_lame` says that LAME made it, when that is known.

    LAME fills up the last frame: then the take is whole, however loud it ends, and when the
    frame's rest is sound instead, it breaks off. What another encoder leaves says nothing. Raises
    SoundError when it is empty, or anything else than whole frames.
    """
    from reviewcast.audio.files.decode import decode_speech
    from reviewcast.audio.mp3.ends import find_end

    if not data:
        raise SoundError("The reply is empty.")
    end = find_end(data)
    take = decode_speech(data)
    if end == "closed":
        return take
    if end == "open" and (by_lame or b"LAME" in data):
        return replace(take, doubts=(_BREAKS_OFF,))
    return doubt_end(take)


def doubt_end(take: Take) -> Take:
    """Report a doubt if a take is loud to its last sample and nothing else shows it whole."""
    from reviewcast.audio.files.decode import is_cut_off

    return replace(take, doubts=(_BREAKS_OFF,)) if is_cut_off(take) else take
