"""Rules for files whose name or record tells the hash of their content: no bit has flipped."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewcast.podcast.check.document import Feed
from reviewcast.podcast.check.findings import must
from reviewcast.system.files import hash_file
from reviewcast.system.workspace import load_records

_GENERATOR = "reviewcast"
_SOURCE = "reviewcast, names that hold a hash"

# of the cover, of episodes and the pictures of their chapters; then of what pages are drawn with
_NAME = re.compile(
    r"(?:.*/)?(?:cover-|[^/]+[-.])([0-9a-f]{12})\.(?:mp3|opus|vtt|srt|transcript\.json|chapters\.json|jpg|png)"
    r"|(?:.*/)?[^/]+-([0-9a-f]{8})\.(?:css|js|svg)"
)


@dataclass(frozen=True)
class Hashed:
    """A published file: what its name promises of its SHA-256, and what that is."""

    where: str
    promised: str
    found: str


class Built(Hashed):
    """A file of a built episode: what its record says of its SHA-256, and what that is."""


def is_ours(feed: Feed) -> bool:
    """True if reviewcast wrote the feed: names of other tools promise nothing."""
    return feed.channel is not None and feed.channel.text("generator") == _GENERATOR


def read_promise(name: str) -> str:
    """Return the beginning of the SHA-256 that a published file's name holds, "" for none."""
    match = _NAME.fullmatch(name)
    return (match[1] or match[2]) if match else ""


def list_hashed(folder: Path) -> Iterator[tuple[str, str]]:
    """Return the files of a published folder that promise a hash, and the promises, in order."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            inside = Path(place, name).relative_to(folder).as_posix()
            if (promise := read_promise(inside)) and not name.startswith("."):
                yield inside, promise


def list_built(show: Path) -> Iterator[Built]:
    """Hash what lies beside the records of a show's episodes; what is not there is left out."""
    for record in load_records(show):
        audio = Path(record.path)
        digests = {".mp3": record.sha256} | record.companions
        for suffix, promised in digests.items():
            path = audio.with_suffix(suffix)
            try:
                found = hash_file(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                found = error.strerror or str(error)
            yield Built(path.relative_to(show).as_posix(), promised, found)


@must("files/hash", _SOURCE, fix="Remove the file there and publish again: it is then sent anew.")
def check_name(hashed: Hashed) -> Iterator[str]:
    """A file whose name holds a hash of its content has that content."""
    if not hashed.found.startswith(hashed.promised):
        yield (
            f"Its name promises a SHA-256 of {hashed.promised}…, and it is {hashed.found[:12]}…:"
            " the file has been damaged or replaced."
        )


@must("files/record", "reviewcast, episode.json", fix="Build the episode again: reviewcast build")
def check_record(built: Built) -> Iterator[str]:
    """A file of a built episode is as the build wrote it."""
    if built.found != built.promised:
        yield "It is no longer what the build wrote."
