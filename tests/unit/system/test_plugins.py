"""Voices and destinations by name, whoever brings them and however broken they are."""

import dataclasses
import re
import sys
from pathlib import Path
from typing import ClassVar

import pytest

from reviewcast.model.errors import ConfigError
from reviewcast.model.protocols import Destination, Voice, describe_voice
from reviewcast.system import plugins
from reviewcast.system.plugins import (
    list_voices,
    load_destination,
    load_voice,
    open_destination,
)
from reviewcast.testing.memory_destination import MemoryDestination


@dataclasses.dataclass(frozen=True)
class Parrot:
    """A stranger's voice that has all it takes."""

    name: ClassVar[str] = "parrot"
    version: ClassVar[str] = "1"
    max_chars: ClassVar[int] = 100
    max_workers: ClassVar[int] = 1
    online: ClassVar[bool] = False

    def speak(self, text, *, language): ...


class Own(Parrot):
    """What stands in for a voice of ours."""

    name = "espeak"


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
        if isinstance(self._loads, BaseException):
            raise self._loads
        return self._loads


@pytest.fixture
def install(monkeypatch):
    """Let these entry points be what is installed."""

    def install(*points: _Point) -> None:
        def entry_points(*, group: str):
            assert group in {"reviewcast.voices", "reviewcast.destinations"}
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
        assert describe_voice(voice).name == name
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
        install(_Point("parrot", "parrots", Parrot), _Point("espeak", "reviewcast", Own))
        assert list_voices() == ["espeak", "parrot"]
        assert load_voice("parrot") is Parrot

    @pytest.mark.parametrize("order", [1, -1])
    @pytest.mark.parametrize("package", ["parrots", None])
    def test_no_shadow(self, install, order, package):
        """A stranger cannot take a built-in voice's name, whichever is found first."""
        own = _Point("espeak", "reviewcast", Own)
        install(*[own, _Point("espeak", package, ValueError("an impostor"))][::order])
        assert load_voice("espeak") is Own
        assert list_voices() == ["espeak"]

    @pytest.mark.parametrize(
        "error",
        [
            ModuleNotFoundError("No module named 'wings'"),
            AttributeError("no Parrot"),
            SystemExit("bye"),
        ],
    )
    def test_broken(self, install, error):
        """A package that does not load is named with its reason, and hides no other voice."""
        install(_Point("parrot", "parrots", error), _Point("espeak", "reviewcast", Own))
        assert list_voices() == ["espeak", "parrot"]
        with pytest.raises(
            ConfigError, match=f"The voice 'parrot' cannot be loaded: {error}."
        ) as e:
            load_voice("parrot")
        assert "Reinstall" in e.value.hint
        assert load_voice("espeak") is Own

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

    def test_false_name(self, install):
        """A voice that goes by another's name is refused: its takes would be taken for those."""
        install(_Point("parrot", "parrots", Own))
        with pytest.raises(ConfigError, match=r"The voice 'parrot' says that it is 'espeak'\."):
            load_voice("parrot")

    @pytest.mark.parametrize("thing", [dataclasses, Parrot(), type("P", (), {}), None])
    def test_no_dataclass(self, install, thing):
        """Only a dataclass is a voice: its fields are the options."""
        install(_Point("parrot", "parrots", thing))
        with pytest.raises(ConfigError, match=r"The voice 'parrot' is no dataclass\."):
            load_voice("parrot")


class TestDestinations:
    """Destinations, by the scheme of a URL."""

    def test_built_in(self):
        """The three that come along load."""
        for scheme in ("folder", "s3", "sftp"):
            assert load_destination(scheme).scheme == scheme

    @pytest.mark.parametrize(
        ("url", "base", "expected"),
        [
            ("public", "/show", "/show/public"),
            ("folder://public", "/show", "/show/public"),
            ("/srv/www", "/show", "/srv/www"),
            ("folder:///srv/www", "/show", "/srv/www"),
            ("FOLDER://public", "/show", "/show/public"),
            ("../out", None, "../out"),
            ("~/www", "/show", "/home/me/www"),
        ],
    )
    def test_folder(self, monkeypatch, url, base, expected):
        """What is no URL is a folder, relative to the show's."""
        monkeypatch.setenv("HOME", "/home/me")
        place = open_destination(url, base=Path(base) if base else None)
        assert isinstance(place, Destination)
        assert place.folder == Path(expected)

    def test_servers(self):
        """A URL reaches the destination of its scheme."""
        assert str(open_destination("s3://show/x", base=None)) == "s3://show/x"
        assert open_destination("SFTP://me@host/x", base=None).host == "host"

    @pytest.mark.parametrize(
        ("url", "hint"),
        [
            ("s3s://show", "Did you mean s3?"),
            ("stfp://me:SECRET@host/x", "Did you mean sftp?"),
            ("https://me:SECRET@host/x", "There are: folder, s3, sftp."),
            ("://x", "There are: "),
        ],
    )
    def test_unknown(self, url, hint):
        """A scheme that is near another one is a question; nothing else of the URL is told."""
        with pytest.raises(ConfigError, match="There is no destination named") as caught:
            open_destination(url, base=None)
        assert caught.value.hint.startswith(hint)
        assert "SECRET" not in caught.value.message + caught.value.hint

    @pytest.mark.parametrize("url", ["", "folder://", "s3://", "sftp://host"])
    def test_no_place(self, url):
        """A URL that names no place is refused."""
        with pytest.raises(ConfigError):
            open_destination(url, base=Path("/show"))

    @pytest.mark.parametrize(
        ("url", "module"), [("s3://show", "boto3"), ("sftp://host/x", "paramiko")]
    )
    def test_without_its_extra(self, monkeypatch, url, module):
        """What has to be installed first is said."""
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ConfigError, match=f"needs {module}") as caught:
            open_destination(url, base=None)
        assert re.fullmatch(rf"Install it: .* '{module}>=[\d.]+'", caught.value.hint)

    def test_stranger(self, install):
        """A stranger's destination is reached like ours."""
        install(_Point("memory", "memories", MemoryDestination))
        assert isinstance(open_destination("memory://x", base=None), MemoryDestination)

    def test_no_shadow(self, install):
        """A stranger cannot take a built-in scheme."""
        own = type("Own", (MemoryDestination,), {"scheme": "s3"})
        install(_Point("s3", "strange", ValueError("an impostor")), _Point("s3", "reviewcast", own))
        assert load_destination("s3") is own

    @pytest.mark.parametrize(
        ("thing", "words"),
        [
            (ModuleNotFoundError("No module named 'wings'"), "cannot be loaded: No module named"),
            (MemoryDestination(), "is no class"),
            (type("D", (), {"scheme": "bird"}), "has no open"),
            (MemoryDestination, "says that it is 'memory'"),
        ],
    )
    def test_broken(self, install, thing, words):
        """A broken one is named with what is wrong."""
        install(_Point("bird", "birds", thing))
        with pytest.raises(ConfigError, match=f"The destination 'bird' {words}"):
            open_destination("bird://nest", base=None)

    def test_broken_when_opened(self, install):
        """Whatever it raises when it is opened is one sentence without the URL."""

        class Bird(MemoryDestination):
            scheme = "bird"

            @classmethod
            def open(cls, url):
                raise KeyError(url)

        install(_Point("bird", "birds", Bird))
        with pytest.raises(ConfigError, match="'bird' cannot be opened: KeyError") as caught:
            open_destination("bird://me:SECRET@nest", base=None)
        assert "SECRET" not in caught.value.message
