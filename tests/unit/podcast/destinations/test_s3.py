"""A bucket as a destination: headers, faults in every place, and words without secrets."""

import pytest
from tests.support.failing_proxy import answer, cut_body, cut_reply, cut_request, refuse

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
)
from reviewcast.model.protocols import Stored
from reviewcast.podcast.destinations.s3 import S3Destination

FEED, NEW = b"<rss>old</rss>", b"<rss>new one</rss>"


def methods(s3):
    return [exchange.method for exchange in s3.proxy.exchanges]


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://show", "show", ""),
        ("s3://my.show-1/", "my.show-1", ""),
        ("s3://show/a/b/", "show", "a/b/"),
    ],
)
def test_open(url, bucket, prefix):
    """A URL names a bucket, and a prefix if it has one."""
    place = S3Destination.open(url)
    assert (place.bucket, place.prefix) == (bucket, prefix)
    assert str(place) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3:///x",
        "s3://a",
        "s3://b_ucket!/x",
        "s3://show/a/../b",
        "s3://show/.x",
        "s3://show?x=1",
        "s3://evil[::1]/x",
        "s3://show/x#y",
        "s3://show/caf\u00e9",
    ],
)
def test_open_nonsense(url):
    """What is no bucket or no prefix is refused before anything is sent."""
    with pytest.raises(ConfigError) as caught:
        S3Destination.open(url)
    assert caught.value.hint


def test_open_with_credentials():
    """Credentials do not belong in a URL, and are not repeated."""
    with pytest.raises(ConfigError) as caught:
        S3Destination.open("s3://KEY:SECRET@show/x")
    assert "SECRET" not in caught.value.message + caught.value.hint
    assert "AWS_" in caught.value.hint


def test_headers(s3, upload, tmp_path):
    """A file has its type, caching, length and MD5, and none of the checksums others refuse."""
    source = tmp_path / "x.mp3"
    source.write_bytes(b"sound" * 1000)
    s3.open().put(upload("x.mp3", source, 5000, cache="max-age=31536000"))
    put = s3.proxy.exchanges[0]
    assert put.headers["Content-Type"] == "audio/mpeg"
    assert put.headers["Cache-Control"] == "max-age=31536000"
    assert put.headers["Content-Length"] == "5000"
    assert put.headers["Content-MD5"]
    assert not [name for name in put.headers if "checksum" in name.lower()]
    head = s3.raw.head_object(Bucket="show", Key="podcast/x.mp3")
    assert (head["ContentType"], head["CacheControl"]) == ("audio/mpeg", "max-age=31536000")
    assert methods(s3) == ["PUT", "HEAD"]


