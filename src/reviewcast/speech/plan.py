"""What a build would speak and how long that takes."""

import math
from collections.abc import Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.audio.expected import count_letters
from reviewcast.model.audio import StoredTake
from reviewcast.model.protocols import Voice, VoiceInfo, describe_voice, list_endpoints
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.speech.around import Around, expect_rest_s
from reviewcast.speech.endpoint_shares import EndpointShare, add_shares, split_requests
from reviewcast.speech.fallback import find_missing, find_next, has_begun
from reviewcast.speech.memo_writer import open_memo_writer
from reviewcast.speech.narration import Narration, is_asked, plan_narrations
from reviewcast.speech.rates import (
    Rate,
    Rates,
    expect_cpu_s,
    expect_heard_s,
    expect_plain_s,
    expect_take_bytes,
    find_bytes_per_s,
    name_setup,
)
from reviewcast.speech.takes import find_voiced
from reviewcast.speech.workers import count_workers
from reviewcast.text.memos import Memo
from reviewcast.text.read import ReviewSource

_REQUEST_S = 0.5
"""What one request takes of a service that answers: assumed, most answer sooner."""

_TAG_BYTES = 4.2
"""What a letter of the text has in an MP3's tag, which holds it as lyrics: measured."""

_START_S = 0.5
"""What it takes to start the processes of a voice that computes: measured."""


class VoiceShare(Struct, frozen=True, kw_only=True):
    """What a voice has to speak of an episode, in all its roles.

    `speech_s` is how long that is heard, by what real builds on this machine told, and `cpu_s`
    the processor's time on one core for it, with its share of laying and encoding the episode.
    `endpoints` tells where the requests would go, when the voice is had at several addresses; each
    is asked for one sentence more, once in a run.
    """

    voice: str
    segments: int
    to_voice: int
    requests: int
    speech_s: float = 0.0
    cpu_s: float = 0.0
    endpoints: tuple[EndpointShare, ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """What a build would do; `auto` when the voice is taken only if it answers.

    `requests` are those to online voices when each is answered at once; `estimated_s` is how long
    the voices would take then, in seconds, without encoding. `voices` tells them apart.
    `duration_s` is how long the episode will be, with pauses and music, and `letters` how long its
    text. Its MP3 will have `mp3_bytes`, of which `audio_bytes` are sound, and its new takes and
    blocks `take_bytes` and `block_bytes` in the cache.
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
    duration_s: float = 0.0
    letters: int = 0
    audio_bytes: int = 0
    mp3_bytes: int = 0
    take_bytes: int = 0
    block_bytes: int = 0
    voices: tuple[VoiceShare, ...] = ()
    otherwise: "Plan | None" = None


def plan_episode(
    source: ReviewSource,
    run: Run,
    memo: Memo,
    *,
    rates: Rates | None = None,
    around: Around | None = None,
) -> Plan:
    """Return what a build would have to speak; no request is sent.

    What is in the review's memo is not read again, and the rest kept there. `rates` are what
    voices come to on this machine, `around` is what stands around the words of an episode.
    """
    writer, choice = open_memo_writer(source, run.settings, memo), run.settings.voice
    basis = _Basis(rates or Rates(), around or Around())
    narrations = plan_narrations(writer, run.settings)
    first = next(narrations)
    voiced = find_voiced(first, run.cache)
    plan = replace(_count(first, voiced, run, basis), auto=is_asked(first, run.settings))
    missing = find_missing(first, run, voiced=voiced)
    other: Narration | None = None
    if plan.auto and any(describe_voice(voice).name == plan.voice for voice, _ in missing):
        if choice.when_it_fails == "next" or not has_begun(first, run.cache, voiced=voiced):
            other = next(narrations)
    elif missing and choice.when_it_fails == "next":
        other = find_next(first, writer, run)
    if other is None:
        return plan
    return replace(plan, otherwise=_count(other, find_voiced(other, run.cache), run, basis))


class _Basis(Struct, frozen=True):
    """What the costs of all plans of a run are reckoned with."""

    rates: Rates
    around: Around


def _count(narration: Narration, stored: Mapping[int, StoredTake], run: Run, basis: _Basis) -> Plan:
    """Count what is not stored; no voice speaks a recording, whether it is stored or not."""
    shares: dict[str, VoiceShare] = {}
    estimated_s, heard_s, take_bytes, letters = 0.0, 0.0, 0.0, 0
    works: list[tuple[Rate, float, VoiceInfo, int]] = []
    for voice, part in narration.list_parts():
        info = describe_voice(voice)
        missing = [one.spoken for one in part.segments if run.force or one.index not in stored]
        texts = set(missing)  # the same text is spoken once
        estimated_s += _estimate_seconds(voice, texts, run.settings)
        rate = basis.rates.find(info.name, name_setup(voice, part.language, run.settings))
        new = sum(map(count_letters, texts))
        speech_s = expect_heard_s(rate, new)
        copies_s = speech_s * (1 if info.clean else 2)  # as it was spoken, and polished
        take_bytes += expect_take_bytes(rate, copies_s, new)
        said = sum(count_letters(one.spoken) for one in part.segments)
        heard_s, letters = heard_s + expect_heard_s(rate, said), letters + said
        works.append((rate, speech_s, info, new))
        none = VoiceShare(voice=info.name, segments=0, to_voice=0, requests=0)
        share = shares.get(info.name, none)
        shares[info.name] = VoiceShare(
            voice=info.name,
            segments=share.segments + len(part.segments),
            to_voice=share.to_voice + len(missing),
            requests=share.requests + (len(texts) if info.online else 0),
            endpoints=add_shares(
                share.endpoints, split_requests(voice, len(texts), run.cache.folder)
            ),
        )
    heard_s += _measure_recordings(narration, stored)
    per_s = find_bytes_per_s(run.settings.encode)
    duration_s = heard_s + expect_rest_s(narration.script, run.settings, basis.around, heard_s)
    encoded_s = 0.0
    for rate, speech_s, info, new in works:
        own_s = duration_s * min(1.0, speech_s / heard_s) if heard_s else 0.0
        plain_s = expect_plain_s(0.0 if info.online else info.chars_per_s, new, own_s)
        share, encoded_s = shares[info.name], encoded_s + own_s
        shares[info.name] = replace(
            share,
            speech_s=round(share.speech_s + speech_s, 1),
            cpu_s=round(share.cpu_s + expect_cpu_s(rate, plain_s), 2),
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
        duration_s=round(duration_s, 1),
        letters=letters,
        audio_bytes=round(duration_s * per_s),
        mp3_bytes=round(duration_s * per_s + letters * _TAG_BYTES) + basis.around.cover_bytes,
        take_bytes=round(take_bytes),
        block_bytes=round(encoded_s * per_s),
        voices=tuple(shares.values()),
    )


def _measure_recordings(narration: Narration, stored: Mapping[int, StoredTake]) -> float:
    """Return how long the recordings are heard that are in the store, in seconds."""
    figures = (
        stored[one.index].figures
        for one in narration.script.segments
        if one.recording and one.index in stored
    )
    return sum((one.end - one.start) / one.rate_hz for one in figures)


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
        per_s = settings.requests_per_s * len(list_endpoints(voice))
        return max(waits_s, (len(texts) - 1) / per_s)
    return _START_S + characters / info.chars_per_s / workers
