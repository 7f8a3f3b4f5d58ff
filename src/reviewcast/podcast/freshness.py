"""Whether an episode still is what a build would make of its review: told by marks, not by times.

A mark is a hash over all that a build reads for an episode: the review, its edits, the pictures
and recordings that these name, the settings, the lexicon, the show's sounds and cover. The version
of reviewcast is no part of it: an update speaks nothing anew by itself.
"""

import hashlib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from reviewcast.model.podcast import EpisodeRecord
from reviewcast.settings.accesses import SOUNDS
from reviewcast.settings.schema import Config
from reviewcast.system.files import hash_file
from reviewcast.system.keys import hash_key
from reviewcast.text.edits import find_edits_file
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import decode_round_up, is_round_up

_FORMAT = "episode 1"
_DEFAULT = "default"
_OF_SHOW = (
    "title", "author", "language", "url", "explicit", "ai_voice", "disclosure", "recordings",
)  # fmt: skip
_TABLES = ("voice", "cast", "spoken", "lexicon", "split", "stitch", "master", "encode")
_OF_ROUND_UPS = ("intro", "closing")

_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|wav|flac|mp3|ogg|oga|opus|m4a|aac|aiff?)\b", re.IGNORECASE
)
_NOT_IN_NAMES = re.compile(r"[\n\r\"'()<>\[\]|=]|: ")
_LONGEST_NAME = 200
_MOST_NAMES = 2000
_READ_AT_MOST = 2_000_001  # one more byte than a review may have


class Marks:
    """Makes the marks of a show's episodes; what they share is read once."""

    def __init__(self, config: Config) -> None:
        self._folder = config.folder or Path()
        named = [("cover", config.show.cover)]
        named += [(sound, getattr(config.stitch, sound)) for sound in SOUNDS]
        self._shared = hash_key(
            [getattr(config.show, name) for name in _OF_SHOW],
            [getattr(config, name) for name in _TABLES],
            [getattr(config.collect, name) for name in _OF_ROUND_UPS],
            [(name, value, self._hash_asset(value)) for name, value in named],
        )

    def mark(self, name: str, made: Mapping[str, bytes]) -> str:
        """Return the mark of a review, or of a round-up among `made`; "" if it cannot be read."""
        try:
            if is_round_up(name):
                return self._mark_round_up(ReviewSource(name, made[name]))
            return self._mark_review(Path(name))
        except OSError:
            return ""

    def _mark_review(self, path: Path) -> str:
        data, edits = _read(path), b""
        with suppress(FileNotFoundError):
            edits = _read(find_edits_file(path))
        text = (data + b"\n" + edits).decode(errors="replace")
        media = {str(one): _hash_there(one) for one in _list_media(text, path.parent)}
        hashes = [hashlib.sha256(part).hexdigest() for part in (data, edits)]
        return hash_key(_FORMAT, self._shared, hashes, sorted(media.values()))

    def _mark_round_up(self, source: ReviewSource) -> str:
        members = decode_round_up(source).members
        marks = [self._mark_review(self._folder / member.source) for member in members]
        return hash_key(_FORMAT, source.data.decode(), marks)

    def _hash_asset(self, value: str) -> str:
        if value in {"", _DEFAULT}:
            return ""
        return _hash_there(self._folder / os.path.expanduser(value))


def is_whole(record: EpisodeRecord) -> bool:
    """True if the MP3 of an episode is there, as long as its record says."""
    try:
        return os.stat(record.path).st_size == record.size_bytes
    except OSError:
        return False


def _list_media(text: str, folder: Path) -> Iterator[Path]:
    """Yield the files that a text may name as pictures or recordings, and that are there."""
    for match in itertools.islice(_MEDIA.finditer(text), _MOST_NAMES):
        head = text[max(0, match.start() - _LONGEST_NAME) : match.end()]
        name = _NOT_IN_NAMES.split(head)[-1].strip()
        for one in {name, name.rpartition(" ")[2]}:
            for written in {one, unquote(one)}:
                path = folder / written.lstrip("/")
                with suppress(OSError, ValueError):
                    if written and path.is_file():
                        yield path


def _read(path: Path) -> bytes:
    """Read a file; raise FileNotFoundError also for a pipe, which would be waited for."""
    if not path.is_file():
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        return file.read(_READ_AT_MOST)


def _hash_there(path: Path) -> str:
    try:
        return hash_file(path) if path.is_file() else ""
    except OSError:
        return ""
