"""The reviews of a batch: rendered here or by worker processes, and saved in their order."""

import contextlib
import multiprocessing
import os
import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, nullcontext, suppress
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from reviewcast.episode.describe import collect_report
from reviewcast.episode.report import Section, report_episode
from reviewcast.jobs.ahead import open_ahead
from reviewcast.jobs.batch_parts import Gate, explain_lack, keep_round_up, may_ask
from reviewcast.jobs.build import Built, Rendered, finish_episode, render_episode
from reviewcast.jobs.built_marks import keep_mark
from reviewcast.jobs.costs import Meter, Taken, count_taken
from reviewcast.jobs.episode_task import (
    EpisodeTask,
    NotRendered,
    Rendering,
    Shared,
    TaskEvent,
    keep_former,
    place_task,
    refuse_taken,
    render_task,
    run_task,
)
from reviewcast.jobs.planning import Failure, fail
from reviewcast.jobs.shows import STDIN, find_cache, find_show_of, load_config, open_run, read_bytes
from reviewcast.jobs.task_runner import Outcome, run_tasks
from reviewcast.model.errors import ReviewcastError
from reviewcast.model.events import Event, Notify, Progressed
from reviewcast.settings.run import Elsewhere
from reviewcast.speech.workers import ProcessWorkers
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache
from reviewcast.system.files import escape
from reviewcast.system.programs import count_cores
from reviewcast.system.show_lock import lock_episode, lock_save
from reviewcast.system.store import retry_lost

_PATIENCE_S = 30.0
"""So long what is rendered waits for another run, such as one that publishes, to be saved."""

_AHEAD = 16
"""So many reviews may be rendered before an earlier one is, and wait to be saved behind it."""


