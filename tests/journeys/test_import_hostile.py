"""`reviewcast import` of what means harm: refused in bounds, and nothing half-written."""

import gzip
import io
import itertools
import os
import time
import zipfile
from collections.abc import Callable

import pytest
from tests.support.network import PUBLIC, Answer, Network, serve
from tests.support.program import Program, Result
from tests.support.show import make_show

LONG = os.environ.get("REVIEWCAST_TEST_LONG") == "1"

NUMBERS = """
127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 0 0.0.0.0
10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 0xa9fea9fe 2852039166 100.64.0.1
192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.251
239.255.255.250 240.0.0.1 255.255.255.255 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1]
[::ffff:a9fe:a9fe] [::127.0.0.1] [::ffff:0:127.0.0.1] [fe80::1] [fe80::1%25lo] [fc00::1]
[fd00:ec2::254] [fec0::1] [ff02::1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::a00:1]
[2002:7f00:1::] [2002:a9fe:a9fe::1] [2001:0:7f00:1::] [2001:db8::1] [100::1]
""".split()
"""Addresses that are not of the public web, in all the ways that they are written in."""

NAMES = """
localhost LOCALHOST localhost. a.localhost router printer.local nas.lan metadata.google.internal
x.home.arpa ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ①②⑦.⓪.⓪.① 127。0。0。1 jo@127.0.0.1 93.184.216.34@127.0.0.1
93.184.216.34%40127.0.0.1 blog.example\\@127.0.0.1 127.0.0.1#@blog.example
127.0.0.1\\@blog.example 127.0.0.1%2eblog.example\\..\\
""".split()
"""Names of this machine or its network, and addresses that hide who is meant."""

HOME = {
    "loopback": ["127.0.0.1"],
    "loopback-v6": ["::1"],
    "mapped": ["::ffff:169.254.169.254"],
    "metadata": ["169.254.169.254"],
    "private": ["10.0.0.7"],
    "nat64": ["64:ff9b::a9fe:a9fe"],
    "6to4": ["2002:7f00:1::"],
    "unspecified": ["0.0.0.0"],
    "shared": ["100.64.0.1"],
    "second-of-two": [PUBLIC, "127.0.0.1"],
    "first-of-two": ["192.168.0.1", PUBLIC],
}
"""What a public name may be made to mean."""

FEED = b"""<rss version="2.0"><channel><link>http://blog.example/</link><item><title>Heat</title>
<link>http://blog.example/heat</link><pubDate>Tue, 05 Nov 2019 08:30:00 GMT</pubDate>
<description>Two men.</description></item></channel></rss>"""


@pytest.fixture
def program(tmp_path):
    """The program with a cache of its own."""
    return Program(tmp_path / "cache")


@pytest.fixture
def show(tmp_path):
    """An empty show."""
    return make_show(tmp_path / "show")


def check_refused(done: Result, show, codes=(6,)) -> None:
    """One sentence and a hint or none, a documented code, and a show as it was."""
    assert done.code in codes, (done.code, done.err)
    assert "Traceback" not in done.err and "bug" not in done.err
    assert len(done.err.strip().splitlines()) <= 4, done.err
    assert done.out == ""
    assert [path.name for path in show.iterdir() if path.name != ".reviewcast"] == ["podcast.toml"]


def test_no_address_of_ones_own_network(program, show, monkeypatch):
    """Named in the address itself: nothing is connected to, and none of the names is looked up."""
    network = Network({}, {})
    network.patch(monkeypatch)
    for host in [*NUMBERS, *NAMES]:
        done = program.run("import", f"http://{host}/feed.xml", cwd=show)
        check_refused(done, show)
        assert network.connected == [], host


def test_no_redirect_to_ones_own_network(program, show, monkeypatch):
    """A public server that leads there is asked once, and what it names never."""
    hosts = [*NUMBERS, *NAMES]

    def answer(path: str) -> Answer:
        if not path[1:].isdigit():  # where all that hides itself was the public host's own
            return 404, {}, b""
        target = hosts[int(path[1:])].encode("utf-8").decode("latin-1")
        return 302, {"Location": f"http://{target}/feed.xml"}, b""

    with serve(answer) as (port, asked):
        network = Network({"blog.example": [[PUBLIC]]}, {PUBLIC: port})
        network.patch(monkeypatch)
        for place, host in enumerate(hosts):
            network.connected.clear()
            check_refused(program.run("import", f"http://blog.example/{place}", cwd=show), show)
            assert set(network.connected) <= {PUBLIC}, host
        assert [path for path in asked if path[1:].isdigit()] == [
            f"/{place}" for place in range(len(hosts))
        ]


