"""What the preview page asks for, one handler each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    ReviewcastError,
    SoundError,
    StorageError,
    UsageError,
)
from reviewcast.system.file_types import find_type
from reviewcast.web.session import Desk, Message, MissingSegmentError, Wish, describe_edit
from reviewcast.web.uploads import LARGEST_BYTES

if TYPE_CHECKING:
    from starlette.applications import Starlette


T = TypeVar("T")


_STATIC = (
    "preview.css",
    "preview.js",
    "waveform.js",
    "editor.js",
    "recorder.js",
    "asking.js",
    "icon.svg",
    "vendor/wavesurfer.esm.js",
    "vendor/wavesurfer-regions.esm.js",
)


_LARGEST_JSON_BYTES = 64_000


_MOST_STREAMS = 16


_KEEP_ALIVE_S = 15.0


_CODES = (
    (ConflictError, 409),
    (SoundError, 415),
    (MissingSegmentError, 404),
    (UsageError, 422),
    (ConfigError, 422),
    (StorageError, 507),
)


class Word(Struct, frozen=True, forbid_unknown_fields=True):
    """A word for the lexicon."""

    written: str
    spoken: str


def make_routes(desk: Desk) -> "Starlette":
    """Return the preview page's application over a session."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import (
        FileResponse,
        PlainTextResponse,
        Response,
        StreamingResponse,
    )
    from starlette.routing import Route

    folder = files("reviewcast.web") / "static"
    static = {name: folder.joinpath(name).read_bytes() for name in _STATIC}
    page = folder.joinpath("preview.html").read_text(encoding="utf-8")
    streams: set[asyncio.Queue[Message]] = set()

    def answer(value: Any, code: int = 200) -> Response:
        return Response(msgspec.json.encode(value), code, media_type="application/json")

    async def read_body(request: Request, most: int) -> bytes | None:
        """Read a body that is not larger than that."""
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > most:
            return None
        pieces, size = [], 0
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                return None
            pieces.append(piece)
        return b"".join(pieces)

    async def attempt(job: Callable[[], T], segment: str = "") -> T | Response:
        """Do what may wait for the disk beside the loop; errors become answers."""
        try:
            return await run_in_threadpool(job)
        except ReviewcastError as error:
            code = next((code for kind, code in _CODES if isinstance(error, kind)), 500)
            said: Message = {"message": error.message, "hint": error.hint}
            if code == 409 and segment:
                said["theirs"] = describe_edit(await run_in_threadpool(desk.find_edit, segment))
            return answer(said, code)

    async def read_json(request: Request, kind: type[T]) -> T | Response:
        body = await read_body(request, _LARGEST_JSON_BYTES)
        if body is None:
            return answer({"message": "That is too long.", "hint": "Send less."}, 413)
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return answer({"message": f"That cannot be read: {error}.", "hint": ""}, 400)

    async def show_page(request: Request) -> Response:
        return Response(page.replace("{nonce}", request.scope["nonce"]), media_type="text/html")

    async def show_static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in static:
            return PlainTextResponse("Not found\n", 404)
        return Response(static[name], media_type=find_type(name).content_type)

    async def show_state(_request: Request) -> Response:
        return answer(await run_in_threadpool(desk.describe))

    async def show_levels(request: Request) -> Response:
        found = desk.find_levels(request.path_params["version"])
        if found is None:
            return PlainTextResponse("Not found\n", 404)
        return Response(found, media_type="application/json")

    async def show_audio(request: Request) -> Response:
        path = desk.find_audio(request.path_params["version"])
        if path is None:
            return PlainTextResponse("Not found\n", 404)
        return FileResponse(path, media_type=find_type(".mp3").mime)

    async def tell_events(_request: Request) -> Response:
        if len(streams) >= _MOST_STREAMS:
            return PlainTextResponse("Too many pages are open.\n", 503)
        return StreamingResponse(stream_events(), media_type="text/event-stream")

    async def stream_events() -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[Message] = asyncio.Queue()
        end = desk.listen(partial(_pass_on, loop, waiting))
        streams.add(waiting)
        try:
            yield b'retry: 1000\ndata: {"kind":"state"}\n\n'
            while True:
                try:
                    message = await asyncio.wait_for(waiting.get(), _KEEP_ALIVE_S)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                yield b"data: " + msgspec.json.encode(message) + b"\n\n"
        finally:
            streams.discard(waiting)
            end()

    async def change(request: Request) -> Response:
        segment = request.path_params["segment"]
        wish = await read_json(request, Wish)
        if isinstance(wish, Response):
            return wish
        edit = await attempt(lambda: desk.change(segment, wish), segment)
        return edit if isinstance(edit, Response) else answer(describe_edit(edit))

    async def record(request: Request) -> Response:
        segment = request.path_params["segment"]
        expect = parse_qs(request.url.query, keep_blank_values=True).get("expect", [""])[0]
        try:
            data = await read_body(request, LARGEST_BYTES)
        except ClientDisconnect:
            return Response(status_code=400)
        if data is None:
            said = f"A recording may have {LARGEST_BYTES // 1_000_000} MB at most."
            return answer({"message": said, "hint": "Send it as MP3, or shorter."}, 413)
        edit = await attempt(lambda: desk.record(segment, data, expect=expect), segment)
        return edit if isinstance(edit, Response) else answer(describe_edit(edit))

    async def add_word(request: Request) -> Response:
        word = await read_json(request, Word)
        if isinstance(word, Response):
            return word
        done = await attempt(lambda: desk.add_word(word.written, word.spoken))
        return done if isinstance(done, Response) else answer({})

    async def undo(_request: Request) -> Response:
        label = await attempt(desk.undo)
        return label if isinstance(label, Response) else answer({"undone": label})

    async def build(_request: Request) -> Response:
        desk.build()
        return answer({}, 202)

    async def render(_request: Request) -> Response:
        desk.render()
        return answer({}, 202)

    segment = "/segments/{segment:str}"
    return Starlette(
        routes=[
            Route("/", show_page),
            Route("/static/{name:path}", show_static),
            Route("/state", show_state),
            Route("/events", tell_events),
            Route("/levels/{version:str}.json", show_levels),
            Route("/audio/{version:str}.mp3", show_audio),
            Route(f"{segment}/edit", change, methods=["POST"]),
            Route(f"{segment}/recording", record, methods=["POST"]),
            Route("/word", add_word, methods=["POST"]),
            Route("/undo", undo, methods=["POST"]),
            Route("/build", build, methods=["POST"]),
            Route("/render", render, methods=["POST"]),
        ]
    )


def _pass_on(
    loop: asyncio.AbstractEventLoop, waiting: "asyncio.Queue[Message]", message: Message
) -> None:
    """Hand a message of the worker's thread over to the loop's."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(waiting.put_nowait, message)
