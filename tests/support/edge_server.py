"""A stand-in, on the loopback interface, of the service that reads aloud in Microsoft Edge.

It is an HTTP proxy whose every CONNECT leads to a websocket service of its own: a client that
honours HTTPS_PROXY and REQUESTS_CA_BUNDLE runs the code of edge-tts end to end, TLS included.

    with EdgeServer(faults=first(1, Fault(Kind.SILENCE))) as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        ...
        assert server.texts == ["Hello."]
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import json
import re
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import lameenc
import trustme
from aiohttp import WSCloseCode, web
from tests.support.tones import WordVoice

RATE_HZ = 24_000
HOST = "speech.platform.bing.com"
_PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
_SSML = "{http://www.w3.org/2001/10/synthesis}"
_FRAMES_A_MESSAGE = 5 * 144
_TICKS_PER_SAMPLE = 10_000_000 / RATE_HZ
_LONG_SILENCE_S = 10


class Kind(enum.Enum):
    """What goes wrong with one connection."""

    STATUS = "a status in place of a connection"
    RESET = "the connection is cut before an answer"
    MUTE = "no answer to the request for a connection"
    HANG = "no answer to the text"
    STALL = "no more answer after half of the audio"
    CLOSE = "closed after half of the audio, as if that were all"
    DROP = "cut after half of the audio"
    NO_AUDIO = "an answer without audio"
    SILENCE = "ten seconds of silence"
    HALF = "half of the audio, and the end"
    TORN = "audio that ends within a frame"
    NEIGHBOUR = "the audio of one short word"
    PAGE = "a web page as audio"
    NONSENSE = "a message of another protocol"


@dataclass(frozen=True)
class Fault:
    """One fault; `code` and `headers` are those of a status."""

    kind: Kind
    code: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One connection, in order of arrival; the first has `n == 1`."""

    n: int
    query: Mapping[str, str]


@dataclass(frozen=True)
class Spoken:
    """One text that arrived, with what was asked for it."""

    text: str
    voice: str
    rate: str
    pitch: str
    words_wanted: bool


Faults = Callable[[Asked], Fault | None]
Words = list[tuple[str, int]]
"""Each word as the service tells it, and the ticks of 100 ns at which it begins."""


def first(n: int, fault: Fault) -> Faults:
    """Fail the first `n` connections."""
    return lambda asked: fault if asked.n <= n else None


@functools.lru_cache(maxsize=4096)
def speak(text: str) -> tuple[bytes, Words]:
    """Say each word as a tone: an MP3 as the service sends it, and its words."""
    take = WordVoice(tells=True).speak(text, language="en")
    ends = [at for at, _ in take.marks[1:]] + [len(text)]
    words = [
        (re.sub(r"\W+$", "", text[at:end]), round(sample * _TICKS_PER_SAMPLE))
        for (at, sample), end in zip(take.marks, ends, strict=True)
    ]
    return encode(take.pcm), words


