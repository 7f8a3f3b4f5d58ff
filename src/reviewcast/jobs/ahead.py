"""Reviews rendered ahead on workers elsewhere, while those before them are finished here."""

import collections
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from reviewcast.audio.files.sounds import open_sounds
from reviewcast.episode.cluster_task import keep_rendered, pack_episode, render_there
from reviewcast.jobs.episode_task import EpisodeTask
from reviewcast.jobs.shows import STDIN, open_review, open_run
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.events import Event, Notify, Progressed
from reviewcast.model.protocols import describe_voice
from reviewcast.settings.run import Elsewhere, Run
from reviewcast.speech.fallback import expect_narration
from reviewcast.speech.narrate import synthesize
from reviewcast.speech.narration import Narration
from reviewcast.text.draft import Draft, read_draft

Prepare = Callable[[str, Notify], tuple[Draft, Run]]

Wait = Callable[[], frozenset[str]]
"""Waits until a review is done, and returns the keys of the takes and blocks that it has made."""


class Ahead:
    """Has one review after another made elsewhere, from a thread of its own.

    With a review for each worker and more, each of them renders whole episodes, one more than there
    are workers at once; else they share the segments of one review after another. What cannot be
    made there is left: whoever builds the review meets the same fault, and tells it.
    """

    def __init__(
        self,
        names: Sequence[str],
        prepare: Prepare,
        elsewhere: Elsewhere | None,
        is_stopped: Callable[[], bool],
    ) -> None:
        """`prepare` reads a review; what happens while it is made goes to what it is given.

        When `is_stopped` no other is begun.
        """
        self._prepare, self._elsewhere, self._is_stopped = prepare, elsewhere, is_stopped
        self._heard: dict[str, queue.SimpleQueue[Event | None]] = {
            name: queue.SimpleQueue() for name in names
        }
        self._made: dict[str, frozenset[str]] = {}
        threading.Thread(target=self._make_all, name="ahead", daemon=True).start()

    def wait(self, name: str, notify: Notify) -> frozenset[str]:
        """Wait until a review was made, and pass on what happens.

        Return the keys of the takes and blocks that were made for it.
        """
        heard = self._heard.get(name)
        while heard and (event := heard.get()) is not None:
            notify(event)
        if heard:
            heard.put(None)  # a name may be given twice
        return self._made.pop(name, frozenset())

    def _make_all(self) -> None:
        begun: collections.deque[tuple[str, Wait]] = collections.deque()
        try:
            for name in self._heard:
                begun.append((name, self._begin(name)))
                if not self._elsewhere or len(begun) > self._elsewhere.workers:
                    self._finish(*begun.popleft())
            while begun:
                self._finish(*begun.popleft())
        finally:
            for heard in self._heard.values():
                heard.put(None)  # whatever happens, nobody waits in vain

    def _begin(self, name: str) -> Wait:
        """Begin a review, if that can be done before its turn has come."""
        if not self._elsewhere or self._is_stopped():
            return frozenset
        hear = self._heard[name].put
        try:
            draft, run = self._prepare(name, hear)
            narration = expect_narration(draft, run)
            packed = None
            if len(self._heard) >= self._elsewhere.workers:
                packed = pack_episode(narration, open_sounds(run.settings), run)
            if packed is None:
                return partial(self._speak, narration, run)
            total = len(narration.script.segments)
            hear(Progressed("voice", 0, total))
            keep = partial(keep_rendered, cache=run.cache)
            return self._elsewhere.submit(render_there, packed, keep).result
        except ReviewcastError:
            return frozenset

    def _finish(self, name: str, wait: Wait) -> None:
        try:
            if not self._is_stopped():
                self._made[name] = wait()
        except ReviewcastError:
            pass
        finally:
            self._heard[name].put(None)

    @staticmethod
    def _speak(narration: Narration, run: Run) -> frozenset[str]:
        """Have the segments of a review spoken, when its voices all compute."""
        if any(describe_voice(voice).online for voice, _ in narration.list_parts()):
            return frozenset()
        takes = synthesize(narration, run)
        spoken = zip(narration.script.segments, takes.sources, strict=True)
        return frozenset(key for segment, key in spoken if segment.index in set(takes.fresh))


def open_ahead(
    names: Sequence[str],
    common: EpisodeTask,
    made: Mapping[str, bytes],
    elsewhere: Elsewhere | None,
    is_stopped: Callable[[], bool],
) -> Ahead:
    """Have reviews made ahead with the options of a command, where there is who makes them.

    What is to be spoken anew is not: it would be once more when it is built.
    """

    def prepare(name: str, hear: Notify) -> tuple[Draft, Run]:
        source, config = open_review(name, voice=common.voice, show=common.show, made=made)
        run = open_run(config, notify=hear)
        run.cache.prepare()
        return read_draft(source, config), replace(run, elsewhere=elsewhere)

    may_begin = elsewhere and len(names) > 1 and not common.force
    chosen = [name for name in names if may_begin and name != STDIN]
    return Ahead(chosen, prepare, elsewhere, is_stopped)
