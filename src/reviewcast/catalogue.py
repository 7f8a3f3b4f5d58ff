"""Many reviews: each is built for itself, and one that fails holds up no other."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.accesses import (
    list_file_accesses,
    list_review_accesses,
    list_voice_accesses,
    reach_review,
)
from reviewcast.atomic import check_writable, write_whole
from reviewcast.cache import Cache, retry_lost
from reviewcast.config import Config, load_config
from reviewcast.errors import ConfigError, ReviewcastError, ReviewError, UsageError
from reviewcast.events import Event, Notify, Progressed, Warned, tell_once
from reviewcast.exporting import ExportFormat
from reviewcast.model import Episode, Review
from reviewcast.names import SharedName, gather_names
from reviewcast.pipeline import build_episode
from reviewcast.previewing import Names, list_names
from reviewcast.protocols import Access
from reviewcast.scripting import match_reviews, read_source
from reviewcast.stages.read import ReviewSource
from reviewcast.stages.report import (
    MARK,
    Account,
    Fault,
    Section,
    build_report,
    report_episode,
)
from reviewcast.trust import require_trust
from reviewcast.voicing import Absent, Plan, plan_episode
from reviewcast.workspace import find_show, load_records, lock_show, place_episode

T = TypeVar("T")

STDIN = "-"
_OWN = ".reviewcast"
_MARK_WITHIN = 1000  # bytes from the start


class Failure(Struct, frozen=True):
    """A review that was not built, and why."""

    review: str
    error: str
    hint: str
    exit_code: int


class Batch(Struct, frozen=True):
    """What became of the reviews of one command."""

    episodes: tuple[Episode, ...]
    failed: tuple[Failure, ...]

    @property
    def exit_code(self) -> int:
        """0, the code that all failures share when nothing was built, else 3."""
        codes = {failure.exit_code for failure in self.failed}
        if not codes:
            return 0
        return codes.pop() if len(codes) == 1 and not self.episodes else ReviewError.exit_code


def list_reviews(start: Path) -> tuple[Path, tuple[str, ...]]:
    """Give the show that a folder belongs to, and the files that its patterns name, in order.

    Raises UsageError when there is no show, or no review in it.
    """
    show = find_show(start.resolve())
    if show is None:
        raise UsageError(
            "There is no show here whose reviews could be built.",
            hint="Name a REVIEW, or begin a show: reviewcast init",
        )
    config = load_config(show)
    found = match_reviews(show, config)
    if not found:
        patterns = ", ".join(config.show.reviews) or "no pattern is set"
        raise UsageError(
            f"The show in {show} has no reviews: {patterns}.",
            hint="Put one there, or correct [show] reviews in podcast.toml.",
        )
    return show, tuple(_name_shortly(path) for path in found)


def list_accesses(
    names: Iterable[str], *, voice: str | None, show: Path | None = None, every: bool = False
) -> Iterator[list[Access]]:
    """Yield what each show reaches outside of it for the episodes of reviews, to be confirmed.

    With `every` also what only voices need that no setting chooses. Faults are left to the build.
    """
    asked: set[Path] = set()
    names = list(names)
    for name in names:
        with suppress(ReviewcastError):
            folder = show or _find_show_of(name)
            if folder is None or folder in asked:
                continue
            asked.add(folder)
            config = load_config(folder, voice=voice)
            found = [*list_voice_accesses(config, every=every), *list_file_accesses(config)]
            if show:
                found += list_review_accesses(config, map(Path, names))
            yield found


def build_catalogue(
    names: Iterable[str],
    *,
    output: Path | None,
    voice: str | None,
    force: bool,
    notify: Notify,
    show: Path | None = None,
    absent: Absent | None = None,
    formats: Collection[ExportFormat] = (),
    report: Path | None = None,
) -> Batch:
    """Build an episode of each review; `-` is standard input.

    They belong to `show`, or to the one that is found for each. What is so of several is told
    once, and a voice that does not answer is asked once; `absent` are such from before. `formats`
    are written beside each MP3, and `report` is a page about all of them. Raises UsageError when
    two of them would become one file, or the report would take another file's place.
    """
    names = list(names)
    notify = tell_once(notify)
    absent = {} if absent is None else absent
    if output and len(names) > 1 and not output.is_dir():
        raise UsageError(
            "One file cannot hold several episodes.", hint="Give a folder that exists to -o."
        )
    if report:
        _check_report(report)
    taken: dict[Path, str] = {}
    sections: list[Section] = []

    def build(name: str) -> Episode:
        remarks: list[str] = []

        def hear(event: Event) -> None:
            if not isinstance(event, Progressed):
                remarks.append(event.message)
            notify(event)

        def tell(account: Account) -> None:
            sections.append(report_episode(account, number=len(sections) + 1, remarks=remarks))

        source, config, cache = _open(name, voice, show)
        own: set[Path] = set()

        def place(review: Review) -> Path:
            file = None if name == STDIN else Path(name)
            path = place_episode(review.slug, review=file, show=config.folder, output=output)
            if path in taken and path not in own:
                raise UsageError(
                    f"{name} and {taken[path]} would both become {path}.",
                    hint="Give one of them another slug.",
                )
            taken[path] = name
            own.add(path)
            check_writable(path)
            cache.prepare()
            return path

        def run() -> Episode:
            return build_episode(
                source,
                config,
                place=place,
                cache=cache,
                notify=hear,
                force=force,
                absent=absent,
                formats=formats,
                tell=tell if report else None,
            )

        with lock_show(config.folder) if config.folder else nullcontext():
            # also what is written at the end is read from the stores
            return retry_lost(run)

    episodes, failed = _try_each(_order_new(names, show) if show else names, build)
    if report:
        faults = [Fault(failure.review, failure.error, failure.hint) for failure in failed]
        with write_whole(report) as file:
            file.write(build_report(sections, faults))
    return Batch(tuple(episodes), tuple(failed))


def _order_new(names: list[str], show: Path) -> list[str]:
    """Put the reviews that were never built in the order of their dates, for their numbers.

    All others keep their places. What has no date, or cannot be read, comes last among them.
    """
    try:
        config, records = load_config(show), load_records(show)
    except ReviewcastError:
        return names  # it is told for each of them
    known = {os.path.normpath(show / record.source) for record in records}
    fresh = [name for name in names if os.path.abspath(name) not in known and name != STDIN]
    if len(fresh) < 2:
        return names

    def find_date(name: str) -> str:
        try:
            return read_source(_read_bytes(name), config).date or "9999"
        except ReviewcastError:
            return "9999"

    ordered = iter(sorted(fresh, key=find_date))
    moved = set(fresh)
    return [next(ordered) if name in moved else name for name in names]


def _check_report(path: Path) -> None:
    """Find out before any work whether a report can be written to a file.

    Raises UsageError for one that is there and is no report: a page may be a review.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"{path} does not end in .html.", hint="Name the report so: report.html")
    try:
        with path.open("rb") as file:
            is_other = MARK.encode() not in file.read(_MARK_WITHIN)
    except OSError:
        is_other = False  # it is not there, or the check below says what is wrong
    if is_other:
        raise UsageError(
            f"{path} is there and is no report.", hint="Give another name, or remove it."
        )
    check_writable(path)


