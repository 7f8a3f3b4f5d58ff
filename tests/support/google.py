"""A stand-in, on the loopback interface, of the Google Translate voice that gTTS talks to.

It is an HTTP proxy that answers every CONNECT itself: a client that honours ``HTTPS_PROXY`` and
``REQUESTS_CA_BUNDLE`` runs its own code end to end, TLS included, without reaching the network.

    with GoogleStandIn(faults=first(2, status(429, retry_after_s=1))) as google:
        for name, value in google.environ().items():
            monkeypatch.setenv(name, value)
        ...
        assert google.texts == ["Hello."]

By hand: ``python -m tests.support.google --latency 0.25 --fault-rate 0.05``.
"""

from __future__ import annotations

import argparse
import atexit
import base64
import collections
import contextlib
import ctypes
import enum
import functools
import html
import http
import importlib
import json
import os
import random
import re
import selectors
import shlex
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import trustme

SAMPLE_RATE = 24_000
BITRATE_KBPS = 64
FRAME_SAMPLES = 576
EDGE_S = 0.2  # of near-silence, that Google leaves before and after the speech
MAX_CHARS = 100  # gTTS' own limit for one request
LONG_SILENCE_S = 10.0

PATH = "/_/TranslateWebserverUi/data/batchexecute"
_RPC = "jQ1olc"
_HOST = re.compile(r"translate\.google\.[a-z]{2,3}(\.[a-z]{2})?|www\.google\.com")
_SORRY = "https://www.google.com/sorry/index"
_JOIN_S = 60.0
_MAX_HEAD = 65_536

_AUDIBLE = 0.002
_SPEAK_SERVER = "--speak-server"
_ESPEAK_RATE = 22_050
_ESPEAK_WORDS_PER_MINUTE = 140  # about 0.065 s per character, the pace of Google's voices
_ESPEAK_PATH_LIMIT = 160  # espeak-ng copies its data path into a buffer of this size


# --- faults -------------------------------------------------------------------------------------


class Kind(enum.Enum):
    """What goes wrong with one request."""

    STATUS = "status"
    RESET = "reset"
    HANG = "hang"
    TRUNCATED_MP3 = "truncated-mp3"
    BODY_CUT = "body-cut"
    NO_AUDIO = "no-audio"
    NULL_AUDIO = "null-audio"
    EMPTY_AUDIO = "empty-audio"
    HTML_AS_AUDIO = "html-as-audio"
    CONSENT_PAGE = "consent-page"
    SORRY_REDIRECT = "sorry-redirect"
    SILENCE = "silence"
    NEIGHBOUR = "neighbour"


@dataclass(frozen=True)
class Fault:
    """One fault; the fields after ``kind`` only matter to the kinds that name them."""

    kind: Kind
    code: int = 500  # STATUS
    retry_after_s: int | None = None  # STATUS
    text: str | None = None  # NEIGHBOUR


def status(code: int, retry_after_s: int | None = None) -> Fault:
    """An HTTP error answer, with a Retry-After header if `retry_after_s` is given."""
    return Fault(Kind.STATUS, code=code, retry_after_s=retry_after_s)


def neighbour(text: str | None = None) -> Fault:
    """The audio of `text`; of the latest other text that was asked for if it is None."""
    return Fault(Kind.NEIGHBOUR, text=text)


