"""The speaking half of the job: every segment of a narration gets its take."""

from functools import partial

from msgspec.structs import replace

from reviewcast.model.audio import StoredTake
from reviewcast.model.errors import VoiceUnavailable
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.model.text import Script
from reviewcast.settings.accesses import find_access
from reviewcast.settings.run import Run
from reviewcast.speech.fallback import find_missing, is_own
from reviewcast.speech.limits import choose_limits
from reviewcast.speech.narration import Narration
from reviewcast.speech.synthesize import IN_FLIGHT, OpenPool, synthesize_script
from reviewcast.speech.takes import Takes, choose_polish, find_or_polish, key_takes, store_recording
from reviewcast.speech.workers import count_workers, open_pool
from reviewcast.system.claims import hold_claims
from reviewcast.system.trust import require_trust


def synthesize(narration: Narration, run: Run) -> Takes:
    """Return each segment its take: from its voice, from the store, or from its recording.

    A voice that cannot be reached any more is noted in the run. Raises what voices raise, or
    SoundError for a recording that cannot be used.
    """
    script, store = narration.script, run.cache.takes
    spoken: dict[int, StoredTake] = {
        segment.index: store_recording(segment, narration.cast.folder, run.cache)
        for segment in script.segments
        if segment.recording
    }
    parts = narration.list_parts()
    total = sum(len(part.segments) for _, part in parts)
    fresh: list[int] = []
    done = 0
    if any(find_access(voice) for voice, _ in parts):
        missing = find_missing(narration, run)
        require_trust(access for voice, _ in missing for access in find_access(voice))
    for voice, part in parts:
        try:
            takes = _speak(voice, part, run, before=done, total=total)
        except VoiceUnavailable:
            name = describe_voice(voice).name
            run.absent[name] = f"The voice {name} does not answer any more."
            raise
        fresh += takes.fresh
        spoken.update(zip((one.index for one in part.segments), takes.takes, strict=True))
        done += len(part.segments)
    return Takes(
        tuple(
            find_or_polish(
                spoken[segment.index], choose_polish(segment, narration.cast, run.settings), store
            )
            for segment in script.segments
        ),
        tuple(sorted(fresh)),
        tuple(spoken[segment.index].key for segment in script.segments),
    )


def _speak(voice: Voice, part: Script, run: Run, *, before: int, total: int) -> Takes:
    """Return each segment of a voice its take.

    Where other reviews are built at the same time, what they may have, too, comes first: one of
    them speaks it, and the others wait for that.
    """
    store = run.cache.takes
    speak = partial(
        synthesize_script,
        voice=voice,
        settings=run.settings.synthesize,
        store=store,
        open_pool=_choose_pool(voice, sum(len(one.spoken) for one in part.segments), run),
        in_flight=_choose_in_flight(voice, run),
        limits=choose_limits(voice, run),
        notify=run.notify,
        force=run.force,
        before=before,
        total=total,
        budget=run.budget,
    )
    if not run.in_process or run.force:
        return speak(part)
    common = tuple(segment for segment in part.segments if not is_own(segment))
    series = key_takes(voice, part.language)
    keys = [series.hash_key(segment.spoken) for segment in common]
    missing = [key for key in keys if store.peek(key) is None]
    if not missing:
        return speak(part)
    with hold_claims(run.cache.folder, missing):
        first = speak(replace(part, segments=common))
    takes = speak(part)
    return replace(takes, fresh=tuple(sorted({*first.fresh, *takes.fresh})))


def _choose_in_flight(voice: Voice, run: Run) -> int:
    """Return how many segments may be with the workers of a voice, or wait for one."""
    if describe_voice(voice).online:
        connections = run.settings.synthesize.connections
        return max(IN_FLIGHT, 2 * count_workers(voice, characters=0, connections=connections))
    return run.elsewhere.in_flight if run.elsewhere else IN_FLIGHT


def _choose_pool(voice: Voice, characters: int, run: Run) -> OpenPool:
    """Return what opens the workers of a voice: elsewhere, or on this machine."""
    if run.elsewhere and not describe_voice(voice).online:
        return partial(run.elsewhere.open_pool, voice)
    return partial(
        open_pool,
        voice,
        characters=characters,
        connections=run.settings.synthesize.connections,
        cores=run.cores,
        in_process=run.in_process,
    )
