"""Servers for the destinations, real ones, on loopback."""

import http.client
import logging
import os
import threading
from types import SimpleNamespace

import pytest
import stamina
from tests.support.failing_proxy import HttpProxy, TcpProxy
from tests.support.sftp_server import SftpServer

from reviewcast.model.protocols import Upload
from reviewcast.podcast.destinations.s3 import S3Destination
from reviewcast.podcast.destinations.sftp import SftpDestination


@pytest.fixture(autouse=True)
def quick_retries():
    """Try again without waiting."""
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a home folder without keys, credentials or settings of this machine."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name == "SSH_AUTH_SOCK":
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(scope="session")
def moto():
    """Run a stand-in of S3 that speaks HTTP; return its address and a client straight to it."""
    import boto3
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    host, port = server.server_address
    client = boto3.session.Session(
        aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1"
    ).client("s3", endpoint_url=f"http://{host}:{port}")
    yield (host, port), client
    client.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def s3(moto, home, monkeypatch):
    """Return a bucket behind a proxy: `open()` reaches it, `raw` is boto3's client."""
    settings = {
        "AWS_ACCESS_KEY_ID": "SECRETID",
        "AWS_SECRET_ACCESS_KEY": "SECRETKEY",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    address, raw = moto
    raw.create_bucket(Bucket="show")
    with HttpProxy(address) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        made = []

        def open_place(url="s3://show/podcast"):
            made.append(S3Destination.open(url))
            return made[-1]

        yield SimpleNamespace(open=open_place, proxy=proxy, raw=raw)
        for place in made:
            with place.lock():
                pass
    connection = http.client.HTTPConnection(*address)
    connection.request("POST", "/moto-api/reset")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.fixture
def sftp(tmp_path, home):
    """Return a server behind a proxy: `open()` reaches it, `root` is its file system."""
    root = tmp_path / "root"
    root.mkdir()
    with SftpServer(root, home) as server, TcpProxy(("127.0.0.1", server.port)) as proxy:
        server.trust(proxy.port)
        made = []

        def open_place(path="/srv/podcast", **options):
            if options:
                made.append(
                    SftpDestination("127.0.0.1", path, user="me", port=proxy.port, **options)
                )
            else:
                made.append(SftpDestination.open(f"sftp://me@127.0.0.1:{proxy.port}{path}"))
            return made[-1]

        yield SimpleNamespace(
            open=open_place, proxy=proxy, server=server, root=root, folder=root / "srv/podcast"
        )
        for place in made:
            place.close()


@pytest.fixture
def upload():
    """Make an upload of bytes or a file."""

    def make(name, source, size=None, kind="audio/mpeg", cache=""):
        return Upload(
            name=name,
            source=source,
            size_bytes=len(source) if size is None else size,
            content_type=kind,
            cache_control=cache,
        )

    return make
