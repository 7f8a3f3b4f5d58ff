"""What a review came to is kept, so that it need not be read again: its look, scripts and names.

A memo is an entry of the cache under a hash of all that decides what a review comes to: the bytes
of the review and of its edits, the settings of its text, and the code. So it never has to be
doubted: what differs in any of these has another memo.
"""

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from reviewcast.model.errors import ReviewcastError, StorageError
from reviewcast.settings.accesses import reach_review
from reviewcast.settings.schema import Config
from reviewcast.system.cache import Cache, MemoFigures
from reviewcast.system.code_stamp import stamp_code
from reviewcast.system.keys import hash_key
from reviewcast.system.store import Store
from reviewcast.system.trust import is_inside, require_trust
from reviewcast.text.edits import find_edits_file
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import decode_round_up, is_round_up
from reviewcast.text.site_titles import list_site_endings

T = TypeVar("T")

_FORMAT = "memo 1"
_MOST_BYTES = 16_000_000  # of a memo when unpacked; that of a usual review has 10 kB
_QUICK = 1  # zlib's level: half the size for a tenth of the time

ROOMS = ("model", "system", "settings", "text", "speech", "jobs")
"""The rooms whose code decides what a review comes to."""

PACKAGES = (
    "charset-normalizer",
    "cobble",
    "courlan",
    "htmldate",
    "justext",
    "lxml",
    "mammoth",
    "markdown-it-py",
    "mdit-py-plugins",
    "mdurl",
    "msgspec",
    "PyYAML",
    "regex",
    "selectolax",
    "sentencex",
    "trafilatura",
    "unicode-rbnf",
)
"""The packages that these rooms read and say texts with, and what those use for it.

Some need not be there: installed, they find the article of a page.
"""


class Memo:
    """What is kept of one review: values by name, each recalled as what it was."""

    def __init__(
        self,
        store: Store[MemoFigures] | None = None,
        key: str = "",
        *,
        find_key: Callable[[], str] | None = None,
    ) -> None:
        self._store = store
        self._key = key
        self._find_key = find_key
        self._parts = _unpack(store.find(key)) if store else {}
        self._is_new = False

    def recall(self, name: str, kind: type[T]) -> T | None:
        """Return a value that was kept under a name; None when there is none of that kind."""
        if name not in self._parts:
            return None
        try:
            return msgspec.msgpack.decode(self._parts[name], type=kind)
        except (msgspec.DecodeError, RecursionError):
            return None

    def keep(self, name: str, value: Any) -> None:
        """Keep a value under a name, once the memo is saved."""
        if self._store:
            self._parts[name] = msgspec.Raw(msgspec.msgpack.encode(value))
            self._is_new = True

    @property
    def is_new(self) -> bool:
        """True if something was kept since it was opened or saved."""
        return self._is_new

    def save(self) -> bool:
        """Write what was kept into the cache; return False when the cache refuses it.

        Nothing is written once the files that it was made of have other bytes: some of it may be
        of those.
        """
        if not (self._store and self._is_new):
            return True
        self._is_new = False
        if self._find_key and self._find_key() != self._key:
            return True
        body = msgspec.msgpack.encode(self._parts)
        if len(body) > _MOST_BYTES:
            return True
        try:
            self._store.put(self._key, MemoFigures(len(body)), zlib.compress(body, _QUICK))
        except StorageError:
            return False
        return True


def _unpack(found: tuple[MemoFigures, bytes] | None) -> dict[str, msgspec.Raw]:
    """Return the parts of a memo; none of one that is not what this code has written."""
    if found is None or not 0 < found[0].size_bytes <= _MOST_BYTES:
        return {}
    figures, packed = found
    try:
        body = zlib.decompressobj().decompress(packed, figures.size_bytes)
        return msgspec.msgpack.decode(body, type=dict[str, msgspec.Raw])
    except (zlib.error, msgspec.DecodeError):
        return {}


class Memos:
    """The memos of reviews under the same settings.

    Nothing is kept where the cache refuses it, and where it lies in the show: a plan writes
    nothing there.
    """

    def __init__(self, config: Config, cache: Cache, *, stamp: str | None = None) -> None:
        stamp = _stamp_own_code() if stamp is None else stamp
        show = config.folder
        keeps = stamp and not (show and is_inside(cache.folder, show))
        self._config = config
        self._cache = cache if keeps else None
        self._is_prepared = False
        self._common = hash_key(_FORMAT, stamp, *_list_settings(config)) if keeps else ""

    def open(self, source: ReviewSource) -> Memo:
        """Return what is kept of a review, which is nothing for standard input."""
        if self._cache is None or not source.name:
            return Memo()
        find_key = partial(self._find_key, source)
        key = find_key()  # "" where something is wrong: who reads it says what
        return Memo(self._cache.scripts, key, find_key=find_key) if key else Memo()

    def _find_key(self, source: ReviewSource) -> str:
        try:
            inputs = list(_list_inputs(source, self._config))
        except (ReviewcastError, OSError, RecursionError):
            return ""
        return hash_key(self._common, *inputs)

    def save(self, memo: Memo) -> None:
        """Write a memo; once the cache has refused one, nothing more is kept."""
        if self._cache is None or not memo.is_new:
            return
        if not self._is_prepared:
            self._is_prepared = True
            with suppress(StorageError):
                self._cache.prepare()
        if not memo.save():
            self._cache = None


@cache
def _stamp_own_code() -> str:
    return stamp_code(ROOMS, PACKAGES)


def _list_settings(config: Config) -> Iterator[object]:
    """Yield the settings that decide what a review comes to, for whichever voice."""
    show = config.show
    yield show.language, show.author, show.disclosure
    yield config.folder is not None
    yield config.spoken, config.lexicon, config.split, config.collect


def _list_inputs(source: ReviewSource, config: Config) -> Iterator[object]:
    """Yield what a review is read from: its name and bytes, and those of what lies beside it.

    Raise OSError for what cannot be read, and what `read_draft` raises for reviews that a round-up
    may not hold.
    """
    file, folder = Path(source.name), config.folder
    yield os.fsencode(source.name), hashlib.sha256(source.data).digest()
    if not is_round_up(source.name):
        edits = b""
        with suppress(FileNotFoundError):
            edits = hashlib.sha256(find_edits_file(file).read_bytes()).digest()
        yield edits, list_site_endings(file) if folder else ()
        return
    if folder is None:
        return
    yield os.fsencode(folder)
    for member in decode_round_up(source).members:
        path = folder / member.source
        require_trust(reach_review(path, config))
        yield from _list_inputs(ReviewSource(str(path), path.read_bytes()), config)
