"""What goes to a cluster and what comes back, without one: its tasks are run here."""

import dataclasses
import os
from concurrent.futures import CancelledError, Executor, Future, wait
from types import SimpleNamespace

import msgspec
import pytest
from tests.conftest import require_packages

from reviewcast.model.audio import Take
from reviewcast.model.errors import (
    ClusterError,
    ClusterUnavailable,
    UsageError,
    VoiceError,
)
from reviewcast.speech.cluster import Cluster, check_address, is_safe, open_cluster
from reviewcast.speech.cluster_worker import (
    PlainVoice,
    SpeechReply,
    SpeechTask,
    list_versions,
    speak_there,
)
from reviewcast.speech.take_checks import speak_checked
from reviewcast.speech.voices.espeak import EspeakVoice
from reviewcast.speech.workers import WorkerDied

require_packages("distributed")

CANARY = "canary-b7e1"


class Client(Executor):
    """A client of no cluster: it keeps what is sent, and answers by `answer`, or not at all."""

    def __init__(self, answer=speak_there):
        self.sent, self.answer, self.futures = [], answer, []

    def get_executor(self, *, pure):
        """Return what tasks are given to."""
        assert pure is False
        return self

    def scheduler_info(self):
        """Return what a scheduler tells of two workers."""
        return {"workers": {"a": {}, "b": {}}}

    def submit(self, job, data):
        """Note a task, and do it at once."""
        assert job is speak_there
        self.sent.append(data)
        future = Future()
        self.futures.append(future)
        if self.answer:
            future.set_running_or_notify_cancel()
            try:
                future.set_result(self.answer(data))
            except Exception as error:
                future.set_exception(error)
        return future


def fail_with(error):
    """Return a job that fails."""

    def fail(_data):
        raise error

    return fail


def speak(client, text="A lamp burns.", voice=None):
    """Have a text spoken by a cluster; return the future."""
    voice = voice or EspeakVoice()
    return Cluster(client, "The cluster").open_pool(voice).submit(speak_checked, voice, text, "en")


def test_a_take_comes_home_as_it_was_made():
    """It is the one that the voice makes here."""
    client = Client()
    assert speak(client).result(60) == speak_checked(EspeakVoice(), "A lamp burns.", "en")
    assert Cluster(client, "x").in_flight == 6


def test_no_secret_travels(monkeypatch):
    """A task holds the text, the voice's options and versions: no value of any variable."""
    for name in [*os.environ, "OPENAI_API_KEY", "REVIEWCAST_VOICE", "MASTODON_TOKEN"]:
        if name not in {"PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"}:
            monkeypatch.setenv(name, CANARY)
    client = Client()
    speak(client).result(60)
    (data,) = client.sent
    assert CANARY.encode() not in data
    told = msgspec.msgpack.decode(data)
    assert set(told) == {"text", "language", "voice", "versions"}
    assert set(told["voice"]) == {"name", "options", "version"}
    assert told["voice"]["options"] == dataclasses.asdict(EspeakVoice())


@pytest.mark.parametrize("changed", ["versions", "voice_version"])
def test_a_worker_of_another_version_speaks_nothing(changed):
    """Each task says which it wants."""
    task = SpeechTask(
        text="A lamp burns.",
        language="en",
        voice=PlainVoice(name="espeak", options={}, version="0.1"),
        versions={**list_versions(), "numpy": "0.1"} if changed == "versions" else list_versions(),
    )
    with pytest.raises(ClusterError, match=r"instead of 0\.1") as caught:
        speak_there(msgspec.msgpack.encode(task))
    assert "same versions" in caught.value.hint


def test_what_is_not_whole_is_asked_for_again():
    """Its worker counts as lost, which is tried again for a while."""
    reply = SpeechReply(take=Take(b"\1\0" * 4000, 22050), sha256="0" * 64)
    future = speak(Client(lambda _data: msgspec.msgpack.encode(reply)))
    assert isinstance(future.exception(60), WorkerDied)


def test_a_text_that_ends_every_worker():
    """It is the voice's fault, as here."""
    from distributed import KilledWorker

    killed = KilledWorker("task", SimpleNamespace(address="tcp://x"), 3)
    error = speak(Client(fail_with(killed))).exception(60)
    assert isinstance(error, VoiceError)
    assert "ended every process" in error.message


def test_errors_of_the_voice_come_home():
    """With their hint."""
    error = speak(Client(fail_with(VoiceError("No.", hint="Other.")))).exception(60)
    assert isinstance(error, VoiceError)
    assert error.hint == "Other."


def test_other_errors_are_one_sentence():
    """Such as a worker that has no such function."""
    error = speak(Client(fail_with(AttributeError("no\nsuch")))).exception(60)
    assert isinstance(error, ClusterError)
    assert error.message == "The cluster failed: AttributeError: no."


def test_a_lost_scheduler_ends_the_pool():
    """What waits fails with how to go on, and nothing more is sent."""
    client = Client(answer=None)
    voice = EspeakVoice()
    cluster = Cluster(client, "The cluster")
    future = cluster.open_pool(voice).submit(speak_checked, voice, "A lamp.", "en")
    client.futures[0].cancel()
    client.futures[0].set_running_or_notify_cancel()
    error = future.exception(60)
    assert isinstance(error, ClusterUnavailable)
    assert "run the same command again" in error.hint
    with pytest.raises(ClusterUnavailable):
        cluster.open_pool(voice)


def test_what_is_called_off_here_is_called_off_there():
    """And whoever waits for it is woken."""
    client = Client(answer=None)
    future = speak(client)
    assert future.cancel()
    assert client.futures[0].cancelled()
    assert wait([future], 60).done == {future}
    with pytest.raises(CancelledError):
        future.result(0)


def test_it_speaks_and_nothing_else():
    """A pool is for the voice that it was opened for."""
    pool = Cluster(Client(), "x").open_pool(EspeakVoice())
    with pytest.raises(TypeError):
        pool.submit(speak_checked, EspeakVoice(speed=200), "A", "en")
    with pytest.raises(TypeError):
        pool.submit(print, EspeakVoice(), "A", "en")


@pytest.mark.parametrize(
    "address",
    ["", "x", "dusk", "http://a:1", "tcp://", "tcp://a", "tcp://:1", "tcp://a:b", "tcp://a:1/x"],
)
def test_what_is_no_address(address):
    """It is refused before Dask is loaded."""
    with (
        pytest.raises(UsageError, match="is no cluster"),
        open_cluster(address, notify=pytest.fail),
    ):
        pass


def test_which_ways_are_safe():
    """Those that stay on this machine, or are encrypted."""
    safe = ("tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:1", "tls://gpu.example:1")
    assert all(is_safe(check_address(one)) for one in safe)
    unsafe = ("tcp://10.0.0.5:8786", "tcp://gpu.example:8786")
    assert not any(is_safe(check_address(one)) for one in unsafe)
