"""Whether two addresses speak with the same voice: by one sentence that both have said."""

from reviewcast.model.audio import TakeFigures

SENTENCE = (
    "The second act drags, and yet the last twenty minutes are as good as anything"
    " that this director has made."
)
"""What every address is asked for before it is asked for anything else."""

_TOLERANCE = 0.05


def describe_difference(figures: TakeFigures, others: TakeFigures) -> str:
    """Return how a voice differs from another in the sentence, such as " (3.1 s instead of 4.2)".

    Return "" where nothing tells them apart: the rate of the samples is the same, and the speech
    as long within 5 %, more than most models vary by themselves.
    """
    if figures.rate_hz != others.rate_hz:
        return f" ({figures.rate_hz:,} Hz instead of {others.rate_hz:,})"
    heard_s, other_s = measure_heard(figures), measure_heard(others)
    if abs(heard_s - other_s) > _TOLERANCE * other_s:
        return f" ({heard_s:.2f} s instead of {other_s:.2f} for one sentence)"
    return ""


def measure_heard(figures: TakeFigures) -> float:
    """Return how long speech is heard in a take, in seconds."""
    return (figures.end - figures.start) / figures.rate_hz
