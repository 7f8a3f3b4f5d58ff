"""What many episodes cost: estimated before they are built, counted afterwards."""

import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.speech.endpoint_shares import EndpointShare, add_shares
from reviewcast.speech.plan import Plan
from reviewcast.speech.rates import START_CPU_S, Rates, learn_rates, load_rates, save_rates
from reviewcast.system.cache import Cache

if TYPE_CHECKING:
    from reviewcast.jobs.build import Built  # which loads what makes audio

MONO_KBPS = 64
"""The smallest MP3 that [encode] makes: one channel."""

_BESIDE_BYTES = 18
"""What a letter of the text has in the files beside an MP3: measured."""


_WORTH_SAVING = 0.01


class VoiceCosts(Struct, frozen=True, kw_only=True):
    """What a voice has to speak of several episodes.

    `speech_s` is how long that is heard, `cpu_s` the time of one core for it, with the encoding of
    what it says. `is_measured` tells that builds on this machine have told so, and no default.
    `endpoints` tells where the requests go, as in a plan.
    """

    voice: str
    segments: int
    to_voice: int
    speech_s: float
    requests: int
    cpu_s: float
    is_measured: bool
    endpoints: tuple[EndpointShare, ...] = ()


class Costs(Struct, frozen=True, kw_only=True):
    """What a build of several reviews would take, the sum of their plans.

    `audio_s` is how long the episodes will be, `speech_s` how much of them is to be voiced, both in
    seconds. `waits_s` is how long online voices take at the rate of the settings, when each is
    answered at once. A text that several reviews share counts for each. `mp3_bytes` are all MP3s,
    `beside_bytes` the files beside them, `cache_bytes` what the cache grows by; `mono_saves_bytes`
    is what one channel at 64 kb/s would save of the MP3s. `otherwise` is the same if the voices
    that are taken only if they answer do not.
    """

    reviews: int
    segments: int
    to_voice: int
    in_store: int
    audio_s: float
    speech_s: float
    requests: int
    waits_s: float
    cpu_s: float
    mp3_bytes: int
    beside_bytes: int
    cache_bytes: int
    mono_saves_bytes: int
    voices: tuple[VoiceCosts, ...]
    otherwise: "Costs | None" = None


class Taken(Struct, frozen=True, kw_only=True):
    """What a run really took, all of its processes on this machine together.

    `replies` counts the texts that online voices have spoken, each once however often it was asked
    for. `audio_s` is how long the episodes are, `speech_s` how much speech was voiced. The bytes
    are those of the MP3s, of the files beside them, and of what the cache was given.
    """

    episodes: int
    wall_s: float
    cpu_s: float
    audio_s: float
    speech_s: float
    replies: int
    mp3_bytes: int
    beside_bytes: int
    cache_bytes: int


def estimate_costs(plans: Sequence[Plan], rates: Rates) -> Costs:
    """Return the sum of plans; `rates` tell which voices were measured on this machine."""
    costs = _sum(plans, rates)
    if any(plan.otherwise for plan in plans):
        others = _sum([plan.otherwise or plan for plan in plans], rates)
        return replace(costs, otherwise=others)
    return costs


