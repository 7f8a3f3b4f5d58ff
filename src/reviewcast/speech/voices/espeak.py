"""The embedded voice: espeak-ng from the espeakng-loader wheel, offline and byte-repeatable.

espeak-ng keeps global state: the same text spoken twice in one process differs, and two threads
abort it. So each call loads the library anew and unloads it after (7 ms), and calls belong into
worker processes.
"""

import _ctypes
import ctypes
import itertools
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from reviewcast.model.audio import Take
from reviewcast.model.errors import ConfigError, VoiceError
from reviewcast.model.protocols import VoiceInfo
from reviewcast.settings.fields import check_bounds

_SYNCHRONOUS = 2  # audio comes through the callback as it is made, without a thread between
_DONT_EXIT = 0x8000  # without it a bad data path ends the whole process
_UTF8 = 1
_LIST_END, _WORD = 0, 1  # kinds of events
_RATE, _PITCH, _RANGE = 1, 3, 4
_LONGEST_PATH_BYTES = 159  # of 160 and more espeak-ng 1.52 reads none

_NAMES = {
    "en": "en-us", "en-gb": "en", "fr-fr": "fr", "no": "nb", "pt": "pt-br", "pt-pt": "pt",
    "zh": "cmn",
}  # fmt: skip
"""What espeak-ng calls the voices that it does not have under their language's own tag."""

_MESSAGE = "Reinstall reviewcast, or choose another voice with --voice."
_lock = threading.Lock()
_unload: Any = getattr(_ctypes, "dlclose", None) or getattr(_ctypes, "FreeLibrary", None)


class _Event(ctypes.Structure):
    """An event of espeak-ng's speech (speak_lib.h: espeak_EVENT)."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_int64),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def _list_languages() -> list[str]:
    """Return the languages that espeak-ng has, as the files of its voices name them."""
    import espeakng_loader

    codes = set()
    for file in Path(espeakng_loader.get_data_path(), "lang").rglob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            codes.update(re.findall(r"^language +([\w-]+)", text, re.MULTILINE))
    return sorted(codes)


@dataclass(frozen=True)
class EspeakVoice:
    """eSpeak NG, embedded: clear, robotic, no network."""

    voice: Annotated[
        str,
        Meta(
            description='One of its voices, such as "en-gb" or "en-us+f3"; "" goes by the language.'
        ),
    ] = ""
    speed_wpm: Annotated[int, Meta(ge=80, le=450, description="Words a minute, 80 to 450.")] = 165
    pitch: Annotated[int, Meta(ge=0, le=99, description="0 to 99.")] = 45
    pitch_range: Annotated[int, Meta(ge=0, le=99, description="How lively it speaks, 0 to 99.")] = (
        55
    )

    info: ClassVar[VoiceInfo] = VoiceInfo(
        name="espeak",
        version="1",
        package="espeakng-loader",
        max_chars=1000,
        max_workers=0,
        clean=True,
        chars_per_s=4000.0,  # measured, with what it takes to measure and store
        languages=_list_languages,
        stock=True,
    )

    def __post_init__(self) -> None:
        check_bounds(self, "[voice.espeak]")
        if not re.fullmatch(r"[\w+-]*", self.voice, re.ASCII):
            raise ConfigError(f"[voice.espeak] voice cannot be {self.voice!r}.")

    def speak(self, text: str, *, language: str) -> Take:
        """Speak up to 1,000 characters at 22,050 Hz, and mark where words begin.

        Raise ConfigError for a voice or language that espeak-ng does not have, VoiceError when
        it gives no audio.
        """
        text = text.replace("\0", " ")
        chunks: list[bytes] = []
        words: list[tuple[int, int]] = []

        def keep(samples: Any, count: int, events: Any) -> int:
            if samples and count > 0:
                chunks.append(ctypes.string_at(samples, 2 * count))
            listed = itertools.takewhile(lambda event: event.type != _LIST_END, events or ())
            words.extend((e.text_position - 1, e.sample) for e in listed if e.type == _WORD)
            return 0

        receive = _Callback(keep)
        encoded = text.encode()
        with _lock, _load_library() as (library, rate_hz):
            library.espeak_SetSynthCallback(receive)
            self._choose_voice(library, language)
            for parameter, value in (
                (_RATE, self.speed_wpm),
                (_PITCH, self.pitch),
                (_RANGE, self.pitch_range),
            ):
                library.espeak_SetParameter(parameter, value, 0)
            failed = library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
            library.espeak_Synchronize()
        if failed or not any(chunks):
            raise VoiceError(f"espeak-ng gave no audio for {text[:60]!r}.", hint=_MESSAGE)
        return Take(b"".join(chunks), rate_hz, tuple(_list_marks(text, words)))

    def _choose_voice(self, library: ctypes.CDLL, language: str) -> None:
        tag = language.lower().replace("_", "-")
        base = tag.partition("-")[0]
        stem, plus, variant = self.voice.partition("+")
        if self.voice:
            wanted = [self.voice, _NAMES.get(stem, stem) + plus + variant]
        else:
            wanted = [_NAMES.get(tag, tag), _NAMES.get(base, base)]
        if not any(library.espeak_SetVoiceByName(name.encode()) == 0 for name in wanted):
            raise ConfigError(
                f"espeak-ng has no voice for {self.voice or language!r}.",
                hint="Set language in the review's front matter, or voice in [voice.espeak].",
            )


def _list_marks(text: str, words: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Return the words that are told rightly: of "it is", said as one, the second is not."""
    last = -1
    for at, sample in words:
        begins = text[at : at + 1].isalnum() and not text[max(0, at - 1) : at].isalnum()
        if begins and at > last:
            yield at, sample
            last = at


@contextmanager
def _load_library() -> Iterator[tuple[ctypes.CDLL, int]]:
    """Load a fresh copy of the library, return it with its rate in Hz, and unload it."""
    import espeakng_loader

    with _shorten_path(Path(espeakng_loader.get_data_path())) as data_path:
        try:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
        except OSError as error:
            raise VoiceError(f"espeak-ng cannot be loaded: {error}.", hint=_MESSAGE) from error
        library.espeak_Synth.argtypes = (
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        )
        try:
            rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(data_path), _DONT_EXIT)
            if rate_hz <= 0:
                raise VoiceError(f"espeak-ng finds no data in {data_path}.", hint=_MESSAGE)
            yield library, rate_hz
        finally:
            library.espeak_Terminate()  # also after an error: else the next call never returns
            handle = library._handle
            del library
            _unload(handle)


@contextmanager
def _shorten_path(path: Path) -> Iterator[Path]:
    """Return a path of fewer than 160 bytes to the same folder."""
    if len(os.fsencode(path)) <= _LONGEST_PATH_BYTES:
        yield path
        return
    with tempfile.TemporaryDirectory(
        prefix="rc-", dir="/tmp" if os.name != "nt" else None
    ) as folder:
        link = Path(folder, "d")
        link.symlink_to(path, target_is_directory=True)
        yield link
