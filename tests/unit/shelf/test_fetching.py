"""What is fetched from the web is fetched in bounds, and never from the user's own network."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reviewcast.model.errors import FetchError, UsageError
from reviewcast.shelf.fetching import open_fetch, open_url

PRIVATE_HOSTS = """127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 0.0.0.0 10.0.0.1 10.255.255.255
172.16.0.1 172.31.255.255 192.168.0.1 192.168.1.254 169.254.169.254 169.254.0.1 100.64.0.1
100.127.255.254 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255 [::1] [::] [::ffff:127.0.0.1] [::ffff:10.0.0.1] [::ffff:169.254.169.254]
[fe80::1] [fc00::1] [fd12:3456::1] [ff02::1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [2002:7f00:1::]
[2001:db8::1] localhost localhost. a.localhost printer.local metadata.google.internal x.lan
nas.home.arpa""".split()

OTHER_SCHEMES = ("file:///etc/passwd", "ftp://a.example/x", "gopher://a.example", "data:,x")


@pytest.fixture
def fetch():
    """Fetches as a command does that nothing was allowed to."""
    with open_fetch(allow_private=False) as found:
        yield found


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
def test_no_private_host(fetch, host):
    """However its address is written, and whatever it leads to: nothing is connected to."""
    with pytest.raises(FetchError):
        fetch(f"http://{host}:9/feed.xml")


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_only_http(fetch, url):
    """No other scheme is spoken."""
    with pytest.raises(FetchError):
        fetch(url)


@contextlib.contextmanager
def serve(answers):
    """Serve answers of this machine by path: status, headers and body; return base and paths."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, headers, body = answers(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                for piece in body:
                    self.wfile.write(piece)

        def log_message(self, *_arguments):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_five_redirects_and_no_more():
    """The sixth is not followed."""

    def answer(path):
        left = int(path[1:])
        if left:
            return 302, {"Location": f"/{left - 1}"}, []
        return 200, {}, [b"here"]

    with serve(answer) as (base, asked), open_fetch(allow_private=True) as fetch:
        assert fetch(f"{base}/5") == (f"{base}/0", b"here")
        with pytest.raises(FetchError):
            fetch(f"{base}/6")
    assert asked.count("/0") == 1


def test_ten_megabytes_and_no_more():
    """What does not end is broken off, and is asked for once."""
    piece = b"x" * 1_000_000
    with (
        serve(lambda _path: (200, {}, (piece for _ in range(1000)))) as (base, asked),
        open_fetch(allow_private=True) as fetch,
    ):
        with pytest.raises(FetchError, match="larger than 10 MB"):
            fetch(f"{base}/feed.xml")
    assert len(asked) == 1


def test_a_bomb_in_gzip_is_no_more_than_its_size():
    """A server that packs what it sends cannot make a little a lot."""
    import gzip

    bomb = gzip.compress(b"\0" * 200_000_000)
    with (
        serve(lambda _path: (200, {"Content-Encoding": "gzip"}, [bomb])) as (base, _asked),
        open_fetch(allow_private=True) as fetch,
    ):
        with pytest.raises(FetchError, match="larger than 10 MB"):
            fetch(f"{base}/feed.xml")


def test_the_time_is_one_for_all_of_it():
    """A server that sends a byte now and then, or a lot without end, is left when time is up."""
    stop = threading.Event()

    def drip(_path):
        return 200, {}, iter(lambda: b"" if stop.wait(0.02) else b"x", b"")

    with serve(drip) as (base, asked), open_fetch(allow_private=True, patience_s=0.3) as fetch:
        with pytest.raises(FetchError, match="too slowly"):
            fetch(f"{base}/feed.xml")
        stop.set()
    assert len(asked) <= 1  # a busy machine may answer only after that time


FEED = b"""<rss version="2.0"><channel><title>Blog</title><item><title>Heat</title>
<description>Fine.</description></item></channel></rss>"""
FRONT = b"""<html><head><link rel="alternate" type="application/rss+xml" title="Comments"
href="/comments/feed"><link rel=alternate type=application/rss+xml href=/feed></head></html>"""


def test_the_first_page_of_a_blog_stands_for_its_feed():
    """The one of its posts, not that of the comments; a page without a feed is refused."""
    pages = {"/": FRONT, "/feed": FEED}
    with (
        serve(lambda path: (200, {}, [pages.get(path, b"<html>no feed</html>")])) as (base, asked),
        open_fetch(allow_private=True) as fetch,
    ):
        source = open_url(base, fetch)
        assert (source.kind, source.url) == ("feed", f"{base}/feed")
        pages["/"] = b"<html>no feed</html>"
        with pytest.raises(UsageError, match="names no feed"):
            open_url(base, fetch)
    assert "/comments/feed" not in asked


def blog_at(link):
    """Return the feed of a blog whose first page is there."""
    return FEED.replace(b"<title>Blog", b"<link>%s</link><title>Blog" % link.encode())


POST = b"""<html><head><!-- <link type=application/rss+xml href=/old> --><title>Heat</title>
<link rel=alternate type=application/rss+xml href=/blog/feed.xml></head><p>Fine.</p></html>"""
PAGES = {
    "https://u.example/blog/": POST,
    "https://u.example/blog/heat/": POST,
    "https://u.example/blog/feed.xml": blog_at("http://u.example/blog"),
    "https://v.example/blog/": POST,
    "https://letterboxd.com/jo/": POST,
    "https://letterboxd.com/jo/rss/": FEED,
    "https://letterboxd.com/jo/film/heat-1995/": POST,
    "https://letterboxd.com/jo/film/heat-1995/1/": POST,
    "https://letterboxd.com/film/heat-1995/": POST,
}


def fetch_page(url):
    """Return one of the pages, as a fetch does."""
    if url not in PAGES:
        raise FetchError(f"There is no {url}.")
    return url, PAGES[url]


@pytest.mark.parametrize(
    ("url", "kind", "found"),
    [
        ("https://u.example/blog/", "feed", "https://u.example/blog/feed.xml"),
        ("https://u.example/blog/heat/", "page", ""),
        ("https://v.example/blog/", "page", ""),
        ("https://letterboxd.com/jo/", "feed", "https://letterboxd.com/jo/rss/"),
        ("https://letterboxd.com/jo/film/heat-1995/", "page", ""),
        ("https://letterboxd.com/jo/film/heat-1995/1/", "page", ""),
    ],
)
def test_a_blog_below_its_site_and_a_page_of_a_review(url, kind, found):
    """A blog is known by its feed, which names the page; one post's page names that feed, too."""
    source = open_url(url, fetch_page)
    assert (source.kind, source.url) == (kind, found or url)


def test_a_page_on_a_film_is_no_review():
    """It has those of others."""
    with pytest.raises(UsageError, match="no page of a review"):
        open_url("https://letterboxd.com/film/heat-1995/", fetch_page)
