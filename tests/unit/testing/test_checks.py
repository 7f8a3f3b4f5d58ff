"""Each voice keeps the protocol, and those that do not are found out by name."""

import dataclasses
import multiprocessing
import os
import struct
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError, VoiceUnavailable
from reviewcast.model.protocols import Voice
from reviewcast.system.plugins import load_voice
from reviewcast.testing.tone_voice import ToneVoice
from reviewcast.testing.voice import check_voice

COUNT = [0]


def test_tone():
    """The tones keep it, with other options too, and write nothing."""
    check_voice(ToneVoice(), languages=("en", "fr"))
    check_voice(ToneVoice(char_s=0.2, gain=0.05))


@pytest.mark.parametrize(
    ("options", "languages"),
    [({}, ("en", "de")), ({"speed_wpm": 80}, ("en",)), ({"speed_wpm": 450, "pitch": 99}, ("de",))],
)
def test_espeak(options, languages):
    """The embedded voice keeps it, slow and quick."""
    check_voice(load_voice("espeak")(**options), languages=languages)


def test_online():
    """An online voice may give other samples each time, of about the same length."""
    check_voice(_Online())


def test_tones_are_marked():
    """Each word has a mark where its tone begins, and the same word the same tone."""
    take = ToneVoice().speak("One two, one.", language="en")
    samples = np.frombuffer(take.pcm, "<i2")
    assert [at for at, _ in take.marks] == [0, 4, 9]
    starts = [sample for _, sample in take.marks]
    assert not samples[: starts[0]].any()
    assert all(samples[start : start + 1000].any() for start in starts)
    length = round(3 * 0.06 * 24_000)
    first, _, last = (samples[start : start + length] for start in starts)
    assert (first == last).all()


@pytest.mark.parametrize("options", [{"char_s": 0.01}, {"gain": 2.0}, {"gain": 0.0}])
def test_tones_have_limits(options):
    """Options that would make no speech are refused."""
    with pytest.raises(ConfigError, match="must be from"):
        ToneVoice(**options)


@dataclass(frozen=True)
class _Online(ToneVoice):
    """Never the same twice, as services are."""

    online: ClassVar[bool] = True

    def speak(self, text, *, language):
        COUNT[0] += 1
        take = super().speak(text, language=language)
        return Take(take.pcm + bytes(2 * COUNT[0]), take.rate_hz)


class _Changing(ToneVoice):
    """Turns a take into something else."""

    def change(self, take, text):
        return take

    def speak(self, text, *, language):
        return self.change(super().speak(text, language=language), text)


def _samples(take):
    return np.frombuffer(take.pcm, "<i2")


class _Stereo(_Changing):
    def change(self, take, text):
        return Take(np.repeat(_samples(take), 2).tobytes(), take.rate_hz)


class _Floats(_Changing):
    def change(self, take, text):
        return Take((_samples(take) / 32768).astype("<f4").tobytes(), take.rate_hz)


class _BigEndian(_Changing):
    def change(self, take, text):
        return Take(_samples(take).byteswap().tobytes(), take.rate_hz)


