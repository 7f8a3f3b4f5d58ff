"""Addresses that others chose take bounded time, and lead to no private network unasked."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
import stamina

from reviewcast.model.errors import FetchError, FetchUnavailable
from reviewcast.podcast.check.places import Unreadable, WebPlace
from reviewcast.system.guarded_http import GuardedSession, PrivateAddressError, is_local_name
from reviewcast.system.http import Fetcher

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 1000000\r\n\r\n"


@contextlib.contextmanager
def listen(answer: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[bytes]]]:
    """Serve raw answers on loopback; gives the port, and the requests that came."""
    heard: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard.append(self.request.recv(65_536))
            with contextlib.suppress(OSError):  # the client has gone
                answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1], heard
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def open_session(**options) -> Iterator[GuardedSession]:
    session = GuardedSession(agent="test", most_redirects=5, **options)
    with contextlib.closing(session):
        yield session


def answer_whole(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour")


def drip(start: bytes) -> Callable[[socket.socket], None]:
    """Send a byte now and then, for ever."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        stopped = threading.Event()
        while not stopped.wait(0.02):
            connection.sendall(b"x")

    return answer


DRIPS = {"headers": drip(b"HTTP/1.1 200 OK\r\nX-Long: "), "body": drip(HEAD)}


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/", True),
        ("http://127.1/", True),
        ("http://2130706433/", True),
        ("http://0/", True),
        ("http://localhost/", True),
        ("http://LOCALHOST./", True),
        ("http://router/", True),
        ("http://nas.local/", True),
        ("http://10.1.2.3/", True),
        ("http://192.168.1.1/", True),
        ("http://100.64.0.1/", True),
        ("http://169.254.169.254/latest/meta-data/", True),
        ("http://[::1]/", True),
        ("http://[fd00::1]/", True),
        ("http://[fe80::1]/", True),
        ("http://[::ffff:10.0.0.1]/", True),
        ("http://[64:ff9b::10.0.0.1]/", True),
        ("http://[2002:a00:1::]/", True),
        ("http://example.org/", False),
        ("http://8.8.8.8/", False),
        ("http://[2606:4700::1111]/", False),
        ("http://[::1/x.mp3", False),
    ],
)
def test_private_addresses_are_told_by_their_name(url, local):
    """All the ways in which an address of the user's own network can be written."""
    assert is_local_name(url) is local
    with open_session() as session:
        refused = pytest.raises(PrivateAddressError) if local else contextlib.nullcontext()
        with refused:
            session.check_name(url)


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]]
)
def test_a_name_that_leads_home_is_refused(addresses):
    """A public name with a private address, also as one of several: nothing is connected to."""
    with (
        listen(answer_whole) as (port, heard),
        open_session(resolve=lambda _host, _port: addresses) as session,
    ):
        with pytest.raises(PrivateAddressError):
            session.request("GET", f"http://podcasts.example.org:{port}/")
        assert heard == []


def test_what_was_checked_is_connected_to():
    """The name is resolved once: an answer that changes afterwards changes nothing."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with (
        listen(answer_whole) as (port, heard),
        open_session(allow_private=True, resolve=resolve) as session,
        session.request("GET", f"http://podcasts.example.org:{port}/a") as reply,
    ):
        assert reply.content == b"four"
        assert asked == [("podcasts.example.org", port)]
        assert f"Host: podcasts.example.org:{port}".encode() in heard[0]


def test_a_redirect_that_leads_home_is_refused(monkeypatch):
    """Also behind a proxy, which would ask for it in our place."""
    home = (
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/key\r\nContent-Length: 0\r\n\r\n"
    )
    with listen(lambda connection: connection.sendall(home)) as (port, heard):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        with open_session() as session, pytest.raises(PrivateAddressError):
            session.request("GET", "http://podcasts.example.org/")
        assert [request.split()[1] for request in heard] == [b"http://podcasts.example.org/"]


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS)
def test_a_server_that_drips_is_left(answer, tmp_path):
    """Each byte comes in time, the whole never: headers and body, for import and check."""
    with listen(answer) as (port, heard), stamina.set_testing(True, attempts=1):
        url = f"http://127.0.0.1:{port}/audio.mp3"
        with contextlib.closing(Fetcher(allow_private=True, patience_s=0.3)) as fetcher:
            with pytest.raises(FetchUnavailable, match="too slowly"):
                fetcher.save(url, tmp_path / "audio.mp3", most_bytes=10**9)
        assert list(tmp_path.iterdir()) == []
        place = WebPlace("", allow_private=True, patience_s=0.3)
        with contextlib.closing(place):
            for _ in range(3):
                with pytest.raises(Unreadable):
                    place.read(url, 10**6)
            with pytest.raises(Unreadable, match="gets no more requests"):
                place.read(url, 10**6)
            assert place.look(url).state == "missing"
            assert len(heard) <= 4  # a busy machine may not have seen all of those four yet


def test_a_large_file_has_the_time_that_it_needs(tmp_path):
    """What comes at an honest pace is not cut off by the patience for small requests."""
    goes_on = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(HEAD + bytes(600_000))
        goes_on.wait(1.5)  # longer than the patience
        connection.sendall(bytes(400_000))

    with listen(answer) as (port, _):
        with contextlib.closing(Fetcher(allow_private=True, patience_s=1.0)) as fetcher:
            fetcher.save(f"http://127.0.0.1:{port}/a.mp3", tmp_path / "a.mp3", most_bytes=10**9)
    assert (tmp_path / "a.mp3").stat().st_size == 1_000_000


def test_a_fetcher_refuses_private_addresses_once(tmp_path):
    """It is no fault that asking again would mend."""
    with listen(answer_whole) as (port, heard), contextlib.closing(Fetcher()) as fetcher:
        with pytest.raises(FetchError, match="private network") as caught:
            fetcher.save(f"http://127.0.0.1:{port}/x", tmp_path / "x", most_bytes=100)
        assert not isinstance(caught.value, FetchUnavailable)
        assert "--allow-private" in caught.value.hint
        assert heard == []


def test_tls_is_for_the_name_that_was_asked_for(tmp_path, monkeypatch):
    """The address is connected to, the certificate is still that of the name."""
    trustme = pytest.importorskip("trustme")
    import ssl

    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("podcasts.example.org").configure_cert(context)

    def answer_tls(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65_536)
            answer_whole(secure)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            for _ in range(2):
                with contextlib.suppress(OSError):
                    answer_tls(server.accept()[0])

        thread = threading.Thread(target=serve)
        thread.start()
        with open_session(allow_private=True, resolve=lambda *_: ["127.0.0.1"]) as session:
            with session.request("GET", f"https://podcasts.example.org:{port}/") as reply:
                assert reply.content == b"four"
            with pytest.raises(requests.exceptions.SSLError):
                session.request("GET", f"https://else.example.org:{port}/")
        thread.join()
