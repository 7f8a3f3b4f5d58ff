"""Many reviews: each is built for itself, and one that fails holds up no other."""

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from reviewcast.atomic import check_writable
from reviewcast.cache import Cache
from reviewcast.config import Config, load_config
from reviewcast.errors import ReviewcastError, ReviewError, UsageError
from reviewcast.events import Notify
from reviewcast.model import Episode, Review
from reviewcast.pipeline import Plan, build_episode, plan_episode
from reviewcast.stages.read import ReviewSource
from reviewcast.workspace import find_show, lock_show, place_episode

T = TypeVar("T")

STDIN = "-"


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


def build_catalogue(
    names: Iterable[str], *, output: Path | None, voice: str | None, force: bool, notify: Notify
) -> Batch:
    """Build an episode of each review; `-` is standard input.

    Raises UsageError when two of them would become one file.
    """
    names = list(names)
    if output and len(names) > 1 and not output.is_dir():
        raise UsageError(
            "One file cannot hold several episodes.", hint="Give a folder that exists to -o."
        )
    taken: dict[Path, str] = {}

    def build(name: str) -> Episode:
        source, config, cache = _open(name, voice)

        def place(review: Review) -> Path:
            file = None if name == STDIN else Path(name)
            path = place_episode(review.slug, review=file, show=config.folder, output=output)
            if path in taken:
                raise UsageError(
                    f"{name} and {taken[path]} would both become {path}.",
                    hint="Give one of them another slug.",
                )
            taken[path] = name
            check_writable(path)
            cache.prepare()
            return path

        with lock_show(config.folder) if config.folder else nullcontext():
            return build_episode(
                source,
                config,
                place=place,
                cache=cache,
                notify=notify,
                force=force,
            )

    episodes, failed = _try_each(names, build)
    return Batch(tuple(episodes), tuple(failed))


def plan_catalogue(names: Iterable[str], *, voice: str | None) -> tuple[list[Plan], list[Failure]]:
    """Tell what `build_catalogue` would have to speak."""

    def plan(name: str) -> Plan:
        source, config, cache = _open(name, voice)
        return plan_episode(source, config, cache=cache)

    return _try_each(names, plan)


def open_review(name: str, *, voice: str | None = None) -> tuple[ReviewSource, Config]:
    """Read a review's bytes and find the settings that hold for it."""
    source, config, _ = _open(name, voice)
    return source, config


def find_cache(config: Config) -> Cache:
    """Give the cache: where the settings say, in the show, or in the user's cache folder."""
    if config.cache:
        return Cache(config.cache)
    if config.folder:
        return Cache(config.folder / ".reviewcast")
    import platformdirs

    return Cache(Path(platformdirs.user_cache_dir("reviewcast", appauthor=False)))


def _open(name: str, voice: str | None) -> tuple[ReviewSource, Config, Cache]:
    config = load_config(find_show(_find_folder(name).resolve()), voice=voice)
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


def _find_folder(name: str) -> Path:
    return Path() if name == STDIN else Path(name).parent


def _try_each(names: Iterable[str], job: Callable[[str], T]) -> tuple[list[T], list[Failure]]:
    done: list[T] = []
    failed: list[Failure] = []
    for name in names:
        try:
            done.append(job(name))
        except ReviewcastError as error:
            failed.append(Failure(name, error.message, error.hint, error.exit_code))
    return done, failed
