"""Local neural voices by piper: a voice file of one's own, offline and byte-repeatable.

A piper model draws noise from a generator that goes on from text to text. So each text gets a
session of its own, from the same seed and on one thread; that takes 0.2 s for a file of 60 MB, if
the graph is run as it is. Calls belong into worker processes.
"""

import functools
import hashlib
import importlib.util
import logging
import re
import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError
from reviewcast.settings.fields import check_bounds
from reviewcast.speech.voices.replies import refuse_unspeakable
from reviewcast.system.extras import compose_install_line

if TYPE_CHECKING:
    import onnxruntime
    import piper


_SEED = 1
_INPUTS = {"input", "input_lengths", "scales"}

_KINDS = ("espeak", "text", "hebrew")
"""How a voice file may want its text; the ways of other languages fetch more from the network."""

_NOT_TEXT = str.maketrans("[]\0", "   ")  # of [[…]] piper takes the inside for phonemes
_SAME_LANGUAGE = {"nb": "no", "nn": "no", "cmn": "zh"}
_PUBLISHED = re.compile(r"[a-z]{2,3}_[A-Z]{2}-\w+-\w+", re.ASCII)
_EXAMPLE = "en_US-lessac-medium"

_OBTAIN = (
    f"Run python -m piper.download_voices {_EXAMPLE} in the show's folder, and write"
    f' model = "{_EXAMPLE}.onnx" into [voice.piper] of podcast.toml.'
)

_AGAIN = "Get the .onnx and its .onnx.json again, both of the same voice."
_FEW = 8
_FATAL = 4
_lock = threading.Lock()


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
def _find_version() -> str:
    """Return the version of piper that is installed, "" when none is."""
    import importlib.metadata

    try:
        return importlib.metadata.version("piper-tts")
    except importlib.metadata.PackageNotFoundError:
        return ""


class _Version:
    """The version of this voice; asked of one with options, also of what its voice file holds."""

    def __get__(self, voice: "PiperVoice | None", _owner: type) -> str:
        installed = _find_version()
        if voice is None:
            return "+".join(filter(None, ("1", installed)))
        if not installed:
            raise _tell_missing()
        return f"1+{installed}+{voice.hash_model()}"


