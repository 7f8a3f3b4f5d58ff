"""A stand-in, on the loopback interface, of a service that speaks as OpenAI's does.

with SpeechServer(faults=first(2, status(429, {"Retry-After": "1"}))) as server:
    OpenaiVoice(base_url=server.url).speak("Hello.", language="en")
    assert server.texts == ["Hello."]
"""

from __future__ import annotations

import io
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import soundfile
from tests.support.tones import make_noise, to_pcm

RATE_HZ = 24_000
PAGE = "<!DOCTYPE html><html><body><h1>Sign in – to the network</h1></body></html>".encode()
_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "pcm": "audio/pcm"}


@dataclass(frozen=True)
class Asked:
    """One request, in order of arrival; the first has `n == 1`."""

    n: int
    path: str
    authorization: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What is sent; `cut` sends half of what is promised, `reset` and `hang` send nothing."""

    body: bytes = b""
    code: int = 200
    kind: str = "audio/wav"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    hang: bool = False


Fault = Callable[[Asked], Answer]
Faults = Callable[[Asked], Fault | None]


def status(code: int, headers: Mapping[str, str] | None = None, body: object = None) -> Fault:
    """Answer with an error as OpenAI words it, or with a body of one's own."""
    told = {"error": {"message": f"That is {code}."}} if body is None else body
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    return lambda _asked: Answer(data, code, "application/json", headers or {})


def page(kind: str = "text/html; charset=utf-8") -> Fault:
    """Answer 200 with a web page."""
    return lambda _asked: Answer(PAGE, kind=kind)


def half(asked: Asked) -> Answer:
    """Answer with the first half of the audio, as if that were all."""
    whole = answer(asked)
    return Answer(whole.body[: len(whole.body) // 4 * 2], kind=whole.kind)


def cut(asked: Asked) -> Answer:
    """Break the connection half way."""
    whole = answer(asked)
    return Answer(whole.body, kind=whole.kind, cut=True)


def silence(asked: Asked) -> Answer:
    """Answer with ten seconds of silence."""
    return encode(bytes(20 * RATE_HZ), asked.body["response_format"])


def neighbour(asked: Asked) -> Answer:
    """Answer with one short word."""
    return encode(speak("Yes."), asked.body["response_format"])


def empty(asked: Asked) -> Answer:
    """Answer 200 with nothing."""
    return Answer(kind=_TYPES[asked.body["response_format"]])


def reset(_asked: Asked) -> Answer:
    """Reset the connection."""
    return Answer(reset=True)


def hang(_asked: Asked) -> Answer:
    """Say nothing until the server closes."""
    return Answer(hang=True)


def first(n: int, fault: Fault) -> Faults:
    """Fail the first `n` requests."""
    return lambda asked: fault if asked.n <= n else None


def speak(text: str, speed: float = 1.0) -> bytes:
    """Make 24 kHz PCM whose samples the text decides, 0.06 s a letter."""
    letters = max(1, sum(map(str.isalnum, text)))
    edge = bytes(2 * (RATE_HZ // 5))
    seed = sum(text.encode()) + len(text)
    return edge + to_pcm(make_noise(0.06 * letters / speed, RATE_HZ, seed=seed)) + edge


def encode(pcm: bytes, wanted: str) -> Answer:
    """Put samples into the format that was asked for."""
    if wanted == "pcm":
        return Answer(pcm, kind=_TYPES[wanted])
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", RATE_HZ, 1, format=wanted.upper()) as sound:
        sound.buffer_write(pcm, dtype="int16")
    return Answer(file.getvalue(), kind=_TYPES[wanted])


def stream_wave(pcm: bytes, size: int = 0xFFFF_FFFF) -> bytes:
    """Make a WAV as a service does that does not know the length yet."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", size)
        + b"WAVE"
        + form
        + struct.pack("<4sI", b"data", size)
        + pcm
    )


def answer(asked: Asked) -> Answer:
    """Answer as a service in good health does."""
    return encode(
        speak(asked.body["input"], asked.body.get("speed", 1)), asked.body["response_format"]
    )


class SpeechServer:
    """The service; `url` is what base_url is set to."""

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        answer: Fault = answer,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.faults = faults
        self.answer = answer
        self.asked: list[Asked] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                with service._lock:
                    service.connections += 1
                super().setup()

            def do_POST(self) -> None:
                service._serve(self)

            def log_message(self, *_arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_arguments: object) -> None:
                pass  # a client that goes away is no fault of ours

        self._server = Server(("127.0.0.1", 0), Handler)
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def texts(self) -> list[str]:
        """Return the texts that were asked for, in order."""
        return [asked.body["input"] for asked in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            asked = Asked(len(self.asked) + 1, handler.path, handler.headers["Authorization"], body)
            self.asked.append(asked)
        fault = self.faults(asked) if self.faults else None
        reply = (fault or self.answer)(asked)
        if reply.hang:
            self._closing.wait(60)
        if reply.hang or reply.reset:
            linger = struct.pack("ii", 1, 0)  # closing then resets
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.close_connection = True
            return
        handler.send_response(reply.code)
        handler.send_header("Content-Type", reply.kind)
        handler.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        handler.close_connection = handler.close_connection or reply.cut