def _sum(plans: Sequence[Plan], rates: Rates) -> Costs:
    voices: dict[str, VoiceCosts] = {}
    for plan in plans:
        for share in plan.voices:
            old = voices.get(share.voice)
            voices[share.voice] = VoiceCosts(
                voice=share.voice,
                segments=share.segments + (old.segments if old else 0),
                to_voice=share.to_voice + (old.to_voice if old else 0),
                speech_s=round(share.speech_s + (old.speech_s if old else 0.0), 1),
                requests=share.requests + (old.requests if old else 0),
                cpu_s=round(share.cpu_s + (old.cpu_s if old else 0.0), 2),
                is_measured=rates.is_known(share.voice),
                endpoints=add_shares(old.endpoints if old else (), share.endpoints),
            )
    cpu_s = sum(one.cpu_s for one in voices.values())
    return Costs(
        reviews=len(plans),
        segments=sum(plan.segments for plan in plans),
        to_voice=sum(plan.to_voice for plan in plans),
        in_store=sum(plan.in_store for plan in plans),
        audio_s=round(sum(plan.duration_s for plan in plans), 1),
        speech_s=round(sum(one.speech_s for one in voices.values()), 1),
        requests=sum(plan.requests for plan in plans),
        waits_s=round(sum(plan.estimated_s for plan in plans if plan.requests), 1),
        cpu_s=round(cpu_s + (START_CPU_S if cpu_s else 0.0), 1),
        mp3_bytes=sum(plan.mp3_bytes for plan in plans),
        beside_bytes=sum(plan.letters for plan in plans) * _BESIDE_BYTES,
        cache_bytes=sum(plan.take_bytes + plan.block_bytes for plan in plans),
        mono_saves_bytes=sum(map(_find_saved, plans)),
        voices=tuple(sorted(voices.values(), key=lambda one: -one.speech_s)),
    )


def _find_saved(plan: Plan) -> int:
    """Return what the smallest encoding would save of an episode, 0 where it is that already."""
    saved = round(plan.audio_bytes - plan.duration_s * MONO_KBPS * 125)
    return saved if saved > _WORTH_SAVING * plan.audio_bytes else 0


class Meter:
    """The time that passes, and the processor's: of this process and of its children that ended."""

    def __init__(self) -> None:
        self._begun_s, self._used_s = time.perf_counter(), _count_cpu()

    def read(self) -> tuple[float, float]:
        """Return the seconds that have passed, and the CPU seconds that were used meanwhile."""
        return time.perf_counter() - self._begun_s, _count_cpu() - self._used_s


def _count_cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def sum_costs(built: "Iterable[Built]", *, wall_s: float, cpu_s: float) -> Taken:
    """Return what a run took that has built these episodes."""
    built = list(built)
    speech = [one for each in built for one in each.figures.speech]
    paths = {each.episode.path for each in built}
    return Taken(
        episodes=len(built),
        wall_s=round(wall_s, 1),
        cpu_s=round(cpu_s, 1),
        audio_s=round(sum(each.episode.duration_s for each in built), 1),
        speech_s=round(
            sum(one.heard_s * one.voiced / one.characters for one in speech if one.characters), 1
        ),
        replies=sum(one.texts for one in speech if not one.chars_per_s),
        mp3_bytes=sum(each.episode.size_bytes for each in built),
        beside_bytes=sum(_measure_beside(Path(path)) for path in sorted(paths)),
        cache_bytes=sum(one.take_bytes for one in speech)
        + sum(each.figures.block_bytes for each in built),
    )


def _measure_beside(path: Path) -> int:
    """Return the bytes of the files that stand beside an MP3 and are an episode's."""
    suffixes = (".vtt", ".srt", ".chapters.json", ".transcript.json", ".notes.html")
    total = 0
    for suffix in suffixes:
        try:
            total += path.with_suffix(suffix).stat().st_size
        except OSError:
            continue
    return total


def count_taken(
    built: "Sequence[Built]", caches: Sequence[Cache], meter: Meter, *, is_whole: bool
) -> Taken | None:
    """Return what a run took, None when it has built nothing; and keep what it tells of voices.

    The record lies in the first of the caches of what was built. A run that is not whole, as a
    review has failed or was left, tells nothing of what voices cost.
    """
    if not built:
        return None
    wall_s, cpu_s = meter.read()
    if any(one.characters for each in built for one in each.figures.speech):
        rates = load_rates(caches[0])
        figures = [each.figures for each in built]
        learn_rates(rates, figures, cpu_s=cpu_s if is_whole else 0.0)
        save_rates(caches[0], rates)
    return sum_costs(built, wall_s=wall_s, cpu_s=cpu_s)
