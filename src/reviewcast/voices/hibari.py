"""The embedded English voice: hibari, neural, natural, offline and byte-repeatable.

Its model and all that it reads by lie in the package hibari-tts. A process loads them once, in
about a second; each text then begins from the same seed on one thread, so that it always has the
same samples. The model is asked how long its phonemes last, too: so it is known when words begin.
"""

import functools
import hashlib
import itertools
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from reviewcast.errors import ConfigError, VoiceError
from reviewcast.model import Take
from reviewcast.voices.replies import refuse_unspeakable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE, RELEASE = "hibari-tts", "0.2.1"
"""What speaks: pyproject.toml pins the same."""
_HASHES = {
    "hibari.onnx": "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
    "oov.onnx": "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76",
}
"""The SHA-256 of its models; what has another one is not the voice whose takes are kept."""
_PARTS = ("lh", "theta", "ln", "lr", "phi", "f0")
_DURATIONS = "/Clip_output_0"
"""What the model gives, and a value inside of it: how many steps of 25 ms each phoneme lasts."""
_STEP_SAMPLES = 600
_SEED = 0
_MOST_PHONEMES = 400
"""At once: memory grows with the square of it."""
_INSTALL = f"Install it by pip install {PACKAGE}=={RELEASE}, or choose another voice."
_REINSTALL = f"Run pip install --force-reinstall {PACKAGE}=={RELEASE}, or choose another voice."
_OTHERWISE = "Write it otherwise in the review or the lexicon, or choose another voice."
_CLAUSE_ENDS = frozenset(",;:—")
_WORD = re.compile(r"—+|[^\s—]+—*")
_LONG_NUMBER = re.compile(r"\d{16,}")  # it has no name for such a one
_LONG_WORD = re.compile(r"([^\W\d_]{24})(?=[^\W\d_])")  # it reads so many letters of a word
_UNREAD = str.maketrans({"[": "(", "]": ")", "’": "'", "\0": " "})
"""Of [word](/…/) it would take the last for phonemes."""
_LAST_KNOWN = "ÿ"
_LETTERS = dict(zip("ħĦŧŦĸſđĐłŁıəƒ", "hHtTksdDlLiaf", strict=True)) | {
    "œ": "oe",
    "Œ": "Oe",
    "ŋ": "ng",
}
"""Letters of Latin script that are no other letter with a mark."""
_lock = threading.Lock()


class _Version:
    """The version of this voice, found when it is asked for: workers never ask."""

    def __get__(self, _instance: object, _owner: type) -> str:
        return "+".join(filter(None, ("1", _find_installed())))


@functools.cache
def _find_installed() -> str:
    """Return the version of the package that is installed, "" when none is."""
    import importlib.metadata

    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return ""


@dataclass(frozen=True)
class HibariVoice:
    """hibari: neural, natural, American English, no network; it marks its words.

    `speed` is from 0.5 to 2.
    """

    speed: float = 1.0

    name: ClassVar[str] = "hibari"
    version: ClassVar["str | _Version"] = _Version()
    max_chars: ClassVar[int] = 400
    max_workers: ClassVar[int] = 0
    online: ClassVar[bool] = False
    chars_per_s: ClassVar[float] = 1500.0  # measured, with what it takes to measure and store
    needs: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if not 0.5 <= self.speed <= 2:
            raise ConfigError("[voice.hibari] speed must be from 0.5 to 2.")

    @classmethod
    def list_languages(cls) -> tuple[str, ...]:
        """Return the languages that it speaks, as BCP 47 codes."""
        return ("en",)

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
        refuse_unspeakable(text, service="The voice hibari", max_chars=self.max_chars)
        if word := self.find_unsaid(text):
            raise _tell_unsaid(word, text)
        engine = _load_engine()
        words = list(_list_words(text))
        try:
            said = engine.normalize(" ".join(plain for _, plain in words))
            pcm, begins = engine.speak(said, speed=self.speed)
        except VoiceError:
            raise
        except Exception as error:  # whatever a text may make of it
            raise VoiceError(
                f"The voice hibari fails at {text[:60]!r} ({type(error).__name__}: {error}).",
                hint=_OTHERWISE,
            ) from error
        if not pcm.strip(b"\0"):
            raise VoiceError(f"The voice hibari gives no audio for {text[:60]!r}.", hint=_OTHERWISE)
        return Take(pcm, engine.rate_hz, tuple(_list_marks(text, words, said.split(), begins)))


class _Sound(NamedTuple):
    """What a token sounds like; `begins` a word, which `ends` with it."""

    phonemes: str
    begins: bool
    ends: bool


