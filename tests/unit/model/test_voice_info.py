"""What is known of a voice: in one value today, in ClassVars of older plug-ins."""

import dataclasses
from dataclasses import dataclass

import pytest

from reviewcast.model.audio import Take
from reviewcast.model.protocols import Voice, VoiceInfo, describe_voice
from reviewcast.speech.takes import key_take
from reviewcast.speech.voices.gtts import GttsVoice
from reviewcast.speech.workers import count_workers
from reviewcast.system.extras import find_installed
from reviewcast.system.plugins import find_voice_version
from reviewcast.testing import ToneVoice, check_voice

INFO = VoiceInfo(
    name="lark", version="3", max_chars=90, max_workers=5, online=True, clean=True, chars_per_s=7.0
)


@dataclass(frozen=True)
class New:
    """A voice of today."""

    pitch: int = 1

    info = INFO

    def speak(self, text: str, *, language: str) -> Take: ...


@dataclass(frozen=True)
class Old:
    """The same voice before there was an `info`."""

    pitch: int = 1

    name, version, max_chars, max_workers, online = "lark", "3", 90, 5, True
    clean, chars_per_s = True, 7.0

    def speak(self, text: str, *, language: str) -> Take: ...


@pytest.mark.parametrize("kind", [New, Old])
def test_both_styles_are_known_alike(kind):
    """Of the class and of a voice the same is known; takes and workers are the same."""
    assert describe_voice(kind) == describe_voice(kind()) == INFO
    assert isinstance(kind(), Voice)
    assert key_take(kind(), "en", "Sing.") == key_take(New(), "en", "Sing.")
    assert key_take(kind(pitch=2), "en", "Sing.") != key_take(New(), "en", "Sing.")
    assert count_workers(kind(), characters=10) == 5


def test_what_an_older_voice_tells_beside():
    """Languages come from a classmethod, and a version may differ by options."""

    class Told(Old):
        needs = "a key"

        @classmethod
        def list_languages(cls):
            return ["en", "de"]

        @property
        def version(self):
            return f"3 of {self.pitch}"

    info = describe_voice(Told)
    assert (info.needs, info.list_languages()) == ("a key", ("en", "de"))
    assert find_voice_version(Told(pitch=4)) == "3 of 4"


def test_an_older_voice_on_top_of_a_newer_one():
    """Its ClassVars go before what the class above it says, and options are none of them."""

    @dataclass(frozen=True)
    class Shaky(ToneVoice):
        needs: str = "an option"

        name, online, max_workers = "shaky", True, 2

    info = describe_voice(Shaky())
    assert info == VoiceInfo(name="shaky", version="1", max_chars=300, max_workers=2, online=True)


@pytest.mark.parametrize("name", ["name", "version", "max_chars", "max_workers", "online"])
def test_what_is_missing_is_named(name):
    """An older voice has to have five ClassVars."""
    body = {key: value for key, value in vars(Old).items() if key != name and key[0] != "_"}
    kind = dataclasses.make_dataclass("Lame", [], namespace=body)
    with pytest.raises(AttributeError, match=f"^{name}$"):
        describe_voice(kind)


def test_the_version_of_a_voice_holds_its_package_and_its_files():
    """What computes the sound counts, and so does what a file holds."""

    @dataclass(frozen=True)
    class Computed:
        hashed: str = "beef"

        info = VoiceInfo(name="x", version="2", max_chars=9, package="msgspec")

        def hash_files(self) -> str:
            return self.hashed

    own = f"2+{find_installed('msgspec')}"
    assert find_installed("msgspec") and not find_installed("no-such-package")
    assert find_voice_version(Computed) == own
    assert find_voice_version(Computed()) == f"{own}+beef"
    keys = {key_take(Computed(hashed=one), "en", "x") for one in ("beef", "cafe")}
    assert len(keys) == 2


def test_takes_are_found_under_the_keys_of_before():
    """Caches stay valid: these keys were made before there was an `info`."""
    assert key_take(GttsVoice(), "en", "Hello.").startswith("a90ab3391e14d2ee91ccbbfd57ca9700")
    assert key_take(ToneVoice(gain=0.5), "de", "x").startswith("81f4e60197bc1a7545115bce2c4eab3e")


def test_a_voice_whose_info_is_an_option():
    """It could be set in podcast.toml."""

    @dataclass(frozen=True)
    class Loose(ToneVoice):
        info: VoiceInfo = INFO

    with pytest.raises(AssertionError, match="`info` is one of its options"):
        check_voice(Loose())
