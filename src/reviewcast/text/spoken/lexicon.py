"""A lexicon holds how a show wants its words to be said."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import msgspec

from reviewcast.model.errors import ConfigError
from reviewcast.model.text import LexiconEntry

_HINT = 'Write [words] with "Chazelle" = "sha-ZELL", or [[entry]] tables with written and spoken.'
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")


def load_lexicon(toml_text: str) -> tuple[LexiconEntry, ...]:
    """Read a lexicon.toml, or raise ConfigError.

    [words]
    "Chazelle" = "sha-ZELL"

    [[entry]]
    written = "Saoirse"
    spoken = "SUR-sha"
    ipa = "ˈsɜːrʃə"
    """
    try:
        found = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The lexicon is no valid TOML: {error}.", hint=_HINT) from None
    _refuse_unknown(found, ("words", "entry"), "The lexicon")
    entries = []
    words = found.get("words", {})
    if not isinstance(words, dict):
        raise ConfigError("In the lexicon, words is not a table.", hint=_HINT)
    for written, spoken in words.items():
        entries.append(_make_entry({"written": written, "spoken": spoken}))
    tables = found.get("entry", [])
    if not isinstance(tables, list):
        raise ConfigError("In the lexicon, entry is not a list of tables.", hint=_HINT)
    entries += map(_make_entry, tables)
    return tuple(entries)


def _make_entry(table: Any) -> LexiconEntry:
    if not isinstance(table, dict):
        raise ConfigError("In the lexicon, an entry is not a table.", hint=_HINT)
    name = table.get("written")
    where = f"The lexicon's entry {name!r}" if isinstance(name, str) else "An entry of the lexicon"
    _refuse_unknown(table, LexiconEntry.__struct_fields__, where)
    try:
        entry = msgspec.convert(table, LexiconEntry)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where} cannot be used: {error}.", hint=_HINT) from None
    if not _TOKEN.search(entry.written):
        raise ConfigError(f"{where} has nothing written.", hint=_HINT)
    if not entry.spoken.strip() and not entry.ipa.strip():
        raise ConfigError(f"{where} has neither spoken nor ipa.", hint=_HINT)
    return entry


def _refuse_unknown(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in table:
        if key not in known:
            close = get_close_matches(key, known, 1)
            hint = f"Did you mean {close[0]}?" if close else f"It knows {', '.join(known)}."
            raise ConfigError(f"{where} has an unknown key {key!r}.", hint=hint)


class Lexicon:
    """Entries, ready to be found in a text in one walk over its words."""

    def __init__(self, entries: Sequence[LexiconEntry]) -> None:
        self._by_token: dict[str, list[tuple[str, LexiconEntry]]] = {}
        self._parts: list[tuple[re.Pattern[str], LexiconEntry]] = []
        for entry in entries:
            written = unicodedata.normalize("NFC", " ".join(entry.written.split()))
            token = _TOKEN.match(written)
            if not (entry.whole_word and _WORD.search(written)):  # a sign is never a part of a word
                flags = re.NOFLAG if entry.case == "exact" else re.IGNORECASE
                self._parts.append((re.compile(re.escape(written), flags), entry))
            elif token:
                self._by_token.setdefault(token[0].casefold(), []).append((written, entry))
        self._signs = [token for token in self._by_token if not _WORD.fullmatch(token)]

    def find(self, text: str) -> list[tuple[int, int, LexiconEntry]]:
        """Return where entries stand, in order; of two that overlap, the longer one."""
        if not self._parts and not any(sign in text for sign in self._signs):
            tokens = map(str.casefold, _WORD.findall(text))
            if self._by_token.keys().isdisjoint(tokens):
                return []  # a text is said anew for each of its halves: so a long one stays quick
        # the sort is stable: of two equally long ones, the one that was given first
        found = sorted(self._find_all(text), key=lambda place: place[0] - place[1])
        taken = bytearray(len(text))
        chosen = []
        for start, end, entry in found:
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\1" * (end - start)
                chosen.append((start, end, entry))
        return sorted(chosen, key=lambda place: place[0])

    def _find_all(self, text: str) -> Iterator[tuple[int, int, LexiconEntry]]:
        for pattern, entry in self._parts:
            for match in pattern.finditer(text):
                if _fits_case(entry, entry.written, match[0]):
                    yield *match.span(), entry
        if not self._by_token:
            return
        for token in _TOKEN.finditer(text):
            start = token.start()
            for written, entry in self._by_token.get(token[0].casefold(), ()):
                end = start + len(written)
                if _fits_case(entry, written, text[start:end]) and _is_whole(text, start, end):
                    yield start, end, entry


def _is_whole(text: str, start: int, end: int) -> bool:
    starts = not (start and _is_word(text[start - 1]) and _is_word(text[start]))
    return starts and not (end < len(text) and _is_word(text[end]) and _is_word(text[end - 1]))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _fits_case(entry: LexiconEntry, written: str, found: str) -> bool:
    if found == written:
        return True
    if entry.case == "exact":
        return False
    if entry.case == "ignore" or written.islower():
        return found.casefold() == written.casefold()
    return found == written.upper()


@lru_cache(maxsize=8)
def prepare_lexicon(entries: tuple[LexiconEntry, ...]) -> Lexicon:
    """Make a lexicon of entries once, however many texts are said with it."""
    return Lexicon(entries)