def plan_catalogue(
    names: Iterable[str], *, voice: str | None, show: Path | None = None, force: bool = False
) -> tuple[list[Plan], list[Failure]]:
    """Tell what `build_catalogue` would have to speak."""

    def plan(name: str) -> Plan:
        source, config, cache = _open(name, voice, show)
        return plan_episode(source, config, cache=cache, force=force)

    return _try_each(names, plan)


def name_catalogue(
    names: Iterable[str], *, voice: str | None, show: Path | None = None
) -> tuple[tuple[SharedName, ...], list[Failure]]:
    """Find the names and odd words of reviews; nothing is written and nobody asked."""
    names = list(names)

    def find(name: str) -> Names:
        source, config, _ = _open(name, voice, show)
        return list_names(source, config)

    found, failed = _try_each(names, find)
    lost = {failure.review for failure in failed}
    read = [name for name in names if _escape(name) not in lost]
    return gather_names(
        [(name, one.language, one.names) for name, one in zip(read, found, strict=True)]
    ), failed


def open_review(name: str, *, voice: str | None = None) -> tuple[ReviewSource, Config]:
    """Read a review's bytes and find the settings that hold for it."""
    source, config, _ = _open(name, voice)
    return source, config


def open_show(start: Path, *, to: str | None = None) -> Config:
    """Read the settings of the show that a folder belongs to; `to` is where to publish instead.

    Raises UsageError when there is no show.
    """
    folder = find_show(start.resolve())
    if folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    config = load_config(folder)
    if to is None:
        return config
    own = config.variables | {("publish", "to")}
    return replace(config, publish=replace(config.publish, to=to), variables=own)


