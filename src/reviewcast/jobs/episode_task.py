"""One review of many as a task: plain data goes to a worker, and what it rendered comes back."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.episode.describe import name_source
from reviewcast.episode.export import ExportFormat, place_exports
from reviewcast.jobs.build import Rendered, render_episode
from reviewcast.jobs.planning import Failure, fail
from reviewcast.jobs.shows import STDIN, load_config, open_review, open_run
from reviewcast.model.errors import ReviewcastError, UsageError
from reviewcast.model.events import Event, Noticed, Notify, Progressed, Warned, ignore_events
from reviewcast.podcast.freshness import Marks
from reviewcast.podcast.identity import keep_slug
from reviewcast.settings.run import Elsewhere, Run
from reviewcast.settings.schema import Config
from reviewcast.speech.workers import tell_parent
from reviewcast.system.budget import Budget
from reviewcast.system.store import retry_lost
from reviewcast.system.workspace import load_publications, load_records, place_episode
from reviewcast.text.draft import Draft, read_draft
from reviewcast.text.read import ReviewSource


class EpisodeTask(Struct, frozen=True, kw_only=True):
    """A review to render: its name, and the options of the command.

    `data` is what a round-up's file shall hold, or what came from standard input. `cores` are
    those that it may use, 0 for all. `absent` are voices that did not answer other reviews, and
    `failure` is why it need not be tried.
    """

    name: str
    voice: str | None = None
    show: Path | None = None
    output: Path | None = None
    formats: tuple[ExportFormat, ...] = ()
    force: bool = False
    data: bytes | None = None
    cores: int = 0
    absent: dict[str, str] = {}
    failure: Failure | None = None


class Rendering(Struct, frozen=True, kw_only=True):
    """A review that was rendered, under whichever number and slug it will be saved.

    `mark` tells what it was made of. `remarks` are the messages that it was told with, in their
    order; `absent` are the voices that did not answer up to then.
    """

    source: ReviewSource
    settings: Config
    rendered: Rendered
    mark: str = ""
    remarks: tuple[Event, ...] = ()
    absent: dict[str, str] = {}


class NotRendered(Struct, frozen=True, kw_only=True):
    """A review that could not be rendered, and why; otherwise as for one that was."""

    failure: Failure
    remarks: tuple[Event, ...] = ()
    absent: dict[str, str] = {}


class TaskEvent(Struct, frozen=True):
    """What happens to a review while a worker has it, and the voices that did not answer so far."""

    name: str
    event: Event
    absent: dict[str, str]


def run_task(task: EpisodeTask, attempt: int) -> Rendering | NotRendered:
    """Render a review in a worker, which keeps what it has loaded for the next one.

    What happens is told to the parent as TaskEvent. When an attempt before has taken the worker
    along, a voice that computes speaks in a process of its own, so that the sentence is found.
    """
    if task.failure:
        return NotRendered(failure=task.failure)
    remarks: list[Event] = []
    absent = dict(task.absent)

    def hear(event: Event) -> None:
        if not isinstance(event, Progressed):
            remarks.append(event)
        tell_parent(TaskEvent(task.name, event, dict(absent)))

    try:
        done = render_task(
            task,
            notify=hear,
            absent=absent,
            in_process=attempt == 1,
            shared=_shared,
        )
    except ReviewcastError as error:
        return NotRendered(failure=fail(task.name, error), remarks=tuple(remarks), absent=absent)
    return replace(done, remarks=tuple(remarks), absent=absent)


class Shared:
    """What the reviews of a batch share: settings and round-ups of their shows, read once."""

    def __init__(self, load: Callable[..., Config]) -> None:
        self.load_config = load
        self.find_holders = cache(_find_holders)
        self._marks: dict[Path | None, Marks] = {}

    def mark(self, source: ReviewSource, config: Config) -> str:
        """Return the mark of a review as it is now, "" for one without a file."""
        if not source.name:
            return ""
        if config.folder not in self._marks:
            self._marks[config.folder] = Marks(config)
        return self._marks[config.folder].mark(source.name, {source.name: source.data})


def render_task(
    task: EpisodeTask,
    *,
    notify: Notify,
    absent: dict[str, str],
    shared: Shared,
    budget: Budget | None = None,
    in_process: bool = False,
    taken: Mapping[Path, str] | None = None,
    elsewhere: Elsewhere | None = None,
    made: frozenset[str] = frozenset(),
) -> Rendering:
    """Read, speak and encode a review; `taken` are files that others have become already.

    `elsewhere` and `made` are as a Run has them. Raise one of the errors of the tree.
    """
    data = None if task.data is None else {task.name: task.data}
    source, config = open_review(
        task.name, voice=task.voice, show=task.show, load=shared.load_config, made=data
    )
    _warn_of_holder(name_source(source, config), config, shared.find_holders, notify)
    run = open_run(config, notify=notify, force=task.force, absent=absent, budget=budget)
    run = replace(run, cores=task.cores, in_process=in_process, elsewhere=elsewhere, made=made)
    draft = read_draft(source, config, notify=notify)
    silent = replace(run, notify=ignore_events)  # it is told when it is saved
    path = place_task(task, keep_former(draft, source, silent), run)
    if taken:
        refuse_taken(path, task.name, taken)
    place_exports(path, task.formats)
    run.cache.prepare()
    mark = shared.mark(source, config)
    rendered = retry_lost(lambda: render_episode(draft, run))
    return Rendering(source=source, settings=config, rendered=rendered, mark=mark)


def keep_former(draft: Draft, source: ReviewSource, run: Run) -> Draft:
    """Return a draft under the slug of its episode: one whose file was renamed stays what it was.

    Raise UsageError as `keep_slug` does.
    """
    config = run.settings
    if config.folder is None:
        return draft
    name = name_source(source, config)
    sha256 = hashlib.sha256(source.data).hexdigest()
    slug, former = keep_slug(draft.review, name, sha256, config.folder)
    if slug == draft.review.slug:
        return draft
    if former:
        run.notify(Noticed(f"{name} was {former} before: it stays the episode {slug}."))
    return replace(draft, review=replace(draft.review, slug=slug))


def place_task(task: EpisodeTask, draft: Draft, run: Run) -> Path:
    """Return where the MP3 of a review goes. Raise UsageError as `place_episode` does."""
    file = None if task.name == STDIN else Path(task.name)
    return place_episode(
        draft.review.slug, review=file, show=run.settings.folder, output=task.output
    )


def refuse_taken(path: Path, name: str, taken: Mapping[Path, str]) -> None:
    """Raise UsageError when another review of the batch has become a file."""
    if path in taken:
        raise UsageError(
            f"{name} and {taken[path]} would both become {path}.",
            hint="Give one of them another slug.",
        )


def _find_holders(show: Path) -> dict[str, str]:
    """Return the slugs of a show's round-ups, by the sources of the reviews that they hold."""
    try:
        records, publications = load_records(show), load_publications(show)
    except ReviewcastError:
        return {}  # who needs them tells it
    withdrawn = {slug for slug, one in publications.items() if one.withdrawn}
    return {
        source: record.slug
        for record in records
        if record.slug not in withdrawn
        for source in record.members
    }


def _warn_of_holder(
    source: str, config: Config, find_holders: Callable[[Path], dict[str, str]], notify: Notify
) -> None:
    """Warn of a review that is built alone, and is in a round-up."""
    slug = find_holders(config.folder).get(source, "") if config.folder else ""
    if slug:
        notify(
            Warned(
                f"{source} is in the round-up {slug}, too, and would be public twice."
                " To take it out there, write `episode: alone` into its front matter and run:"
                " reviewcast build"
            )
        )


_shared = Shared(cache(load_config))  # of a worker, which serves one batch
