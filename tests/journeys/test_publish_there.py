"""A show is published to real servers that fail at every request in turn."""

import itertools
import shutil
from datetime import UTC, datetime

import asyncssh
import pytest
from lxml import etree
from tests.support.budget import FULL_SWEEP
from tests.support.failing_proxy import cut_reply, cut_request
from tests.support.show import URL, add_episode, make_show
from tests.unit.podcast.destinations.conftest import quick_retries  # noqa: F401

from reviewcast.jobs.publish import publish_show
from reviewcast.jobs.shows import load_config
from reviewcast.model.errors import ConflictError, DestinationError, LockedError
from reviewcast.podcast.promises import PublishOptions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# every moment when asked for; else every eighth
STEP = 1 if FULL_SWEEP else 8
TYPES = {
    ".mp3": "audio/mpeg",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".xml": "application/rss+xml; charset=utf-8",
    ".transcript.json": "application/json; charset=utf-8",
    ".chapters.json": "application/json+chapters; charset=utf-8",
}


@pytest.fixture
def show(tmp_path):
    """A show that has changed since it was first published to `before`."""
    folder = make_show(tmp_path / "show", more="[site]\npages = false\n")
    add_episode(folder, "film-1", 1, "2026-10-01")
    return folder


def change(show):
    add_episode(show, "film-1", 1, "2026-10-01", audio=b"corrected" * 99)
    add_episode(show, "film-2", 2, "2026-10-08")


def publish(show, place, **wishes):
    return publish_show(
        load_config(show), place, PublishOptions(**wishes), now=NOW, notify=lambda _event: None
    )


def check_live(files):
    """The live feed is well formed, and each file that it names is there with its size."""
    feed = etree.fromstring(files["feed.xml"])
    for element in feed.iter():
        url = element.get("url") or element.get("href") or ""
        if url.startswith(URL) and url != URL:
            assert url.removeprefix(URL) in files
    for enclosure in feed.iter("enclosure"):
        assert len(files[enclosure.get("url").removeprefix(URL)]) == int(enclosure.get("length"))


def read_bucket(s3):
    found = {}
    for one in s3.raw.list_objects_v2(Bucket="show").get("Contents", ()):
        name = one["Key"].removeprefix("podcast/")
        found[name] = s3.raw.get_object(Bucket="show", Key=one["Key"])["Body"].read()
    return found


def put_back(s3, files):
    for name in read_bucket(s3):
        s3.raw.delete_object(Bucket="show", Key=f"podcast/{name}")
    for name, data in files.items():
        s3.raw.put_object(Bucket="show", Key=f"podcast/{name}", Body=data)


@pytest.mark.parametrize("fault", [cut_request, cut_reply])
def test_s3_dies_at_any_request(s3, show, tmp_path, fault):
    """Dead from the nth request on: the feed is sound, and the next run ends with golden bytes."""
    publish(show, s3.open())
    before = read_bucket(s3)
    change(show)
    shutil.copytree(show, tmp_path / "kept")
    publish(show, s3.open())
    golden = read_bucket(s3)
    for moment in itertools.count(1, STEP):
        put_back(s3, before)
        shutil.rmtree(show)
        shutil.copytree(tmp_path / "kept", show)
        s3.proxy.fail({moment: fault} | dict.fromkeys(range(moment + 1, moment + 99), cut_request))
        try:
            publish(show, s3.open())
        except DestinationError:
            files = read_bucket(s3)
            check_live(files)
            assert files["feed.xml"] in {before["feed.xml"], golden["feed.xml"]}
            s3.proxy.fail({})
            publish(show, s3.open())
            assert read_bucket(s3) == golden
        else:
            break
    s3.proxy.fail({})
    assert moment > 15


def test_s3_types_and_caching(s3, show):
    """Each file has its content type; what is named by its hash may be kept for ever."""
    publish(show, s3.open())
    for name in read_bucket(s3):
        head = s3.raw.head_object(Bucket="show", Key=f"podcast/{name}")
        suffix = next((end for end in TYPES if name.endswith(end)), None)
        if suffix:
            assert head["ContentType"] == TYPES[suffix]
        assert ("immutable" in head["CacheControl"]) == (name != "feed.xml")


def test_two_publishers_of_one_bucket(s3, show, tmp_path):
    """Of two runs that overlap, one is refused; after its next run no episode is lost."""
    publish(show, s3.open())
    other = tmp_path / "other"
    shutil.copytree(show, other)
    add_episode(show, "film-2", 2, "2026-10-08")
    overtaken = []

    def overtake(exchange):
        if exchange.method == "PUT" and exchange.path.endswith("feed.xml") and not overtaken:
            overtaken.append(True)
            add_episode(other, "film-3", 3, "2026-10-15")
            publish(other, s3.open())

    s3.proxy.choose = overtake
    with pytest.raises(ConflictError):
        publish(show, s3.open())
    s3.proxy.choose = None
    titles = [
        e.text for e in etree.fromstring(read_bucket(s3)["feed.xml"]).iterfind(".//item/title")
    ]
    assert titles == ["Film 3", "Film 1"]
    with pytest.raises(ConflictError, match="Film 3"):
        publish(show, s3.open())
    shutil.copytree(other / "episodes" / "film-3", show / "episodes" / "film-3")
    publish(show, s3.open())
    titles = [
        e.text for e in etree.fromstring(read_bucket(s3)["feed.xml"]).iterfind(".//item/title")
    ]
    assert titles == ["Film 3", "Film 2", "Film 1"]
    check_live(read_bucket(s3))


def read_server(sftp):
    return {
        path.relative_to(sftp.folder).as_posix(): path.read_bytes()
        for path in sftp.folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_sftp_dies_at_any_operation(sftp, show, tmp_path):
    """Dead from the nth operation on: the feed is sound, and the next run ends golden."""
    publish(show, sftp.open())
    shutil.copytree(sftp.folder, tmp_path / "before")
    before = read_server(sftp)
    change(show)
    shutil.copytree(show, tmp_path / "kept")
    publish(show, sftp.open())
    golden = read_server(sftp)
    count, last = itertools.count(), 1

    def die(_operation):
        if next(count) >= last:
            raise asyncssh.SFTPFailure("dead")

    for last in itertools.count(1, STEP):  # noqa: B007 - die() asks for it
        shutil.rmtree(sftp.folder)
        shutil.copytree(tmp_path / "before", sftp.folder)
        shutil.rmtree(show)
        shutil.copytree(tmp_path / "kept", show)
        count = itertools.count(1)
        sftp.server.before = die
        try:
            publish(show, sftp.open())
        except (DestinationError, LockedError):
            files = read_server(sftp)
            check_live(files)
            assert files["feed.xml"] in {before["feed.xml"], golden["feed.xml"]}
            sftp.server.before = lambda _operation: None
            (sftp.folder / ".reviewcast.lock").unlink(missing_ok=True)
            publish(show, sftp.open())
            assert read_server(sftp) == golden
        else:
            break
    assert last > 10
