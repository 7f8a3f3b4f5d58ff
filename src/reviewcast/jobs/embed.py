"""The job: what a blog needs so that its posts play their episodes."""

from pathlib import Path

from msgspec import Struct

from reviewcast.model.errors import ConfigError, UsageError
from reviewcast.model.events import Notify, Warned
from reviewcast.podcast.feed.validate import check_place
from reviewcast.podcast.release import find_page
from reviewcast.podcast.site.snippets import (
    Generator,
    Includes,
    Snippets,
    is_unchanged,
    make_includes,
    make_snippets,
)
from reviewcast.settings.schema import Config
from reviewcast.system.files import make_folder, reporting, write_whole
from reviewcast.system.workspace import load_publication, load_records


class Written(Struct, frozen=True):
    """A file for a generator, and whether it was written; else it was there as it is now."""

    path: str
    is_new: bool


def find_snippets(config: Config, review: str, *, notify: Notify) -> Snippets:
    """Return the snippets of a review's episode, or with "" those for the template of all posts.

    `review` is the file of a review or the name of its episode. Raise UsageError when it has not
    been built, ConfigError for a show without an address or pages.
    """
    url = _find_url(config)
    if not review:
        return make_snippets(url)
    folder = config.folder or Path()
    path = Path(review).resolve()
    for record in load_records(folder):
        source = (folder / record.source).resolve() if record.source else None
        if record.slug == review or path == source:
            kept = load_publication(folder, record.slug)
            if kept is None or kept.withdrawn or not kept.files:
                notify(Warned(f"{record.slug} is not published: reviewcast publish"))
            page = find_page(record.slug)
            return make_snippets(url, slug=record.slug, page=page, title=record.title)
    raise UsageError(
        f"There is no episode of {review}.",
        hint="Name a review's file that was built, or an episode: reviewcast shelf lists them.",
    )


def plan_includes(config: Config, generator: Generator) -> Includes:
    """Return the files for a generator; raise ConfigError as `find_snippets` does."""
    return make_includes(generator, _find_url(config))


def write_includes(includes: Includes, folder: Path, *, notify: Notify) -> tuple[Written, ...]:
    """Write the files for a generator into a site's folder.

    A file that its user has changed, or that is another's, is never overwritten: raise UsageError
    then, and write none of them. Warn if the folder does not look like such a site's.
    """
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder.", hint="Name the folder of the site's sources."
        )
    changed = [one for one in includes.files if _is_changed(folder / one.name)]
    if changed:
        path = folder / changed[0].name
        raise UsageError(
            f"{path} is not as reviewcast wrote it, and stays so.",
            hint="Move it away to have it written anew; without --write it is printed.",
        )
    if not any((folder / sign).exists() for sign in includes.signs):
        notify(Warned(f"{folder} holds none of {', '.join(includes.signs)}: is it the right one?"))
    return tuple(_write(folder / one.name, one.content.encode()) for one in includes.files)


def _write(path: Path, data: bytes) -> Written:
    if path.is_file() and path.read_bytes() == data:
        return Written(str(path), is_new=False)
    make_folder(path.parent, hint="Name another folder.")
    with write_whole(path) as file:
        file.write(data)
    return Written(str(path), is_new=True)


def _is_changed(path: Path) -> bool:
    if not path.exists() and not path.is_symlink():
        return False
    if not path.is_file():
        return True
    with reporting(f"read {path}"):
        data = path.read_bytes().replace(b"\r\n", b"\n")
    return not is_unchanged(data.decode(errors="replace"))


def _find_url(config: Config) -> str:
    if not config.show.url:
        raise ConfigError(
            "[show] url is not set, so nothing can be loaded from the show.",
            hint="Set it in podcast.toml to where the show is published.",
        )
    check_place(config.show.url)
    if not config.site.pages:
        raise ConfigError(
            "[site] pages is false, so there is nothing to show in other pages.",
            hint="Set it to true, and publish.",
        )
    return config.show.url
