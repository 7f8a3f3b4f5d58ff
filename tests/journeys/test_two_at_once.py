"""Two runs publish at once, to each kind of place: no episode is lost, nothing comes twice."""

import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec
import pytest
from lxml import etree
from tests.journeys.test_publish_there import check_live, read_bucket, read_server
from tests.support.s3rver import KEY, run_s3rver
from tests.support.show import add_episode, make_show
from tests.unit.podcast.destinations.conftest import quick_retries  # noqa: F401

from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import (
    ConflictError,
    DestinationUnavailable,
    LockedError,
    ReviewcastError,
)
from reviewcast.podcast.destinations.claims import Hold, hold_claim
from reviewcast.podcast.destinations.folder import FolderDestination
from reviewcast.podcast.destinations.holder import Holder, name_machine
from reviewcast.podcast.destinations.s3 import S3Destination
from reviewcast.podcast.promises import PublishOptions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def s3rver_url(tmp_path_factory):
    with run_s3rver(tmp_path_factory.mktemp("s3rver") / "bucket") as url:
        yield url


@pytest.fixture
def s3rver(home, monkeypatch, s3rver_url):
    """Return a store without conditions: `open()` reaches its bucket, `raw` is boto3's client."""
    import boto3

    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3rver_url,
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.session.Session().client("s3")
    yield SimpleNamespace(open=lambda: S3Destination.open("s3://show/podcast"), raw=client)
    for one in client.list_objects_v2(Bucket="show").get("Contents", ()):
        client.delete_object(Bucket="show", Key=one["Key"])
    client.close()


def list_keys(s3):
    found = s3.raw.list_objects_v2(Bucket="show").get("Contents", ())
    return [one["Key"].removeprefix("podcast/") for one in found]


@pytest.fixture
def place(request, tmp_path):
    """Return each kind of place: how it is opened and read, and the exit codes of losing there."""
    if request.param == "folder":
        folder = tmp_path / "public"

        def read():
            return {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file() and not path.name.startswith(".")
            }

        return (lambda: FolderDestination(folder)), read, {7}
    found = request.getfixturevalue("s3" if request.param == "moto" else request.param)
    reader = read_server if request.param == "sftp" else read_bucket
    # s3rver shows a file that is being written in parts, so its feed can be one that is none
    codes = {6, 7} if request.param == "s3rver" else {7}
    return found.open, lambda: reader(found), codes


def publish(show, place):
    return publish_show(
        load_config(show), place, PublishOptions(), now=NOW, notify=lambda _event: None
    )


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("place", ["folder", "sftp", "moto", "s3rver"], indirect=True)
def test_two_at_once(place, tmp_path, first):
    """Both end well or by exit 7; when each has run again, both new episodes are there once.

    Also when they are the first that publish there.
    """
    open_place, read, codes = place
    shows = [make_show(tmp_path / "one", more="[site]\npages = false\n"), tmp_path / "two"]
    add_episode(shows[0], "film-1", 1, "2026-10-01")
    if not first:
        publish(shows[0], open_place())
    shutil.copytree(*shows)
    for number, show in enumerate(shows, 2):
        add_episode(show, f"film-{number}", number, f"2026-10-0{number}")
    faults, ready = [], threading.Barrier(2)

    def run(show):
        ready.wait()
        try:
            publish(show, open_place())
        except ReviewcastError as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(show,)) for show in shows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {fault.exit_code for fault in faults} <= codes, faults
    check_live(read())
    for show, other in (shows, reversed(shows)):  # each comes to know the other's episode
        for episode in (other / "episodes").iterdir():
            shutil.copytree(episode, show / "episodes" / episode.name, dirs_exist_ok=True)
    for show in shows:
        publish(show, open_place())
    files = read()
    check_live(files)
    items = list(etree.fromstring(files["feed.xml"]).iter("item"))
    assert [item.findtext("title") for item in items] == ["Film 3", "Film 2", "Film 1"]
    assert len({item.findtext("guid") for item in items}) == 3
    assert not publish(shows[0], open_place()).uploaded


def test_no_feed_is_overwritten(s3rver, upload):
    """Of many that put the same guarded file at once, one does; the others are told."""
    first = s3rver.open().put(upload("feed.xml", b"0"), guard=True)
    outcomes, ready = [], threading.Barrier(4)

    def run(number):
        place = s3rver.open()
        ready.wait()
        try:
            place.put(upload("feed.xml", b"%d" % number), expect=first, guard=True)
            outcomes.append(number)
        except (ConflictError, LockedError) as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in outcomes if isinstance(one, int)]
    assert s3rver.open().read("feed.xml")[0] == b"%d" % winner
    assert list_keys(s3rver) == ["feed.xml"]


def test_a_store_is_asked_once(s3, upload):
    """A store that heeds conditions costs one request more, and keeps nothing of it."""
    place = s3.open()
    first = place.put(upload("feed.xml", b"1"), guard=True)
    assert [exchange.method for exchange in s3.proxy.exchanges] == ["PUT", "HEAD", "PUT", "HEAD"]
    s3.proxy.fail({})
    place.put(upload("feed.xml", b"2"), expect=first, guard=True)
    assert [exchange.method for exchange in s3.proxy.exchanges] == ["HEAD", "PUT", "HEAD"]
    assert list_keys(s3) == ["feed.xml"]


class Claims:
    """Claims in memory, with a clock of their own."""

    def __init__(self):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.claims = {}

    def put_claim(self, token, data):
        self.claims[token] = (data, self.now)

    def list_claims(self):
        return {token: since for token, (_, since) in self.claims.items()}

    def read_claim(self, token):
        return self.claims.get(token, (None,))[0]

    def delete_claim(self, token):
        self.claims.pop(token, None)


def find_dead_pid():
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return int(done.stdout)


@pytest.mark.parametrize(
    ("machine", "dead", "age", "free"),
    [
        ("here", True, 0, True),
        ("here", False, 0, False),
        ("there", True, 0, False),
        ("there", True, 16, True),
        ("here", False, 16, True),
    ],
)
def test_claims_of_others(machine, dead, age, free):
    """A dead process' claim and one that is too old are removed; any other is waited for."""
    store, waits = Claims(), []
    holder = Holder(
        "t",
        name_machine() if machine == "here" else machine,
        find_dead_pid() if dead else os.getpid(),
    )
    store.put_claim("t", msgspec.json.encode(holder))
    store.now += timedelta(minutes=age)
    if free:
        with hold_claim(store, "s3://show", wait=waits.append) as hold:
            hold.check()
            assert "t" not in store.claims
            assert len(store.claims) == 1
        assert not store.claims
    else:
        with (
            pytest.raises(LockedError) as caught,
            hold_claim(store, "s3://show", wait=waits.append),
        ):
            pass
        assert caught.value.exit_code == 7
        assert set(store.claims) == {"t"}
        assert len(waits) == 7
        assert sum(waits) < 10


def test_a_hold_that_has_run_out():
    """What took too long puts nothing any more."""
    with pytest.raises(DestinationUnavailable):
        Hold(0.0).check()
