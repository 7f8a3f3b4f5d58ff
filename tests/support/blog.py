"""A blog on a server of this machine, whose feed grows, and which is down on some days."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

FIRST = datetime(2025, 1, 5, 8, tzinfo=UTC)
MAINTENANCE = b"<!doctype html><html><title>Back soon</title><h1>We are upgrading</h1></html>"

State = Literal["up", "down", "page", "silent"]


@dataclass
class Post:
    """A post of the blog, with a word of its own."""

    number: int
    text: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        """Make what is not given."""
        self.title = self.title or f"Film {self.number}"
        self.text = self.text or f"Seen at last. The word is marker{self.number}x, and no other."

    @property
    def day(self) -> datetime:
        """When it was written: a week after the one before."""
        return FIRST + timedelta(days=7 * self.number)

    @property
    def item(self) -> str:
        """Return it as an item of a feed."""
        return (
            f"<item><title>{self.title}</title><link>https://blog.example/{self.number}</link>"
            f'<guid isPermaLink="false">blog-{self.number}</guid>'
            f"<pubDate>{format_datetime(self.day)}</pubDate>"
            f"<content:encoded><![CDATA[<p>{self.text}</p>]]></content:encoded></item>"
        )


@dataclass
class Blog:
    """The blog; `newest` is how many posts its feed shows, the newest first."""

    posts: list[Post] = field(default_factory=list)
    state: State = "up"
    newest: int = 50
    asked: int = 0

    def make_feed(self) -> bytes:
        """Return the feed."""
        items = "".join(post.item for post in self.posts[::-1][: self.newest])
        return (
            '<?xml version="1.0"?><rss version="2.0"'
            ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>Blog</title><link>https://blog.example/</link>{items}</channel></rss>"
        ).encode()

    def add(self, count: int = 1) -> None:
        """Write more posts."""
        self.posts += [Post(len(self.posts) + n) for n in range(count)]

    @property
    def url(self) -> str:
        """Return the address of the feed."""
        return f"http://127.0.0.1:{self._server.server_port}/feed.xml"

    def __enter__(self) -> Self:
        """Serve it."""
        blog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                blog.asked += 1
                if blog.state == "silent":
                    self.close_connection = True
                    return
                status = 503 if blog.state == "down" else 200
                body = MAINTENANCE if blog.state == "page" else blog.make_feed()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
