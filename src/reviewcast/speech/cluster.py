"""A Dask cluster whose workers speak, and render; what they make comes home through it.

Nothing is assumed of the workers' disks. Only voices that compute speak there: services are asked
from here, at one pace for all. What is lost with a worker is done again by another, and what is
lost with the scheduler by the next run, which begins with what had come home.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from reviewcast.model.audio import Take
from reviewcast.model.errors import (
    ClusterError,
    ClusterUnavailable,
    ConfigError,
    ReviewcastError,
    UsageError,
    VoiceError,
)
from reviewcast.model.events import Notify, Warned
from reviewcast.model.protocols import Voice, describe_voice
from reviewcast.speech.cluster_worker import (
    INSTALL,
    SpeechReply,
    SpeechTask,
    find_difference,
    hash_take,
    list_versions,
    pack_voice,
    speak_there,
)
from reviewcast.speech.take_checks import speak_checked
from reviewcast.speech.workers import WorkerDied
from reviewcast.system.addresses import read_address
from reviewcast.system.extras import compose_install_line
from reviewcast.system.files import escape
from reviewcast.system.programs import count_cores

if TYPE_CHECKING:
    from distributed import Client

R = TypeVar("R")

LOCAL = "dask"
"""Instead of an address: a cluster that is started on this machine, and ends with the run."""

_PATIENCE_S = 15.0
"""So long a scheduler may take to answer, and its first worker to be there."""

_A_WORKER = 3  # tasks in flight, so that none waits for the next one to arrive
_MOST_DEATHS = 3
_AGAIN = "What was spoken is kept: run the same command again when it is back."


class Cluster:
    """Workers elsewhere, as `Run.elsewhere` has them."""

    def __init__(self, client: "Client", name: str) -> None:
        self._client, self._name = client, name
        self._pool = client.get_executor(pure=False)
        self._is_lost = False

    @property
    def workers(self) -> int:
        """How many there are now, at least 1."""
        return max(1, len(self._client.scheduler_info().get("workers", ())))  # none when it is lost

    @property
    def in_flight(self) -> int:
        """How many segments may be on their way at once."""
        return _A_WORKER * self.workers

    def open_pool(self, voice: Voice) -> Executor:
        """Return what speaks with a voice, by `speak_checked` alone.

        Raise ClusterUnavailable once the scheduler was lost.
        """
        if self._is_lost:
            raise self.lose()
        return _Pool(self, self._client, voice)

    def submit(
        self, job: Callable[[bytes], bytes], data: bytes, receive: Callable[[bytes], R]
    ) -> "Future[R]":
        """Have a function of a module work on data there, once or, when its worker is lost, again.

        The future gives what `receive` makes of the bytes that come home. Raise ClusterUnavailable
        once the scheduler was lost.
        """
        if self._is_lost:
            raise self.lose()
        here: Future[R] = Future()
        there = self._pool.submit(job, data)
        there.add_done_callback(lambda _: _deliver(there, here, receive, self._explain_loss))
        return here

    def _explain_loss(self, error: BaseException) -> BaseException:
        return self.explain(error, "What it was given")

    def lose(self) -> ClusterUnavailable:
        """Note that the scheduler is lost, and return the error that says so."""
        self._is_lost = True
        return ClusterUnavailable(f"{self._name} is gone.", hint=_AGAIN)

    def explain(self, error: BaseException, what: str) -> BaseException:
        """Return the error of the tree for what became of a task; `what` begins its sentence."""
        from distributed import KilledWorker

        match error:
            case ReviewcastError() | WorkerDied():
                return error
            case KilledWorker():
                return VoiceError(
                    f"{what} ended every process of the cluster that spoke.",
                    hint="Change that sentence, or choose another voice with --voice.",
                )
            case CancelledError():
                return self.lose()
            case _:
                return ClusterError(f"{self._name} failed: {_say(error)}.", hint=INSTALL)


@contextmanager
def open_cluster(on: str, *, notify: Notify, patience_s: float = _PATIENCE_S) -> Iterator[Cluster]:
    """Open a cluster: LOCAL, or the scheduler at tcp://host:port or tls://host:port.

    Certificates for tls are those of Dask's own settings. Raise UsageError for what is no address,
    ConfigError when Dask is not installed, ClusterUnavailable when no scheduler or worker answers
    in time, and ClusterError for workers of other versions.
    """
    address = "" if on == LOCAL else check_address(on)
    try:
        import distributed
    except ImportError as error:
        raise ConfigError(
            "Dask is not installed here.", hint=f"Run: {compose_install_line('dask')}"
        ) from error
    for logger in [name for name in logging.root.manager.loggerDict if "distributed" in name]:
        logging.getLogger(logger).setLevel(logging.CRITICAL)  # what is wrong is told by us
    if address and not is_safe(address):
        notify(
            Warned(
                f"The way to the cluster at {address} is not encrypted: whoever is on it can read"
                " the reviews, and send takes of his own. Use tls:// outside of a network of yours."
            )
        )
    name = f"The cluster at {address}" if address else "The cluster on this machine"
    with ExitStack() as stack:
        scheduler = address or stack.enter_context(_open_local()).scheduler_address
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout=patience_s))
            client.wait_for_workers(1, timeout=patience_s)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise ClusterUnavailable(
                f"{name} does not answer: {_say(error)}.",
                hint="Check its address, that it has workers, and that its Dask is ours.",
            ) from error
        _compare_versions(client, name)
        yield Cluster(client, name)


def check_address(on: str) -> str:
    """Return the address of a scheduler; raise UsageError for what is none."""
    try:
        parts = urlsplit(on)
        is_one = parts.scheme in {"tcp", "tls"} and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        is_one = False
    if not is_one or parts.path or parts.query or parts.fragment or parts.username:
        raise UsageError(
            f"{escape(on)} is no cluster.",
            hint=f"Give {LOCAL} for one on this machine, or such as tcp://10.0.0.5:8786",
        )
    return on


def is_safe(address: str) -> bool:
    """True if nobody can read along: on this machine, or encrypted."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    found = read_address(host)
    return parts.scheme == "tls" or host == "localhost" or bool(found and found.is_loopback)


