"""Which show, which reviews and which cache a command works on."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from reviewcast.model.errors import ConfigError, ReviewcastError, ReviewError, UsageError
from reviewcast.model.events import Notify, Warned, ignore_events
from reviewcast.model.text import Review
from reviewcast.settings.accesses import reach_review
from reviewcast.settings.load import load_settings
from reviewcast.settings.run import Run
from reviewcast.settings.schema import Config
from reviewcast.system.budget import Budget
from reviewcast.system.cache import Cache
from reviewcast.system.files import check_name, escape
from reviewcast.system.trust import require_trust
from reviewcast.system.workspace import find_show
from reviewcast.text.draft import match_reviews, read_source
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import is_round_up, refresh_round_up
from reviewcast.text.spoken.lexicon_file import read_lexicons, read_spoken

STDIN = "-"
_OWN = ".reviewcast"


def load_config(
    folder: Path | None, *, environ: Mapping[str, str] = os.environ, voice: str | None = None
) -> Config:
    """Return all settings of a run: podcast.toml, variables and lexicons.

    Raise ConfigError for what is unknown or has a wrong value.
    """
    config = load_settings(folder, environ=environ, voice=voice)
    return msgspec.structs.replace(
        config, spoken=read_spoken(config.spoken), lexicon=read_lexicons(folder, environ)
    )


def list_reviews(start: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the show that a folder belongs to, and the files that its patterns name, in order.

    Raise UsageError when there is no show, or no review in it.
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


def open_run(
    config: Config,
    *,
    notify: Notify = ignore_events,
    force: bool = False,
    absent: dict[str, str] | None = None,
    budget: Budget | None = None,
) -> Run:
    """Return what all jobs with these settings work with; `absent` are voices that do not answer.

    Raise ConfigError as `find_cache` does.
    """
    absent = {} if absent is None else absent
    return Run(
        settings=config,
        cache=find_cache(config),
        notify=notify,
        force=force,
        absent=absent,
        budget=budget,
    )


def open_show(start: Path, *, to: str | None = None, drip: str | None = None) -> Config:
    """Read the settings of the show that a folder belongs to.

    `to` and `drip` go before those of [publish]. Raise UsageError when there is no show,
    ConfigError for a drip that is none.
    """
    folder = find_show(start.resolve())
    if folder is None:
        raise UsageError(
            "There is no podcast.toml here or above.", hint="Make a show: reviewcast init"
        )
    config = load_config(folder)
    given = {key: value for key, value in (("to", to), ("drip", drip)) if value is not None}
    if not given:
        return config
    own = config.variables | {("publish", key) for key in given}
    return replace(config, publish=replace(config.publish, **given), variables=own)


def read_reviews(config: Config, *, notify: Notify) -> Iterator[Review]:
    """Read all reviews of a show; one that cannot be read is warned of."""
    for path in match_reviews(config.folder, config) if config.folder else ():
        try:
            require_trust(reach_review(path, config))
            check_name(str(path))
            yield read_source(read_bytes(str(path)), config)
        except ReviewcastError as error:
            notify(Warned(f"{escape(path.name)}: {error.message}"))


def find_cache(config: Config) -> Cache:
    """Return the cache: of the variable, of the show, or the one that all shows of the user share.

    A show has its own when its settings name a folder, or when it has one from before there was a
    shared one. Raise ConfigError for a folder that holds the show itself.
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


def open_review(
    name: str,
    *,
    voice: str | None = None,
    show: Path | None = None,
    load: Callable[..., Config] = load_config,
    made: Mapping[str, bytes] | None = None,
) -> tuple[ReviewSource, Config]:
    """Read a review's bytes and the settings that hold for it.

    `show` is the one whose patterns name it. `load` takes the place of `load_config`, such as one
    that reads the settings of many reviews once. `made` are round-ups of the show by their names,
    which need not lie on disk yet.

    Raise ReviewError for a name that is not UTF-8, which neither a record nor a feed can hold,
    and ConfigError for one outside of its show's folder that the user has not confirmed.
    """
    check_name(name)
    config = load(show or find_show_of(name), voice=voice)
    if show:
        require_trust(reach_review(Path(name), config))
    if made and name in made:
        source = ReviewSource("" if name == STDIN else name, made[name])
    else:
        source = read_bytes(name)
    if is_round_up(name) and config.folder:
        source = refresh_round_up(source, config.folder)
    return source, config


def read_bytes(name: str) -> ReviewSource:
    """Read a review's file, or standard input.

    Raise UsageError when it is missing or a folder.
    """
    if name == STDIN:
        return ReviewSource("", sys.stdin.buffer.read())
    path = Path(name)
    if name.lower().startswith(("http://", "https://")):
        raise UsageError(
            f"{name} is a web page, and is not fetched for this.",
            hint="Bring it into a show: reviewcast import URL",
        )
    if path.is_dir():
        raise UsageError(
            f"{name} is a folder.",
            hint=f"Name the review's file, or all in it: {Path(name, '*.md')}",
        )
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


def find_show_of(name: str) -> Path | None:
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
