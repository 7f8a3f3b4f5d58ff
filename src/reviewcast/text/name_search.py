"""Words with capitals and odd words are found in the sentences of a text, and counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from reviewcast.text.sentence_words import FIRST_WORDS
from reviewcast.text.sentences import split_sentences
from reviewcast.text.stop_words import (
    BORROWED,
    GERMAN_PARTICLES,
    OWN_LETTERS,
    PARTICLES,
    SMALL_IN_TITLES,
    STOP,
)

Kind = Literal[
    "name",
    "title",
    "cast",
    "foreign letters",
    "mixed case",
    "initials",
    "no vowels",
    "figures",
    "signs",
]


class Passage(Struct, frozen=True):
    """A text as written and as said; in a heading capitals mean nothing."""

    text: str
    spoken: str
    is_heading: bool = False


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
_SURE_CAPITALS = 2  # so often within a sentence outweighs small letters elsewhere
_NAMES_IN_ING = "Browning|Channing|Ewing|Fleming|Golding|Harding|Irving|Keating|Manning|Sterling"
_VERB = re.compile(rf"(?!(?:{_NAMES_IN_ING})$|\w*mm?ed$)[A-Z][a-z]{{2,}}(?:[^aeiour\W]ed|ing)")
_FIRST_ONLY = 3  # so often at the beginning of sentences alone
_LONGEST_TITLE = 8  # words


class Token(Struct):
    """A word of a sentence, without what ends a possessive."""

    text: str
    start: int
    end: int
    is_first: bool
    """At a place where any word may have a capital."""

    @property
    def is_capital(self) -> bool:
        """True if the word begins with a capital."""
        return self.text[:1].isupper()


class NameSearch:
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
        """Find the names of these passages: by place in `found`, by kind in `kinds`."""
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

    def _list_sentences(self, passage: Passage) -> Iterator[tuple[list[Token], bool]]:
        for start, end in split_sentences(passage.text, self._language):
            sentence = passage.text[start:end]
            tokens: list[Token] = []
            for match in _WORD.finditer(sentence):
                text = _ENDING.sub("", match[0])
                is_first = not tokens or _OPENER.search(sentence, 0, match.start()) is not None
                tokens.append(Token(text, match.start(), match.start() + len(text), is_first))
            capitals = sum(token.is_capital for token in tokens)
            is_title = passage.is_heading or (
                capitals > 2
                and all(token.is_capital or token.text in SMALL_IN_TITLES for token in tokens)
            )
            yield tokens, not is_title

    def _count(self, tokens: Sequence[Token], *, is_telling: bool) -> None:
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

    def _trim(self, run: list[Token], alone: Counter[str]) -> list[Token]:
        """Leave out what begins a sentence and is no part of the name, and common words at ends."""
        while run and (self._is_common(run[0].text)):
            run = run[1:]
        while run and (self._is_common(run[-1].text)):
            run = run[:-1]
        if len(run) > 1 and run[0].is_first:
            first = run[0].text
            is_told = self._inside[first] or alone[_join(run)]
            is_verb = self._language == "en" and bool(_VERB.fullmatch(first))
            is_common = is_verb or self._small[first.lower()] or alone[_join(run[1:])]
            if is_common and not is_told:
                run = run[1:]
        return run

    def _is_name(self, tokens: Sequence[Token]) -> bool:
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

    def _list_runs(self, tokens: Sequence[Token], *, is_telling: bool) -> Iterator[list[Token]]:
        """Return the words with a capital that stand side by side, with the particles between them.

        In a heading only those that are names elsewhere.
        """
        run: list[Token] = []
        held: list[Token] = []
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


def _join(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)
