"""How fast voices speak, and what they cost, on this machine: learnt from real builds.

The record lies in the cache, and may be thrown away: defaults then hold until the next build.
"""

from collections.abc import Iterable
from contextlib import suppress

import msgspec
from msgspec import Struct

from reviewcast.model.errors import StorageError
from reviewcast.model.podcast import BuildFigures, SpokenFigures
from reviewcast.model.protocols import Voice
from reviewcast.settings.schema import Config
from reviewcast.settings.sound import EncodeSettings
from reviewcast.speech.polish_key import key_polish
from reviewcast.speech.takes import key_takes
from reviewcast.system.cache import Cache
from reviewcast.system.files import write_whole

FILE = "rates.json"

_VERSION = 1
_MOST_SETUPS = 100
_MOST_CHARACTERS = 2_000_000
"""When a record has so many, half of it is forgotten: the machine may be another one by now."""

_HEARD_PER_S = 16.0
"""Letters that a voice says in a second, without pauses: measured, espeak 16.8, Google 12 to 16."""

_LEAST_S, _MOST_S = 0.005, 2.0
"""No voice takes less for a letter, or more: a record that says so is not believed."""

_TAKE_BYTES_PER_S = 46_000.0
"""What a second of speech has in the cache, with the silence around it, at 22 kHz: measured."""

_ENCODE_CPU = 0.008
"""CPU seconds that a second of audio takes to be laid, mastered, encoded and saved: measured."""

_ONLINE_CHARS_PER_S = 6000.0
"""Characters a CPU second of an online voice, whose replies are decoded, held against each other
and polished: measured."""

START_CPU_S = 1.5
"""CPU seconds that a run takes to start, with its workers: measured."""

_TRUSTED_CPU_S = 2.0
"""A record of so many CPU seconds counts as much as the defaults."""


class Rate(Struct, kw_only=True):
    """What a voice in one setup came to, in sums.

    `cpu_s` is what builds with it took, `expected_s` what the defaults say of the same builds.
    """

    voice: str
    characters: float = 0.0
    heard_s: float = 0.0
    voiced: float = 0.0
    take_bytes: float = 0.0
    cpu_s: float = 0.0
    expected_s: float = 0.0


class Rates(Struct, kw_only=True):
    """The record: what voices came to, by their setups, the latest last."""

    version: int = _VERSION
    setups: dict[str, Rate] = {}

    def find(self, voice: str, setup: str) -> Rate:
        """Return the record of a setup, else that of the voice in all others, else an empty one."""
        if setup in self.setups:
            return self.setups[setup]
        found = Rate(voice=voice)
        for rate in self.setups.values():
            if rate.voice == voice:
                _add(found, rate)
        return found

    def is_known(self, voice: str) -> bool:
        """True if a real build on this machine told what the voice takes."""
        return any(rate.voice == voice and rate.cpu_s for rate in self.setups.values())


def name_setup(voice: Voice, language: str, config: Config) -> str:
    """Return a short digest of all that decides how fast a voice speaks."""
    key = key_takes(voice, language).hash_key(key_polish(config.voice.polish))
    return key[:16]


def expect_heard_s(rate: Rate, letters: float) -> float:
    """Return how long so many letters are heard, in seconds."""
    pace_s = rate.heard_s / max(rate.characters, 1.0)
    return letters * pace_s if _LEAST_S < pace_s < _MOST_S else letters / _HEARD_PER_S


def expect_take_bytes(rate: Rate, heard_s: float, letters: float) -> float:
    """Return what the takes of so much speech have in the cache."""
    if not rate.voiced or not rate.take_bytes:
        return heard_s * _TAKE_BYTES_PER_S
    return letters * rate.take_bytes / max(rate.voiced, 1.0)


