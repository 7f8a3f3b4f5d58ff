"""One server on loopback: a show's public address, and the services that new episodes go to."""

import http.server
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

Answer = Callable[["Heard"], "tuple[int, Any] | None"]
"""Decides a reply: a status and JSON, or None to cut the connection without one."""

_DID = "did:plc:jo"
_TOKEN = "jwt-of-the-session"


class Heard(Struct, frozen=True):
    """A request as a service got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Services:
    """Serves `public` below /podcast/, and takes posts as the services do.

    `heard` are the posts. `answer` may decide otherwise than they would, by path.
    """

    def __init__(self, public: Path) -> None:
        self.public = public
        self.heard: list[Heard] = []
        self.answers: dict[str, Answer] = {}
        self.records: dict[str, Any] = {}
        self.statuses: dict[str, Any] = {}
        self.before_post: Callable[[Heard], None] = lambda _heard: None
        self.before_answer: Callable[[str], None] = lambda _path: None
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def base(self) -> str:
        """The address of the server, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The show's public address."""
        return f"{self.base}/podcast/"

    def settings(self, *use: str, more: str = "") -> str:
        """Return the tables that have a show told here."""
        listed = ", ".join(f'"{name}"' for name in use)
        return (
            f"[tell]\nuse = [{listed}]\n{more}\n"
            f'[tell.webhook]\nurl = "{self.base}/hook"\nsecret_variable = "SHOW_WEBHOOK_SECRET"\n'
            f'[tell.mastodon]\nserver = "{self.base}"\ntimeout_s = 60\n'
            f'[tell.bluesky]\nservice = "{self.base}"\nhandle = "jo.example.org"\n'
            '[tell.email]\nto = ["list@example.org"]\nsender = "jo@example.org"\n'
        )

    def list_posts(self, path: str) -> list[Heard]:
        """Return the posts to a path, in order."""
        return [one for one in self.heard if one.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply(self, heard: Heard) -> tuple[int, Any] | None:
        """Return what the service behind a path answers."""
        name = heard.path.rpartition("/")[2]
        if heard.path in self.answers:
            return self.answers[heard.path](heard)
        if heard.path.startswith("/hook"):
            return 204, None
        if heard.path == "/api/v1/statuses":
            return self._toot(heard)
        if name == "com.atproto.server.createSession":
            return 200, {"did": _DID, "accessJwt": _TOKEN, "handle": heard.json["identifier"]}
        if heard.headers.get("Authorization") != f"Bearer {_TOKEN}":
            return 401, {"error": "AuthMissing"}
        return self._create(heard)

    def _toot(self, heard: Heard) -> tuple[int, Any]:
        if heard.headers.get("Authorization") != "Bearer token-of-jo":
            return 401, {"error": "The access token is invalid"}
        # as the real one: the same key is the same post
        key = heard.headers["Idempotency-Key"]
        made = {"id": str(len(self.statuses)), "url": f"{self.base}/@jo/{len(self.statuses)}"}
        return 200, self.statuses.setdefault(key, {**heard.json, **made})

    def _create(self, heard: Heard) -> tuple[int, Any]:
        record = heard.json
        if record["rkey"] in self.records:
            return 400, {"error": "InvalidRequest", "message": "Record already exists"}
        self.records[record["rkey"]] = record
        return 200, {"uri": f"at://{_DID}/{record['collection']}/{record['rkey']}", "cid": "b"}

    def find_record(self, query: str) -> tuple[int, Any]:
        """Return what com.atproto.repo.getRecord answers."""
        key = parse_qs(query)["rkey"][0]
        if key in self.records:
            return 200, {"uri": f"at://{_DID}/app.bsky.feed.post/{key}", "value": {}}
        return 400, {"error": "RecordNotFound"}

    def _make_handler(services) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard = Heard("POST", self.path, dict(self.headers.items()), body)
                services.before_post(heard)
                services.heard.append(heard)
                answer = services.reply(heard)
                if answer is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self._send(answer[0], json.dumps(answer[1]).encode())

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path.endswith("com.atproto.repo.getRecord"):
                    status, value = services.find_record(parts.query)
                    self._send(status, json.dumps(value).encode())
                    return
                file = services.public / parts.path.removeprefix("/podcast/")
                found = parts.path.startswith("/podcast/") and file.is_file()
                data = file.read_bytes() if found else b""
                services.before_answer(parts.path)  # what it does is done when the client goes on
                self._send(200 if found else 404, data)

            do_HEAD = do_GET  # noqa: N815

            def _send(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                if status >= 300 and status < 400:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, *_what: object) -> None:
                pass

        return Handler


def write_sendmail(folder: Path, *, code: int = 0, said: str = "") -> Path:
    """Write a sendmail that keeps what it is given, beside itself; return its folder."""
    folder.mkdir(exist_ok=True)
    script = folder / "sendmail"
    script.write_text(
        f'#!/bin/sh\nn=$(ls "{folder}" | wc -l)\nprintf "%s\\n" "$@" > "{folder}/args-$n"\n'
        f'cat > "{folder}/mail-$n"\necho "{said}" >&2\nexit {code}\n'
    )
    script.chmod(0o755)
    return folder
