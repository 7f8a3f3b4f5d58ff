"""The embedded English voice: hibari, neural, natural, offline and byte-repeatable.

Its model and all that it reads by lie in the package hibari-tts. A process loads them once, in
about a second; each text then begins from the same seed on one thread, so that it always has the
same samples. The model also returns the lengths of its phonemes, from which words get their times.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated, ClassVar

from msgspec import Meta

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError
from reviewcast.model.protocols import VoiceInfo
from reviewcast.settings.fields import check_bounds
from reviewcast.speech.voices.hibari_engine import OTHERWISE, PACKAGE, load_engine, tell_unsaid
from reviewcast.speech.voices.replies import refuse_unspeakable

_WORD = re.compile(r"—+|[^\s—]+—*")
_LONG_NUMBER = re.compile(r"\d{16,}")  # it has no name for such a one
_LONG_WORD = re.compile(r"([^\W\d_]{24})(?=[^\W\d_])")  # it reads so many letters of a word

_UNREAD = str.maketrans({"[": "(", "]": ")", "’": "'", "\0": " "})
"""Of [word](/…/) it would take the last for phonemes."""

_LAST_KNOWN = "ÿ"
_SAID_ALONE = "πµ"

_LETTERS = dict(zip("ħĦŧŦĸſđĐłŁıəƒ", "hHtTksdDlLiaf", strict=True)) | {
    "œ": "oe",
    "Œ": "Oe",
    "ŋ": "ng",
}
"""Letters of Latin script that are no other letter with a mark."""


@dataclass(frozen=True)
class HibariVoice:
    """hibari, embedded: neural, natural, American English, no network."""

    speed: Annotated[float, Meta(ge=0.5, le=2, description="0.5 to 2.")] = 1.0

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="hibari",
        version="1",
        package=PACKAGE,
        max_chars=400,
        max_workers=0,
        clean=True,  # a predicted opinion of 4.685 of 5, polished or not
        chars_per_s=1800.0,  # measured, with what it takes to polish and store
        languages=("en",),
        stock=True,
    )

    def __post_init__(self) -> None:
        check_bounds(self, "[voice.hibari]")

    @classmethod
    def tell_lack(cls) -> str:
        """Return a sentence on what it needs and does not find, "" when it can speak."""
        import importlib.util

        names = ("hibari", "onnxruntime")
        if any(importlib.util.find_spec(name) is None for name in names):
            return f"The voice hibari needs the package {PACKAGE}, which is not installed."
        return ""

    @classmethod
    def find_unsaid(cls, text: str) -> str:
        """Return the first word of a text that it has no sound for, "" when there is none.

        That is one with letters of another script than the Latin one.
        """
        if text.isascii():
            return ""
        return next((word for word in text.split() if not all(map(_is_known, word))), "")

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 400 characters at 24,000 Hz, and mark where words begin.

        Raise ConfigError without its package, for another package than the one that is pinned and
        for another language than English, VoiceError for what it has no sound for.
        """
        if language.lower().replace("_", "-").partition("-")[0] != "en":
            raise ConfigError(
                f"The voice hibari speaks English, and the text is in {language!r}.",
                hint="Set language in the review's front matter, or choose another voice.",
            )
        refuse_unspeakable(text, service="The voice hibari", max_chars=self.info.max_chars)
        if word := self.find_unsaid(text):
            raise tell_unsaid(word, text)
        engine = load_engine()
        words = list(_list_words(text))
        try:
            said = engine.normalize(" ".join(plain for _, plain in words))
            pcm, begins = engine.speak(said, speed=self.speed)
        except VoiceError:
            raise
        except Exception as error:  # whatever a text may make of it
            raise VoiceError(
                f"The voice hibari fails at {text[:60]!r} ({type(error).__name__}: {error}).",
                hint=OTHERWISE,
            ) from error
        if not pcm.strip(b"\0"):
            raise VoiceError(f"The voice hibari gives no audio for {text[:60]!r}.", hint=OTHERWISE)
        return Take(pcm, engine.rate_hz, tuple(_list_marks(text, words, said.split(), begins)))


def _list_words(text: str) -> Iterator[tuple[int, str]]:
    """Return each word of a text and where it stands, in letters that the package reads."""
    for match in _WORD.finditer(text):
        word = unicodedata.normalize("NFC", match[0].translate(_UNREAD))
        if not word.isascii():
            word = "".join(map(_fold_letter, word))
        word = _LONG_NUMBER.sub(lambda figures: " ".join(figures[0]), word)
        yield match.start(), _LONG_WORD.sub(r"\1-", word)


def _fold_letter(letter: str) -> str:
    """Return a Latin letter without the marks that the package does not know."""
    if letter <= _LAST_KNOWN or not unicodedata.name(letter, "").startswith("LATIN"):
        return letter
    plain = unicodedata.normalize("NFKD", _LETTERS.get(letter, letter))
    return "".join(one for one in plain if not unicodedata.combining(one))


def _is_known(letter: str) -> bool:
    """True if a character is said, or is one of which nothing need be said."""
    return (
        not letter.isalpha()
        or letter in _SAID_ALONE
        or letter.isascii()
        or unicodedata.category(letter) == "Lm"  # such as the ʻ of Hawaiʻi
        or unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN"))
        or unicodedata.normalize("NFKC", letter).isascii()
    )


def _list_marks(
    text: str, words: Sequence[tuple[int, str]], said: Sequence[str], begins: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Return where words begin, in the text and in the audio.

    What is said in other words than are written has its first word marked alone.
    """
    if len(said) != len(begins):
        return
    plain = [word for _, word in words]
    ends = [*(at for at, _ in words), len(text)]
    matcher = SequenceMatcher(None, plain, said, autojunk=False)
    for _kind, start, end, first, last in matcher.get_opcodes():
        pairs = end - start if end - start == last - first else min(1, end - start, last - first)
        for offset in range(pairs):
            at, until = ends[start + offset : start + offset + 2]
            while at < until and not text[at].isalnum():
                at += 1
            if at < until:
                yield at, begins[first + offset]
