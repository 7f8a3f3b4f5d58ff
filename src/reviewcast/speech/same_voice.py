"""Whether two addresses speak with the same voice: by one sentence that both have said.

What needs NumPy is imported where it is used: a plan has nothing measured.
"""

from msgspec import Struct

from reviewcast.model.audio import Take

SENTENCE = (
    "The second act drags, and yet the last twenty minutes are as good as anything"
    " that this director has made."
)
"""What every address is asked for before it is asked for anything else."""

_LONGER = 0.05
_OTHER_DB = 2.0
"""The spectra of two voices lie 1.4 to 8 dB apart, of one voice at several speeds and pitches
0 to 0.6: measured, of eSpeak's and of hibari."""


class Spoken(Struct, frozen=True):
    """How the sentence was said: at which rate, how long, and with which timbre."""

    rate_hz: int
    heard_s: float
    timbre: tuple[float, ...]


def measure_spoken(take: Take) -> Spoken:
    """Measure how the sentence was said."""
    from reviewcast.audio.measure import measure_take
    from reviewcast.audio.timbre import measure_timbre

    figures = measure_take(take)
    heard_s = (figures.end - figures.start) / take.rate_hz
    return Spoken(take.rate_hz, heard_s, measure_timbre(take, figures))


def describe_difference(one: Spoken, other: Spoken) -> str:
    """Return how the first differs, such as " (3.10 s instead of 4.20 for one sentence)".

    Return "" where nothing tells them apart: the samples have the same rate, the speech is as long
    within 5 %, and the spectra are less than 2 dB apart, root mean square.
    """
    if one.rate_hz != other.rate_hz:
        return f" ({one.rate_hz:,} Hz instead of {other.rate_hz:,})"
    if abs(one.heard_s - other.heard_s) > _LONGER * other.heard_s:
        return f" ({one.heard_s:.2f} s instead of {other.heard_s:.2f} for one sentence)"
    squares = [(a - b) ** 2 for a, b in zip(one.timbre, other.timbre, strict=True)]
    apart_db = (sum(squares) / len(squares)) ** 0.5
    return f" (its spectrum is {apart_db:.1f} dB apart)" if apart_db > _OTHER_DB else ""
