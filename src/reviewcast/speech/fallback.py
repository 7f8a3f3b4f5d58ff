"""Who speaks an episode when a voice is away: one episode has one cast."""

import dataclasses
import queue
import threading
import time
from collections.abc import Callable, Container, Iterable
from typing import Any

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.events import Noticed, Warned
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Segment
from reviewcast.settings.accesses import find_access
from reviewcast.settings.run import Run
from reviewcast.settings.schema import DEFAULT_USE
from reviewcast.speech.casting import make_voice
from reviewcast.speech.endpoint_gate import EndpointGate
from reviewcast.speech.endpoints import Endpoints
from reviewcast.speech.limits import choose_limits
from reviewcast.speech.narration import Narration, Writer, is_asked, plan_narrations
from reviewcast.speech.order import order_voices
from reviewcast.speech.take_checks import speak_checked
from reviewcast.speech.takes import find_voiced, keep_take, key_take
from reviewcast.system.cache import Cache
from reviewcast.system.trust import require_trust
from reviewcast.text.draft import Draft

_OWN_CHARS = 30
"""A shorter text, such as a rating, may stand in other reviews, too."""


def choose_narration(draft: Draft, run: Run) -> Narration:
    """Choose who speaks a draft: the first in order that answers, or that need not be asked.

    Raise VoiceUnavailable when one does not answer that has begun the episode, unless the settings
    say that the next one speaks then.
    """
    choice = run.settings.voice
    narration = choose_first(plan_narrations(draft, run.settings), run)
    if choice.when_it_fails == "stop":
        return narration
    for name in choice.use:
        make_voice(run.settings, name)  # a mistake there is told before it is needed
    for voice, _ in find_missing(narration, run):
        name = describe_voice(voice).name
        other = find_next(narration, draft, run) if name in run.absent else None
        if other:
            run.notify(Warned(f"{run.absent[name]} So {tell_second(other)}"))
            return other
    return narration


def choose_first(narrations: Iterable[Narration], run: Run) -> Narration:
    """Return the first narration whose voice answers, or need not be asked.

    Why others do not speak is told. Raise VoiceUnavailable as `choose_narration` does.
    """
    reasons: list[str] = []
    for narration in narrations:
        reason = _ask_voice(narration, run) if is_asked(narration, run.settings) else ""
        if not reason:
            for remark in narration.remarks:
                run.notify(Noticed(remark))
            if reasons:
                run.notify(Noticed(f"{'; '.join(reasons)}: {tell_second(narration)}"))
            return narration
        if run.settings.voice.when_it_fails == "stop" and has_begun(narration, run.cache):
            raise _refuse_change(narration, run, reason)
        reasons.append(reason)
    raise AssertionError("the last voice is never asked")


def choose_next(narration: Narration, draft: Draft, error: VoiceError, run: Run) -> Narration:
    """Return who speaks all of an episode in which a voice has failed for good.

    Raise the error itself when the settings say so, or when nobody is left.
    """
    other = None
    if run.settings.voice.when_it_fails == "next":
        other = find_next(narration, draft, run)
    if other is None:
        raise error
    for remark in other.remarks:
        run.notify(Noticed(remark))
    run.notify(Warned(f"{error.message} So {tell_second(other)}"))
    return other


def find_next(narration: Narration, draft: Draft | Writer, run: Run) -> Narration | None:
    """Return the narration of the next voice in order alone, None when it says all already.

    The last one in order may take over from voices of roles or segments that it had beside it.
    """
    use = run.settings.voice.use
    least = min(use.index(narration.cast.name) + 1, len(use) - 1)
    for other in plan_narrations(draft, run.settings, alone=True):
        if use.index(other.cast.name) >= least and any(
            voice != other.cast.voice for voice, _ in narration.list_parts()
        ):
            return other
    return None


def expect_narration(draft: Draft, run: Run) -> Narration:
    """Return who would speak a draft, without asking a voice.

    One that has to answer first is expected when it has begun the episode, or has spoken it.
    """
    for narration in plan_narrations(draft, run.settings):
        if not is_asked(narration, run.settings) or has_begun(narration, run.cache):
            return narration
        if len(find_voiced(narration, run.cache)) == len(narration.script.segments):
            return narration
    raise AssertionError("the last voice is never asked")