TOO_MANY = status(429)
TOO_MANY_RETRY_AFTER = status(429, retry_after_s=1)
SERVER_ERROR = status(500)
RESET = Fault(Kind.RESET)  # the connection is reset (RST) in place of an answer
HANG = Fault(Kind.HANG)  # no answer until the client or the stand-in goes
TRUNCATED_MP3 = Fault(Kind.TRUNCATED_MP3)  # a well-formed answer with the first half of the MP3
BODY_CUT = Fault(Kind.BODY_CUT)  # the connection ends half way through the promised length
NO_AUDIO = Fault(Kind.NO_AUDIO)  # a well-formed answer without the line that gTTS looks for
NULL_AUDIO = Fault(Kind.NULL_AUDIO)  # that line without audio: Google's answer to a bad language
EMPTY_AUDIO = Fault(Kind.EMPTY_AUDIO)  # that line with an empty string as the audio
HTML_AS_AUDIO = Fault(Kind.HTML_AS_AUDIO)  # that line with base64 of a web page
CONSENT_PAGE = Fault(Kind.CONSENT_PAGE)  # 200 with a web page
SORRY_REDIRECT = Fault(Kind.SORRY_REDIRECT)  # 302 to a web page that answers 200
SILENCE = Fault(Kind.SILENCE)  # ten seconds of digital silence
NEIGHBOUR = neighbour()

ALL_FAULTS: tuple[Fault, ...] = (
    TOO_MANY,
    TOO_MANY_RETRY_AFTER,
    SERVER_ERROR,
    RESET,
    HANG,
    TRUNCATED_MP3,
    BODY_CUT,
    NO_AUDIO,
    NULL_AUDIO,
    EMPTY_AUDIO,
    HTML_AS_AUDIO,
    CONSENT_PAGE,
    SORRY_REDIRECT,
    SILENCE,
    NEIGHBOUR,
)
# The ones a client sees at once by the exchange alone, without listening to the audio.
LOUD_FAULTS: tuple[Fault, ...] = (TOO_MANY, SERVER_ERROR, RESET, BODY_CUT, NO_AUDIO, CONSENT_PAGE)


@dataclass(frozen=True)
class Request:
    """One request for speech, in order of arrival; the first has ``n == 1``."""

    n: int
    text: str
    language: str
    slow: bool
    host: str
    at_s: float  # time.monotonic() when the request was complete
    fault: Fault | None = None

    @property
    def tld(self) -> str:
        return self.host.removeprefix("translate.google.")


Faults = Callable[[Request], Fault | None]
Speak = Callable[[str, str], bytes]


def random_faults(rate: float, seed: int = 0, kinds: Sequence[Fault] = LOUD_FAULTS) -> Faults:
    """Fail a share `rate` of the requests; which ones, and how, depends on their number only."""

    def choose(request: Request) -> Fault | None:
        dice = random.Random(f"{seed}:{request.n}")
        return dice.choice(kinds) if dice.random() < rate else None

    return choose


def faults_by_text(rate: float, seed: int = 0, kinds: Sequence[Fault] = LOUD_FAULTS) -> Faults:
    """Fail a share `rate` of the requests, by their text and how often it was asked for.

    So each text meets the same faults in whatever order several workers ask.
    """
    asked: collections.Counter[str] = collections.Counter()

    def choose(request: Request) -> Fault | None:
        asked[request.text] += 1
        dice = random.Random(f"{seed}:{asked[request.text]}:{request.text}")
        return dice.choice(kinds) if dice.random() < rate else None

    return choose


def first(n: int, fault: Fault) -> Faults:
    """Fail the first `n` requests."""
    return lambda request: fault if request.n <= n else None


def after(n: int, fault: Fault) -> Faults:
    """Answer `n` requests and fail every later one: an outage for good."""
    return lambda request: fault if request.n > n else None


def combine(*faults: Faults) -> Faults:
    """The first fault that any of `faults` asks for."""

    def choose(request: Request) -> Fault | None:
        return next((f for f in (fault(request) for fault in faults) if f is not None), None)

    return choose


# --- audio --------------------------------------------------------------------------------------


def encode(samples: Any) -> bytes:
    """MP3 as Google sends it (MPEG-2 Layer III, 24 kHz, mono) from float samples at 24 kHz."""
    numpy: Any = importlib.import_module("numpy")
    lameenc: Any = importlib.import_module("lameenc")
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(BITRATE_KBPS)
    encoder.set_in_sample_rate(SAMPLE_RATE)
    encoder.set_channels(1)
    encoder.set_quality(7)
    pcm = (numpy.clip(samples, -1.0, 1.0) * 32_767).astype("<i2").tobytes()
    return bytes(encoder.encode(pcm)) + bytes(encoder.flush())