@dataclass(frozen=True)
class PiperVoice:
    """Neural voices on this machine: needs piper-tts, which `reviewcast voices` tells how to
    install, and a voice file.
    """  # noqa: D205  one sentence of podcast.toml

    # where it lies makes no sound: what it holds is in the version
    model: Annotated[
        str,
        Meta(
            description="The voice file: an .onnx in this folder, with its .onnx.json beside it."
            " python -m piper.download_voices en_US-lessac-medium gets one."
        ),
    ] = field(default="", metadata={"sounds": False, "file": True})
    speaker: Annotated[
        int | str, Meta(description="A name or number, for a file with several speakers.")
    ] = ""
    speed: Annotated[float, Meta(ge=0.5, le=2, description="0.5 to 2.")] = 1.0
    noise_scale: Annotated[
        float, Meta(description="How much the tone varies, 0 to 2; -1: as the voice file says.")
    ] = -1.0
    noise_w_scale: Annotated[
        float, Meta(description="How much the rhythm varies, likewise.")
    ] = -1.0
    sentence_pause_s: Annotated[
        float, Meta(ge=0, le=3, description="Seconds between sentences that are spoken together.")
    ] = 0.2

    name: ClassVar[str] = "piper"
    version: ClassVar["str | _Version"] = _Version()
    max_chars: ClassVar[int] = 400
    max_workers: ClassVar[int] = 0
    online: ClassVar[bool] = False
    chars_per_s: ClassVar[float] = 150.0  # measured with a file of 63 MB
    needs: ClassVar[str] = f"a voice file, and piper-tts: {compose_install_line('piper')}"

    def __post_init__(self) -> None:
        if self.model and not self.model.endswith(".onnx"):
            raise ConfigError(
                "[voice.piper] model must be the path of an .onnx file.",
                hint=f'Such as "{_EXAMPLE}.onnx".',
            )
        check_bounds(self, "[voice.piper]")
        for name in ("noise_scale", "noise_w_scale"):
            if getattr(self, name) != -1 and not 0 <= getattr(self, name) <= 2:
                raise ConfigError(f"[voice.piper] {name} must be from 0 to 2, or -1.")

    def hash_model(self) -> str:
        """Hash what makes the sound: the model and what is written beside it.

        Raise ConfigError when there is none.
        """
        paths = self._find_files()
        try:
            hashes = [_hash_file(path, _stamp_file(path)) for path in paths]
        except OSError as error:
            raise _tell_unreadable(error) from error
        return hashlib.sha256("".join(hashes).encode()).hexdigest()[:32]

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 400 characters, at the rate of the voice file.

        Raise ConfigError without piper, for a voice file that is missing, broken or of another
        language, VoiceError when it gives no audio.
        """
        refuse_unspeakable(text, service="The voice piper", max_chars=self.max_chars)
        library = _import_piper()
        import numpy as np

        file, description = self._find_files()
        config, languages = _read_description(description)
        if languages and _find_base(language) not in languages:
            raise ConfigError(
                f"The voice file {file.name} speaks {' and '.join(sorted(languages))}, and the"
                f" text is in {language!r}.",
                hint="Set language in the review's front matter, or another model in"
                " [voice.piper].",
            )
        wanted = library.SynthesisConfig(
            speaker_id=self._find_speaker(config, file),
            length_scale=config.length_scale / self.speed,
            noise_scale=None if self.noise_scale == -1 else self.noise_scale,
            noise_w_scale=None if self.noise_w_scale == -1 else self.noise_w_scale,
        )
        with _lock:  # the seed and espeak-ng, which finds the phonemes, are those of the process
            voice = library.PiperVoice(session=_open_session(file), config=config)
            try:
                chunks = list(voice.synthesize(text.translate(_NOT_TEXT), wanted))
            except Exception as error:  # whatever a model or its description makes of it
                raise VoiceError(
                    f"The voice file {file.name} fails at {text[:60]!r} ({type(error).__name__}).",
                    hint=_AGAIN,
                ) from error
        # a lone mark would be made as loud as a sentence
        chunks = [chunk for chunk in chunks if any(map(str.isalnum, chunk.phonemes))]
        _refuse_lost_text(chunks, config, file, text)
        pause = bytes(2 * round(self.sentence_pause_s * config.sample_rate))
        whole = all(np.isfinite(chunk.audio_float_array).all() for chunk in chunks)
        pcm = pause.join(chunk.audio_int16_bytes for chunk in chunks) if whole else b""
        if not pcm.strip(b"\0"):
            raise VoiceError(
                f"The voice file {file.name} gives no audio for {text[:60]!r}.", hint=_AGAIN
            )
        return Take(pcm, config.sample_rate)

    def check_setup(self) -> None:
        """Raise ConfigError when the package or the voice file is missing that it needs."""
        if any(importlib.util.find_spec(name) is None for name in ("piper", "onnxruntime")):
            raise _tell_missing()
        self._find_files()

    def _find_files(self) -> tuple[Path, Path]:
        """Return the paths of the model and of what describes it, which are there."""
        if not self.model:
            raise ConfigError("[voice.piper] names no model.", hint=_OBTAIN)
        file, description = Path(self.model), Path(f"{self.model}.json")
        for path in (file, description):
            try:
                path.stat()
            except (FileNotFoundError, NotADirectoryError) as error:
                raise ConfigError(
                    f"There is no voice file {path}.", hint=_tell_source(file)
                ) from error
            except (OSError, ValueError) as error:  # ValueError: a path that cannot be
                raise _tell_unreadable(error) from error
        return file, description

    def _find_speaker(self, config: "piper.PiperConfig", file: Path) -> int | None:
        """Return the number of the speaker, None for the file's own choice."""
        if self.speaker == "":
            return None
        number = config.speaker_id_map.get(str(self.speaker))
        if number is None or isinstance(self.speaker, int):
            text = str(self.speaker)
            number = int(text) if text.isdecimal() else -1
        if 0 <= number < max(1, config.num_speakers):
            return number
        names = list(config.speaker_id_map) or [f"0 to {config.num_speakers - 1}"]
        listed = ", ".join(names[:_FEW]) + (" …" if len(names) > _FEW else "")
        raise ConfigError(
            f"The voice file {file.name} has no speaker {self.speaker!r}.",
            hint=f"There are: {listed}."
            if config.num_speakers > 1
            else 'It has one speaker: write speaker = "" in [voice.piper].',
        )


