"""What a service's failures mean, and how long it asks to be left alone."""

import datetime as dt
from email.utils import format_datetime

import pytest
import requests
from tests.support.speech_server import Answer, SpeechServer

from reviewcast.model.errors import VoiceUnavailable
from reviewcast.speech.voices import connection
from reviewcast.speech.voices.connection import open_session, read_wait, send_request


def test_a_reply_without_end(monkeypatch):
    """A reply far longer than any speech is given up, and the next one is read whole."""
    monkeypatch.setattr(connection, "_MOST_BYTES", 100_000)
    open_session.cache_clear()
    with SpeechServer(answer=lambda asked: Answer(bytes(asked.body["size"]))) as server:
        for size in (100_001, 100_000):
            request = requests.Request("POST", server.url, json={"size": size}).prepare()
            if size > 100_000:
                with pytest.raises(VoiceUnavailable, match="It does not end"):
                    send_request(request, service="It", timeout_s=5)
            else:
                _, data = send_request(request, service="It", timeout_s=5)
                assert len(data) == size
    open_session().close()
    open_session.cache_clear()


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
