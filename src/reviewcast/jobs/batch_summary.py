"""What a batch took, and what came of it, in figures."""

from msgspec import Struct

from reviewcast.jobs.batch import Batch
from reviewcast.jobs.build import Built
from reviewcast.jobs.costs import Taken


class BatchSummary(Struct, frozen=True, kw_only=True):
    """How many reviews were built, failed or were left, and how long it took.

    `reused` are those built of which nothing had to be spoken or encoded. `audio_s` is what all
    episodes last, `voiced_s` what of it was spoken by this run, `taken` its processor and disk.
    """

    built: int
    reused: int
    failed: int
    left: int
    took_s: float
    audio_s: float
    voiced_s: float
    taken: Taken | None = None


def sum_up(batch: Batch, *, took_s: float) -> BatchSummary:
    """Return the figures of a batch that took so many seconds."""
    return BatchSummary(
        built=len(batch.built),
        reused=sum(map(_is_reused, batch.built)),
        failed=len(batch.failed),
        left=batch.left,
        took_s=round(took_s, 1),
        audio_s=round(sum(built.episode.duration_s for built in batch.built), 1),
        voiced_s=round(sum(map(_measure_voiced, batch.built)), 1),
        taken=batch.taken,
    )


def _is_reused(built: Built) -> bool:
    figures = built.figures
    return not figures.voiced and figures.blocks == figures.blocks_reused


def _measure_voiced(built: Built) -> float:
    """Return the seconds that were spoken anew."""
    cues = built.episode.cues
    voiced = [cues[number] for number in built.figures.voiced_segments if number < len(cues)]
    return sum(cue.end_s - cue.start_s for cue in voiced)
