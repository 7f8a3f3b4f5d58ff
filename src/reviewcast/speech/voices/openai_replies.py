"""What a speech service of OpenAI's kind answers: audio, or why there is none."""

import json
import struct
from typing import Any

from reviewcast.model.audio import Take
from reviewcast.model.errors import SoundError, VoiceError
from reviewcast.speech.voices.replies import decode_mp3, doubt_end
from reviewcast.system.file_types import HEAD_BYTES, WAVE, find_format

_PCM_HZ = 24_000

_STREAMED_BYTES = 1_000_000_000
"""A WAV that claims to be longer than this was written before its length was known."""

_MESSAGE_CHARS = 200


def decode_reply(data: bytes, wanted: str) -> Take:
    """Decode a reply by what its first bytes say: some servers answer in a format of their own.

    Raise SoundError when it is not audio to its end, VoiceError when its kind cannot be read.
    """
    from reviewcast.audio.files.decode import decode_speech

    found = find_format(data[:HEAD_BYTES])
    kind = found.name if found else ""
    if kind == WAVE.name:
        whole = _complete_wave(data)
        take = decode_speech(whole)
        return take if whole is data else doubt_end(take)
    if kind == "FLAC of unknown length":  # libsndfile cannot read that
        raise VoiceError(
            "The voice openai gets FLAC that does not tell its length.",
            hint='Set format = "wav" in [voice.openai].',
        )
    if kind in {"FLAC", "Ogg"}:
        return decode_speech(data)
    if wanted == "pcm" and data[:3] != b"ID3":
        if len(data) % 2 or _is_text(data):
            raise SoundError("The reply is not 16 bit PCM.")
        return doubt_end(Take(data, _PCM_HZ))
    return decode_mp3(_strip_tags(data))


def _is_text(data: bytes) -> bool:
    """True if it is a page and not samples: speech has zeros in it, or is no UTF-8."""
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def _complete_wave(data: bytes) -> bytes:
    """Return a WAV its true length when it was sent before that was known.

    OpenAI and others stream it with 0xFFFFFFFF in place of the length, some with 0. Raises
    SoundError when less is there than it tells.
    """
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"data":
            there = len(data) - at - 8
            if not size or size >= _STREAMED_BYTES:
                return data[: at + 4] + struct.pack("<I", there) + data[at + 8 :]
            if size > there:
                raise SoundError("The WAV is cut off.")
            return data
        at += 8 + size + size % 2
    raise SoundError("The WAV holds no audio.")


def _strip_tags(data: bytes) -> bytes:
    """Take the ID3 tags from around the frames of an MP3."""
    from reviewcast.audio.mp3.extent import skip_tags

    data = data[skip_tags(data, 0) :]
    return data[:-128] if data[-128:-125] == b"TAG" else data


def _read_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def find_code(data: bytes) -> object:
    """Return OpenAI's word for what is wrong, such as "insufficient_quota"."""
    found = _read_json(data)
    error = found.get("error") if isinstance(found, dict) else None
    return error.get("code") if isinstance(error, dict) else None


def read_message(data: bytes, key: str) -> str:
    """Return what the service says is wrong, on one line, short, and without the key."""
    found = _read_json(data)
    # {"error": {"message": …}} is OpenAI's, {"detail": … or [{"msg": …}]} FastAPI's
    for _ in range(4):
        if isinstance(found, list) and found:
            found = found[0]
        elif isinstance(found, dict):
            names = ("error", "detail", "message", "msg")
            found = next((found[name] for name in names if found.get(name)), None)
    if not isinstance(found, str):
        return ""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in found).split())
    if key:
        line = line.replace(key, "[key]")
    return line if len(line) <= _MESSAGE_CHARS else line[:_MESSAGE_CHARS].rstrip() + "…"
