"""Local neural voices by piper: a voice file of one's own, offline and byte-repeatable.

A piper model draws noise from a generator that goes on from text to text. So each text gets a
session of its own, from the same seed and on one thread; that takes 0.2 s for a file of 60 MB, if
the graph is run as it is. Calls belong into worker processes.
"""

import hashlib
import importlib.util
import re
import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError
from reviewcast.model.protocols import VoiceInfo
from reviewcast.settings.fields import check_bounds
from reviewcast.speech.voices.piper_files import (
    AGAIN,
    FATAL,
    find_base,
    hash_model_file,
    import_piper,
    read_description,
    stamp_file,
    tell_missing,
    tell_unreadable,
)
from reviewcast.speech.voices.replies import refuse_unspeakable
from reviewcast.system.extras import compose_install_line, find_installed

if TYPE_CHECKING:
    import onnxruntime
    import piper

_SEED = 1
_INPUTS = {"input", "input_lengths", "scales"}
_NOT_TEXT = str.maketrans("[]\0", "   ")  # of [[…]] piper takes the inside for phonemes
_PUBLISHED = re.compile(r"[a-z]{2,3}_[A-Z]{2}-\w+-\w+", re.ASCII)
_EXAMPLE = "en_US-lessac-medium"

_OBTAIN = (
    f"Run python -m piper.download_voices {_EXAMPLE} in the show's folder, and write"
    f' model = "{_EXAMPLE}.onnx" into [voice.piper] of podcast.toml.'
)

_FEW = 8
_lock = threading.Lock()


@dataclass(frozen=True)
class PiperVoice:
    """Neural voices on this machine, from a voice file of yours; they need piper-tts."""

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

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="piper",
        version="1",
        package="piper-tts",
        max_chars=400,
        max_workers=0,
        chars_per_s=150.0,  # measured with a file of 63 MB
        needs=f"a voice file, and piper-tts: {compose_install_line('piper')}",
    )

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

    def hash_files(self) -> str:
        """Hash what makes the sound: the model and what is written beside it.

        Raise ConfigError when there is none, or no piper.
        """
        if not find_installed(self.info.package):
            raise tell_missing()
        paths = self._find_files()
        try:
            hashes = [hash_model_file(path, stamp_file(path)) for path in paths]
        except OSError as error:
            raise tell_unreadable(error) from error
        return hashlib.sha256("".join(hashes).encode()).hexdigest()[:32]

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 400 characters, at the rate of the voice file.

        Raise ConfigError without piper, for a voice file that is missing, broken or of another
        language, VoiceError when it gives no audio.
        """
        refuse_unspeakable(text, service="The voice piper", max_chars=self.info.max_chars)
        library = import_piper()
        import numpy as np

        file, description = self._find_files()
        config, languages = read_description(description)
        if languages and find_base(language) not in languages:
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
            voice = library.PiperVoice(session=open_session(file), config=config)
            try:
                chunks = list(voice.synthesize(text.translate(_NOT_TEXT), wanted))
            except Exception as error:  # whatever a model or its description makes of it
                raise VoiceError(
                    f"The voice file {file.name} fails at {text[:60]!r} ({type(error).__name__}).",
                    hint=AGAIN,
                ) from error
        # a lone mark would be made as loud as a sentence
        chunks = [chunk for chunk in chunks if any(map(str.isalnum, chunk.phonemes))]
        _refuse_lost_text(chunks, config, file, text)
        pause = bytes(2 * round(self.sentence_pause_s * config.sample_rate))
        whole = all(np.isfinite(chunk.audio_float_array).all() for chunk in chunks)
        pcm = pause.join(chunk.audio_int16_bytes for chunk in chunks) if whole else b""
        if not pcm.strip(b"\0"):
            raise VoiceError(
                f"The voice file {file.name} gives no audio for {text[:60]!r}.", hint=AGAIN
            )
        return Take(pcm, config.sample_rate)

    def check_setup(self) -> None:
        """Raise ConfigError when the package or the voice file is missing that it needs."""
        if any(importlib.util.find_spec(name) is None for name in ("piper", "onnxruntime")):
            raise tell_missing()
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
                raise tell_unreadable(error) from error
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


def _tell_source(file: Path) -> str:
    """Return where a voice file that is not there can be had, as a hint."""
    if not _PUBLISHED.fullmatch(file.stem):
        return f"Correct model in [voice.piper]. For a voice: {_OBTAIN}"
    return (
        f"Run python -m piper.download_voices {file.stem}"
        f" --download-dir {shlex.quote(str(file.parent))}, or correct model in [voice.piper]."
    )


def open_session(file: Path) -> "onnxruntime.InferenceSession":
    """Load a model whose noise begins anew."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # to optimize the graph takes longer than it saves in one text
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = FATAL
    onnxruntime.set_seed(_SEED)
    broken = ConfigError(f"The voice file {file} is broken, or no voice of piper.", hint=AGAIN)
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