@contextmanager
def _open_local() -> "Iterator[Any]":
    """Start a worker a core, which nobody else can reach."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": _MOST_DEATHS - 1,
                # memory that is given back after each use is what costs most time in encoding
                "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
            }
        ),
        LocalCluster(
            n_workers=count_cores(),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster


def _compare_versions(client: "Client", name: str) -> None:
    """Raise ClusterError when a worker has other versions than we, or no reviewcast."""
    ours = list_versions()
    for worker, theirs in client.run(list_versions, on_error="return").items():
        if isinstance(theirs, Exception):
            raise ClusterError(
                f"{name} has a worker, {worker}, without this version of reviewcast:"
                f" {_say(theirs)}.",
                hint=INSTALL,
            )
        difference = find_difference(ours, theirs)
        if difference:
            raise ClusterError(f"{name} has a worker, {worker}, with {difference}.", hint=INSTALL)


class _Pool(Executor):
    """Hands texts to a cluster as plain data, and makes takes of what comes back."""

    def __init__(self, cluster: Cluster, client: "Client", voice: Voice) -> None:
        self._pool, self._cluster = client.get_executor(pure=False), cluster
        self._voice, self._what = voice, f"The voice {describe_voice(voice).name}"
        self._common = SpeechTask(
            text="", language="", voice=pack_voice(voice), versions=list_versions()
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Have a text spoken, as `speak_checked(voice, text, language)` does; nothing else."""
        voice, text, language = args
        if fn is not speak_checked or voice != self._voice or kwargs:
            raise TypeError("a cluster speaks texts with the voice that it was opened for")
        task = msgspec.structs.replace(self._common, text=text, language=language)
        here: Future[Take] = Future()
        there = self._pool.submit(speak_there, msgspec.msgpack.encode(task))
        here.add_done_callback(lambda _: here.cancelled() and there.cancel())
        there.add_done_callback(lambda _: _deliver(there, here, _read_take, self._explain))
        return here

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Call off what is under way, unless it is to be waited for; the cluster stays open."""
        self._pool.shutdown(wait and not cancel_futures)

    def _explain(self, error: BaseException) -> BaseException:
        return self._cluster.explain(error, self._what)


def _deliver(
    there: "Future[bytes]",
    here: "Future[R]",
    receive: Callable[[bytes], R],
    explain: Callable[[BaseException], BaseException],
) -> None:
    """Give a future what is made of the bytes of another one, or the error why there are none."""
    if not here.set_running_or_notify_cancel():
        return
    try:
        here.set_result(receive(there.result()))
    except BaseException as error:
        here.set_exception(explain(error))


def _read_take(data: bytes) -> Take:
    """Return the take of a reply. Raise WorkerDied when it is not the one that was sent."""
    reply = msgspec.msgpack.decode(data, type=SpeechReply)
    if hash_take(reply.take) != reply.sha256:
        raise WorkerDied("what came home is not what was sent")
    return reply.take


def _say(error: BaseException) -> str:
    """Return the kind and the first line of an error of others, shortly."""
    said = (str(error).splitlines() or [""])[0]
    return escape(f"{type(error).__name__}: {said}".rstrip(": .")[:200])
