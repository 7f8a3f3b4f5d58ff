"""What every voice must do, as checks for authors of voices."""

import contextlib
import dataclasses
import io
import math
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from itertools import pairwise

import msgspec

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.speech.take_checks import find_fault
from reviewcast.speech.workers import WorkerDied, open_pool
from reviewcast.testing.destination import demand

_SENTENCE = "Amélie is a film about a shy waitress, and it is a joy to watch."
_OTHER = "The second half is weaker."
_SHORT = "Good."
_LONGEST_TRIED = 5000  # characters: some minutes of speech
_LETTERS_PER_S = (3.0, 50.0)  # of the slowest and the quickest speech
_MOST_OF_THE_PACE = 2.0  # a voice that seems to speak so much quicker leaves something out


def check_voice(voice: Voice, *, languages: Sequence[str] = ("en",)) -> None:
    """Try whether a voice keeps what its protocol says; an online one gets about 20 requests.

    All `languages` are tried, with English words. Voices that are not online also speak in a
    process of their own, which cannot see what a test has patched. Raise AssertionError with a
    sentence on what is wrong.
    """
    _check_shape(voice)
    _check_options(voice)
    with _watch_stdout():
        for language in languages:
            pace = _check_speech(voice, language)
            _check_limit(voice, language, pace)
            _check_refusals(voice, language)
        _check_repeats(voice, languages[0])
        _check_refusal(voice, _SENTENCE, "qqq")  # nobody speaks it


def _check_shape(voice: Voice) -> None:
    kind = type(voice)
    demand(not isinstance(voice, type), "That is a class: give check_voice() a voice made of it.")
    demand(isinstance(voice, Voice), "It has no method `speak`.")
    frozen = getattr(getattr(kind, "__dataclass_params__", None), "frozen", False)
    demand(frozen, "It is no frozen dataclass: write @dataclass(frozen=True).")
    fields = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    demand("info" not in fields, "`info` is one of its options: make it a ClassVar.")
    try:
        info = describe_voice(voice)
    except AttributeError as error:
        is_option = str(error) in fields
        raise AssertionError(
            f"`{error}` is one of its options: make it a ClassVar, or write an `info`."
            if is_option
            else f"It lacks `{error}`: write a ClassVar `info`, a VoiceInfo."
        ) from error
    for name, wanted in (
        ("name", str),
        ("version", str),
        ("max_chars", int),
        ("max_workers", int),
        ("online", bool),
    ):
        value = getattr(info, name)
        demand(type(value) is wanted, f"`{name}` is {value!r}, and no {wanted.__name__}.")
    demand(
        re.fullmatch(r"[A-Za-z0-9_-]+", info.name) is not None and info.name != "auto",
        f"`name` is {info.name!r}: use letters, figures, - and _, and another word than auto.",
    )
    demand(info.version != "", "`version` is empty.")
    demand(
        info.max_chars >= len(_SENTENCE),
        f"`max_chars` is {info.max_chars}: a sentence of {len(_SENTENCE)} must fit.",
    )
    demand(info.max_workers >= 0, f"`max_workers` is {info.max_workers}.")


def _check_options(voice: Voice) -> None:
    """See that the options can be written in podcast.toml, and travel to a worker."""
    kind = type(voice)
    options = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        value = getattr(voice, field.name)
        try:
            plain = msgspec.json.decode(msgspec.json.encode(value))
        except (TypeError, ValueError) as error:
            raise AssertionError(
                f"The option {field.name} cannot be part of a take's key: {error}"
            ) from error
        if plain is not None:  # podcast.toml has no such value; it can only be left out
            options[field.name] = plain
    try:
        decoded = msgspec.convert(options, kind, strict=False)
    except Exception as error:
        raise AssertionError(
            f"Its options {options} do not decode from podcast.toml: {error}"
        ) from error
    demand(decoded == voice, f"Its options {options} decode from podcast.toml to {decoded}.")
    try:
        copy = pickle.loads(pickle.dumps(voice))  # noqa: S301  it was pickled here
    except Exception as error:
        raise AssertionError(f"It cannot be pickled for a worker process: {error}") from error
    demand(copy == voice, "Pickled for a worker process it becomes another voice.")


