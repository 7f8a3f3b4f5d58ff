"""Names and odd words are found before they are mispronounced.

English tells a name by its capital within a sentence; other languages alike, but German, whose
nouns have one, too: there only names of several words and those with foreign letters are found.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from reviewcast.text.sentences import FIRST_WORDS, split_sentences
from reviewcast.text.spoken import Entry, say
from reviewcast.text.stop_words import (
    BORROWED,
    GERMAN_PARTICLES,
    OWN_LETTERS,
    PARTICLES,
    SMALL_IN_TITLES,
    STOP,
)

Kind = Literal[
    "name", "title", "foreign letters", "mixed case", "initials", "no vowels", "figures", "signs"
]


class Passage(Struct, frozen=True):
    """A text as written and as said; in a heading capitals tell nothing."""

    text: str
    spoken: str
    is_heading: bool = False


class Name(Struct, frozen=True, kw_only=True):
    """A name or an odd word, how often it occurs, and in which passages.

    `spoken` is what the lexicon makes of it, "" when it has no entry for any part of it. `doubt`
    is from 0 to 3: how likely a voice says it wrong, judged by its letters alone.
    """

    written: str
    count: int
    kinds: tuple[Kind, ...]
    spoken: str
    places: tuple[int, ...]
    doubt: int = 0


class SharedName(Struct, frozen=True, kw_only=True):
    """A name over several reviews, and in which of them it occurs.

    `language` is that of the first of them.
    """

    written: str
    count: int
    kinds: tuple[Kind, ...]
    spoken: str
    language: str
    reviews: tuple[str, ...]
    doubt: int = 0


# single letters with full stops, or letters and figures with what joins them
_WORD = re.compile(
    r"(?:[^\W\d_]\.)+(?!\w)|[^\W_]+(?:(?:[-'’]|(?<=[^\W\d_])\.(?=[^\W\d_]))[^\W_]+)*"
)


_ENDING = re.compile(r"(?:['’](?:s|S|d|ll|re|ve|m|t)|(?<=s)['’])$")


_OPENER = re.compile(r"[“„«\"‘(\[:;¿¡…]\s*$")


_CAMEL = re.compile(r"[^\W\d_]*[a-zß-ÿ][A-ZÀ-Þ][^\W\d_]*|[A-ZÀ-Þ]{2,}[a-zß-ÿ]{2,}\w*")


_PATRONYMIC = re.compile(r"(?:Mc|Mac|De|Di|Le|La|Van|O)[A-ZÀ-Þ][a-zß-ÿ]+$")


_CAPITALS = re.compile(r"[A-Z]{2,5}")


_VOWEL = re.compile(r"[aeiouyà-æè-ïò-öø-ýÿœ]", re.IGNORECASE)


_SIGN = re.compile(r"[^\w\s.,;:!?'’‘\"“”„«»()\[\]…–—‑/%&+€$£¿¡-]|_")


_NOT_NUMBERS = re.compile(r"\w*[0-9]\w*")


_DOUBTS: dict[Kind, int] = {
    "foreign letters": 3, "no vowels": 3, "mixed case": 2, "figures": 2, "initials": 1, "signs": 1,
}  # fmt: skip


# letters beside each other that English words do not have, or say otherwise
_ODD_SPELLING = re.compile(
    r"[^\Waeiouy\d_]{5}|cz|sz|rz|zs|dz|dj|nj|xh|vr|zh|kh|bh|dh|jh|ts[aeiou]|tz[aeiou]|q(?!u)|sch[aeiou]"
    r"|\b(?:ng|mb|nd|nk|ts|hr|hl|sv|zb|zv|vl|mw|gb|kj|fj|bj|hj|tch|xi|pt|gn|ll|cs|sj)"
    r"|aa|ii|uu|yy|jj|vv|oei|eau|eux|ieu|ij|uij|iou\b|oux|ouill|ueue|tje|sje|cchi|ggi[aeo]"
    r"|[jqv]\b|[aeo]i?gh?n[aeo]|[a-z]uis\b|ez\b|dt\b|wski|wicz|ovi[cć]|oğ|ucci|etti|elli\b|vic\b"
)


_SURE_CAPITALS = 2  # so often within a sentence outweighs small letters elsewhere


_FIRST_ONLY = 3  # so often at the beginning of sentences alone


_LONGEST_TITLE = 8  # words


def find_names(
    passages: Sequence[Passage | str],
    *,
    language: str,
    lexicon: Sequence[Entry] = (),
    italics: Sequence[str] = (),
    voice: str = "",
) -> tuple[Name, ...]:
    """Find names and odd words, the most doubtful first, then the most frequent.

    `italics` are texts that stand in italics somewhere: those in capitals are titles of works. A
    lexicon's entries hold by language and voice as they do when a text is said.
    """
    search = _Search(language.lower().partition("-")[0])
    whole = [Passage(one, one) if isinstance(one, str) else one for one in passages]
    search.read(whole, italics)
    found = []
    for written, places in search.found.items():
        said = say(written, language=language, entries=lexicon, engine=voice) if lexicon else None
        is_known = said is not None and any(change.rule == "lexicon" for change in said.changes)
        found.append(
            Name(
                written=written,
                count=len(places),
                kinds=tuple(sorted(search.kinds[written])),
                spoken=said.text if said and is_known else "",
                places=tuple(sorted(set(places))),
                doubt=0 if is_known else _measure_doubt(written, search.kinds[written]),
            )
        )
    return tuple(sorted(found, key=_order))


def gather_names(
    reviews: Sequence[tuple[str, str, Sequence[Name]]],
) -> tuple[SharedName, ...]:
    """Gather the names of reviews, each given with its own name and language."""
    by_name: dict[str, list[tuple[str, str, Name]]] = defaultdict(list)
    for review, language, names in reviews:
        for name in names:
            by_name[name.written].append((review, language, name))
    gathered = (
        SharedName(
            written=written,
            count=sum(name.count for _, _, name in found),
            kinds=tuple(sorted({kind for _, _, name in found for kind in name.kinds})),
            spoken=next((name.spoken for _, _, name in found if name.spoken), ""),
            language=found[0][1],
            reviews=tuple(review for review, _, _ in found),
            doubt=max(name.doubt for _, _, name in found),
        )
        for written, found in by_name.items()
    )
    return tuple(sorted(gathered, key=_order))


def _order(name: Name | SharedName) -> tuple[int, int, str]:
    return -name.doubt, -name.count, name.written.casefold()


def _measure_doubt(written: str, kinds: Iterable[Kind]) -> int:
    """Judge how likely a voice says a name wrong: by its kinds, and by letters of other tongues."""
    doubt = max((_DOUBTS.get(kind, 0) for kind in kinds), default=0)
    return max(doubt, 2 if _ODD_SPELLING.search(written.lower()) else 0)


class _Token(Struct):
    """A word of a sentence, without what ends a possessive."""

    text: str
    start: int
    end: int
    is_first: bool
    """At a place where any word may have a capital."""

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()


class _Search:
    """What is known of the words of several texts, and what was found in them."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._stop = STOP if language == "en" else frozenset(FIRST_WORDS.get(language, "").split())
        self._particles = GERMAN_PARTICLES if language == "de" else PARTICLES
        self._small: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()  # capitals where only names have them
        self._first: Counter[str] = Counter()
        self.found: dict[str, list[int]] = defaultdict(list)
        self.kinds: dict[str, set[Kind]] = defaultdict(set)

    def read(self, passages: Sequence[Passage], italics: Sequence[str]) -> None:
        sentences = [
            (place, sentence, is_telling)
            for place, passage in enumerate(passages)
            for sentence, is_telling in self._list_sentences(passage)
        ]
        for _, tokens, is_telling in sentences:
            self._count(tokens, is_telling=is_telling)
        titles = self._match_titles(italics)
        taken: dict[int, list[str]] = defaultdict(list)
        if titles:
            for place, passage in enumerate(passages):
                for match in titles.finditer(passage.text):
                    self._add(match[0], place, "title")
                    taken[place].append(match[0])
        runs = [
            (place, tokens)
            for place, sentence, is_telling in sentences
            for tokens in self._list_runs(sentence, is_telling=is_telling)
        ]
        alone = Counter(_join(tokens) for _, tokens in runs if not tokens[0].is_first)
        for place, run in runs:
            tokens = self._trim(run, alone)
            name = _join(tokens)
            if tokens and self._is_name(tokens) and not any(name in t for t in taken[place]):
                self._add(name, place, "name")
        for place, sentence, is_telling in sentences:
            for token in sentence:
                self._look(token.text, place, is_telling=is_telling)
        for place, passage in enumerate(passages):
            self._find_left(passage.spoken, place)

    def _add(self, written: str, place: int, kind: Kind, *, again: bool = True) -> None:
        if again:
            self.found[written].append(place)
        self.kinds[written].add(kind)

    def _list_sentences(self, passage: Passage) -> Iterator[tuple[list[_Token], bool]]:
        for start, end in split_sentences(passage.text, self._language):
            sentence = passage.text[start:end]
            tokens: list[_Token] = []
            for match in _WORD.finditer(sentence):
                text = _ENDING.sub("", match[0])
                is_first = not tokens or _OPENER.search(sentence, 0, match.start()) is not None
                tokens.append(_Token(text, match.start(), match.start() + len(text), is_first))
            capitals = sum(token.is_capital for token in tokens)
            is_title = passage.is_heading or (
                capitals > 2
                and all(token.is_capital or token.text in SMALL_IN_TITLES for token in tokens)
            )
            yield tokens, not is_title

    def _count(self, tokens: Sequence[_Token], *, is_telling: bool) -> None:
        for token in tokens:
            if not token.is_capital:
                self._small[token.text] += 1
            elif is_telling:
                (self._first if token.is_first else self._inside)[token.text] += 1

    def _match_titles(self, italics: Sequence[str]) -> re.Pattern[str] | None:
        titles = []
        for text in italics:
            words = _WORD.findall(text)
            long = [word for word in words if word.lower() not in self._stop]
            is_title = words and len(words) <= _LONGEST_TITLE and words[0][:1].isupper()
            if is_title and long and all(word[:1].isupper() or word.isdigit() for word in long):
                bare = text.strip(" .,;:")
                # a word in italics for its weight is no title
                if len(words) > 1 or not self._small[bare.lower()]:
                    titles.append(re.escape(bare))
        if not titles:
            return None
        titles.sort(key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(titles)})(?!\w)")

    def _trim(self, run: list[_Token], alone: Counter[str]) -> list[_Token]:
        """Leave out what begins a sentence and is no part of the name, and common words at ends."""
        while run and (self._is_common(run[0].text)):
            run = run[1:]
        while run and (self._is_common(run[-1].text)):
            run = run[:-1]
        if len(run) > 1 and run[0].is_first:
            first = run[0].text
            is_told = self._inside[first] or alone[_join(run)]
            is_common = self._small[first.lower()] or alone[_join(run[1:])]
            if is_common and not is_told:
                run = run[1:]
        return run

    def _is_name(self, tokens: Sequence[_Token]) -> bool:
        if len(tokens) > 1:
            return any(self._inside[token.text] for token in tokens) or (
                not all(self._small[token.text.lower()] for token in tokens)
            )
        if self._language == "de":
            return False
        text = tokens[0].text
        if len(text.rstrip(".")) < 2 or not text[0].isalpha():
            return False
        inside = self._inside[text]
        if self._small[text.lower()]:
            return inside >= _SURE_CAPITALS
        return inside > 0 or self._first[text] >= _FIRST_ONLY

    def _list_runs(self, tokens: Sequence[_Token], *, is_telling: bool) -> Iterator[list[_Token]]:
        """Return the words with a capital that stand side by side, with the particles between them.

        In a heading only those that are names elsewhere.
        """
        run: list[_Token] = []
        held: list[_Token] = []
        for token in tokens:
            last = (held or run)[-1] if run else None
            beside = last is not None and token.start - last.end == 1
            is_capital = token.is_capital and (is_telling or self._inside[token.text] > 0)
            if is_capital and (beside or not run):
                run += [*held, token]
                held = []
            elif token.text in self._particles and beside:
                held.append(token)
            else:
                if run:
                    yield run
                run, held = ([token] if is_capital else []), []
        if run:
            yield run

    def _is_common(self, text: str) -> bool:
        return text.lower().rstrip(".") in self._stop or text in self._particles

    def _look(self, text: str, place: int, *, is_telling: bool) -> None:
        """Note what is odd about a single word."""
        is_new = place not in self.found.get(text, ()) or not self.kinds[text] & {"name", "title"}
        own = OWN_LETTERS.get(self._language)
        letters = [letter for letter in text.lower() if letter.isalpha()]
        kinds: list[Kind] = []
        is_foreign = any(letter > "\x7f" and letter not in (own or "") for letter in letters)
        if own is not None and is_foreign and text.lower() not in BORROWED:
            kinds.append("foreign letters")
        if _CAMEL.fullmatch(text) and not _PATRONYMIC.match(text) and not text.isupper():
            kinds.append("mixed case")
        is_common = self._is_common(text)
        if _CAPITALS.fullmatch(text):
            if is_telling and not is_common and not self._small[text.lower()]:
                kinds.append("initials")
        elif (
            own is not None
            and not is_common
            and len(letters) > 1
            and text.isalpha()
            and max(letters) < "\u0250"  # of other alphabets nothing is known
            and not _VOWEL.search(text)
        ):
            kinds.append("no vowels")
        for kind in kinds:
            self._add(text, place, kind, again=is_new)
            is_new = False

    def _find_left(self, spoken: str, place: int) -> None:
        """Find what the spoken text still has of figures and signs."""
        if self._language == "en":
            for match in _NOT_NUMBERS.finditer(spoken):
                self._add(match[0], place, "figures")
        for match in _SIGN.finditer(spoken):
            # signs of the keyboard are markup left over, or are read by their names
            if not match[0].isalnum() and match[0] > "\x7f":
                self._add(match[0], place, "signs")


def _join(tokens: Sequence[_Token]) -> str:
    return " ".join(token.text for token in tokens)