class _EightBit(_Changing):
    def change(self, take, text):
        pcm = (_samples(take) // 256 + 128).astype("u1").tobytes()
        return Take(pcm[: len(pcm) // 2 * 2], take.rate_hz // 2)


class _Odd(_Changing):
    def change(self, take, text):
        return Take(take.pcm[:-1], take.rate_hz)


class _Wave(_Changing):
    def change(self, take, text):
        return Take(b"RIFF" + struct.pack("<I", len(take.pcm)) + take.pcm, take.rate_hz)


class _Silent(_Changing):
    def change(self, take, text):
        return Take(bytes(len(take.pcm)), take.rate_hz)


class _Empty(_Changing):
    def change(self, take, text):
        return Take(b"", take.rate_hz)


class _RawBytes(_Changing):
    def change(self, take, text):
        return take.pcm


class _Rate(_Changing):
    def change(self, take, text):
        return Take(take.pcm, 0)


class _Click(_Changing):
    def change(self, take, text):
        return Take(take.pcm[4800:5800], take.rate_hz)


class _Drawling(_Changing):
    def change(self, take, text):
        return Take(take.pcm * 9, take.rate_hz)


class _Apology(ToneVoice):
    """Always says the same thing."""

    def speak(self, text, *, language):
        take = super().speak("One moment, please, the engine is busy.", language=language)
        return Take(take.pcm, take.rate_hz)


class _MarksBack(_Changing):
    def change(self, take, text):
        return Take(take.pcm, take.rate_hz, take.marks[::-1])


class _MarksBeyond(_Changing):
    def change(self, take, text):
        return Take(take.pcm, take.rate_hz, ((0, len(take.pcm)),))


class _Cutting(ToneVoice):
    """Says the beginning of a long text."""

    def speak(self, text, *, language):
        return super().speak(text[:100], language=language)


class _CuttingBeyond(ToneVoice):
    """Says as much as it said it would, of a text that is too long."""

    def speak(self, text, *, language):
        return super().speak(text[:300], language=language)


class _Crashing(ToneVoice):
    def speak(self, text, *, language):
        if not text.strip():
            raise AssertionError("No text to speak")
        return super().speak(text, language=language)


class _Tolerant(ToneVoice):
    def speak(self, text, *, language):
        return super().speak(text.strip(" \0") or "Nothing", language=language)


class _Polyglot(ToneVoice):
    def speak(self, text, *, language):
        return super().speak({"en": text}[language], language=language)


class _Speechless(ToneVoice):
    def speak(self, text, *, language):
        raise VoiceError("The engine is not installed.")


class _Away(ToneVoice):
    def speak(self, text, *, language):
        raise VoiceUnavailable("The service is down.")


class _Mute(ToneVoice):
    def speak(self, text, *, language):
        if len(text) > 300:
            raise VoiceError("")
        return super().speak(text, language=language)


class _Printing(ToneVoice):
    def speak(self, text, *, language):
        print("Loading model")
        return super().speak(text, language=language)


class _PrintingBelow(ToneVoice):
    def speak(self, text, *, language):
        os.write(1, b"ALSA lib confmisc.c")
        return super().speak(text, language=language)


class _Moody(_Changing):
    def change(self, take, text):
        COUNT[0] += 2
        return Take(take.pcm + bytes(COUNT[0]), take.rate_hz)


class _Placed(_Changing):
    """Sounds otherwise in another process."""

    def change(self, take, text):
        return Take(take.pcm + bytes(os.getpid() % 999 * 2), take.rate_hz)


class _Dying(ToneVoice):
    """Ends the process, when it is not the test's."""

    def speak(self, text, *, language):
        if multiprocessing.parent_process():
            os._exit(3)
        return super().speak(text, language=language)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (_Stereo, "is stereo"),
        (_Floats, "holds floats"),
        (_BigEndian, "big-endian"),
        (_EightBit, "swing around zero"),
        (_Odd, "odd number"),
        (_Wave, "gave an audio file"),
        (_Silent, "is silent"),
        (_Empty, "is empty"),
        (_RawBytes, "gave a value of type bytes, and no Take"),
        (_Rate, "a rate of 0"),
        (_Click, "which cannot be"),
        (_Drawling, "which cannot be"),
        (_Apology, "does not last longer"),
        (_MarksBack, "marks run backwards"),
        (_MarksBeyond, "is not where a word begins"),
        (_Cutting, "leaves some out"),
        (_CuttingBeyond, "more than `max_chars`"),
        (_Crashing, "AssertionError, not VoiceError"),
        (_Tolerant, "says something for ''"),
        (_Polyglot, "KeyError, not VoiceError"),
        (_Speechless, "raises VoiceError: The engine"),
        (_Away, "cannot be reached"),
        (_Mute, "says nothing"),
        (_Printing, "standard output, where results belong: 'Loading"),
        (_PrintingBelow, "standard output, where results belong: 'ALSA"),
        (_Moody, "the second time"),
        (_Placed, "in a worker"),
        (_Dying, "ends the worker"),
    ],
)
def test_bad_speech_is_found_out(kind, words):
    """What a voice says wrong, or how it refuses, is named."""
    with pytest.raises(AssertionError) as caught:
        check_voice(kind())
    assert words in str(caught.value)


@dataclass(frozen=True)
class _Optional(ToneVoice):
    """Options that podcast.toml can hold, of several kinds."""

    engine: str | None = None
    words: tuple[str, ...] = ("a", "b")
    depths: dict[str, int] = dataclasses.field(default_factory=dict)


def test_options_of_many_kinds():
    """Whatever TOML can write may be an option; what has none is left out."""
    check_voice(_Optional())
    check_voice(_Optional(engine="x", words=(), depths={"a": 1}))


@dataclass(frozen=True)
class _Holding(ToneVoice):
    engine: object = dataclasses.field(default_factory=object)


@dataclass(frozen=True)
class _Untyped(ToneVoice):
    words: list[int] = dataclasses.field(default_factory=lambda: ["one"])


@dataclass(frozen=True)
class _Forgetful(ToneVoice):
    seed: int = 1

    def __post_init__(self):
        object.__setattr__(self, "seed", self.seed + 1)


@dataclass
class _Liquid:
    """It can be changed while it speaks."""

    name: ClassVar[str] = "liquid"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 100
    max_workers: ClassVar[int] = 1
    online: ClassVar[bool] = False

    def speak(self, text, *, language): ...


@dataclass(frozen=True)
class _NameAsOption:
    """As older plug-ins are, without an `info`."""

    version: str = "1"
    name, max_chars, max_workers, online = "named", 100, 1, False

    def speak(self, text, *, language): ...


@dataclass(frozen=True)
class _Speaker:
    """It speaks, and nothing is known of it."""

    def speak(self, text, *, language): ...


def _with(**values):
    return type("Voice", (ToneVoice,), {**values, "__module__": __name__})()


def _local():
    @dataclass(frozen=True)
    class Local(ToneVoice):
        """It cannot be found by a worker."""

    return Local()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ToneVoice, "is a class"),
        (object, "no method `speak`"),
        (_Speaker, "lacks `name`: write a ClassVar `info`"),
        (_Liquid, "no frozen dataclass"),
        (_NameAsOption, "`version` is one of its options"),
        (lambda: _with(name="two words"), "`name` is 'two words'"),
        (lambda: _with(name="auto"), "another word than auto"),
        (lambda: _with(version=2), "`version` is 2, and no str"),
        (lambda: _with(version=""), "`version` is empty"),
        (lambda: _with(max_chars=True), "`max_chars` is True"),
        (lambda: _with(max_chars=10), "must fit"),
        (lambda: _with(max_workers=-1), "`max_workers` is -1"),
        (lambda: _with(online=None), "`online` is None, and no bool"),
        (_Holding, "option engine cannot be part of a take's key"),
        (_Untyped, "do not decode"),
        (_Forgetful, "decode from podcast.toml to"),
        (_local, "cannot be pickled"),
    ],
)
def test_bad_classes_are_found_out(make, words):
    """What a class lacks is named before it says a word."""
    with pytest.raises(AssertionError) as caught:
        check_voice(make())
    assert words in str(caught.value)


def test_tone_is_a_voice():
    """The tones have all that a voice has."""
    assert isinstance(ToneVoice(), Voice)
