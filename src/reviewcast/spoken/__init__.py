"""Written forms become spoken forms, by pure functions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from reviewcast.errors import ConfigError
from reviewcast.model import Change
from reviewcast.spoken.abbreviations import ABBREVIATIONS
from reviewcast.spoken.dates import DATES
from reviewcast.spoken.emoji import EMOJI
from reviewcast.spoken.engine import Family, Scene, Spoken, apply_changes, rewrite_text
from reviewcast.spoken.famous import FAMOUS
from reviewcast.spoken.fractions import FRACTIONS
from reviewcast.spoken.letters import CERTIFICATES, INITIALISMS
from reviewcast.spoken.lexicon import Entry, load_lexicon, prepare_lexicon
from reviewcast.spoken.money import MONEY
from reviewcast.spoken.names import ROMANS
from reviewcast.spoken.numbers import NUMBERS
from reviewcast.spoken.quantities import QUANTITIES
from reviewcast.spoken.ratings import RATINGS
from reviewcast.spoken.symbols import EMOTICONS, SYMBOLS, WEB
from reviewcast.spoken.times import TIMES
from reviewcast.spoken.typography import TYPOGRAPHY, Cleaned, clean_text

__all__ = ["FAMILIES", "Change", "Entry", "Spoken", "load_lexicon", "say"]

_ENGLISH = (
    WEB,
    EMOTICONS,
    RATINGS,
    CERTIFICATES,
    DATES,
    MONEY,
    TIMES,
    QUANTITIES,
    ABBREVIATIONS,
    ROMANS,
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

# anything that any rule begins with; what has none of it is said as it is written
_TELLING = re.compile(
    r"""[^A-Za-z ,;:?!"“”‘’'().-]|[a-zA-Z][A-Z]|\b[B-HJ-Z]\b|\bA\b(?![ ][a-z])"""
    # the first of its name, unless the word before is one with which a sentence begins
    r"""|\b(?!(?:A[ls]l?|And|But|If|Or|So|What|Wh[ye]n?|Where|While|Although|Though|Because|Since"""
    r"""|Here|Then|Yet|How|That|Now|Before|After|Until|Once|Had|Have|Did|Do|Was|Can|Could|Would"""
    r"""|Should|May|Might|Perhaps|Maybe|Still|Sometimes|Yes|No|Oh|Well|Even)\b)[A-Z][a-z]+[ -]I\b"""
    r"""|\.(?=.)|[ ]$|^[ ]|[ ]{2}|-[ -]|[ ]-|-$|^-|[;:]['-]?[()]|Chvrches"""
    r"""|\b(?i:vs?|etc|feat|ft|w|aka|mins?|hrs?|secs?|lbs?|kgs?|kms?|cm|mm|mph|fps|vols?|chs?"""
    r"""|pp?|eps?|pts?|st|dr|mr|mrs|ms|jr|sr|prof|approx|dept|est|dir)\b"""
)
_QUOTED = re.compile(r"“[^“”]{1,80}”|\"[^\"]{1,80}\"")


def say(
    text: str,
    *,
    language: str = "en",
    titles: Sequence[str] = (),
    emphasis: Sequence[tuple[int, int]] = (),
    overrides: Mapping[str, bool | str] | None = None,
    entries: Sequence[Entry] = (),
    engine: str = "",
) -> Spoken:
    """Say a written text, and tell each difference.

    `titles` are names of works that the text is about; `emphasis` are its spans in italics, which
    are likely names of works, too. `overrides` turn a family or a single rule off
    (`{"ratings": False}`) or say a written form otherwise (`{"8/10": "eight of ten"}`). `engine`
    is the voice's name, for what only some voices misread.

    >>> say("Rocky IV got 8/10.").text
    'Rocky four got eight out of ten.'
    """
    if not entries and not overrides and not _TELLING.search(text):
        return Spoken(text)  # plain words, which are most of a review: no rule would find any
    is_english = language.lower().partition("-")[0] in {"en", ""}
    forms, off = _sort_overrides(overrides or {})
    cleaned = clean_text(text, joins_letters=not is_english, keeps_marks=_MARKUP in off)
    plain = cleaned.text
    families: Iterable[Family] = (*_ENGLISH, *_EVERY_LANGUAGE) if is_english else _EVERY_LANGUAGE
    # an edit that left more than one character stays whole
    fixed = _find_fixed(plain, forms, entries, language=language, engine=engine)
    if is_english and _TITLES not in off:
        fixed = _add_entries(plain, fixed, FAMOUS, _TITLES)
    scene = Scene(
        engine=engine,
        day_first=language.lower() in _DAY_FIRST,
        titles=_find_titles(plain, titles),
        emphasis=[
            *((cleaned.find_cleaned(start), cleaned.find_cleaned(end)) for start, end in emphasis),
            *(match.span() for match in _QUOTED.finditer(plain) if is_english),
        ],
    )
    changes = rewrite_text(plain, _turn_off(families, off), scene=scene, fixed=fixed)
    changes = [change for change in changes if change.spoken != change.written or change.ipa]
    return _trace_back(text, cleaned, changes)


_DAY_FIRST = frozenset({"en-gb", "en-au", "en-nz", "en-ie", "en-in", "en-za", "en-sg"})


def _sort_overrides(overrides: Mapping[str, bool | str]) -> tuple[tuple[Entry, ...], set[str]]:
    """Part overrides into forms that are said otherwise and names of what is turned off."""
    forms = []
    off = set()
    for name, value in overrides.items():
        if isinstance(value, str):
            forms.append(Entry(name, value, case="exact"))
        elif name not in _NAMES:
            close = get_close_matches(name, _NAMES, 1)
            hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(FAMILIES)}."
            raise ConfigError(f"No spoken forms are called {name!r}.", hint=hint)
        elif not value:
            off.add(name)
    return tuple(forms), off


_NAMES = frozenset(
    [*FAMILIES]
    + [
        f"{family.name}: {rule.name}"
        for family in (*_ENGLISH, *_EVERY_LANGUAGE)
        for rule in family.rules
    ]
)


def _turn_off(families: Iterable[Family], off: set[str]) -> Iterable[Family]:
    if not off:
        return families
    return [
        Family(
            family.name,
            tuple(rule for rule in family.rules if f"{family.name}: {rule.name}" not in off),
        )
        for family in families
        if family.name not in off
    ]


def _find_fixed(
    text: str,
    forms: tuple[Entry, ...],
    entries: Sequence[Entry],
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
    return _add_entries(text, _add_entries(text, [], forms, "override"), held, "lexicon")


def _add_entries(
    text: str, fixed: list[Change], entries: tuple[Entry, ...], rule: str
) -> list[Change]:
    if not entries:
        return fixed
    taken = bytearray(len(text))
    for change in fixed:
        taken[change.start : change.end] = b"\1" * (change.end - change.start)
    added = [
        Change(start, end, text[start:end], _shape(entry, text[start:end]), rule, entry.ipa)
        for start, end, entry in prepare_lexicon(entries).find(text)
        if taken.find(1, start, end) < 0
    ]
    return fixed + added


def _shape(entry: Entry, found: str) -> str:
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
        words = re.escape(" ".join(title.split()))
        if words:
            pattern = rf"{words}(?<![\w/.,:$£€#’'-]{words})(?![\w/%]|[.,:-][0-9])"
            spans += [match.span() for match in re.finditer(pattern, text)]
    return spans


def _trace_back(text: str, cleaned: Cleaned, changes: Sequence[Change]) -> Spoken:
    """Give each change the place that it has in the written text, and add what was cleaned."""
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
