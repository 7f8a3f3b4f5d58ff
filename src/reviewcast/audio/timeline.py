"""Takes become blocks on a timeline, between intro and outro."""

import math
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from reviewcast.audio.expected import expect_speech, find_stings
from reviewcast.audio.loudness import gate_loudness
from reviewcast.audio.music import has_bed
from reviewcast.audio.timeline_builder import OPENING_STEPS, STEP, TimelineBuilder
from reviewcast.model.audio import Sounds, StoredTake, Timeline
from reviewcast.model.text import Script
from reviewcast.settings.schema import StitchSettings

_MOST_OPENINGS = 60
"""In how long an episode the music still counts, when the loudness of the whole is expected."""


def stitch_takes(
    script: Script,
    takes: Sequence[StoredTake],
    sounds: Sounds,
    settings: StitchSettings,
    *,
    goes_on: bool = False,
    whole: Script | None = None,
    cut_pause_s: float = 0.25,
) -> Timeline:
    """Place the takes, trimmed and at one level, with their pauses and the music.

    Blocks are cut wherever a pause lasts `cut_pause_s` and no intro, outro or sting sounds, so each
    depends on its own pieces alone, and under a bed on where the bed has come to. All positions
    are exact counts of samples. When the script `goes_on` after its last segment, the pause there
    is kept: so a part of a script has the blocks of the `whole`, by which music is measured out.
    """
    expected_s = expect_speech(whole or script)
    has_sting = find_stings(expected_s, settings)
    bedded = [
        sounds.bed is not None and has_bed(number, chapter, settings)
        for number, chapter in enumerate(script.chapters)
    ]
    builder = TimelineBuilder(
        sounds, settings, speech_s=math.fsum(expected_s), cut_pause_s=cut_pause_s
    )
    expected_lufs: float | None = None  # until the first minute of speech is laid
    characters, last = 0, None
    for segment, take in zip(script.segments, takes, strict=True):
        if last is None:
            builder.open()
        if last is None or segment.chapter != last.chapter:
            opening, is_bedded = script.chapters[segment.chapter], bedded[segment.chapter]
            # the first segment of all has no music before it but the intro
            is_apart = opening.written and segment.index > 0 and has_sting[segment.chapter]
            sting = sounds.sting if is_apart else None
            if last is not None:
                if bedded[last.chapter] and (sting or not is_bedded):
                    builder.end_bed(last.pause_s)
                builder.wait(last.pause_s)
            builder.begin_chapter(opening, sting, take)
            if is_bedded:
                builder.begin_bed()
        else:
            builder.wait(last.pause_s)
        builder.say(segment.index, take)
        characters, last = characters + len(segment.spoken), segment
        # the window that is last in the opening is filled a step later
        if expected_lufs is None and builder.settled >= builder.opening[1] + STEP:
            total = sum(len(segment.spoken) for segment in script.segments)
            expected_lufs = _expect_loudness(builder, share=total / max(1, characters))
    if last is not None and goes_on:
        builder.wait(last.pause_s)
    elif last is not None:
        builder.close()
    return replace(builder.finish(), expected_lufs=expected_lufs)


def _expect_loudness(builder: TimelineBuilder, *, share: float) -> float:
    """Return how loud the whole will likely be: music, and speech that goes on like this.

    The whole has `share` times as many characters as were spoken.
    """
    first, last = (at // STEP for at in builder.opening)
    laid = builder.energies.list_lufs()
    spoken = (builder.spoken - builder.opening[0]) / STEP * share
    times = max(1, min(_MOST_OPENINGS, round(spoken / OPENING_STEPS)))
    outro = builder.measure_outro()
    return gate_loudness(np.concatenate([laid[:first], *[laid[first:last]] * times, outro]))
