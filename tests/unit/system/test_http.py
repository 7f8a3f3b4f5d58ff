"""What is fetched is whole, and what fails is told apart: for good, or for now."""

import contextlib
import datetime as dt
from email.utils import format_datetime

import pytest
import requests
import stamina
from tests.support.foreign_show import OldHost
from tests.support.speech_server import Answer, SpeechServer

from reviewcast.model.errors import FetchError, FetchUnavailable
from reviewcast.system.http import (
    Fetcher,
    name_url,
    open_session,
    post_form,
    send_request,
    try_again,
)
from reviewcast.system.retry_after import read_wait


@pytest.fixture(autouse=True)
def _no_waits():
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(autouse=True)
def _fresh_session():
    open_session.cache_clear()
    yield
    open_session().close()
    open_session.cache_clear()


@pytest.fixture
def host():
    with OldHost().serve() as served:
        yield served


@pytest.fixture
def fetcher():
    with contextlib.closing(Fetcher(allow_private=True)) as opened:
        yield opened


def test_a_file_is_whole(host, fetcher, tmp_path):
    """Bytes come as they are, in memory or on the disk."""
    host.files["/x"] = bytes(range(256)) * 999
    url = host.base + "/x"
    found = fetcher.read(url, most_bytes=10**6)
    assert (found.data, found.url) == (host.files["/x"], url)
    fetcher.save(url, tmp_path / "x", most_bytes=10**6)
    assert (tmp_path / "x").read_bytes() == host.files["/x"]


@pytest.mark.parametrize("failures", [[-1], [500, 429], [-1, 503]])
def test_what_fails_for_now_is_asked_again(host, fetcher, tmp_path, failures):
    """A server that breaks off or is busy is asked up to three times."""
    host.files["/x"] = bytes(1000)
    host.failures["/x"] = list(failures)
    fetcher.save(host.base + "/x", tmp_path / "x", most_bytes=10**6)
    assert len(host.asked) == len(failures) + 1
    assert (tmp_path / "x").stat().st_size == 1000


@pytest.mark.parametrize("failure", [-1, 500])
def test_then_it_is_unavailable(host, fetcher, tmp_path, failure):
    """After the third time it is an error, and nothing is left on the disk."""
    host.files["/x"] = bytes(1000)
    host.failures["/x"] = [failure] * 3
    with pytest.raises(FetchUnavailable):
        fetcher.save(host.base + "/x", tmp_path / "x", most_bytes=10**6)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_for_good_is_asked_once(host, fetcher):
    """A file that is not there, one that is too large, and what is no address."""
    host.files["/x"] = bytes(1000)
    for url, said in (
        (host.base + "/none", "404"),
        (host.base + "/x", "larger than 0 MB"),
        ("http://[", "cannot be fetched"),
        ("ftp://x.example/y", "cannot be fetched"),
    ):
        with pytest.raises(FetchError, match=said) as caught:
            fetcher.read(url, most_bytes=999)
        assert not isinstance(caught.value, FetchUnavailable)
    assert host.asked == ["/none", "/x"]


def test_nobody_there(fetcher):
    """A server that does not listen cannot be reached."""
    with OldHost().serve() as gone:
        base = gone.base
    with pytest.raises(FetchUnavailable, match="cannot be reached"):
        fetcher.read(base, most_bytes=1)


def test_secrets_are_not_told():
    """The name of a URL holds neither password nor query."""
    url = "https://me:secret@example.org:8080/feed.xml?token=secret#x"
    assert name_url(url) == "https://example.org:8080/feed.xml"


def test_a_reply_without_end():
    """A reply larger than is allowed is given up, and the next one is read whole."""
    with SpeechServer(answer=lambda asked: Answer(bytes(asked.body["size"]))) as server:
        for size in (100_001, 100_000):
            request = requests.Request("POST", server.url, json={"size": size}).prepare()
            if size > 100_000:
                with pytest.raises(FetchUnavailable, match="It does not end"):
                    send_request(request, name="It", timeout_s=60, most_bytes=100_000)
            else:
                _, data = send_request(request, name="It", timeout_s=60, most_bytes=100_000)
                assert len(data) == size


@pytest.mark.parametrize("failures", [[], [503], [503, 429]])
def test_a_busy_hub_is_told_again(host, failures):
    """A form is sent up to three times to a server that is busy for now."""
    host.files["/hub"] = b"ok"
    host.failures["/hub"] = list(failures)
    post_form(host.base + "/hub", {"hub.mode": "publish"}, name="It", timeout_s=60)
    assert host.posted == [b"hub.mode=publish"] * (len(failures) + 1)


@pytest.mark.parametrize(
    ("status", "kind", "times"), [(503, FetchUnavailable, 3), (403, FetchError, 1)]
)
def test_a_hub_that_refuses(host, status, kind, times):
    """One that stays busy is unavailable after three times; one that refuses is asked once."""
    host.failures["/hub"] = [status] * 3
    with pytest.raises(kind, match=f"It answers {status}.") as caught:
        post_form(host.base + "/hub", {"a": "b"}, name="It", timeout_s=60)
    assert type(caught.value) is kind
    assert len(host.posted) == times


def test_no_hub_at_all():
    """What is no address is refused, whatever is wrong with it."""
    for url in ("", "http://[", "nothing"):
        with pytest.raises(FetchError, match="no address"):
            post_form(url, {}, name="It", timeout_s=60)


def test_only_what_is_named_is_tried_again():
    """A job is done again for the errors that are named, and no other."""
    done = []

    def fail(error):
        done.append(error)
        raise error

    for error, times in ((KeyError("a"), 3), (ValueError("b"), 1)):
        with pytest.raises(type(error)):
            try_again(lambda error=error: fail(error), on=KeyError)
        assert done.count(error) == times


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_retry_after_in_seconds(value, seconds):
    """The wait that the service asks for is a number of seconds, or nothing."""
    reply = requests.Response()
    reply.headers["Retry-After"] = value
    assert read_wait(reply) == seconds


@pytest.mark.parametrize(("ahead_s", "low", "high"), [(3600, 3500, 3600), (-3600, 0, 0)])
def test_retry_after_as_a_date(ahead_s, low, high):
    """It may be a date; one that is past asks for no wait."""
    reply = requests.Response()
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead_s)
    reply.headers["Retry-After"] = format_datetime(until, usegmt=True)
    assert low <= read_wait(reply) <= high
