"""A podcast of another tool, on a server of this machine."""

from __future__ import annotations

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.support.published import make_mp3

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/DTDs/Podcast-1.0.dtd"
 xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:psc="http://podlove.org/simple-chapters">
<channel>
"""
SHOW = """<title>Old &amp; good</title>
<link>https://blog.example.org/</link>
<description>&lt;p&gt;Films of &lt;b&gt;yore&lt;/b&gt;.&lt;/p&gt;</description>
<language>en_GB</language>
<copyright>© Jo Critic</copyright>
<itunes:author>Jo Critic</itunes:author>
<itunes:owner><itunes:name>Jo</itunes:name><itunes:email>jo@old.example</itunes:email></itunes:owner>
<itunes:type>Serial</itunes:type>
<itunes:explicit>no</itunes:explicit>
<itunes:category text="tv &amp; film"><itunes:category text="Film History"/></itunes:category>
<itunes:category text="Nonsense"/>
<itunes:image href="BASE/cover.jpg"/>
<podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>
<podcast:locked owner="jo@old.example">no</podcast:locked>
"""
ITEMS = (
    # HTML in the title, notes, a zone by name; the length is a lie
    """<item><title>&lt;b&gt;Café&lt;/b&gt; Society &amp;amp; more</title>
<guid isPermaLink="false">tag:old.example,2019:1 </guid>
<pubDate>Tue, 05 Nov 2019 08:30:00 EST</pubDate>
<link>https://blog.example.org/cafe-society.html</link>
<description>In short.</description>
<content:encoded><![CDATA[<p>Seen <script>alert(1)</script><em>twice</em>.</p>]]></content:encoded>
<itunes:episode>3</itunes:episode><itunes:season>2</itunes:season>
<itunes:episodeType>Bonus</itunes:episodeType><itunes:explicit>yes</itunes:explicit>
<itunes:author>Al Guest</itunes:author>
<enclosure url="BASE/1.mp3" length="12" type="audio/mpeg"/></item>""",
    # no guid: clients take the enclosure's URL; a query
    """<item><title>Again</title><pubDate>4 Nov 2019 08:30:00 GMT</pubDate>
<enclosure url="BASE/audio.php?file=2.mp3&amp;by=pod cast" type="audio/mpeg"/></item>""",
    # the same title
    """<item><title>Again</title><guid>https://old.example/?p=3</guid>
<pubDate>Sun, 03 Nov 2019 23:30:00 -0800</pubDate>
<enclosure url="/3.mp3" length="" type="audio/mpeg; charset=x"/></item>""",
    # a title without a letter of ASCII, a date of two digits, a type that tells nothing
    """<item><title>生きる</title><guid isPermaLink="false">ikiru</guid>
<pubDate>Sat, 02 Nov 19 08:30 +0200</pubDate>
<psc:chapters version="1.2"><psc:chapter start="00:00:02" title="Plot"/>
<psc:chapter start="00:00:04.500" title="End"/></psc:chapters>
<enclosure url="BASE/4.mp3" length="0" type="application/octet-stream"/></item>""",
    # no date: it stands below another one; all that may belong to an episode
    """<item><title>The Third Man</title><guid>third-man</guid>
<itunes:image href="BASE/third.png"/>
<podcast:transcript url="BASE/third.vtt" type="text/vtt"/>
<podcast:transcript url="BASE/third.srt"/>
<podcast:transcript url="BASE/third.html" type="text/html"/>
<podcast:chapters url="BASE/third.json" type="application/json+chapters"/>
<podcast:txt purpose="ai-content">true</podcast:txt>
<enclosure url="BASE/5.mp3" length="1" type="audio/mpeg"/></item>""",
)
GUIDS = ("tag:old.example,2019:1", "BASE/audio.php?file=2.mp3&by=pod cast",
         "https://old.example/?p=3", "ikiru", "third-man")  # fmt: skip
DATES = ("2019-11-05T13:30:00Z", "2019-11-04T08:30:00Z", "2019-11-04T07:30:00Z",
         "2019-11-02T06:30:00Z", "2019-11-02T06:30:00Z")  # fmt: skip
VTT = b"WEBVTT\n\n00:00:00.200 --> 00:00:01.900\n<v Jo>The Third Man.\n"
SRT = b"1\n00:00:00,200 --> 00:00:01,900\nThe Third Man.\n"
CHAPTERS = (
    b'{"version":"1.2.0","chapters":[{"startTime":0,"title":"One"},{"startTime":3,"title":"Two"}]}'
)
PNG = b"\x89PNG\r\n\x1a\n and so on"


def make_feed(*items: str, show: str = SHOW, more: str = "") -> str:
    """Put a feed together; BASE stands for the server."""
    return f"{HEAD}{show}{more}{''.join(items)}</channel></rss>"


def make_audio(number: int) -> bytes:
    """Make an episode's MP3, another one for each number."""
    return make_mp3(gain_db=-number)


class OldHost:
    """A web server whose files are in a dictionary; it tells what it was asked for.

    `failures` are the next answers for a path: a status, or -1 to break off in the middle.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.failures: dict[str, list[int]] = {}
        self.asked: list[str] = []
        self.posted: list[bytes] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.answer(self)

            def do_POST(self) -> None:
                host.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
                host.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer as a host does."""
        self.asked.append(handler.path)
        data = self.files.get(handler.path)
        status = 404 if data is None else 200
        failure = (self.failures.get(handler.path) or [0]).pop(0)
        if handler.path in self.failures and not self.failures[handler.path]:
            del self.failures[handler.path]
        status = failure if failure > 0 else status
        body = (data or b"") if status == 200 else b"no"
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body[: len(body) // 2] if failure < 0 else body)

    def put_feed(self, *items: str, path: str = "/feed", **parts: str) -> str:
        """Put a feed there and return its URL."""
        feed = make_feed(*items, **parts).replace("BASE", self.base)
        self.files[path] = feed.encode()
        return self.base + path

    def put_show(self) -> str:
        """Put the whole podcast there and return the URL of its feed."""
        names = ("/1.mp3", "/audio.php?file=2.mp3&by=pod%20cast", "/3.mp3", "/4.mp3", "/5.mp3")
        for number, name in enumerate(names, 1):
            self.files[name] = make_audio(number)
        self.files |= {"/third.vtt": VTT, "/third.srt": SRT, "/third.json": CHAPTERS,
                       "/third.png": PNG}  # fmt: skip
        return self.put_feed(*ITEMS)

    @property
    def guids(self) -> list[str]:
        """Return what clients know the items by, in the feed's order."""
        return [guid.replace("BASE", self.base) for guid in GUIDS]

    @contextlib.contextmanager
    def serve(self) -> Iterator[OldHost]:
        """Serve while the block runs."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
