"""Voices by name, whoever brings them and however broken they are."""

import dataclasses
from typing import ClassVar

import pytest

from reviewcast import plugins
from reviewcast.errors import ConfigError
from reviewcast.plugins import list_voices, load_voice
from reviewcast.protocols import Voice


@dataclasses.dataclass(frozen=True)
class Parrot:
    """A stranger's voice that has all it takes."""

    name: ClassVar[str] = "parrot"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 100
    max_workers: ClassVar[int] = 1
    online: ClassVar[bool] = False

    def speak(self, text, *, language): ...


@dataclasses.dataclass
class _Package:
    name: str


class _Point:
    """An entry point that loads what it is told to, or raises it."""

    def __init__(self, name: str, package: str | None, loads: object) -> None:
        self.name = name
        self.dist = _Package(package) if package else None
        self._loads = loads

    def load(self) -> object:
        if isinstance(self._loads, Exception):
            raise self._loads
        return self._loads


@pytest.fixture
def install(monkeypatch):
    """Let these entry points be what is installed."""

    def install(*points: _Point) -> None:
        def entry_points(*, group: str):
            assert group == "reviewcast.voices"
            return points

        monkeypatch.setattr(plugins, "entry_points", entry_points)

    return install


class TestBuiltIn:
    """The voices that come along."""

    def test_listed(self):
        """Both built-in voices are found by their entry points."""
        assert {"espeak", "gtts"} <= set(list_voices())

    @pytest.mark.parametrize("name", ["espeak", "gtts"])
    def test_loaded(self, name):
        """A built-in voice is a Voice of its name."""
        voice = load_voice(name)
        assert voice.name == name
        assert isinstance(voice(), Voice)

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("espaek", "Did you mean espeak?"),
            ("gTTS", "Did you mean gtts?"),
            ("qqq", "There are: "),
        ],
    )
    def test_unknown(self, name, hint):
        """A name that is near another one is a question, others list what there is."""
        with pytest.raises(ConfigError, match=f"There is no voice named '{name}'.") as caught:
            load_voice(name)
        assert caught.value.hint.startswith(hint)
        assert caught.value.exit_code == 4


class TestStrangers:
    """Voices of other packages."""

    def test_welcome(self, install):
        """A stranger's voice is listed beside the others and loads."""
        install(_Point("parrot", "parrots", Parrot), _Point("espeak", "reviewcast", Parrot))
        assert list_voices() == ["espeak", "parrot"]
        assert load_voice("parrot") is Parrot

    @pytest.mark.parametrize("order", [1, -1])
    @pytest.mark.parametrize("package", ["parrots", None])
    def test_no_shadow(self, install, order, package):
        """A stranger cannot take a built-in voice's name, whichever is found first."""
        own = _Point("espeak", "reviewcast", Parrot)
        install(*[own, _Point("espeak", package, ValueError("an impostor"))][::order])
        assert load_voice("espeak") is Parrot
        assert list_voices() == ["espeak"]

    @pytest.mark.parametrize(
        "error", [ModuleNotFoundError("No module named 'wings'"), AttributeError("no Parrot")]
    )
    def test_broken(self, install, error):
        """A package that does not load is named with its reason, and hides no other voice."""
        install(_Point("parrot", "parrots", error), _Point("espeak", "reviewcast", Parrot))
        assert list_voices() == ["espeak", "parrot"]
        with pytest.raises(
            ConfigError, match=f"The voice 'parrot' cannot be loaded: {error}."
        ) as e:
            load_voice("parrot")
        assert "Reinstall" in e.value.hint
        assert load_voice("espeak") is Parrot

    @pytest.mark.parametrize(
        "field", ["name", "version", "max_chars", "max_workers", "online", "speak"]
    )
    def test_incomplete(self, install, field):
        """What a voice lacks is named."""
        body = {key: value for key, value in vars(Parrot).items() if key != field}
        body = {key: value for key, value in body.items() if not key.startswith("__")}
        install(_Point("parrot", "parrots", dataclasses.make_dataclass("P", [], namespace=body)))
        with pytest.raises(ConfigError, match=f"The voice 'parrot' has no {field}."):
            load_voice("parrot")

    @pytest.mark.parametrize("thing", [dataclasses, Parrot(), type("P", (), {}), None])
    def test_no_dataclass(self, install, thing):
        """Only a dataclass is a voice: its fields are the options."""
        install(_Point("parrot", "parrots", thing))
        with pytest.raises(ConfigError, match=r"The voice 'parrot' is no dataclass\."):
            load_voice("parrot")
