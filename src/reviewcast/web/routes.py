"""What the preview page asks for, one handler each."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    ReviewcastError,
    SoundError,
    StorageError,
    UsageError,
)
from reviewcast.system.file_types import find_type
from reviewcast.web.session import EditingSession, MissingSegmentError, SegmentEdit
from reviewcast.web.state import Message, describe_edit
from reviewcast.web.uploads import LARGEST_BYTES

T = TypeVar("T")

STATIC = (
    "preview.css preview.js waveform.js editor.js recorder.js asking.js icon.svg"
    " vendor/wavesurfer.esm.js vendor/wavesurfer-regions.esm.js"
).split()

_LARGEST_JSON_BYTES = 64_000
_MOST_STREAMS = 16
_KEEP_ALIVE_S = 15.0


class TooLargeError(UsageError):
    """What was sent is larger than what is taken."""


class MalformedError(UsageError):
    """What was sent is not of the form that is expected."""


_CODES = (
    (TooLargeError, 413),
    (MalformedError, 400),
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


class Pages(Struct, frozen=True):
    """What the handlers have in common: the session, the page's files, and the open streams."""

    session: EditingSession
    page: str
    static: dict[str, bytes]
    streams: "set[asyncio.Queue[Message]]"


def make_routes(session: EditingSession) -> Starlette:
    """Return the preview page's application over a session."""
    folder = files("reviewcast.web") / "static"
    segment = "/segments/{segment:str}"
    app = Starlette(
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
        ],
        exception_handlers={ReviewcastError: _explain, ClientDisconnect: _end},
    )
    app.state.pages = Pages(
        session,
        folder.joinpath("preview.html").read_text(encoding="utf-8"),
        {name: folder.joinpath(name).read_bytes() for name in STATIC},
        set(),
    )
    return app


# -- what there is to see and hear


async def show_page(request: Request) -> Response:
    """Answer with the page, its styles allowed by this answer's nonce."""
    page = _get_pages(request).page
    return Response(page.replace("{nonce}", request.scope["nonce"]), media_type="text/html")


async def show_static(request: Request) -> Response:
    """Answer with a file out of a fixed list."""
    name = request.path_params["name"]
    data = _get_pages(request).static.get(name)
    return _miss() if data is None else Response(data, media_type=find_type(name).content_type)


async def show_state(request: Request) -> Response:
    """Answer with all that the page shows."""
    return _answer(await run_in_threadpool(_get_session(request).describe))


async def show_levels(request: Request) -> Response:
    """Answer with how loud a version's frames are."""
    found = _get_session(request).find_levels(request.path_params["version"])
    return _miss() if found is None else Response(found, media_type="application/json")


async def show_audio(request: Request) -> Response:
    """Answer with the MP3 of a version."""
    path = _get_session(request).find_audio(request.path_params["version"])
    return _miss() if path is None else FileResponse(path, media_type=find_type(".mp3").mime)


async def tell_events(request: Request) -> Response:
    """Answer with a stream of all that happens, to so many pages at once."""
    pages = _get_pages(request)
    if len(pages.streams) >= _MOST_STREAMS:
        return PlainTextResponse("Too many pages are open.\n", 503)
    return StreamingResponse(_stream_events(pages), media_type="text/event-stream")


# -- what a writer does


async def change(request: Request) -> Response:
    """Save what is wanted of a segment; answer with its edit."""
    edit = await _read_json(request, SegmentEdit)
    job = partial(_get_session(request).change, request.path_params["segment"], edit)
    return _answer(describe_edit(await run_in_threadpool(job)))


async def record(request: Request) -> Response:
    """Save a recording in a segment's place; answer with its edit."""
    expect = parse_qs(request.url.query, keep_blank_values=True).get("expect", [""])[0]
    said = f"A recording may have {LARGEST_BYTES // 1_000_000} MB at most."
    refusal = TooLargeError(said, hint="Send it as MP3, or shorter.")
    data = await _read_body(request, LARGEST_BYTES, refusal)
    session, segment = _get_session(request), request.path_params["segment"]
    job = partial(session.record, segment, data, expect=expect)
    return _answer(describe_edit(await run_in_threadpool(job)))


async def add_word(request: Request) -> Response:
    """Save a word in the lexicon."""
    word = await _read_json(request, Word)
    await run_in_threadpool(_get_session(request).add_word, word.written, word.spoken)
    return _answer({})


async def undo(request: Request) -> Response:
    """Take back the last change; answer with what it was."""
    return _answer({"undone": await run_in_threadpool(_get_session(request).undo)})


async def build(request: Request) -> Response:
    """Accept an order to write the episode; the stream of events reports when it is written."""
    _get_session(request).build()
    return _answer({}, 202)


async def render(request: Request) -> Response:
    """Accept an order to read all anew, and to speak what is missing."""
    _get_session(request).render()
    return _answer({}, 202)


# -- inside


def _get_pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _get_session(request: Request) -> EditingSession:
    return _get_pages(request).session


def _answer(value: Any, code: int = 200) -> Response:
    return Response(msgspec.json.encode(value), code, media_type="application/json")


def _miss() -> Response:
    return PlainTextResponse("Not found\n", 404)


async def _read_json(request: Request, kind: type[T]) -> T:
    refusal = TooLargeError("That is too long.", hint="Send less.")
    body = await _read_body(request, _LARGEST_JSON_BYTES, refusal)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"That cannot be read: {error}.") from error


async def _read_body(request: Request, most: int, refusal: TooLargeError) -> bytes:
    """Return a request's body; raise the refusal when it is larger than `most` bytes."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > most:
        raise refusal
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise refusal
        pieces.append(piece)
    return b"".join(pieces)


async def _explain(request: Request, error: Exception) -> Response:
    """Answer with what an error of ours says; to a conflict belongs the edit that is there."""
    assert isinstance(error, ReviewcastError)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), 500)
    said: Message = {"message": error.message, "hint": error.hint}
    if code == 409 and (segment := request.path_params.get("segment")):
        theirs = await run_in_threadpool(_get_session(request).find_edit, segment)
        said["theirs"] = describe_edit(theirs)
    return _answer(said, code)


async def _end(_request: Request, _gone: Exception) -> Response:
    """Answer a browser that has disconnected."""
    return Response(status_code=400)


async def _stream_events(pages: Pages) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Message] = asyncio.Queue()
    end = pages.session.listen(partial(_pass_on, loop, waiting))
    pages.streams.add(waiting)
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
        pages.streams.discard(waiting)
        end()


def _pass_on(
    loop: asyncio.AbstractEventLoop, waiting: "asyncio.Queue[Message]", message: Message
) -> None:
    """Hand a message of the worker's thread over to the loop's."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(waiting.put_nowait, message)