@functools.lru_cache(maxsize=4096)
def speak(text: str, language: str) -> bytes:
    """MP3 of `text` in a synthetic voice: the same bytes for the same text and language."""
    numpy: Any = importlib.import_module("numpy")
    edge = numpy.zeros(int(EDGE_S * SAMPLE_RATE), "float32")
    sound = numpy.concatenate([edge, _say(text, language), edge])
    # The edges of a real reply are quiet, not zero: about -80 dBFS of noise over everything.
    noise = numpy.random.default_rng(zlib.crc32(f"{language}\0{text}".encode("utf-8", "replace")))
    return encode(sound + noise.normal(0.0, 1e-4, sound.size))


def make_speak(
    *,
    noise_db: float = -60.0,
    frames: int = 0,
    end_s: float = EDGE_S,
    stretch: float = 1.0,
    silent: Collection[str] = (),
) -> Speak:
    """A voice that never gives the same bytes twice, as Google's since 2024.

    The noise over everything is another one each time that a text is asked for, in whatever order
    several workers ask. The speech lasts `stretch` times as long
    and the reply ends `end_s` after it; each is shorter or longer by up to so many `frames`. For
    texts in `silent` it gives 0.288 s of next to nothing, as Google does for some.
    """
    numpy: Any = importlib.import_module("numpy")
    soxr: Any = importlib.import_module("soxr")
    said: collections.Counter[str] = collections.Counter()
    lock = threading.Lock()

    def speak_anew(text: str, language: str) -> bytes:
        with lock:
            said[text] += 1
            number = zlib.crc32(f"{said[text]}\0{language}\0{text}".encode("utf-8", "replace"))
        dice = numpy.random.default_rng(number)
        if text in silent:
            return encode(dice.integers(-4, 5, int(0.288 * SAMPLE_RATE)) / 32_768)
        voice = _say(text, language)
        if stretch != 1.0:
            voice = soxr.resample(voice, SAMPLE_RATE, SAMPLE_RATE * stretch)
        more = FRAME_SAMPLES * random.Random(number).randint(-frames, frames)
        edges = [
            numpy.zeros(max(0, int(seconds * SAMPLE_RATE) + extra), "float32")
            for seconds, extra in ((EDGE_S, more), (end_s, 0))
        ]
        sound = numpy.concatenate([edges[0], voice, edges[1]])
        return encode(sound + dice.normal(0.0, 10 ** (noise_db / 20), sound.size))

    return speak_anew


@functools.lru_cache(maxsize=4096)
def _say(text: str, language: str) -> Any:
    """Float samples of the speech alone, at 24 kHz."""
    numpy: Any = importlib.import_module("numpy")
    soxr: Any = importlib.import_module("soxr")
    voice = numpy.frombuffer(_speaker.say(text, language), "<i2").astype("float32") / 32_768
    loud = numpy.flatnonzero(numpy.abs(voice) > _AUDIBLE)
    if not loud.size:
        return numpy.zeros(0, "float32")
    voice = soxr.resample(voice[loud[0] : loud[-1] + 1], _ESPEAK_RATE, SAMPLE_RATE)
    return voice * (0.6 / numpy.abs(voice).max())


@functools.cache
def silence(seconds: float) -> bytes:
    """MP3 of digital silence."""
    numpy: Any = importlib.import_module("numpy")
    return encode(numpy.zeros(int(seconds * SAMPLE_RATE)))