def has_begun(narration: Narration, cache: Cache, *, voiced: Container[int] | None = None) -> bool:
    """True if the episode's own voice has spoken a part of this very review.

    `voiced` are the segments whose take is in the store, where that is known.
    """
    found = find_voiced(narration, cache) if voiced is None else voiced
    name = narration.cast.name
    return any(
        segment.index in found
        and not segment.recording
        and narration.cast.name_voice(segment) == name
        and is_own(segment)
        for segment in narration.script.segments
    )


def is_own(segment: Segment) -> bool:
    """True if a text stands in this review alone: headings and added lines do not."""
    span = segment.span
    if span.section < 0 or span.paragraph < 0:
        return span.section == -1  # the review's title
    return len(segment.text) >= _OWN_CHARS


def tell_second(narration: Narration) -> str:
    """Return the words that say which voice stands in."""
    info = describe_voice(narration.cast.voice)
    kind = "embedded voice" if info.name in DEFAULT_USE and not info.online else "voice"
    return f"the {kind} {info.name} speaks the whole episode."


def _refuse_change(narration: Narration, run: Run, reason: str) -> VoiceUnavailable:
    name = narration.cast.name
    order = [one.name for one in order_voices(run.settings, narration.script.language)]
    return VoiceUnavailable(
        f"{reason}, and has spoken a part of {narration.script.title!r} already.",
        hint="Run the same command again later. For another voice in all of it:"
        f' --voice {order[order.index(name) + 1]}, or when_it_fails = "next" under [voice].',
    )


def _ask_voice(narration: Narration, run: Run) -> str:
    """Return why a voice failed at a segment that is missing; "" if it spoke, which is kept."""
    name, limit_s = narration.cast.name, run.settings.voice.answer_within_s
    missing = [
        pair for pair in find_missing(narration, run) if describe_voice(pair[0]).name == name
    ]
    if not missing:
        return ""
    if name in run.absent:
        return run.absent[name].rstrip(".")
    voice, segment = next((pair for pair in missing if is_own(pair[1])), missing[0])
    require_trust(find_access(voice))
    language = narration.script.language
    key = key_take(voice, language, segment.spoken)
    if run.budget:
        run.budget.reserve_speech(key, len(segment.spoken))
        run.budget.take_request()
    try:
        take = _speak_within(limit_s, voice, segment.spoken, language, run)
    except (VoiceError, TimeoutError) as error:
        run.absent[name] = str(error) or f"The voice {name} does not answer."
        return run.absent[name].rstrip(".")
    except ConfigError as error:  # such as a language that it does not speak
        return error.message.rstrip(".")
    if not take.doubts:  # else it is asked for once more, with the others
        kept = keep_take(take, segment, key, store=run.cache.takes, is_proven=True)
        if run.budget:
            run.budget.settle_speech(key, kept.figures.samples / kept.figures.rate_hz)
    return ""


def _speak_within(limit_s: float, voice: Voice, text: str, language: str, run: Run) -> Take:
    """Return what a voice says within a time, at its turn; raise as `run_within` does."""
    limits = choose_limits(voice, run)
    if not isinstance(limits, Endpoints):
        while left_s := limits.take() if limits else 0.0:
            time.sleep(left_s)
        probe = limit_wait(voice, limit_s)
        return run_within(limit_s, lambda: speak_checked(probe, text, language))
    gate = EndpointGate(limits, patience_s=limit_s, store=run.cache.takes, budget=run.budget)
    try:
        return run_within(limit_s, lambda: gate.speak(text, language))
    finally:
        gate.stop()


def limit_wait(voice: Any, limit_s: float) -> Voice:
    """Return a voice whose requests end in time, where it has such an option."""
    limited: Voice = voice
    if hasattr(voice, "timeout_s"):
        limited = dataclasses.replace(voice, timeout_s=limit_s)
    return limited


def find_missing(
    narration: Narration, run: Run, *, voiced: Container[int] | None = None
) -> list[tuple[Voice, Segment]]:
    """Find the segments that have to be spoken, and whose they are.

    `voiced` are those whose take is in the store, where that is known.
    """
    found: Container[int] = ()
    if not run.force:
        found = find_voiced(narration, run.cache) if voiced is None else voiced
    return [
        (narration.cast.find_voice(segment), segment)
        for segment in narration.script.segments
        if not segment.recording and segment.index not in found
    ]


def run_within(limit_s: float, job: Callable[[], Take]) -> Take:
    """Run a job that may hang, in a name look-up for example, for so long.

    Raises what it raises, or TimeoutError; its thread is then left to itself.
    """
    results: queue.Queue[Take | Exception] = queue.Queue()

    def run() -> None:
        try:
            results.put(job())
        except Exception as error:
            results.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=limit_s)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result