@pytest.mark.parametrize("addresses", HOME.values(), ids=HOME)
def test_no_name_that_means_ones_own_network(program, show, monkeypatch, addresses):
    """Asked for at once, after a redirect, and as the page that a feed names."""

    def answer(path: str) -> Answer:
        if path == "/feed.xml":
            return 200, {}, FEED.replace(b"blog.example/heat", b"trap.example/heat")
        return 302, {"Location": "http://trap.example/feed.xml"}, b""

    with serve(answer) as (port, _asked):
        names = {"trap.example": [addresses], "blog.example": [[PUBLIC]]}
        network = Network(names, {PUBLIC: port})
        network.patch(monkeypatch)
        done = program.run("import", "http://trap.example/feed.xml", cwd=show)
        check_refused(done, show)
        assert network.connected == []
        check_refused(program.run("import", "http://blog.example/", cwd=show), show)
        assert network.connected == [PUBLIC]
        done = program.run("import", "http://blog.example/feed.xml", "--json", cwd=show)
        assert (done.code, done.json["found"], len(done.json["failed"])) == (3, 0, 1)
        assert network.connected == [PUBLIC, PUBLIC]


@pytest.mark.parametrize("second", [["127.0.0.1"], ["169.254.169.254"], ["::1"]])
def test_a_name_that_changes_its_meaning(program, show, monkeypatch, second):
    """The address that was checked is connected to; each connection is checked anew."""
    with serve(lambda path: (200, {}, FEED) if path == "/feed.xml" else (200, {}, b"x")) as server:
        network = Network({"blog.example": [[PUBLIC], second]}, {PUBLIC: server[0]})
        network.patch(monkeypatch)
        done = program.run("import", "http://blog.example/feed.xml", "--json", cwd=show)
        assert (done.code, len(done.json["failed"])) == (3, 1)
        assert "private network" in done.json["failed"][0]["reason"]
        assert network.asked == ["blog.example", "blog.example"]
        assert network.connected == [PUBLIC]
        assert server[1] == ["/feed.xml"]


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "ftp://blog.example/x", "gopher://blog.example/", "data:,x"]
)
def test_no_other_scheme(program, show, monkeypatch, place):
    """Neither named nor in a redirect."""
    check_refused(program.run("import", place, cwd=show), show, codes=(2,))
    with serve(lambda _path: (302, {"Location": place}, b"")) as (port, asked):
        network = Network({"blog.example": [[PUBLIC]]}, {PUBLIC: port})
        network.patch(monkeypatch)
        check_refused(program.run("import", "http://blog.example/", cwd=show), show)
        assert network.connected == [PUBLIC] and asked == ["/"]


HEADER = b"Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"
MB = 1_000_000


