"""Reviews spoken ahead on workers elsewhere, while those before them are built here."""

import queue
import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from msgspec.structs import replace

from reviewcast.jobs.build import Built
from reviewcast.jobs.episode_task import EpisodeTask
from reviewcast.jobs.shows import STDIN, open_review, open_run
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.events import Event, Notify
from reviewcast.model.protocols import describe_voice
from reviewcast.settings.run import Run, Speakers
from reviewcast.speech.fallback import expect_narration
from reviewcast.speech.narrate import synthesize
from reviewcast.text.draft import Draft, read_draft

Prepare = Callable[[str, Notify], tuple[Draft, Run]]


class Ahead:
    """Speaks one review after another into the store, in a thread of its own.

    What cannot be spoken is left: whoever builds it meets the same fault, and tells it.
    """

    def __init__(
        self, names: Sequence[str], prepare: Prepare, is_stopped: Callable[[], bool]
    ) -> None:
        """`prepare` reads a review; what happens while it is spoken goes to what it is given.

        When `is_stopped` no other is begun.
        """
        self._prepare, self._is_stopped = prepare, is_stopped
        self._heard: dict[str, queue.SimpleQueue[Event | None]] = {
            name: queue.SimpleQueue() for name in names
        }
        self._voiced: dict[str, tuple[int, ...]] = {}
        threading.Thread(target=self._speak_all, name="ahead", daemon=True).start()

    def wait(self, name: str, notify: Notify) -> tuple[int, ...]:
        """Wait until a review was spoken, and pass on what happens; return which segments were."""
        heard = self._heard.get(name)
        while heard and (event := heard.get()) is not None:
            notify(event)
        if heard:
            heard.put(None)  # a name may be given twice
        return self._voiced.pop(name, ())

    def _speak_all(self) -> None:
        for name, heard in self._heard.items():
            try:
                if not self._is_stopped():
                    self._voiced[name] = self._speak(name, heard.put)
            except ReviewcastError:
                continue
            finally:
                heard.put(None)

    def _speak(self, name: str, notify: Notify) -> tuple[int, ...]:
        """Speak a review whose voices all compute; return which segments were spoken."""
        draft, run = self._prepare(name, notify)
        narration = expect_narration(draft, run)
        if any(describe_voice(voice).online for voice, _ in narration.list_parts()):
            return ()
        return synthesize(narration, run).fresh


def open_ahead(
    names: Sequence[str],
    common: EpisodeTask,
    made: Mapping[str, bytes],
    elsewhere: Speakers | None,
    is_stopped: Callable[[], bool],
) -> Ahead:
    """Have reviews spoken ahead with the options of a command, where there is who speaks them.

    What is to be spoken anew is not: it would be once more when it is built.
    """

    def prepare(name: str, hear: Notify) -> tuple[Draft, Run]:
        source, config = open_review(name, voice=common.voice, show=common.show, made=made)
        run = open_run(config, notify=hear)
        return read_draft(source, config), replace(run, elsewhere=elsewhere)

    may_speak = elsewhere and len(names) > 1 and not common.force
    return Ahead([name for name in names if may_speak and name != STDIN], prepare, is_stopped)


def count_ahead(built: Built, voiced: Collection[int]) -> Built:
    """Return an episode with the segments in its figures that were spoken ahead."""
    figures = built.figures
    both = sorted({*figures.voiced_segments, *voiced})
    added = len(both) - len(figures.voiced_segments)
    figures = replace(
        figures,
        voiced=figures.voiced + added,
        reused=figures.reused - added,
        voiced_segments=tuple(both),
    )
    return replace(built, figures=figures)