def test_pages(s3, monkeypatch):
    """More files than a page holds are all listed; others' files are passed over."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    for number in range(25):
        s3.raw.put_object(Bucket="show", Key=f"podcast/{number}.txt", Body=b"x")
    for key in (
        "podcast/",
        "podcast/.hidden",
        "podcast/a/",
        "podcaster/x",
        "x",
        "podcast/caf\u00e9",
    ):
        s3.raw.put_object(Bucket="show", Key=key, Body=b"x")
    found = s3.open().list()
    assert set(found) == {f"{number}.txt" for number in range(25)}
    assert methods(s3) == ["GET", "GET", "GET"]


@pytest.mark.parametrize(
    "fault",
    [
        cut_request,
        cut_reply,
        refuse(503, "SlowDown"),
        refuse(500, "InternalError"),
        refuse(400, "RequestTimeout"),
        refuse(429, "TooManyRequests"),
        refuse(502, ""),
        answer(200, b"<html>Welcome to our hotel"),
    ],
)
def test_faults_that_pass(s3, upload, fault):
    """What fails twice is done at the third try; what fails three times may be tried later."""
    place = s3.open()
    place.put(upload("feed.xml", FEED))
    for times in (1, 2):
        s3.proxy.fail(dict.fromkeys(range(1, times + 1), fault))
        assert set(place.list()) == {"feed.xml"}
        assert len(s3.proxy.exchanges) == times + 1
    s3.proxy.fail(dict.fromkeys((1, 2, 3), fault))
    with pytest.raises(DestinationUnavailable) as caught:
        place.list()
    assert caught.value.exit_code == 6
    assert "SECRET" not in caught.value.message
    assert len(s3.proxy.exchanges) == 3


@pytest.mark.parametrize("guard", [False, True])
def test_a_put_survives(s3, upload, guard):
    """Whichever request of a put fails, what is there is whole, and is ours in the end."""
    place = s3.open()
    for fault in (cut_request, cut_reply, refuse(503, "SlowDown")):
        for moment in (1, 2, 3, 4):
            s3.proxy.fail({})
            old = place.put(upload("feed.xml", FEED))
            s3.proxy.fail({moment: fault})
            stored = place.put(upload("feed.xml", NEW), expect=old, guard=guard)
            s3.proxy.fail({})
            assert place.read("feed.xml") == (NEW, stored)


@pytest.mark.parametrize("expected", [True, False])
def test_a_lost_reply_is_no_conflict(s3, upload, expected):
    """When the store has done what it was asked and its reply is lost, the next try finds that."""
    place = s3.open()
    old = place.put(upload("feed.xml", FEED)) if expected else None
    place.put(upload("other.xml", FEED), guard=True)  # after that the store is known
    s3.proxy.fail({2: cut_reply})
    place.put(upload("feed.xml", NEW), expect=old, guard=True)
    assert methods(s3)[:3] == ["HEAD", "PUT", "PUT"]
    assert place.read("feed.xml")[0] == NEW


def test_a_race_is_a_conflict(s3, upload):
    """When another run puts its feed between our look and our put, the store refuses ours."""
    place = s3.open()
    old = place.put(upload("feed.xml", FEED))

    def overtake(exchange):
        if exchange.method == "PUT" and exchange.path.endswith("feed.xml"):
            s3.raw.put_object(Bucket="show", Key="podcast/feed.xml", Body=b"another's")
            s3.proxy.choose = None

    s3.proxy.choose = overtake
    with pytest.raises(ConflictError) as caught:
        place.put(upload("feed.xml", NEW), expect=old, guard=True)
    assert caught.value.exit_code == 7
    assert place.read("feed.xml")[0] == b"another's"
    with pytest.raises(ConflictError):
        place.put(upload("feed.xml", NEW), guard=True)


@pytest.mark.parametrize(
    "fault",
    [
        refuse(409, "ConditionalRequestConflict"),
        refuse(412, "PreconditionFailed"),
        refuse(404, "NoSuchKey"),
    ],
)
def test_ways_to_say_conflict(s3, upload, fault):
    """All of S3's words for it are one error."""
    place = s3.open()
    old = place.put(upload("feed.xml", FEED), guard=True)
    s3.proxy.fail({2: fault})
    with pytest.raises(ConflictError):
        place.put(upload("feed.xml", NEW), expect=old, guard=True)


def test_a_store_without_conditions(s3, upload):
    """Where If-Match is not implemented, runs take turns at comparing and putting."""
    place = s3.open()
    old = place.put(upload("feed.xml", FEED))

    def choose(exchange):
        conditional = {"If-Match", "If-None-Match"} & set(exchange.headers)
        return refuse(501, "NotImplemented") if conditional else None

    s3.proxy.choose = choose
    new = place.put(upload("feed.xml", NEW), expect=old, guard=True)
    assert place.read("feed.xml") == (NEW, new)
    with pytest.raises(ConflictError):
        place.put(upload("feed.xml", FEED), expect=old, guard=True)
    assert [one["Key"] for one in s3.raw.list_objects_v2(Bucket="show")["Contents"]] == [
        "podcast/feed.xml"
    ]


def test_a_store_that_knows_one_condition(s3, upload):
    """Where If-None-Match alone is not implemented, runs take turns, too."""
    place = s3.open()

    def choose(exchange):
        return refuse(501, "NotImplemented") if "If-None-Match" in exchange.headers else None

    s3.proxy.choose = choose
    new = place.put(upload("feed.xml", NEW), guard=True)
    assert place.read("feed.xml") == (NEW, new)
    with pytest.raises(ConflictError):
        place.put(upload("feed.xml", FEED), guard=True)