@functools.cache
def _import_piper() -> ModuleType:
    """Import piper and keep it and its onnxruntime from talking: what matters is raised."""
    try:
        import onnxruntime
        import piper
        from piper import PiperConfig, PiperVoice, SynthesisConfig  # noqa: F401  1.2 has them not
    except (ImportError, OSError) as error:
        raise _tell_missing() from error
    onnxruntime.set_default_logger_severity(_FATAL)
    logging.getLogger("piper").addHandler(logging.NullHandler())
    return piper


def _tell_missing() -> ConfigError:
    return ConfigError(
        "The voice piper needs the package piper-tts.",
        hint=f"Choose another voice, or install it: {compose_install_line('piper')}",
    )


def _tell_unreadable(error: Exception) -> ConfigError:
    path = getattr(error, "filename", None) or "of [voice.piper] model"
    reason = getattr(error, "strerror", None) or error
    return ConfigError(
        f"Cannot read the voice file {path}: {reason}.", hint="Correct model in [voice.piper]."
    )


def _tell_source(file: Path) -> str:
    """Tell where a voice file that is not there can be had."""
    if not _PUBLISHED.fullmatch(file.stem):
        return f"Correct model in [voice.piper]. For a voice: {_OBTAIN}"
    return (
        f"Run python -m piper.download_voices {file.stem}"
        f" --download-dir {shlex.quote(str(file.parent))}, or correct model in [voice.piper]."
    )


def _stamp_file(path: Path) -> tuple[int, ...]:
    """Return what changes when a file does."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


@functools.lru_cache(maxsize=32)
def _hash_file(path: Path, _stamp: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_description(path: Path) -> tuple["piper.PiperConfig", set[str]]:
    """Read what is written beside a model; give also its languages, none when it does not tell."""
    import msgspec

    library = _import_piper()
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
        raise _tell_unreadable(error) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigError(
            f"{path} does not describe a voice of piper: {error}.", hint=_AGAIN
        ) from error
    language = description.language
    codes = [language.family, language.code] if isinstance(language, _Language) else [language]
    if description.phoneme_type == "espeak":
        codes.append(description.espeak.voice)
    return config, {_find_base(code) for code in codes if code}


def _find_base(code: str) -> str:
    """Return the language itself of a code such as "en_US" or "pt-br"."""
    base = re.split(r"[-_]", code.lower(), maxsplit=1)[0]
    return _SAME_LANGUAGE.get(base, base)


def _open_session(file: Path) -> "onnxruntime.InferenceSession":
    """Load a model whose noise begins anew."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # to optimize the graph takes longer than it saves in one text
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = _FATAL
    onnxruntime.set_seed(_SEED)
    broken = ConfigError(f"The voice file {file} is broken, or no voice of piper.", hint=_AGAIN)
    try:
        session = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its errors have no class in common
        raise broken from error
    if not {one.name for one in session.get_inputs()} >= _INPUTS:
        raise broken
    return session


def _refuse_lost_text(
    chunks: Sequence["piper.AudioChunk"], config: "piper.PiperConfig", file: Path, text: str
) -> None:
    """Refuse what a voice file would leave out without a word.

    A rare sound of a foreign name may be lacking, a letter of a file that reads letters may not.
    """
    said = [sign for chunk in chunks for sign in chunk.phonemes if sign.isalnum()]
    lacking = [sign for sign in said if sign not in config.phoneme_id_map]
    if lacking and (config.phoneme_type.value == "text" or len(lacking) == len(said)):
        raise VoiceError(
            f"The voice file {file.name} has no sound for {lacking[0]!r} in {text[:60]!r}.",
            hint="Write it otherwise in the review, or choose another voice.",
        )