@contextlib.contextmanager
def _watch_stdout() -> Iterator[None]:
    """See that nothing is written to standard output, by Python, a library or a worker."""
    said = io.StringIO()
    sys.stdout.flush()
    real = os.dup(1)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            with contextlib.redirect_stdout(said):
                yield
        finally:
            os.dup2(real, 1)
            os.close(real)
        file.seek(0)
        text = said.getvalue() or file.read(200).decode(errors="replace")
    demand(not text, f"It writes to standard output, where results belong: {text[:60]!r}")


def _speak(voice: Voice, text: str, language: str) -> Take:
    """Speak a text that a voice has to speak."""
    try:
        return voice.speak(text, language=language)
    except VoiceUnavailable as error:
        raise AssertionError(f"It cannot be reached, so nothing is known: {error}") from error
    except (Exception, SystemExit) as error:
        raise AssertionError(
            f"For {text[:60]!r} in {language!r} it raises {type(error).__name__}: {error}"
        ) from error


def _check_speech(voice: Voice, language: str) -> float:
    """See that a sentence becomes speech, and a word less of it; return the letters a second."""
    lengths = [
        _check_take(_speak(voice, text, language), text) for text in (_SENTENCE, _OTHER, _SHORT)
    ]
    demand(
        lengths == sorted(set(lengths), reverse=True),
        f"A longer text does not last longer: {lengths[0]:.2f} s, {lengths[1]:.2f} s and"
        f" {lengths[2]:.2f} s for {len(_SENTENCE)}, {len(_OTHER)} and {len(_SHORT)} characters.",
    )
    return _count_letters(_SENTENCE) / lengths[0]


def _check_limit(voice: Voice, language: str, pace: float) -> None:
    """See that as much as `max_chars` is spoken whole, and that more is too, or is refused."""
    text = _make_text(min(describe_voice(voice).max_chars, _LONGEST_TRIED))
    lasts_s = _check_take(_speak(voice, text, language), text)
    demand(
        _count_letters(text) / lasts_s <= _MOST_OF_THE_PACE * pace,
        f"Of {len(text)} characters, which `max_chars` allows, it leaves some out.",
    )
    text = _make_text(3 * describe_voice(voice).max_chars)
    take = _check_refusal(voice, text, language)
    if take is not None:
        lasts_s = _check_take(take, text)
        demand(
            _count_letters(text) / lasts_s <= _MOST_OF_THE_PACE * pace,
            f"It takes {len(text)} characters, more than `max_chars`, and leaves some out:"
            " raise VoiceError.",
        )


def _check_refusals(voice: Voice, language: str) -> None:
    for text in ("", "  ", "…", "?!", "\0"):
        take = _check_refusal(voice, text, language)
        if take is not None and not text.strip(" \0"):
            demand(
                isinstance(take, Take) and not _measure_speech(take),
                f"It says something for {text!r}: raise VoiceError.",
            )


def _check_refusal(voice: Voice, text: str, language: str) -> Take | None:
    """See that a voice which cannot speak a text says so by an error of ours; None when it does."""
    try:
        return voice.speak(text, language=language)
    except (VoiceError, ConfigError) as error:
        demand(error.message.strip() != "", f"Its {type(error).__name__} says nothing.")
        return None
    except (Exception, SystemExit) as error:
        raise AssertionError(
            f"For {text[:20]!r} ({len(text)} characters) in {language!r} it raises"
            f" {type(error).__name__}, not VoiceError or ConfigError: {error}"
        ) from error