class _Engine:
    """The package, loaded: how a text is read, and how phonemes sound."""

    def __init__(self) -> None:
        try:
            import hibari
            import onnxruntime
            from hibari import dsp, tts
            from hibari.g2p import G2P
            from hibari.g2p.normalize import normalize
        except (ImportError, OSError) as error:
            raise ConfigError(
                f"The voice hibari needs the package {PACKAGE}: {error}.", hint=_INSTALL
            ) from error
        onnxruntime.disable_telemetry_events()  # Microsoft's own builds have some
        folder = Path(tts.ASSETS)
        model, _ = (_read_model(folder / name, digest) for name, digest in _HASHES.items())
        # given as bytes, a model is looked for nowhere, neither on the disk nor elsewhere
        self._voice: Any = hibari.Hibari(model=_show_output(model, _DURATIONS), threads=1)
        self._g2p: Any = G2P()
        self._synthesize: Any = dsp.synth
        self.normalize: Callable[[str], str] = normalize
        self.rate_hz = int(dsp.SR)

    def speak(self, said: str, *, speed: float) -> tuple[bytes, list[int]]:
        """Speak a normalized text; return it as PCM, and the sample at which each word begins.

        Raise VoiceError for a word that has no sound.
        """
        import numpy as np

        rng = np.random.default_rng(_SEED)
        audio: list[NDArray[np.float32]] = []
        begins: list[int] = []
        samples = 0
        for sentence in self._voice.split_sentences(said):
            for sounds in _part_sounds(self._read(sentence)):
                phonemes, places = _join_sounds(sounds)
                starts, wave = self._sound(phonemes, speed, rng)
                begins += [samples + starts[place] for place in places]
                audio.append(wave)
                samples += len(wave)
        whole = np.concatenate(audio) if audio else np.zeros(0, np.float32)
        if not np.isfinite(whole).all():
            return b"", begins
        return np.rint(np.clip(whole, -1, 1) * 32767).astype("<i2").tobytes(), begins

    def _read(self, sentence: str) -> Iterator[_Sound]:
        begins = True
        for token in self._g2p.phonemize_tokens(self._g2p.tokenize(sentence)):
            phonemes = "".join(one for one in token.phonemes or "" if one in self._voice.vocab)
            is_word, has_sound = (any(map(str.isalnum, one)) for one in (token.text, phonemes))
            if (is_word and not has_sound) or len(phonemes) > _MOST_PHONEMES:
                raise _tell_unsaid(token.text, sentence)
            yield _Sound(phonemes, begins, bool(token.whitespace))
            begins = bool(token.whitespace)

    def _sound(
        self, phonemes: str, speed: float, rng: "np.random.Generator"
    ) -> "tuple[list[int], NDArray[np.float32]]":
        """Return the sample at which each phoneme begins, and the samples, from -1 to 1."""
        import numpy as np

        inputs = {
            "ids": np.asarray([self._voice.ids(phonemes)], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        *parts, steps = self._voice.sess.run([*_PARTS, _DURATIONS], inputs)
        wave = self._synthesize(*(part[0] for part in parts), rng)
        starts = np.cumsum(steps).astype(int) * _STEP_SAMPLES  # before them all is one of silence
        return [*starts.tolist(), len(wave)], wave


def _load_engine() -> _Engine:
    """Load the package once a process."""
    with _lock:
        return _make_engine()


_make_engine = functools.cache(_Engine)


def _read_model(file: Path, digest: str) -> bytes:
    """Read a model.

    Raise ConfigError when it cannot be read or is another one than the one of this digest.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"Cannot read the model {file} of the voice hibari: {error.strerror or error}.",
            hint=_REINSTALL,
        ) from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise ConfigError(
            f"The model {file} of the voice hibari is not that of {PACKAGE} {RELEASE}:"
            " its SHA-256 is another one.",
            hint=_REINSTALL,
        )
    return data


def _show_output(model: bytes, name: str) -> bytes:
    """Return an ONNX model that gives one more of its values: protobuf joins what is appended."""
    value = _write_field(1, name.encode())  # ValueInfoProto.name
    return model + _write_field(7, _write_field(12, value))  # ModelProto.graph, GraphProto.output


def _write_field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data  # as both are below 128


def _part_sounds(sounds: Iterable[_Sound]) -> Iterator[list[_Sound]]:
    """Part a sentence where it is too long: after a clause, else after a word."""
    rest = list(sounds)
    while rest:
        sizes = itertools.accumulate(len(sound.phonemes) + sound.ends for sound in rest)
        fits = sum(size <= _MOST_PHONEMES + 1 for size in sizes)
        cuts = [n for n in range(1, fits + 1) if rest[n - 1].ends] or [fits]
        clauses = [n for n in cuts if rest[n - 1].phonemes[-1:] in _CLAUSE_ENDS]
        cut = fits if fits == len(rest) else (clauses or cuts)[-1]
        yield rest[:cut]
        rest = rest[cut:]


def _join_sounds(sounds: Iterable[_Sound]) -> tuple[str, list[int]]:
    """Join sounds; return them, and the places at which words begin."""
    phonemes, places = "", []
    for sound in sounds:
        if sound.begins:
            places.append(len(phonemes))
        phonemes += sound.phonemes + " " * sound.ends
    return phonemes.rstrip(), [min(place, len(phonemes.rstrip())) for place in places]


def _list_words(text: str) -> Iterator[tuple[int, str]]:
    """Give each word of a text and where it stands, in letters that the package reads."""
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
    """Tell whether a character is said, or is one of which nothing need be said."""
    return (
        not letter.isalpha()
        or letter.isascii()
        or unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN"))
        or unicodedata.normalize("NFKC", letter).isascii()
    )


def _tell_unsaid(word: str, text: str) -> VoiceError:
    return VoiceError(
        f"The voice hibari has no sound for {word[:60]!r} in {text[:60]!r}.", hint=_OTHERWISE
    )


def _list_marks(
    text: str, words: Sequence[tuple[int, str]], said: Sequence[str], begins: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Give where words begin, in the text and in the audio.

    What is said in other words than are written has its first word marked alone.
    """
    if len(said) != len(begins):
        return
    plain = [word for _, word in words]
    matcher = SequenceMatcher(None, plain, said, autojunk=False)
    for _kind, start, end, first, last in matcher.get_opcodes():
        pairs = end - start if end - start == last - first else min(1, end - start, last - first)
        for offset in range(pairs):
            at = words[start + offset][0]
            while at < len(text) and not (text[at].isalnum() or text[at].isspace()):
                at += 1
            if at < len(text) and text[at].isalnum():
                yield at, begins[first + offset]
