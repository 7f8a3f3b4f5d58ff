"""A piper voice on disk: its model, its description, and the package that reads them."""

import functools
import hashlib
import logging
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from reviewcast.model.errors import ConfigError
from reviewcast.system.extras import compose_install_line

if TYPE_CHECKING:
    import piper

_KINDS = ("espeak", "text", "hebrew")
"""How a voice file may want its text; the ways of other languages fetch more from the network."""

_SAME_LANGUAGE = {"nb": "no", "nn": "no", "cmn": "zh"}

AGAIN = "Get the .onnx and its .onnx.json again, both of the same voice."

FATAL = 4


class _Audio(Struct, frozen=True):
    sample_rate: Annotated[int, Meta(ge=8000, le=96_000)]


class _Espeak(Struct, frozen=True):
    voice: str


class _Language(Struct, frozen=True):
    code: str = ""
    family: str = ""


class _Inference(Struct, frozen=True):
    noise_scale: float = 0.0
    length_scale: Annotated[float, Meta(gt=0)] = 1.0
    noise_w: float = 0.0


class _Description(Struct, frozen=True):
    """What piper reads of an .onnx.json (its config.py), so that it can."""

    audio: _Audio
    espeak: _Espeak
    num_symbols: int
    num_speakers: int
    phoneme_id_map: dict[str, list[int]]
    phoneme_type: str = "espeak"
    speaker_id_map: dict[str, int] = {}
    inference: _Inference = _Inference()
    language: _Language | str | None = None


@functools.cache
def import_piper() -> ModuleType:
    """Import piper and keep it and its onnxruntime from talking: what matters is raised."""
    try:
        import onnxruntime
        import piper
        from piper import PiperConfig, PiperVoice, SynthesisConfig  # noqa: F401  1.2 has them not
    except (ImportError, OSError) as error:
        raise tell_missing() from error
    onnxruntime.set_default_logger_severity(FATAL)
    logging.getLogger("piper").addHandler(logging.NullHandler())
    return piper


def tell_missing() -> ConfigError:
    """Return the error that says how piper-tts is installed."""
    return ConfigError(
        "The voice piper needs the package piper-tts.",
        hint=f"Choose another voice, or install it: {compose_install_line('piper')}",
    )


def tell_unreadable(error: Exception) -> ConfigError:
    """Return the error that names a voice file which cannot be read, and why."""
    path = getattr(error, "filename", None) or "of [voice.piper] model"
    reason = getattr(error, "strerror", None) or error
    return ConfigError(
        f"Cannot read the voice file {path}: {reason}.", hint="Correct model in [voice.piper]."
    )


def stamp_file(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


@functools.lru_cache(maxsize=32)
def hash_model_file(path: Path, _stamp: tuple[int, ...]) -> str:
    """Return the SHA-256 of a file; `_stamp` is its state, for the cache of results."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_description(path: Path) -> tuple["piper.PiperConfig", set[str]]:
    """Read what is written beside a model; give also its languages, none when it does not tell."""
    import msgspec

    library = import_piper()
    try:
        told = msgspec.json.decode(path.read_bytes())
        description = msgspec.convert(told, _Description)
        if description.phoneme_type not in _KINDS:
            raise ConfigError(
                f"{path.stem} is a voice file for {description.phoneme_type}, which is not"
                " supported.",
                hint="Choose another voice file.",
            )
        if not description.phoneme_id_map.keys() >= set("_^$"):
            raise ValueError("phoneme_id_map lacks _, ^ or $")
        config: piper.PiperConfig = library.PiperConfig.from_dict(told)
    except OSError as error:
        raise tell_unreadable(error) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(
            f"{path} does not describe a voice of piper: {error}.", hint=AGAIN
        ) from error
    language = description.language
    codes = [language.family, language.code] if isinstance(language, _Language) else [language]
    if description.phoneme_type == "espeak":
        codes.append(description.espeak.voice)
    return config, {find_base(code) for code in codes if code}


def find_base(code: str) -> str:
    """Return the language itself of a code such as "en_US" or "pt-br"."""
    base = re.split(r"[-_]", code.lower(), maxsplit=1)[0]
    return _SAME_LANGUAGE.get(base, base)
