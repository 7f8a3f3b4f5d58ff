"""Written forms become spoken forms, by pure functions."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

import msgspec

from reviewcast.model.errors import ConfigError
from reviewcast.model.text import Change, LexiconEntry
from reviewcast.text.spoken.engine import (
    Context,
    Family,
    RuleBook,
    Spoken,
    apply_changes,
    rewrite_text,
)
from reviewcast.text.spoken.lexicon import Lexicon, load_lexicon, prepare_lexicon
from reviewcast.text.spoken.plain import is_plain
from reviewcast.text.spoken.rules.abbreviations import ABBREVIATIONS
from reviewcast.text.spoken.rules.codes import CODES
from reviewcast.text.spoken.rules.dates import DATES
from reviewcast.text.spoken.rules.emoji import EMOJI
from reviewcast.text.spoken.rules.episodes import EPISODES
from reviewcast.text.spoken.rules.famous import FAMOUS
from reviewcast.text.spoken.rules.foreign import has_foreign_forms, list_foreign_families
from reviewcast.text.spoken.rules.foreign_words import WORDS
from reviewcast.text.spoken.rules.formulas import FORMULAS
from reviewcast.text.spoken.rules.fractions import FRACTIONS
from reviewcast.text.spoken.rules.letters import CERTIFICATES, INITIALISMS
from reviewcast.text.spoken.rules.money import MONEY
from reviewcast.text.spoken.rules.numbers import NUMBERS
from reviewcast.text.spoken.rules.other_ratings import RATING_WORDS
from reviewcast.text.spoken.rules.quantities import QUANTITIES
from reviewcast.text.spoken.rules.ratings import RATINGS
from reviewcast.text.spoken.rules.roman_numerals import ROMANS
from reviewcast.text.spoken.rules.symbols import EMOTICONS, SYMBOLS, WEB
from reviewcast.text.spoken.rules.times import TIMES
from reviewcast.text.spoken.rules.typography import TYPOGRAPHY, Cleaned, clean_text, is_tidy
from reviewcast.text.spoken.voices import VOICES, has_misread
from reviewcast.text.spoken.words import say_british

__all__ = ["FAMILIES", "Change", "LexiconEntry", "Spoken", "load_lexicon", "say"]

_ENGLISH = (
    FORMULAS,
    WEB,
    EMOTICONS,
    RATINGS,
    CERTIFICATES,
    CODES,
    DATES,
    EPISODES,
    MONEY,
    TIMES,
    QUANTITIES,
    ABBREVIATIONS,
    ROMANS,
    VOICES,
    INITIALISMS,
    FRACTIONS,
    NUMBERS,
    EMOJI,
    SYMBOLS,
)

_EVERY_LANGUAGE = (TYPOGRAPHY,)
_TITLES = "titles"
_MARKUP = "markup"

FAMILIES = (_TITLES, _MARKUP, *(family.name for family in (*_ENGLISH, *_EVERY_LANGUAGE)))
"""The names by which `overrides` turn families of rules off."""

_FAMOUS = Lexicon(FAMOUS)
_QUOTED = re.compile(r"“[^“”]{1,80}”|\"[^\"]{1,80}\"")


def say(
    text: str,
    *,
    language: str = "en",
    titles: Sequence[str] = (),
    emphasis: Sequence[tuple[int, int]] = (),
    overrides: Mapping[str, bool | str] | None = None,
    entries: Sequence[LexiconEntry] = (),
    engine: str = "",
) -> Spoken:
    """Return what is said for a written text, and each difference.

    `titles` are names of works that the text is about; `emphasis` are its spans in italics, which
    are likely names of works, too. `overrides` turn a family or a single rule off
    (`{"ratings": False}`) or say a written form otherwise (`{"8/10": "eight of ten"}`). `engine`
    is the voice's name, for what only some voices misread.

    >>> say("Rocky IV got 8/10.").text
    'Rocky four got eight out of ten.'
    """
    forms, off = _sort_overrides(overrides or {})
    primary = language.lower().partition("-")[0]
    is_english = primary in {"en", ""}
    has_forms = is_english and (not is_plain(text) or has_misread(text))
    is_foreign = not is_english and has_foreign_forms(text, primary)
    if not (has_forms or is_foreign or forms or entries) and is_tidy(text):
        return Spoken(text)  # as most of a review is
    cleaned = clean_text(text, joins_letters=not is_english, keeps_marks=_MARKUP in off)
    plain = cleaned.text
    # an edit that left more than one character stays whole
    fixed = _find_fixed(plain, forms, entries, language=language, engine=engine)
    if has_forms and _TITLES not in off:
        fixed = _add_entries(plain, fixed, _FAMOUS, _TITLES)
    context = Context(
        engine=engine,
        day_first=language.lower() in _DAY_FIRST,
        titles=_find_titles(plain, titles),
        emphasis=[
            *((cleaned.find_cleaned(start), cleaned.find_cleaned(end)) for start, end in emphasis),
            *(match.span() for match in _QUOTED.finditer(plain) if has_forms),
        ],
    )
    rules = "en" if has_forms else primary if is_foreign else ""
    book = _open_book(
        frozenset(off), rules if rules in {"en", "", *WORDS, *RATING_WORDS} else "other"
    )
    changes = rewrite_text(plain, book, context=context, fixed=fixed)
    if is_english and context.day_first:
        changes = [_say_as_in_britain(change) for change in changes]
    changes = [change for change in changes if change.spoken != change.written or change.ipa]
    return _trace_back(text, cleaned, changes)


def _say_as_in_britain(change: Change) -> Change:
    if change.rule in {"override", "lexicon", _TITLES} or not _BIG.search(change.spoken):
        return change
    return msgspec.structs.replace(change, spoken=say_british(change.spoken))


_BIG = re.compile("hundred|thousand|million|billion")
_DAY_FIRST = frozenset({"en-gb", "en-au", "en-nz", "en-ie", "en-in", "en-za", "en-sg"})


def _sort_overrides(
    overrides: Mapping[str, bool | str],
) -> tuple[tuple[LexiconEntry, ...], set[str]]:
    """Part overrides into forms that are said otherwise and names of what is turned off."""
    forms = []
    off = set()
    for name, value in overrides.items():
        if isinstance(value, str):
            forms.append(LexiconEntry(name, value, case="exact"))
        elif name not in _list_names():
            close = get_close_matches(name, _list_names(), 1)
            hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(FAMILIES)}."
            raise ConfigError(f"No spoken forms are called {name!r}.", hint=hint)
        elif not value:
            off.add(name)
    return tuple(forms), off


@lru_cache
def _list_names() -> frozenset[str]:
    """List the names of families and rules of all languages."""
    families = (
        *_ENGLISH,
        *_EVERY_LANGUAGE,
        *(
            family
            for language in (*WORDS, *RATING_WORDS, "other")
            for family in list_foreign_families(language)
        ),
    )
    rules = (f"{family.name}: {rule.name}" for family in families for rule in family.rules)
    return frozenset([*FAMILIES, *rules])


@lru_cache(16)
def _open_book(off: frozenset[str], language: str) -> RuleBook:
    """Gather the rules that a text in a language needs, without those that are turned off."""
    own = _ENGLISH if language == "en" else list_foreign_families(language) if language else ()
    families = (*own, *_EVERY_LANGUAGE)
    return RuleBook(
        Family(
            family.name,
            tuple(rule for rule in family.rules if f"{family.name}: {rule.name}" not in off),
        )
        for family in families
        if family.name not in off
    )


def _find_fixed(
    text: str,
    forms: tuple[LexiconEntry, ...],
    entries: Sequence[LexiconEntry],
    *,
    language: str,
    engine: str,
) -> list[Change]:
    """Find what the writer decided: single forms first, then the lexicon."""
    primary = language.lower().partition("-")[0]
    held = tuple(
        entry
        for entry in entries
        if entry.language.lower() in {"", primary, language.lower()}
        and (not entry.voices or engine in entry.voices)
    )
    fixed: list[Change] = []
    for chosen, rule in ((forms, "override"), (held, "lexicon")):
        if chosen:
            fixed = _add_entries(text, fixed, prepare_lexicon(chosen), rule)
    return fixed


def _add_entries(text: str, fixed: list[Change], lexicon: Lexicon, rule: str) -> list[Change]:
    found = lexicon.find(text)
    if not found:
        return fixed
    taken = bytearray(len(text))
    for change in fixed:
        taken[change.start : change.end] = b"\1" * (change.end - change.start)
    added = [
        Change(start, end, text[start:end], _shape(entry, text[start:end]), rule, entry.ipa)
        for start, end, entry in found
        if taken.find(1, start, end) < 0
    ]
    return fixed + added


def _shape(entry: LexiconEntry, found: str) -> str:
    """Begin what is said with a capital where a small-lettered entry does so in the text."""
    if not entry.spoken:
        return found
    if entry.case == "smart" and entry.written.islower() and found[:1].isupper():
        return entry.spoken[:1].upper() + entry.spoken[1:]
    return entry.spoken


def _find_titles(text: str, titles: Sequence[str]) -> list[tuple[int, int]]:
    """Find titles of works where they stand as words of their own, not as a part of a number."""
    spans = []
    for title in titles:
        written = " ".join(title.split())
        if written and written in text:
            words = re.escape(written)
            pattern = rf"{words}(?<![\w/.,:$£€#’'-]{words})(?![\w/%]|[.,:-][0-9])"
            spans += [match.span() for match in re.finditer(pattern, text)]
    return spans


def _trace_back(text: str, cleaned: Cleaned, changes: Sequence[Change]) -> Spoken:
    """Move each change to the place that it has in the written text, and add what was cleaned."""
    spoken = apply_changes(cleaned.text, changes)
    if not cleaned.edits:
        return Spoken(spoken, tuple(changes))
    spans = cleaned.find_written([(change.start, change.end) for change in changes])
    traced = [
        Change(start, end, text[start:end], change.spoken, change.rule, change.ipa)
        for change, (start, end) in zip(changes, spans, strict=True)
    ]
    taken = bytearray(len(text))
    for change in traced:
        taken[change.start : change.end] = b"\1" * (change.end - change.start)
    traced += [
        Change(start, end, text[start:end], cleaned.text[first:last], "typography: clean")
        for start, end, first, last in cleaned.edits
        if taken.find(1, start, end) < 0
    ]
    return Spoken(spoken, tuple(sorted(traced, key=lambda change: (change.start, change.end))))