class BatchRun:
    """What is built of a batch, what has failed, and the sections of its report so far."""

    def __init__(
        self,
        common: EpisodeTask,
        *,
        made: Mapping[str, bytes],
        absent: dict[str, str],
        budget: Budget | None,
        notify: Notify,
        reports: bool,
        is_stopped: Callable[[], bool],
        elsewhere: Elsewhere | None = None,
    ) -> None:
        """`common` holds what is so of all tasks; `is_stopped` tells when nothing more is begun."""
        self.built: list[Built] = []
        self.failed: list[Failure] = []
        self.sections: list[Section] = []
        self._caches: list[Cache] = []
        self._meter = Meter()
        self._common, self._made = common, made
        self._absent, self._budget = absent, budget
        self._notify, self._reports, self._is_stopped = notify, reports, is_stopped
        self._elsewhere = elsewhere
        self._taken: dict[Path, str] = {}
        self._held: dict[str, ExitStack] = {}
        self._load_config = cache(load_config)

    @property
    def done(self) -> int:
        """How many reviews are built or have failed."""
        return len(self.built) + len(self.failed)

    def count_taken(self, left: int) -> Taken | None:
        """Return what was taken, and keep what it tells of voices; `left` were not begun."""
        is_whole = not (self.failed or left or self._elsewhere)
        return count_taken(self.built, self._caches, self._meter, is_whole=is_whole)

    def build_here(self, names: list[str]) -> None:
        """Build one review after another in this process, each on all cores."""
        shared = Shared(load_config)
        ahead = open_ahead(names, self._common, self._made, self._elsewhere, self._is_stopped)
        for name in names:
            if self._is_stopped():
                return
            remarks: list[Event] = []
            hear = self._listen(remarks)
            task = self._make_task(name, cores=0)
            with self._releasing(name):
                if task.failure:
                    self.failed.append(task.failure)
                    continue
                try:
                    made = ahead.wait(name, hear)
                    rendering = render_task(
                        task,
                        notify=hear,
                        absent=self._absent,
                        shared=shared,
                        budget=self._budget,
                        taken=self._taken,
                        elsewhere=self._elsewhere,
                        made=made,
                    )
                    self._save(task, rendering, remarks)
                except ReviewcastError as error:
                    self.failed.append(fail(name, error))

    def build_apart(self, names: list[str], workers: int) -> None:
        """Build several reviews at once, each on a process of its own that the next one gets, too.

        They are saved in their order, so that the show is at any time as one after another would
        have left it.
        """
        messages: queue.SimpleQueue[TaskEvent] = queue.SimpleQueue()
        gate = Gate(is_open=not may_ask(self._common, names[0]))

        def find_room() -> int:
            while not messages.empty():
                self._hear(messages.get(), gate)
            if self._is_stopped():
                return 0
            return workers + 1 if gate.is_open else 1

        tasks = self._list_tasks(names, workers)
        self._notify(Progressed("build", 0, len(names)))
        with ProcessWorkers(workers, listen=messages.put) as pool:
            try:
                with closing(
                    run_tasks(
                        tasks,
                        run_task,
                        pool,
                        in_flight=workers + 1,
                        ahead=_AHEAD + workers,
                        find_room=find_room,
                    )
                ) as outcomes:
                    for outcome in outcomes:
                        gate.is_open = True
                        with self._releasing(outcome.task.name):
                            self._keep(outcome)
                        self._tell_done(outcome.task.name, len(names))
            except BaseException:
                for child in multiprocessing.active_children():
                    child.kill()  # what they have in hand is not waited for
                raise
            finally:
                for stack in self._held.values():
                    stack.close()

    def _tell_done(self, name: str, total: int) -> None:
        self._notify(Progressed("build", 1, 1, escape(name)))
        self._notify(Progressed("build", self.done, total))

    def _hear(self, message: TaskEvent, gate: Gate) -> None:
        self._absent.update(message.absent)
        if isinstance(message.event, Progressed):
            gate.is_open = True  # it is known who speaks
            self._notify(replace(message.event, review=escape(message.name)))
        else:
            self._notify(message.event)

    def _listen(self, remarks: list[Event]) -> Notify:
        def hear(event: Event) -> None:
            if not isinstance(event, Progressed):
                remarks.append(event)
            self._notify(event)

        return hear

    def _list_tasks(self, names: list[str], workers: int) -> Iterator[EpisodeTask]:
        """Yield the tasks of reviews, whose episodes are held from then on."""
        share = max(1, count_cores() // workers)
        for number, name in enumerate(names):
            left = len(names) - number
            # nobody else needs the cores when the last ones are at work
            cores = share if left > workers else min(count_cores(), share + count_cores() // left)
            yield self._make_task(name, cores=cores, reads=True)

    def _make_task(self, name: str, *, cores: int, reads: bool = False) -> EpisodeTask:
        """Hold the episode of a review, and return its task; `reads` what only we can read."""
        data = self._made.get(name)
        failure = None
        try:
            self._hold(name)
            if reads and name == STDIN:
                data = read_bytes(name).data
        except ReviewcastError as error:
            failure = fail(name, error)
        return replace(
            self._common,
            name=name,
            data=data,
            cores=cores,
            absent=dict(self._absent),
            failure=failure,
        )

    def _hold(self, name: str) -> None:
        """Raise LockedError when another run holds the show, or builds this review."""
        key = os.path.realpath(name)
        if name == STDIN or key in self._held:
            return
        folder = None
        with suppress(ReviewcastError):  # whoever renders it says so
            found = self._common.show or find_show_of(name)
            if found and find_cache(self._load_config(found, voice=self._common.voice)):
                folder = found
        if folder is None:
            return
        with lock_save(folder):
            pass  # nobody else is at work now
        stack = ExitStack()
        stack.enter_context(lock_episode(folder, name))
        self._held[key] = stack

    @contextlib.contextmanager
    def _releasing(self, name: str) -> Iterator[None]:
        try:
            yield
        finally:
            stack = self._held.pop(os.path.realpath(name), None)
            if stack:
                stack.close()

    def _keep(self, outcome: Outcome[EpisodeTask, Rendering | NotRendered]) -> None:
        """Save what was rendered; what has failed holds up no other."""
        task, result = outcome.task, outcome.result
        if result is None:
            self.failed.append(explain_lack(outcome))
            return
        self._absent.update(result.absent)
        for event in result.remarks:
            self._notify(event)  # it is told once, also when it was heard before
        if isinstance(result, NotRendered):
            self.failed.append(result.failure)
            return
        try:
            self._save(task, result, list(result.remarks))
        except ReviewcastError as error:
            self.failed.append(fail(task.name, error))

    def _save(self, task: EpisodeTask, rendering: Rendering, remarks: list[Event]) -> None:
        """Number and write an episode, while no other run changes anything in its show."""
        source, settings = rendering.source, rendering.settings
        run = open_run(
            settings,
            notify=self._listen(remarks),
            force=task.force,
            absent=self._absent,
            budget=self._budget,
        )
        show = settings.folder
        with lock_save(show, patience_s=_PATIENCE_S) if show else nullcontext():
            draft = keep_former(rendering.rendered.draft, source, run)
            path = place_task(task, draft, run)
            refuse_taken(path, task.name, self._taken)
            self._taken[path] = task.name
            run.cache.prepare()
            keep_round_up(source, path)
            first: list[Rendered] = [replace(rendering.rendered, draft=draft)]

            def finish() -> tuple[Built, Rendered]:
                # when something of it is lost meanwhile, it is rendered anew
                rendered = first.pop() if first else render_episode(draft, run)
                return finish_episode(source, rendered, path, run, task.formats), rendered

            built, rendered = retry_lost(finish)
        if rendering.mark:
            keep_mark(
                task.name,
                rendering.mark,
                task.output,
                run.cache,
                audio=path,
                size_bytes=built.episode.size_bytes,
            )
        if self._reports:
            data = collect_report(built.episode, built.figures, rendered.made)
            messages = [event.message for event in remarks if not isinstance(event, Progressed)]
            number = len(self.sections) + 1
            self.sections.append(report_episode(data, number=number, remarks=messages))
        self.built.append(built)
        self._caches.append(run.cache)