def _check_repeats(voice: Voice, language: str) -> None:
    """See that the same text sounds the same, again and in workers, beside others."""
    first, other = (_speak(voice, text, language) for text in (_SENTENCE, _OTHER))
    again = _speak(voice, _SENTENCE, language)
    demand(_is_same(first, again, voice), "The same text has other samples the second time.")
    try:
        with open_pool(voice, characters=0) as pool:
            texts = (_SENTENCE, _OTHER, _SENTENCE, _OTHER)
            takes = list(pool.map(_speak, [voice] * 4, texts, [language] * 4))
    except (BrokenExecutor, WorkerDied) as error:
        raise AssertionError("It ends the worker process in which it speaks.") from error
    for index, take in enumerate(takes):
        demand(
            _is_same(take, other if index % 2 else first, voice),
            "The same text has other samples in a worker, beside others.",
        )


def _is_same(one: Take, other: Take, voice: Voice) -> bool:
    """True if two takes are the same, as far as that is in the voice's power."""
    if not describe_voice(voice).online:
        return one == other
    lengths = _measure_speech(one), _measure_speech(other)
    return math.isclose(*lengths, rel_tol=0.25, abs_tol=0.2)


def _check_take(take: Take, text: str) -> float:
    """See that a take is the speech of a text; return how long it is heard, in seconds."""
    fault = find_fault(take)
    demand(not fault, f"For {text[:60]!r} it {fault}.")
    what, pcm = f"The take of {text[:60]!r}", take.pcm
    _check_samples(pcm, what)
    heard_s, letters = _measure_speech(take), _count_letters(text)
    demand(heard_s > 0, f"{what} is silent.")
    slowest, quickest = _LETTERS_PER_S
    demand(
        letters / quickest <= heard_s <= 2 + letters / slowest,
        f"{what} lasts {heard_s:.2f} s, which cannot be for {letters} letters.",
    )
    for before, after in pairwise(take.marks):
        demand(before[0] < after[0] and before[1] <= after[1], f"{what}: its marks run backwards.")
    for at, sample in take.marks:
        demand(
            0 <= at < len(text) and text[at].isalnum() and 0 <= sample <= len(pcm) // 2,
            f"{what}: the mark {(at, sample)} is not where a word begins.",
        )
    return heard_s


def _check_samples(pcm: bytes, what: str) -> None:
    """See that bytes are little-endian samples of 16 bit and one channel."""
    import numpy as np

    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    level = np.abs(samples).mean()
    if not level:
        raise AssertionError(f"{what} is silent.")
    pairs = samples[: len(samples) // 2 * 2].reshape(-1, 2)
    demand(not (pairs[:, 0] == pairs[:, 1]).all(), f"{what} is stereo: mix it to one channel.")
    upper = np.frombuffer(pcm, "<u2")[1::2] & 0x7FFF
    upper = upper[upper > 0]
    # the upper halves of floats from 1e-9 to 1; of samples hardly any fall there
    floats = ((upper >= 0x3000) & (upper <= 0x3F80)).mean() if len(upper) else 0
    demand(floats < 0.9, f"{what} holds floats: round them to 16 bit.")
    swapped = np.frombuffer(pcm, ">i2").astype(np.float64)
    rough, rough_swapped = (
        np.abs(np.diff(wave)).mean() / max(1e-9, np.abs(wave).mean()) for wave in (samples, swapped)
    )
    demand(rough_swapped >= rough / 2, f"{what} is big-endian: swap its bytes.")
    demand(
        abs(samples.mean()) < level / 2,
        f"{what} does not swing around zero: its samples are not signed 16 bit.",
    )


def _measure_speech(take: Take) -> float:
    """Return how long there is something to be heard, in seconds; 0 when there is nothing."""
    from reviewcast.audio.files.decode import is_silent
    from reviewcast.audio.measure import measure_take

    if is_silent(take):
        return 0.0
    figures = measure_take(take)
    return (figures.end - figures.start) / figures.rate_hz


def _make_text(chars: int) -> str:
    """Make a text of exactly so many characters."""
    text = f"{_SENTENCE} " * (chars // len(_SENTENCE) + 1)
    return text[: chars - 1].rstrip().ljust(chars, ".")


def _count_letters(text: str) -> int:
    return sum(map(str.isalnum, text))