class Speaker:
    """The process that runs espeak-ng, which is unsafe in threads and keeps global state."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def say(self, text: str, language: str) -> bytes:
        """Mono 16-bit samples at 22.05 kHz."""
        with self._lock:
            process = self.process or self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps([text, _espeak_voices(language)]).encode() + b"\n")
                process.stdin.flush()
                (size,) = struct.unpack("<I", _read_exactly(process.stdout, 4))
                return _read_exactly(process.stdout, size)
            except (OSError, EOFError) as broken:
                code = self._stop()
                raise RuntimeError(
                    f"the speaking process ended with {code} at {text!r}"
                ) from broken

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", str(Path(__file__).resolve()), _SPEAK_SERVER]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self.process

    def _stop(self) -> int | None:
        process, self.process = self.process, None
        if process is None:
            return None
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(OSError):
            process.stdin.close()  # the process ends at the end of its input
        process.stdout.close()
        try:
            return process.wait(_JOIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


_speaker = Speaker()
atexit.register(_speaker.close)


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError(f"{size - len(data)} bytes short")
    return data


def _espeak_voices(language: str) -> list[str]:
    """Names of espeak-ng voices for a language as Google calls it, best first."""
    known = {"zh-CN": "cmn", "zh-TW": "cmn", "zh": "cmn", "iw": "he", "no": "nb", "jw": "id"}
    base = language.partition("-")[0]
    return [known.get(language, language.lower()), known.get(base, base), "en-us"]


def _speak_server() -> None:
    """Answer lines of JSON ``[text, voices]`` with a length and samples, until the input ends."""
    espeakng_loader: Any = importlib.import_module("espeakng_loader")
    library = str(espeakng_loader.get_library_path())
    with shorten_path(Path(espeakng_loader.get_data_path())) as data_path:
        for line in sys.stdin.buffer:
            text, voices = json.loads(line)
            samples = _espeak(library, data_path, text, voices)
            sys.stdout.buffer.write(struct.pack("<I", len(samples)) + samples)
            sys.stdout.buffer.flush()


@contextlib.contextmanager
def shorten_path(path: Path) -> Iterator[Path]:
    """`path`, or a link to it if it is longer than espeak-ng takes."""
    if len(os.fsencode(path)) < _ESPEAK_PATH_LIMIT:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="espeak-") as folder:
        link = Path(folder, "data")
        link.symlink_to(path, target_is_directory=True)
        yield link


def _espeak(library: str, data_path: Path, text: str, voices: Sequence[str]) -> bytes:
    samples = bytearray()

    def collect(wave: int | None, count: int, _events: int | None) -> int:
        if wave and count > 0:
            samples.extend(ctypes.string_at(wave, 2 * count))
        return 0

    retrieval, utf_8, by_character, words_per_minute, do_not_exit = 1, 1, 1, 1, 0x8000
    espeak = ctypes.CDLL(library)
    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
        collect
    )
    rate = espeak.espeak_Initialize(retrieval, 0, os.fsencode(data_path), do_not_exit)
    if rate != _ESPEAK_RATE:
        raise RuntimeError(f"espeak-ng does not start with {data_path}: {rate}")
    espeak.espeak_SetSynthCallback(callback)
    if not any(espeak.espeak_SetVoiceByName(voice.encode()) == 0 for voice in voices):
        raise RuntimeError(f"espeak-ng has none of the voices {voices}")
    espeak.espeak_SetParameter(words_per_minute, _ESPEAK_WORDS_PER_MINUTE, 0)
    data = text.replace("\0", " ").encode("utf-8", "replace") + b"\0"
    failed = espeak.espeak_Synth(
        data, ctypes.c_size_t(len(data)), 0, by_character, 0, utf_8, None, None
    )
    espeak.espeak_Synchronize()
    espeak.espeak_Terminate()
    if failed:
        raise RuntimeError(f"espeak-ng answers {failed} to {text!r}")
    # Without unloading, a text would sound different after another one.
    _unload(espeak._handle)  # noqa: SLF001  ctypes has no public way
    return bytes(samples)


def _unload(handle: int) -> None:
    native: Any = importlib.import_module("_ctypes")
    (native.FreeLibrary if sys.platform == "win32" else native.dlclose)(handle)


# --- replies ------------------------------------------------------------------------------------


def _page(title: str, body: str) -> bytes:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><p>{body}</p></body></html>\n"
    ).encode()


CONSENT = _page(
    "Before you continue to Google",
    "We use cookies and data to deliver and maintain Google services.",
)


def _rpc_reply(payload: str | None, rpc: str | None = _RPC) -> bytes:
    """The body of a batchexecute answer, laid out as Google does."""
    parts: list[list[Any]] = [["di", 57], ["af.httprm", 56, "-1234567890123456789", 11]]
    if rpc is not None:
        parts.insert(0, ["wrb.fr", rpc, payload, None, None, None, "generic"])
    return b")]}'\n\n" + json.dumps(parts, separators=(",", ":")).encode()


def _audio_reply(mp3: bytes) -> bytes:
    return _rpc_reply(json.dumps([base64.b64encode(mp3).decode("ascii")]))


def _message(
    code: int, body: bytes, *headers: str, content_type: str = "text/html; charset=utf-8"
) -> bytes:
    head = [
        f"HTTP/1.1 {code} {http.HTTPStatus(code).phrase}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        f"Date: {formatdate(usegmt=True)}",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def _json_message(body: bytes) -> bytes:
    return _message(200, body, content_type="application/json; charset=utf-8")


def _error_message(code: int, *headers: str) -> bytes:
    title = f"Error {code} ({http.HTTPStatus(code).phrase})!!1"
    return _message(code, _page(html.escape(title), "That is an error."), *headers)


# --- the server ---------------------------------------------------------------------------------


class _Over(Exception):
    """There is nothing more to do for a connection, mostly because the client went away."""


@dataclass(frozen=True)
class _Call:
    """One HTTP request as it came."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def is_last(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


