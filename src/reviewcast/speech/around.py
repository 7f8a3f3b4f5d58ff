"""What stands around the words of an episode, and how long it lasts: by the settings alone."""

import math

from msgspec import Struct

from reviewcast.audio.expected import expect_speech, find_stings
from reviewcast.model.text import Script
from reviewcast.settings.schema import Config

_LEAST_MUSIC_S = 3.0
"""So long a sound that comes along is heard alone at least, as when it is laid."""


class Around(Struct, frozen=True, kw_only=True):
    """How long a show's sounds are in seconds, 0 for none or an unknown one, and its cover's bytes.

    `shrinks` are those that are cut off in a short episode.
    """

    intro_s: float = 0.0
    outro_s: float = 0.0
    sting_s: float = 0.0
    shrinks: frozenset[str] = frozenset()
    cover_bytes: int = 0


def expect_rest_s(script: Script, config: Config, around: Around, heard_s: float) -> float:
    """Return how long an episode lasts besides its words: pauses, music before, between, behind."""
    settings = config.stitch
    pauses_s = math.fsum(segment.pause_s for segment in script.segments[:-1])
    rest_s = pauses_s + _expect_stings_s(script, config, around)
    most_s = max(_LEAST_MUSIC_S, math.floor(settings.music_share * (heard_s + pauses_s)))
    for name, length_s, under_s in (
        ("intro", around.intro_s, settings.intro_under_s),
        ("outro", around.outro_s, settings.outro_under_s),
    ):
        if length_s:
            alone_s = length_s - min(under_s, length_s / 2)
            can_shrink = name in around.shrinks and settings.music_share != 1
            rest_s += min(alone_s, most_s) if can_shrink else alone_s
            rest_s += 0.0 if under_s else settings.gap_s
    return rest_s


def _expect_stings_s(script: Script, config: Config, around: Around) -> float:
    if not around.sting_s or len(script.chapters) < 2:
        return 0.0
    has_sting = find_stings(expect_speech(script), config.stitch)
    count = sum(
        one.written and has for one, has in zip(script.chapters[1:], has_sting[1:], strict=True)
    )
    return count * (around.sting_s + config.stitch.gap_s)
