"""What a new show begins with."""

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewcast.episode.cover import draw_cover, find_unprintable
from reviewcast.model.characters import clean_text
from reviewcast.model.errors import StorageError, UsageError
from reviewcast.model.languages import read_language
from reviewcast.settings.template import write_settings
from reviewcast.system.files import write_whole
from reviewcast.system.resources import find_bundled, find_sample
from reviewcast.text.blogs import Blog

_SETTINGS = "podcast.toml"
_COVER = "cover.jpg"
_SOUNDS = ("intro", "outro", "sting")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_IGNORED = "# what reviewcast keeps to go faster; it can be removed at any time\n.reviewcast/\n"

LEXICON = """\
# How this show says its words. A changed word speaks only the segments anew that hold it.
# Take the "# " before an example away to try it; reviewcast script shows what will be said.

[words]
# A word or a phrase, and what is said for it. In small letters it is found in any case, else as
# it is written here or in capitals.
# "Chazelle" = "sha-ZELL"
# "A24" = "A twenty-four"

# An entry of its own can say more. Without any more it is like a line above.
# [[entry]]
# written = "Reading"
# spoken = "Redding"
# case = "exact"
# language = "en"

# case: "smart" (as above), "exact" or "ignore". language and voices: where the entry holds.
# ipa is for voices that take it. whole_word = false also finds it inside of words.
# [[entry]]
# written = "Saoirse"
# spoken = "SUR-sha"
# ipa = "ˈsɜːrʃə"
# whole_word = true
# voices = ["espeak", "gtts"]
"""


class Start(Struct, frozen=True, kw_only=True):
    """What was made: files by their names below the folder, and remarks for the user.

    `kept` are files that were there before with other bytes.
    """

    folder: Path
    title: str
    url: str
    written: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...]


def check_free(folder: Path) -> None:
    """Raise UsageError when a show cannot begin in this folder: there is one, or it is a file."""
    if os.path.lexists(folder / _SETTINGS):
        raise UsageError(
            f"{folder / _SETTINGS} is there already.",
            hint="Edit it, or choose another folder.",
        )
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", hint="Choose another name.")


def propose_title(folder: Path, blog: Blog | None) -> str:
    """Return the default title of a show: the blog's, or the folder's name."""
    if blog and blog.title:
        return blog.title
    name = " ".join(_tidy(re.sub(r"[-_]+", " ", folder.resolve().name)).split())
    return f"{name[:1].upper()}{name[1:]}" or "Reviews"


def start_show(
    folder: Path,
    *,
    title: str = "",
    author: str = "",
    url: str = "",
    language: str = "",
    blog: Blog | None = None,
) -> Start:
    """Write all that a show begins with, its podcast.toml last, and overwrite nothing.

    What is not given comes from the blog. Raise UsageError when there is a show already or a
    value cannot be used, StorageError when the folder refuses.
    """
    check_free(folder)
    settings = _gather(folder, title=title, author=author, url=url, language=language, blog=blog)
    show = settings["show"]
    written, kept, notes = [], [], []
    for name, data in _list_files(show, with_sample="reviews" not in show):
        if _write_new(folder / name, data):
            written.append(name)
        elif not _holds(folder / name, data):
            kept.append(name)
    if (missing := find_unprintable(show["title"])) and _COVER not in kept:
        notes.append(
            f"No font on this machine has {missing}: the cover does without."
            f" Put one of your own in place of {_COVER}."
        )
    _write_new(folder / _SETTINGS, write_settings(settings).encode())
    written.append(_SETTINGS)
    return Start(
        folder=folder,
        title=show["title"],
        url=show.get("url", ""),
        written=tuple(written),
        kept=tuple(kept),
        notes=tuple(notes),
    )


def _gather(
    folder: Path, *, title: str, author: str, url: str, language: str, blog: Blog | None
) -> dict[str, dict[str, Any]]:
    """Return the settings that this show has from the start, by table."""
    show: dict[str, Any] = {"title": _tidy(title) or propose_title(folder, blog)}
    blog = blog or Blog(folder=folder)
    if named := _tidy(author) or blog.author:
        show["author"] = named
    if language and not read_language(language):
        raise UsageError(
            f"{language!r} is no language.", hint='Give a tag such as "en", "de" or "pt-BR".'
        )
    if spoken := read_language(language or blog.language):
        show["language"] = spoken
    if blog.reviews:
        show["reviews"] = tuple(_place_pattern(pattern, blog, folder) for pattern in blog.patterns)
    show["cover"] = _COVER
    if url:
        if not _URL.fullmatch(url):
            raise UsageError(
                f"{url!r} is no web address.", hint='Such as "https://example.org/podcast/".'
            )
        show["url"] = url
    if blog.description:
        show["description"] = blog.description
    elif show.get("language", "en").partition("-")[0] == "en":  # a feed needs one
        by = f" by {show['author']}" if "author" in show else ""
        show["description"] = f"Reviews{by}, read aloud."
    if _URL.fullmatch(blog.website):
        show["website"] = blog.website
    return {"show": show, "stitch": {name: f"audio/{name}.flac" for name in _SOUNDS}}


def _place_pattern(pattern: str, blog: Blog, folder: Path) -> str:
    """Return a pattern below the blog's folder as one below the show's."""
    place = blog.folder.resolve()
    try:
        way = os.path.relpath(place, folder.resolve())
    except ValueError:  # another drive of Windows
        way = str(place)
    return pattern if way == "." else f"{glob.escape(Path(way).as_posix())}/{pattern}"


def _list_files(show: dict[str, Any], *, with_sample: bool) -> Iterator[tuple[str, bytes]]:
    """Return what stands beside podcast.toml, by name."""
    for name in _SOUNDS:
        yield f"audio/{name}.flac", _read(find_bundled(f"{name}.flac"))
    yield _COVER, draw_cover(show["title"], show.get("author", ""))
    yield "lexicon.toml", LEXICON.encode()
    yield ".gitignore", _IGNORED.encode()
    if with_sample:
        # left empty: a real feed must not carry the sample's
        sample = _read(find_sample()).replace(b"---\n", b"---\ndraft: true\n", 1)
        yield f"reviews/{find_sample().name}", sample


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"Cannot read {path}: {error.strerror or error}.", hint="Reinstall reviewcast."
        ) from error


def _write_new(path: Path, data: bytes) -> bool:
    """Write a file, unless there is anything of its name."""
    if os.path.lexists(path):
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"Cannot make the folder {path.parent}: {error.strerror or error}.",
            hint="Choose another folder.",
        ) from error
    with write_whole(path) as file:
        file.write(data)
    return True


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:  # a folder, or a link that points nowhere
        return False


def _tidy(text: str) -> str:
    """Make one line of a text, without controls or what is no character."""
    return " ".join(clean_text(text.encode("utf-8", "replace").decode()).split())