def expect_cpu_s(rate: Rate, plain_s: float) -> float:
    """Return what a build takes of which the defaults expect so many CPU seconds."""
    known = rate.cpu_s + _TRUSTED_CPU_S
    return plain_s * known / (rate.expected_s + _TRUSTED_CPU_S)


def expect_plain_s(chars_per_s: float, letters: float, encoded_s: float) -> float:
    """Return the CPU seconds that the defaults say, without what a run takes to start.

    `chars_per_s` is the voice's, 0 for one that is online.
    """
    return letters / (chars_per_s or _ONLINE_CHARS_PER_S) + encoded_s * _ENCODE_CPU


_VBR_KBPS = (245, 225, 190, 175, 110, 95, 85, 75, 65, 55)
"""About what LAME's -V comes to with speech in two channels, 0 to 9."""


def find_bytes_per_s(settings: EncodeSettings) -> float:
    """Return what a second of audio has in an MP3: exact where the bit rate is constant."""
    if settings.mode == "cbr":
        return settings.kbps * 125
    return _VBR_KBPS[settings.vbr_quality] * 125 * (1 if settings.channels == 2 else 0.6)


def load_rates(cache: Cache) -> Rates:
    """Read the record; an empty one when there is none that can be read."""
    try:
        found = msgspec.json.decode((cache.folder / FILE).read_bytes(), type=Rates)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Rates()
    sane = all(
        0 <= value < 1e15
        for rate in found.setups.values()
        for value in msgspec.structs.astuple(rate)[1:]
    )
    return found if found.version == _VERSION and sane else Rates()


def learn_rates(rates: Rates, built: Iterable[BuildFigures], *, cpu_s: float) -> None:
    """Add what a run has built, and the CPU seconds that all of it took.

    These are shared out among the voices as the defaults expect them; 0 tells nothing of what they
    cost, nor does a run in which nothing was spoken.
    """
    spoken: dict[str, SpokenFigures] = {}
    expected: dict[str, float] = {}
    for figures in built:
        total = sum(one.characters for one in figures.speech) or 1
        for one in figures.speech:
            _learn(rates, one)
            spoken[one.setup] = one
            encoded_s = figures.encoded_s * one.characters / total
            plain_s = expect_plain_s(one.chars_per_s, one.voiced, encoded_s)
            expected[one.setup] = expected.get(one.setup, 0.0) + (plain_s if one.voiced else 0.0)
    total_s = sum(expected.values())
    for setup, plain_s in expected.items():
        if plain_s and cpu_s:
            share = plain_s / total_s
            rates.setups[setup].cpu_s += max(0.0, cpu_s - START_CPU_S) * share
            rates.setups[setup].expected_s += plain_s
    for setup in spoken:
        rate = rates.setups.pop(setup)
        rates.setups[setup] = rate  # the latest last
        if rate.characters > _MOST_CHARACTERS or rate.voiced > _MOST_CHARACTERS:
            _halve(rate)
    for setup in list(rates.setups)[:-_MOST_SETUPS]:
        del rates.setups[setup]


def save_rates(cache: Cache, rates: Rates) -> None:
    """Keep the record; a cache that refuses it fails no build."""
    with suppress(StorageError), write_whole(cache.folder / FILE, durable=False) as file:
        file.write(msgspec.json.format(msgspec.json.encode(rates), indent=2) + b"\n")


def _learn(rates: Rates, one: SpokenFigures) -> None:
    rate = rates.setups.setdefault(one.setup, Rate(voice=one.voice))
    rate.characters += one.characters
    rate.heard_s += one.heard_s
    rate.voiced += one.voiced
    rate.take_bytes += one.take_bytes


def _names() -> tuple[str, ...]:
    return Rate.__struct_fields__[1:]


def _add(rate: Rate, other: Rate) -> None:
    for name in _names():
        setattr(rate, name, getattr(rate, name) + getattr(other, name))


def _halve(rate: Rate) -> None:
    for name in _names():
        setattr(rate, name, getattr(rate, name) / 2)