def encode(pcm: bytes) -> bytes:
    """Make an MP3 of the kind: MPEG-2 Layer III, 24 kHz mono, 48 kb/s, frames of 144 bytes."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(48)
    encoder.set_in_sample_rate(RATE_HZ)
    encoder.set_channels(1)
    encoder.set_quality(7)
    return bytes(encoder.encode(pcm)) + bytes(encoder.flush())


class EdgeServer:
    """The service. With `trusted` false `ca_path` vouches for somebody else.

    `faults` is asked about each connection; `speak` gives a text's MP3 and words. With `meeting`
    no text is answered before so many have arrived.
    """

    ca_path: Path
    proxy_url: str

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        speak: Callable[[str], tuple[bytes, Words]] = speak,
        trusted: bool = True,
        meeting: int = 1,
    ) -> None:
        self.faults = faults
        self.speak = speak
        self.asked: list[Asked] = []
        self.spoken: list[Spoken] = []
        self.errors: list[BaseException] = []
        self._trusted = trusted
        self._meeting = meeting
        self._folder = tempfile.TemporaryDirectory()
        self._ready: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    @property
    def texts(self) -> list[str]:
        """Return the texts that arrived, in order."""
        return [spoken.text for spoken in self.spoken]

    def environ(self) -> dict[str, str]:
        """Return the environment variables that lead a client here."""
        return {
            "HTTPS_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "REQUESTS_CA_BUNDLE": str(self.ca_path),
            "NO_PROXY": "",
            "no_proxy": "",
        }

    def __enter__(self) -> Self:
        authority = trustme.CA()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(self._tls)
        self.ca_path = Path(self._folder.name, "ca.pem")
        vouching = authority if self._trusted else trustme.CA()
        vouching.cert_pem.write_to_path(str(self.ca_path))
        self._thread.start()
        self.proxy_url = f"http://127.0.0.1:{self._ready.result(30)}"
        return self

    def __exit__(self, *_what: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(30)
        self._folder.cleanup()
        assert not self.errors, self.errors

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # of clients that went away
        self._closing = asyncio.Event()
        self._barrier = asyncio.Barrier(self._meeting)
        application = web.Application()
        application.router.add_get(_PATH, self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self._port = runner.addresses[0][1]
        proxy = await asyncio.start_server(self._lead, "127.0.0.1", 0)
        self._ready.set_result(proxy.sockets[0].getsockname()[1])
        await self._closing.wait()
        proxy.close()
        await runner.cleanup()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Lead a CONNECT to the service, whatever the client does."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(f"CONNECT {HOST}:443 ".encode()):
                writer.write(b"HTTP/1.1 502 Elsewhere\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                return
            inner, outer = await asyncio.open_connection("127.0.0.1", self._port)
            with contextlib.closing(outer):
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                _, waiting = await asyncio.wait(
                    [
                        asyncio.ensure_future(_pipe(reader, outer)),
                        asyncio.ensure_future(_pipe(inner, writer)),
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in waiting:
                    task.cancel()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._speak(request)
        except (AssertionError, LookupError, ValueError, ET.ParseError) as error:
            self.errors.append(error)  # the client does not speak as it should
            raise

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(len(self.asked) + 1, dict(request.query))
        self.asked.append(asked)
        fault = self.faults(asked) if self.faults else None
        kind = fault.kind if fault else None
        if fault and kind is Kind.STATUS:
            return web.Response(status=fault.code, headers=fault.headers, text="<html>No.</html>")
        if kind is Kind.MUTE:
            await self._closing.wait()
        if kind in {Kind.RESET, Kind.MUTE}:
            _drop(request)
            return web.Response()
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        wish = json.loads((await socket.receive_str()).partition("\r\n\r\n")[2])
        audio = wish["context"]["synthesis"]["audio"]
        assert audio["outputFormat"] == "audio-24khz-48kbitrate-mono-mp3"
        wanted = audio["metadataoptions"]["wordBoundaryEnabled"] == "true"
        spoken = _read_ssml((await socket.receive_str()).partition("\r\n\r\n")[2], wanted)
        self.spoken.append(spoken)
        await self._barrier.wait()
        if kind is Kind.HANG:
            await self._closing.wait()
            return socket
        if kind is Kind.NONSENSE:
            await socket.send_str("220 mail.example.org ESMTP")
            return socket
        mp3, words = self.speak("Yes." if kind is Kind.NEIGHBOUR else spoken.text)
        mp3 = _spoil(mp3, kind)
        await socket.send_str(_make_message("turn.start", {"context": {"serviceTag": "0"}}))
        await socket.send_str(_make_message("response", {"audio": {"type": "inline"}}))
        if wanted and kind is not Kind.NO_AUDIO:
            for word, ticks in words:
                await socket.send_str(_make_message("audio.metadata", _tell_word(word, ticks)))
        if kind is not Kind.NO_AUDIO:
            for at in range(0, len(mp3), _FRAMES_A_MESSAGE):
                await socket.send_bytes(_make_audio(mp3[at : at + _FRAMES_A_MESSAGE]))
        if kind is Kind.STALL:
            await self._closing.wait()
        elif kind is Kind.CLOSE:
            await socket.close(code=WSCloseCode.OK)
        elif kind is Kind.DROP:
            _drop(request)
        else:
            await socket.send_bytes(_make_audio(b""))
            await socket.send_str(_make_message("turn.end", {}))
            await socket.receive()  # the client's goodbye
        return socket


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()


def _spoil(mp3: bytes, kind: Kind | None) -> bytes:
    """Return what is sent in place of the audio by a fault of this kind."""
    if kind is Kind.SILENCE:
        return encode(bytes(2 * _LONG_SILENCE_S * RATE_HZ))
    if kind is Kind.PAGE:
        return b"<!DOCTYPE html><html><body>Sign in</body></html>" * 100
    if kind in {Kind.HALF, Kind.STALL, Kind.CLOSE, Kind.DROP}:
        return mp3[: len(mp3) // 288 * 144]
    return mp3[:-100] if kind is Kind.TORN else mp3


def _drop(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def _read_ssml(ssml: str, words_wanted: bool) -> Spoken:
    """Take apart what a client sends; what is not well-formed raises."""
    assert len(ssml.encode()) < 4096 + 400  # of text, and the frame around it
    (voice,) = ET.fromstring(ssml).findall(f"{_SSML}voice")
    (prosody,) = voice.findall(f"{_SSML}prosody")
    assert not list(prosody), "There is markup in the text."
    said = prosody.attrib
    return Spoken(
        prosody.text or "", voice.attrib["name"], said["rate"], said["pitch"], words_wanted
    )


def _make_message(path: str, content: object) -> str:
    head = f"X-RequestId:0\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
    return head + json.dumps(content)


def _tell_word(word: str, ticks: int) -> object:
    # the service escapes the word for XML, within JSON
    text = {"Text": escape(word), "Length": len(word), "BoundaryType": "WordBoundary"}
    data = {"Offset": ticks, "Duration": 1_000_000, "text": text}
    return {"Metadata": [{"Type": "WordBoundary", "Data": data}]}


def _make_audio(data: bytes) -> bytes:
    """Frame audio: the length of the head in two bytes, the head, the data; none has no type."""
    kind = "Content-Type:audio/mpeg\r\n" if data else ""
    head = f"X-RequestId:0\r\n{kind}X-StreamId:0\r\nPath:audio\r\n".encode()
    return len(head).to_bytes(2, "big") + head + data