class _Line:
    """One connection; what the client does to it ends in `_Over`, never in an error."""

    def __init__(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # if the client went already
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._lock = threading.Lock()
        self._received = b""

    def start_tls(self, context: ssl.SSLContext) -> None:
        with self._lock, _ends_line():
            tls = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket = tls
        with _ends_line():
            tls.do_handshake()

    def read_call(self) -> _Call:
        while b"\r\n\r\n" not in self._received:
            if len(self._received) > _MAX_HEAD:
                raise ValueError("the client does not speak HTTP")
            self._receive()
        head, self._received = self._received.split(b"\r\n\r\n", 1)
        first_line, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first_line.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        size = int(headers.get("content-length", "0"))
        while len(self._received) < size:
            self._receive()
        body, self._received = self._received[:size], self._received[size:]
        return _Call(method, target, headers, body)

    def send(self, data: bytes) -> None:
        with _ends_line():
            self._socket.sendall(data)

    def reset(self) -> None:
        """End the connection the hard way: the client gets an RST."""
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        with _ends_line():
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    def wait_for_end(self) -> None:
        """Return when the client, or `hang_up` in another thread, ends the connection."""
        with contextlib.suppress(_Over):
            while True:
                self._receive()

    def hang_up(self) -> None:
        """End the connection from any thread; whoever waits for it wakes up."""
        with self._lock, contextlib.suppress(OSError):
            # SSLSocket.shutdown would drop the TLS state under the feet of the other thread.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            self._socket.close()

    def _receive(self) -> None:
        with _ends_line():
            data = self._socket.recv(65_536)
        if not data:
            raise _Over
        self._received += data


@contextlib.contextmanager
def _ends_line() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # ssl.SSLError is one
        raise _Over from error


class GoogleStandIn:
    """Answer for ``https://translate.google.*`` behind an HTTP proxy on the loopback interface.

    `faults` is asked about every request, one at a time and in order of arrival; it may be
    replaced while the stand-in runs. `speak` gets a text and a language and returns an MP3; it
    runs in as many threads as there are requests. With `trusted` false, `ca_path` holds a
    certificate authority that has nothing to do with the certificates shown. A text longer than
    `max_chars` is answered without audio.
    """

    proxy_url: str
    ca_path: Path

    def __init__(
        self,
        *,
        latency_s: float = 0.0,
        faults: Faults | None = None,
        speak: Speak | None = None,
        trusted: bool = True,
        port: int = 0,
        max_chars: int = MAX_CHARS,
    ) -> None:
        self.latency_s = latency_s
        self.faults = faults
        self.errors: list[BaseException] = []
        self.handshakes = 0
        self.peak_in_flight = 0
        self.sorry_visits = 0
        self._speak = speak or _speak
        self._trusted = trusted
        self._port = port
        self._max_chars = max_chars
        self._in_flight = 0
        self._requests: list[Request] = []
        # Reentrant, so that `faults` may look at the stand-in.
        self._changed = threading.Condition(threading.RLock())
        self._closing = threading.Event()
        self._lines: set[_Line] = set()
        self.threads: list[threading.Thread] = []
        self._authority: trustme.CA | None = None
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._socket: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._wake: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def requests(self) -> list[Request]:
        """The requests for speech so far, in order of arrival."""
        with self._changed:
            return list(self._requests)

    @property
    def texts(self) -> list[str]:
        """The texts so far, in order of arrival."""
        return [request.text for request in self.requests]

    def environ(self) -> dict[str, str]:
        """The environment variables that lead a client here."""
        return {
            "HTTPS_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "REQUESTS_CA_BUNDLE": str(self.ca_path),
            "CURL_CA_BUNDLE": str(self.ca_path),
            "NO_PROXY": "",
            "no_proxy": "",
        }

    def wait_for_requests(self, n: int, timeout_s: float = 60.0) -> None:
        """Return when `n` requests in all have arrived, answered or not."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._requests) >= n, timeout_s):
                raise TimeoutError(f"{len(self._requests)} of {n} requests in {timeout_s} s")

    def down(self) -> None:
        """Refuse new connections and end the open ones, until `up`."""
        if self._accepting is None:
            return
        assert self._socket is not None
        assert self._wake is not None
        self._wake.close()
        self._accepting.join()
        self._accepting = None
        self._socket.close()
        # Bound without listening: connections are refused, and nobody else gets the port.
        self._socket = _bind(self._port)
        with self._changed:
            lines = list(self._lines)
        for line in lines:
            line.hang_up()

    def up(self) -> None:
        """Accept connections again, on the same port."""
        if self._accepting is not None:
            return
        assert self._socket is not None
        self._socket.listen(128)
        self._wake, woken = socket.socketpair()
        self._accepting = threading.Thread(
            target=self._guarded, args=(self._accept, self._socket, woken), daemon=True
        )
        self._accepting.start()

    def start(self) -> None:
        """Begin to serve; the context manager does this."""
        import trustme

        self._folder = tempfile.TemporaryDirectory(prefix="google-stand-in-")
        self._authority = trustme.CA()
        published = self._authority if self._trusted else trustme.CA()
        self.ca_path = Path(self._folder.name, "ca.pem")
        published.cert_pem.write_to_path(str(self.ca_path))
        self._socket = _bind(self._port)
        self._port = self._socket.getsockname()[1]
        self.proxy_url = f"http://127.0.0.1:{self._port}"
        self.up()

    def close(self) -> None:
        """Stop serving at once, whatever is under way; harmless when done already."""
        if self._folder is None:
            return
        self._closing.set()
        self.down()
        with self._changed:
            threads = list(self.threads)
        deadline = time.monotonic() + _JOIN_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.errors.append(RuntimeError(f"{thread.name} of the stand-in does not end"))
        if self._socket is not None:
            self._socket.close()
        self._folder.cleanup()
        self._folder = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if not self.errors:
            return
        if error is None:
            raise BaseExceptionGroup("errors inside the stand-in", self.errors)
        for inner in self.errors:
            error.add_note("Inside the stand-in:\n" + "".join(traceback.format_exception(inner)))

    def _guarded(self, work: Callable[..., None], *args: Any) -> None:
        """Run `work` in a thread of the stand-in without losing what it raises."""
        try:
            work(*args)
        except BaseException as error:
            self.errors.append(error)

    def _accept(self, listener: socket.socket, woken: socket.socket) -> None:
        with woken, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while True:
                if any(key.fileobj is woken for key, _ in selector.select()):
                    return
                try:
                    connection, _ = listener.accept()
                except ConnectionError:
                    continue  # the client went between the two calls
                line = _Line(connection)
                thread = threading.Thread(
                    target=self._guarded, args=(self._serve, line), daemon=True
                )
                with self._changed:
                    self._lines.add(line)
                    self.threads = [*filter(threading.Thread.is_alive, self.threads), thread]
                    thread.start()

    def _serve(self, line: _Line) -> None:
        try:
            host = self._tunnel(line)
            while self._exchange(line, host):
                pass
        except _Over:
            pass
        finally:
            with self._changed:
                self._lines.discard(line)
            line.close()

    def _tunnel(self, line: _Line) -> str:
        """Answer a CONNECT, take the part of the host behind it and return its name."""
        call = line.read_call()
        host, _, port = call.target.rpartition(":")
        # Whatever else a client looks for here is a mistake that must not reach the network.
        if call.method != "CONNECT" or port != "443" or not _HOST.fullmatch(host):
            line.send(_error_message(403, "Connection: close"))
            raise _Over
        line.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        line.start_tls(self._context(host))
        with self._changed:
            self.handshakes += 1
        return host

    def _context(self, host: str) -> ssl.SSLContext:
        with self._changed:
            if host not in self._contexts:
                assert self._authority is not None
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._authority.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]

    def _exchange(self, line: _Line, host: str) -> bool:
        """Answer one HTTP request; false if the connection ends with it."""
        call = line.read_call()
        if f"https://{host}{call.target}".startswith(_SORRY):
            with self._changed:
                self.sorry_visits += 1
            message = _message(200, _page("Sorry...", "Our systems have detected unusual traffic."))
        elif (call.method, call.target) != ("POST", PATH) or host == "www.google.com":
            message = _error_message(404)
        elif (asked := _asked(call.body)) is None:
            message = _error_message(400)
        else:
            request = self._arrive(host, *asked)
            try:
                message = self._reply(line, request)
            finally:
                # Before the answer is sent: the client's next request must not count on top.
                with self._changed:
                    self._in_flight -= 1
            if request.fault is not None and request.fault.kind is Kind.BODY_CUT:
                head, _, body = message.partition(b"\r\n\r\n")
                line.send(head + b"\r\n\r\n" + body[: len(body) // 2])
                return False
        line.send(message)
        return not call.is_last

    def _arrive(self, host: str, text: str, language: str, slow: bool) -> Request:
        with self._changed:
            request = Request(len(self._requests) + 1, text, language, slow, host, time.monotonic())
            if self.faults is not None:
                request = replace(request, fault=self.faults(request))
            self._requests.append(request)
            self._in_flight += 1
            self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
            self._changed.notify_all()
        return request

    def _reply(self, line: _Line, request: Request) -> bytes:
        if self.latency_s > 0 and self._closing.wait(self.latency_s):
            raise _Over
        fault = request.fault
        match fault.kind if fault is not None else None:
            case Kind.STATUS:
                assert fault is not None
                wait = fault.retry_after_s
                return _error_message(
                    fault.code, *([] if wait is None else [f"Retry-After: {wait}"])
                )
            case Kind.RESET:
                line.reset()
                raise _Over
            case Kind.HANG:
                line.wait_for_end()
                raise _Over
            case Kind.SORRY_REDIRECT:
                query = urllib.parse.urlencode({"continue": f"https://{request.host}{PATH}"})
                return _message(302, _page("302 Moved", ""), f"Location: {_SORRY}?{query}")
            case Kind.NEIGHBOUR:
                assert fault is not None
                text = self._neighbour_of(request) if fault.text is None else fault.text
                return _json_message(_audio_reply(self._speak(text, request.language)))
            case Kind.TRUNCATED_MP3:
                mp3 = self._speak(request.text, request.language)
                return _json_message(_audio_reply(mp3[: len(mp3) // 2]))
            case Kind.BODY_CUT | None:
                if len(request.text) > self._max_chars:
                    return _json_message(_rpc_reply(None))
                return _json_message(_audio_reply(self._speak(request.text, request.language)))
            case kind:
                return _reply_falsely(kind)

    def _neighbour_of(self, request: Request) -> str:
        earlier = (other.text for other in reversed(self.requests[: request.n - 1]))
        return next((text for text in earlier if text != request.text), _NEIGHBOUR_TEXT)


def _reply_falsely(kind: Kind) -> bytes:
    """A reply of status 200 that does not depend on the text."""
    match kind:
        case Kind.NO_AUDIO:
            return _json_message(_rpc_reply(None, rpc=None))
        case Kind.NULL_AUDIO:
            return _json_message(_rpc_reply(None))
        case Kind.EMPTY_AUDIO:
            return _json_message(_audio_reply(b""))
        case Kind.HTML_AS_AUDIO:
            return _json_message(_audio_reply(CONSENT))
        case Kind.CONSENT_PAGE:
            return _message(200, CONSENT)
        case Kind.SILENCE:
            return _json_message(_audio_reply(silence(LONG_SILENCE_S)))
    raise ValueError(f"{kind} has no reply of its own")


_NEIGHBOUR_TEXT = "This is a sentence that somebody else wanted to hear."


def _speak(text: str, language: str) -> bytes:
    return speak(text, language)


def _bind(port: int) -> socket.socket:
    """A socket on the loopback interface that does not listen yet."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # where this option lets two sockets share the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except BaseException:
        bound.close()
        raise
    return bound


def _asked(body: bytes) -> tuple[str, str, bool] | None:
    """Text, language and slowness that a batchexecute body asks for; None if it is not one."""
    try:
        form = urllib.parse.parse_qs(body.decode("ascii"), strict_parsing=False)
        [[[rpc, parameters, _, _]]] = json.loads(form["f.req"][0])
        text, language, speed, _ = json.loads(parameters)
    except (ValueError, KeyError, TypeError):
        return None
    if rpc != _RPC or not isinstance(text, str) or not isinstance(language, str):
        return None
    return (text, language, speed is True)


# --- by hand ------------------------------------------------------------------------------------


def name_fault(fault: Fault) -> str:
    if fault.kind is not Kind.STATUS:
        return str(fault.kind.value)
    return str(fault.code) if fault.retry_after_s is None else f"{fault.code}-retry-after"


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the input ends or Ctrl-C; print the environment that leads a client here."""
    by_name = {name_fault(fault): fault for fault in ALL_FAULTS}
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.google", description=main.__doc__
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--fault-rate", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--seed", type=int, default=0, help="of --fault-rate")
    parser.add_argument("--fail-after", type=int, metavar="N", help="fail all after N requests")
    parser.add_argument(
        "--fault", choices=by_name, default="429", help="of --fail-after; 429 if not given"
    )
    options = parser.parse_args(arguments)
    faults = random_faults(options.fault_rate, options.seed)
    if options.fail_after is not None:
        faults = combine(after(options.fail_after, by_name[options.fault]), faults)
    with (
        GoogleStandIn(latency_s=options.latency, faults=faults, port=options.port) as google,
        contextlib.suppress(KeyboardInterrupt),
    ):
        names = google.environ().items()
        print("export " + " ".join(f"{name}={shlex.quote(value)}" for name, value in names))
        sys.stdout.flush()
        sys.stdin.buffer.read()
    requests = google.requests
    faulty = sum(request.fault is not None for request in requests)
    print(
        f"{len(requests)} requests, {faulty} faults, {google.handshakes} handshakes,"
        f" at most {google.peak_in_flight} at once",
        file=sys.stderr,
    )


if __name__ == "__main__":
    if sys.argv[1:] == [_SPEAK_SERVER]:
        # Ctrl-C reaches this process too; the one it speaks for decides when it ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _speak_server()
    else:
        main()
