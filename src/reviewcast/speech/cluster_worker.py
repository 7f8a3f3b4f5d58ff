"""What runs on a worker of a cluster that speaks one text, if it has the versions that are wanted.

A task and its reply are plain data, encoded: a worker is told the name and the options of a voice,
never the value of a variable.
"""

import dataclasses
import functools
import hashlib
import threading
from typing import Any

import msgspec
from msgspec import Struct

from reviewcast.model.audio import Take
from reviewcast.model.errors import ClusterError
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.settings.messages import convert_setting
from reviewcast.speech.take_checks import speak_checked
from reviewcast.system.code_stamp import hash_rooms
from reviewcast.system.extras import find_installed
from reviewcast.system.plugins import find_voice_version, load_voice

_ROOMS = ("model", "system", "settings", "audio", "speech", "episode")
_PACKAGES = ("numpy", "scipy", "onnxruntime", "lameenc", "soxr")
"""A voice's own is in the voice's version; hibari rounds otherwise where scipy is installed."""


class PlainVoice(Struct, frozen=True, kw_only=True):
    """A voice on its way: its name, its options, and which version of it a worker must have."""

    name: str
    options: dict[str, Any]
    version: str


class SpeechTask(Struct, frozen=True, kw_only=True):
    """A text to speak, with which voice, and which versions its worker must have."""

    text: str
    language: str
    voice: PlainVoice
    versions: dict[str, str]


class SpeechReply(Struct, frozen=True, kw_only=True):
    """A take on its way home; `sha256` is the digest of its samples."""

    take: Take
    sha256: str


@functools.cache
def list_versions() -> dict[str, str]:
    """Return the versions, by what they are of, on which takes and encoded blocks depend."""
    own = f"{find_installed('reviewcast')} ({hash_rooms(_ROOMS)[:12] or 'an archive'})"
    return {"reviewcast": own} | {name: find_installed(name) or "none" for name in _PACKAGES}


def find_difference(ours: dict[str, str], theirs: dict[str, str]) -> str:
    """Return in which versions a worker differs, such as "numpy 2.1 instead of 2.3"; "" in none."""
    return ", ".join(
        f"{name} {theirs.get(name, 'none')} instead of {version}"
        for name, version in ours.items()
        if theirs.get(name) != version
    )


def speak_there(data: bytes) -> bytes:
    """Speak an encoded SpeechTask; return an encoded SpeechReply.

    Raise ClusterError when this worker has other versions, and what `speak_checked` raises.
    """
    task = msgspec.msgpack.decode(data, type=SpeechTask)
    require_versions(task.versions)
    voice = unpack_voice(task.voice)
    with TURN:
        take = speak_checked(voice, task.text, task.language)
    return msgspec.msgpack.encode(SpeechReply(take=take, sha256=hash_take(take)))


INSTALL = "Install the same versions on all workers as here."

TURN = threading.Lock()
"""Held by the task that is at work: a worker may have several threads, and voices are made for a
process of their own."""


def hash_take(take: Take) -> str:
    """Return the digest of a take's samples and of the rate that they are meant for."""
    return hashlib.sha256(b"%d " % take.rate_hz + take.pcm).hexdigest()


def require_versions(ours: dict[str, str]) -> None:
    """Raise ClusterError when this worker has other versions than who sent a task."""
    difference = find_difference(ours, list_versions())
    if difference:
        raise ClusterError(f"A worker of the cluster has {difference}.", hint=INSTALL)


def pack_voice(voice: Voice) -> PlainVoice:
    """Return a voice as plain data."""
    return PlainVoice(
        name=describe_voice(voice).name,
        options=dataclasses.asdict(voice),  # type: ignore[call-overload]
        version=find_voice_version(voice),
    )


def unpack_voice(plain: PlainVoice) -> Voice:
    """Make the voice on this worker, which keeps what it loads for the next task.

    Raise ClusterError when it has another version here.
    """
    voice = _make_voice(plain.name, msgspec.json.encode(plain.options, order="sorted"))
    version = find_voice_version(voice)
    if version != plain.version:
        raise ClusterError(
            f"A worker of the cluster has the voice {plain.name} {version}"
            f" instead of {plain.version}.",
            hint=INSTALL,
        )
    return voice


@functools.lru_cache(maxsize=8)
def _make_voice(name: str, options: bytes) -> Voice:
    given = msgspec.json.decode(options)
    voice: Voice = convert_setting(given, load_voice(name), f"[voice.{name}]")
    return voice
