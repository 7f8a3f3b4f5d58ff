"""What a build would speak and how long that takes."""

import math
from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.protocols import Voice
from reviewcast.model.text import Script
from reviewcast.settings.schema import AUTO, ONLINE, Config
from reviewcast.speech.casting import (
    Cast,
    part_script,
    write_alone,
    write_for,
    write_second,
)
from reviewcast.speech.fallback import find_missing, has_begun, is_alone
from reviewcast.speech.takes import find_voiced
from reviewcast.speech.workers import CHARS_PER_S, count_workers
from reviewcast.system.cache import Cache
from reviewcast.text.draft import read_draft
from reviewcast.text.read import ReviewSource

_REQUEST_S = 0.5
"""What one request takes of a service that answers: assumed, most answer sooner."""


_START_S = 0.5
"""What it takes to start the processes of a voice that computes: measured."""


class VoiceShare(Struct, frozen=True, kw_only=True):
    """What a voice has to speak of an episode, in all its roles."""

    voice: str
    segments: int
    to_voice: int
    requests: int


class Plan(Struct, frozen=True, kw_only=True):
    """What a build would do; `auto` when the voice is taken only if it answers.

    `requests` are those to online voices when each is answered at once; `estimated_s` is how long
    the voices would take then, in seconds, without encoding. `voices` tells them apart.
    `otherwise` is what the second voice would do if this one failed, None when the build would
    stop or nobody is asked.
    """

    title: str
    voice: str
    auto: bool
    segments: int
    to_voice: int
    in_store: int
    requests: int
    estimated_s: float
    voices: tuple[VoiceShare, ...] = ()
    otherwise: "Plan | None" = None


def plan_episode(
    source: ReviewSource, config: Config, *, cache: Cache, force: bool = False
) -> Plan:
    """Tell what a build would have to speak; nothing is written and nobody asked."""
    draft = read_draft(source, config)
    cast, script = write_for(draft, config)
    plan = replace(
        _plan_script(cast, script, config, cache=cache, force=force),
        auto=config.voice.name == AUTO,
    )
    missing = find_missing(script, cast, cache, force=force)
    if plan.auto and any(voice.name == ONLINE for voice, _ in missing):
        if config.voice.fallback == "none" and has_begun(script, cast, cache):
            return plan
        other = write_second(draft, config, without={ONLINE})
    elif missing and config.voice.fallback == "episode":
        other = write_alone(draft, config)
        if is_alone(script, cast, other[0]):
            return plan
    else:
        return plan
    return replace(plan, otherwise=_plan_script(*other, config, cache=cache, force=force))


def _plan_script(cast: Cast, script: Script, config: Config, *, cache: Cache, force: bool) -> Plan:
    """Count what is missing; a recording is nobody's to speak, whether it is stored or not."""
    stored = find_voiced(script, cast, cache)
    shares: dict[str, VoiceShare] = {}
    estimated_s = 0.0
    for voice, part in part_script(script, cast):
        missing = [one.spoken for one in part.segments if force or one.index not in stored]
        texts = set(missing)  # the same text is spoken once
        estimated_s += _estimate_seconds(voice, texts, config)
        none = VoiceShare(voice=voice.name, segments=0, to_voice=0, requests=0)
        share = shares.get(voice.name, none)
        shares[voice.name] = VoiceShare(
            voice=voice.name,
            segments=share.segments + len(part.segments),
            to_voice=share.to_voice + len(missing),
            requests=share.requests + (len(texts) if voice.online else 0),
        )
    return Plan(
        title=script.title,
        voice=cast.voice.name,
        auto=False,
        segments=len(script.segments),
        to_voice=sum(share.to_voice for share in shares.values()),
        in_store=0 if force else len(stored),
        requests=sum(share.requests for share in shares.values()),
        estimated_s=round(estimated_s, 1),
        voices=tuple(shares.values()),
    )


def _estimate_seconds(voice: Voice, texts: Collection[str], config: Config) -> float:
    """Estimate how long a voice takes for some texts."""
    if not texts:
        return 0.0
    settings = config.synthesize
    characters = sum(map(len, texts))
    workers = count_workers(voice, characters=characters, connections=settings.connections)
    if voice.online:
        waits_s = _REQUEST_S * math.ceil(len(texts) / workers)
        return max(waits_s, (len(texts) - 1) / settings.requests_per_s)
    return _START_S + characters / getattr(voice, "chars_per_s", CHARS_PER_S) / workers