def pack(files: dict[str, bytes]) -> bytes:
    """Return a zip file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def lie(packed: bytes) -> bytes:
    """Return a zip file whose headers say that its one member has ten bytes."""
    data = bytearray(packed)
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(mark) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def grow(root: str) -> bytes:
    """Return XML whose entities stand for ten thousand million letters."""
    names = "abcdefghij"
    told = "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in itertools.pairwise(names))
    return f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">{told}]>{root}'.encode()


WXR = (
    '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><wp:wxr_version>1.2</wp:wxr_version>'
    "<item><title>&j;</title></item></channel></rss>"
)
RSS = '<rss version="2.0"><channel><item><title>&j;</title></item></channel></rss>'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>&j;</title><category '
    'term="http://schemas.google.com/blogger/2008/kind#post"/></entry></feed>'
)
XXE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY j SYSTEM "file:///etc/passwd">]>'

HARM: dict[str, Callable[[], bytes]] = {
    "zeros.zip": lambda: pack({"reviews.csv": bytes(200 * MB)}),
    "table.zip": lambda: pack({"reviews.csv": HEADER + b"a,b,c,d\n" * (8 * MB)}),
    "rows.zip": lambda: pack({"reviews.csv": HEADER + b",,,,,,,,\n" * (5 * MB)}),
    "nested.zip": lambda: pack({"reviews.zip": pack({"reviews.csv": bytes(100 * MB)})}),
    "lie.zip": lambda: lie(pack({"reviews.csv": HEADER + b"x" * MB})),
    "many.zip": lambda: pack({f"{at}.csv": b"" for at in range(100_001)}),
    "feeds.zip": lambda: pack({f"{at}.xml": b"<rss>" + b"<item/>" * (8 * MB) for at in (1, 2)}),
    "nul.csv": lambda: HEADER + b"2020-01-01,Heat,1995,x,,,\0,,\n",
    "field.csv": lambda: HEADER + b'2020-01-01,Heat,1995,x,,,"' + b"x" * 100 * MB + b'",,\n',
    "long-field.csv": lambda: HEADER + b'2020-01-01,Heat,1995,x,,,"' + b"x" * 40 * MB + b'",,\n',
    "open-field.csv": lambda: HEADER + b'2020-01-01,Heat,1995,x,,,"' + b"x\n" * 20 * MB,
    "wxr.xml": lambda: grow(WXR),
    "rss.xml": lambda: grow(RSS),
    "blogger.xml": lambda: grow(ATOM),
    "wxr-file.xml": lambda: XXE + WXR.encode(),
    "rss-file.xml": lambda: XXE + RSS.encode(),
    "utf-16.xml": lambda: grow(RSS).decode().replace("1.0", '1.0" encoding="UTF-16').encode("u16"),
    "open-cdata.xml": lambda: WXR.replace("&j;", "<![CDATA[" * MB).encode(),
    "open-tags.xml": lambda: WXR.replace("</item>", "<item " * MB).encode(),
    "deep.xml": lambda: b"<rss>" + b"<a>" * (3 * MB),
    "entries.xml": lambda: b"<rss><channel>" + b"<item><title>a</title></item>" * 300_000,
    "deep.json": lambda: b'{"db":' + b"[" * (10 * MB),
    "posts.json": lambda: b'{"db":[{"data":{"posts":[' + b"{}," * 200_000 + b"{}]}}]}",
    "deep.html": lambda: b"<!doctype html><html>" + b"<div>" * (390_000),
    "gzip.xml": lambda: gzip.compress(bytes(400 * MB)),
}
"""What is small and would be a lot, or would fetch a file, or has no end."""


@pytest.mark.parametrize("name", HARM)
def test_what_would_be_a_lot(program, show, tmp_path, name):
    """Refused within a minute and 1.5 GB, and nothing of it is written."""
    (tmp_path / name).write_bytes(HARM[name]())
    done = program.run_bounded("import", tmp_path / name, cwd=show)
    check_refused(done, show, codes=(2, 3))


def test_a_server_that_packs_what_it_sends(program, show, monkeypatch):
    """Of 400 MB in 400 kB no more than 10 MB is ever unpacked."""
    bomb = gzip.compress(bytes(400 * MB))
    with serve(lambda _path: (200, {"Content-Encoding": "gzip"}, bomb)) as (port, asked):
        Network({"blog.example": [[PUBLIC]]}, {PUBLIC: port}).patch(monkeypatch)
        done = program.run("import", "http://blog.example/feed.xml", cwd=show)
        check_refused(done, show)
        assert "larger than 10 MB" in done.err and asked == ["/feed.xml"]


@pytest.mark.skipif(not LONG, reason="takes half a minute: REVIEWCAST_TEST_LONG=1")
def test_a_server_that_drips_has_half_a_minute(program, show, monkeypatch):
    """A byte now and then, for ever: the command ends by itself."""
    with serve(lambda _path: (200, {"Content-Length": str(MB)}, None)) as (port, asked):
        Network({"blog.example": [[PUBLIC]]}, {PUBLIC: port}).patch(monkeypatch)
        begun = time.monotonic()
        done = program.run("import", "http://blog.example/feed.xml", cwd=show)
        check_refused(done, show)
        assert "too slowly" in done.err
        assert 29 < time.monotonic() - begun < 60
        assert asked == ["/feed.xml"]
