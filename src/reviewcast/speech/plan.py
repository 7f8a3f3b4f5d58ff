"""What a build would speak and how long that takes."""

import math
from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.fallback import find_missing, find_next, has_begun
from reviewcast.speech.memo_writer import open_memo_writer
from reviewcast.speech.narration import Narration, is_asked, plan_narrations
from reviewcast.speech.takes import find_voiced
from reviewcast.speech.workers import count_workers
from reviewcast.text.memos import Memo
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


def plan_episode(source: ReviewSource, run: Run, memo: Memo) -> Plan:
    """Return what a build would have to speak; no voice is asked.

    What is in the review's memo is not read again, and the rest kept there.
    """
    writer, choice = open_memo_writer(source, run.settings, memo), run.settings.voice
    narrations = plan_narrations(writer, run.settings)
    first = next(narrations)
    voiced = find_voiced(first, run.cache)
    plan = replace(_count(first, voiced, run), auto=is_asked(first, run.settings))
    missing = find_missing(first, run, voiced=voiced)
    other: Narration | None = None
    if plan.auto and any(describe_voice(voice).name == plan.voice for voice, _ in missing):
        if choice.when_it_fails == "next" or not has_begun(first, run.cache, voiced=voiced):
            other = next(narrations)
    elif missing and choice.when_it_fails == "next":
        other = find_next(first, writer, run)
    if other is None:
        return plan
    return replace(plan, otherwise=_count(other, find_voiced(other, run.cache), run))


def _count(narration: Narration, stored: Collection[int], run: Run) -> Plan:
    """Count what is not stored; no voice speaks a recording, whether it is stored or not."""
    shares: dict[str, VoiceShare] = {}
    estimated_s = 0.0
    for voice, part in narration.list_parts():
        info = describe_voice(voice)
        missing = [one.spoken for one in part.segments if run.force or one.index not in stored]
        texts = set(missing)  # the same text is spoken once
        estimated_s += _estimate_seconds(voice, texts, run.settings)
        none = VoiceShare(voice=info.name, segments=0, to_voice=0, requests=0)
        share = shares.get(info.name, none)
        shares[info.name] = VoiceShare(
            voice=info.name,
            segments=share.segments + len(part.segments),
            to_voice=share.to_voice + len(missing),
            requests=share.requests + (len(texts) if info.online else 0),
        )
    return Plan(
        title=narration.script.title,
        voice=narration.cast.name,
        auto=False,
        segments=len(narration.script.segments),
        to_voice=sum(share.to_voice for share in shares.values()),
        in_store=0 if run.force else len(stored),
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
    info = describe_voice(voice)
    if info.online:
        waits_s = _REQUEST_S * math.ceil(len(texts) / workers)
        return max(waits_s, (len(texts) - 1) / settings.requests_per_s)
    return _START_S + characters / info.chars_per_s / workers
