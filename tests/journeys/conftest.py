"""What journeys share: servers of the destinations' own tests, and a blog that is imported."""

import pytest
from tests.support.blog import Blog
from tests.support.program import Program
from tests.support.speech_server import SpeechServer
from tests.support.syncing import Syncing
from tests.unit.podcast.destinations.conftest import home, moto, s3, sftp, upload

__all__ = ["home", "moto", "s3", "sftp", "upload"]


@pytest.fixture
def syncing(tmp_path):
    """A blog with three reviews, and shows that import it."""
    with Blog() as blog:
        blog.add(3)
        yield Syncing(tmp_path, blog, Program(tmp_path / "cache"))


@pytest.fixture
def service():
    """An online voice of this machine."""
    with SpeechServer() as server:
        yield server
