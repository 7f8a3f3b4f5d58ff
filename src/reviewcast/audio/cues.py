"""Where speech lies in a take, and on the timeline."""

from reviewcast.audio.levels import EDGE_FADE_MS, SPEECH_LUFS
from reviewcast.audio.samples import RATE_HZ, scale_length
from reviewcast.model.audio import Cue, Piece, StoredTake, TakeFigures

_MOST_GAIN_DB = 30.0


def place_take(take: StoredTake, at: int) -> Piece:
    """Return the piece of a take's speech, at one level, at a place in a block."""
    figures = take.figures
    gain_db = max(-_MOST_GAIN_DB, min(_MOST_GAIN_DB, SPEECH_LUFS - figures.level_lufs))
    return Piece(
        source="take",
        key=take.key,
        digest=take.digest,
        rate_hz=figures.rate_hz,
        start=figures.start,
        end=figures.end,
        at=at,
        samples=scale_length(figures.end - figures.start, figures.rate_hz, RATE_HZ),
        gain_db=round(gain_db, 3),
        fade_in_ms=EDGE_FADE_MS,
        fade_out_ms=EDGE_FADE_MS,
    )


def find_margins(figures: TakeFigures) -> tuple[int, int]:
    """Return how long a take is silent at its beginning and at its end, in samples at 44.1 kHz."""
    head = tail = 0
    for first, last in figures.pauses:
        if first == figures.start:
            head = scale_length(last - first, figures.rate_hz, RATE_HZ)
        elif last == figures.end:
            tail = scale_length(last - first, figures.rate_hz, RATE_HZ)
    return head, tail


def make_cue(index: int, figures: TakeFigures, start: int, length: int) -> Cue:
    """Return where a segment's speech, its pauses and words are, from the take's own samples."""

    def place(sample: int) -> int:
        inside = max(0, min(sample, figures.end) - figures.start)
        return start + scale_length(inside, figures.rate_hz, RATE_HZ)

    return Cue(
        index,
        start,
        start + length,
        tuple((place(first), place(last)) for first, last in figures.pauses),
        tuple((at, place(sample)) for at, sample in figures.marks),
    )