def read_reviews(config: Config, *, notify: Notify) -> Iterator[Review]:
    """Read all reviews of a show; one that cannot be read is warned of."""
    for path in match_reviews(config.folder, config) if config.folder else ():
        try:
            require_trust(reach_review(path, config))
            yield read_source(_read_bytes(str(path)), config)
        except ReviewcastError as error:
            notify(Warned(f"{path.name}: {error.message}"))


def find_cache(config: Config) -> Cache:
    """Give the cache: of the variable, of the show, or the one that all shows of the user share.

    A show has its own when its settings name a folder, or when it has one from before there was a
    shared one. Raises ConfigError for a folder that holds the show itself.
    """
    if config.cache_folder:
        return Cache(config.cache_folder, owner="variable")
    if config.cache.folder:
        return Cache(_place_own_cache(config), owner="show" if config.folder else "variable")
    if config.folder and os.path.isdir(config.folder / _OWN / "takes"):
        return Cache(config.folder / _OWN, owner="show")
    import platformdirs

    return Cache(Path(platformdirs.user_cache_dir("reviewcast", appauthor=False)))


def _place_own_cache(config: Config) -> Path:
    show = config.folder or Path()
    folder = show / os.path.expanduser(config.cache.folder)
    if Path(os.path.realpath(show)).is_relative_to(os.path.realpath(folder)):
        raise ConfigError(
            f"[cache] folder {config.cache.folder!r} holds the show itself.",
            hint=f'Name a folder for the cache alone, such as "{_OWN}".',
        )
    return folder


def _open(
    name: str, voice: str | None, show: Path | None = None
) -> tuple[ReviewSource, Config, Cache]:
    """Read a review and find what holds for it; `show` is the one whose patterns name it.

    Raises ReviewError for a name that is not UTF-8, which neither a record nor a feed can hold,
    and ConfigError for one outside of its show's folder that the user has not confirmed.
    """
    if _escape(name) != name:
        raise ReviewError(
            f"The name {_escape(name)} is not UTF-8.", hint="Rename the file; its text is fine."
        )
    config = load_config(show or _find_show_of(name), voice=voice)
    if show:
        require_trust(reach_review(Path(name), config))
    return _read_bytes(name), config, find_cache(config)


def _read_bytes(name: str) -> ReviewSource:
    """Read a review's file, or standard input.

    Raises UsageError when it is missing or a folder.
    """
    if name == STDIN:
        return ReviewSource("", sys.stdin.buffer.read())
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"{name} is a folder.", hint="Name the review's file.")
    try:
        with path.open("rb") as file:
            return ReviewSource(name, file.read(_READ_AT_MOST))
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {name}.", hint="Check its name.") from error
    except OSError as error:
        raise ReviewError(
            f"Cannot read {name}: {error.strerror or error}.", hint="Check its permissions."
        ) from error


_READ_AT_MOST = 2_000_001  # one more byte than a review may have


def _find_show_of(name: str) -> Path | None:
    """Find the show of a review: above it, or around us when its patterns name the review."""
    if name == STDIN:
        return find_show(Path.cwd())
    if show := find_show(Path(name).parent.resolve()):
        return show
    here = find_show(Path.cwd())
    if here is None:
        return None
    known = (path.resolve() for path in match_reviews(here, load_config(here)))
    return here if Path(name).resolve() in known else None


def _name_shortly(path: Path) -> str:
    """Name a file from where we are, when it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _escape(name: str) -> str:
    r"""Write the bytes of a file's name that are not UTF-8 as \xff, so that it can be told."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _try_each(names: Iterable[str], job: Callable[[str], T]) -> tuple[list[T], list[Failure]]:
    done: list[T] = []
    failed: list[Failure] = []
    for name in names:
        try:
            done.append(job(name))
        except ReviewcastError as error:
            failed.append(Failure(_escape(name), error.message, error.hint, error.exit_code))
    return done, failed
