"""What is fetched is whole, and what fails is told apart: for good, or for now."""

import contextlib

import pytest
import stamina
from tests.support.foreign_show import OldHost

from reviewcast.model.errors import FetchError, FetchUnavailable
from reviewcast.system.http import Fetcher, name_url


@pytest.fixture(autouse=True)
def _no_waits():
    with stamina.set_testing(True, attempts=3):
        yield


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
