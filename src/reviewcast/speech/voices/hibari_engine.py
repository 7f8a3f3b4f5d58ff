"""How hibari reads and sounds: its package, loaded once a process, its models checked by hash."""

import functools
import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcast.model.errors import ConfigError, VoiceError

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime
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
_FATAL = 4

_MOST_PHONEMES = 300
"""At once, some 20 s of speech: memory grows with the square of it."""

_INSTALL = f"Install it by pip install {PACKAGE}=={RELEASE}, or choose another voice."
_REINSTALL = f"Run pip install --force-reinstall {PACKAGE}=={RELEASE}, or choose another voice."
OTHERWISE = "Write it otherwise in the review or the lexicon, or choose another voice."
_CLAUSE_ENDS = frozenset(",;:—")
_lock = threading.Lock()


class _Sound(NamedTuple):
    """What a token sounds like; `begins` a word, which `ends` with it."""

    phonemes: str
    begins: bool
    ends: bool


class Engine:
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
        self._session = _open_session(_show_output(model, _DURATIONS))
        self._split: Callable[[str], list[str]] = hibari.Hibari.split_sentences
        self._ids: dict[str, int] = json.loads((folder / "vocab.json").read_text("utf-8"))
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
        pcm = bytearray()
        begins: list[int] = []
        for sentence in self._split(said):
            for sounds in _part_sounds(self._read(sentence)):
                phonemes, places = _join_sounds(sounds)
                starts, wave = self._sound(phonemes, speed, rng)
                begins += [len(pcm) // 2 + starts[place] for place in places]
                if not np.isfinite(wave).all():
                    return b"", []
                pcm += np.rint(np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()
        return bytes(pcm), begins

    def _read(self, sentence: str) -> Iterator[_Sound]:
        begins = True
        for token in self._g2p.phonemize_tokens(self._g2p.tokenize(sentence)):
            phonemes = "".join(one for one in token.phonemes or "" if one in self._ids)
            is_word, has_sound = (any(map(str.isalnum, one)) for one in (token.text, phonemes))
            if is_word and not has_sound:
                raise tell_unsaid(token.text, sentence)
            while len(phonemes) > _MOST_PHONEMES:
                yield _Sound(phonemes[:_MOST_PHONEMES], begins, ends=False)
                phonemes, begins = phonemes[_MOST_PHONEMES:], False
            yield _Sound(phonemes, begins, bool(token.whitespace))
            begins = bool(token.whitespace)

    def _sound(
        self, phonemes: str, speed: float, rng: "np.random.Generator"
    ) -> "tuple[list[int], NDArray[np.float32]]":
        """Return the sample at which each phoneme begins, and the samples, from -1 to 1."""
        import numpy as np

        inputs = {
            "ids": np.asarray([[0, *(self._ids[one] for one in phonemes), 0]], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        *parts, steps = self._session.run([*_PARTS, _DURATIONS], inputs)
        wave = self._synthesize(*(part[0] for part in parts), rng)
        # the first one is the silence before them all; sounds rise a step before they are due
        starts = (np.cumsum(steps).astype(int) - 1) * _STEP_SAMPLES
        return np.maximum(starts, 0).tolist(), wave


def load_engine() -> Engine:
    """Load the package once a process."""
    with _lock:
        return _make_engine()


_make_engine = functools.cache(Engine)


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


def _open_session(model: bytes) -> "onnxruntime.InferenceSession":
    """Load a model for one thread, so that it sounds the same on every number of cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # memory is given back
    options.log_severity_level = _FATAL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


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
            # in speech that flows, what stands for the space is the beginning of the word
            places.append(len(phonemes.removesuffix(" ")))
        phonemes += sound.phonemes + " " * sound.ends
    return phonemes.rstrip(), [min(place, len(phonemes.rstrip())) for place in places]


def tell_unsaid(word: str, text: str) -> VoiceError:
    """Make the error for a word that has no sound."""
    return VoiceError(
        f"The voice hibari has no sound for {word[:60]!r} in {text[:60]!r}.", hint=OTHERWISE
    )