def test_a_reply_that_breaks_off(s3, upload):
    """A file that comes back cut is fetched again."""
    place = s3.open()
    stored = place.put(upload("feed.xml", FEED * 1000))
    s3.proxy.fail({1: cut_body, 2: cut_body})
    assert place.read("feed.xml") == (FEED * 1000, stored)
    s3.proxy.fail(dict.fromkeys((1, 2, 3), cut_body))
    with pytest.raises(DestinationUnavailable):
        place.read("feed.xml")


def test_another_size_is_noticed(s3, upload):
    """When the store then has another size, that is an error; with a guard, a conflict."""
    place = s3.open()

    def tamper(exchange):
        if exchange.method == "HEAD":
            s3.raw.put_object(Bucket="show", Key="podcast/feed.xml", Body=b"cut")

    s3.proxy.choose = tamper
    with pytest.raises(DestinationError, match="not in s3://show/podcast as it was sent"):
        place.put(upload("feed.xml", FEED))


def test_a_store_that_is_late(s3, upload):
    """A store that answers before all has arrived is asked again for the size."""
    place = s3.open()

    def choose(exchange):
        if exchange.method == "HEAD":
            s3.proxy.choose = None
            return lambda _exchange: (200, [("Content-Length", "3"), ("ETag", '"x"')], b"", None)
        return None

    s3.proxy.choose = choose
    assert place.put(upload("feed.xml", FEED)).size_bytes == len(FEED)
    assert methods(s3) == ["PUT", "HEAD", "HEAD"]


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (403, "AccessDenied", "s3:PutObject"),
        (404, "NoSuchBucket", "Create the bucket"),
        (403, "SignatureDoesNotMatch", "Renew"),
        (403, "InvalidAccessKeyId", "Renew"),
        (400, "ExpiredToken", "Renew"),
        (403, "RequestTimeTooSkewed", "clock"),
        (400, "BadDigest", "changed on its way"),
        (418, "Strange\x1b[31m", "documentation"),
    ],
)
def test_refusals(s3, upload, status, code, hint):
    """What trying again does not cure is tried once, and told with a hint and without secrets."""
    place = s3.open()
    s3.proxy.choose = lambda _exchange: refuse(status, code.replace("\x1b", ""))
    with pytest.raises(DestinationError) as caught:
        place.put(upload("x", b"x"))
    assert not isinstance(caught.value, DestinationUnavailable)
    assert hint in caught.value.hint
    assert "SECRET" not in caught.value.message + caught.value.hint
    assert len(s3.proxy.exchanges) == 1


def test_head_that_is_denied(s3):
    """A HEAD has no body, and its bare 403 is still told as what it is."""
    s3.proxy.choose = lambda _exchange: refuse(403, "")
    with pytest.raises(DestinationError, match="AccessDenied"):
        s3.open().head("x")


def test_no_bucket(s3, upload):
    """A bucket that does not exist is named."""
    place = s3.open("s3://nowhere/x")
    with pytest.raises(DestinationError, match=r"s3://nowhere/x refuses: NoSuchBucket"):
        place.put(upload("x", b"x"))
    with pytest.raises(DestinationError, match="NoSuchBucket"):
        place.list()


def test_no_credentials(home, monkeypatch, upload):
    """Without credentials it says where they come from, and asks nobody."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(DestinationError, match="no AWS credentials") as caught:
        S3Destination.open("s3://show").list()
    assert "AWS_PROFILE" in caught.value.hint


def test_nobody_there(s3, monkeypatch, upload):
    """An endpoint that does not answer may do so later."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(DestinationUnavailable, match="EndpointConnectionError"):
        s3.open().list()


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_PROFILE", "nobody"), ("AWS_ENDPOINT_URL_S3", "nonsense")]
)
def test_wrong_settings(s3, monkeypatch, variable, value):
    """Settings of the AWS tools that cannot be are a matter of configuration."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match="AWS settings"):
        s3.open().list()


def test_stored_is_an_etag(s3, upload):
    """A mark is the ETag without its quotes, the same from each request."""
    place = s3.open()
    stored = place.put(upload("x", b"x"))
    assert stored == Stored(1, "9dd4e461268c8034f5c8564e155c67a6") == place.list()["x"]
