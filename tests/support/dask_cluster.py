"""A Dask cluster in processes of its own: a scheduler, and workers that share no folder with it.

Run as a program it is the scheduler, which prints its address, each worker that has come, and each
task that is done.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

_PATIENCE_S = 120.0


class Process:
    """A program whose lines can be waited for."""

    def __init__(self, *command: str, cwd: Path, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line.strip())

    def wait_for(self, start: str) -> str:
        """Return what follows in the next line that begins so."""
        while True:
            line = self._lines.get(timeout=_PATIENCE_S)
            if line.startswith(start):
                return line.removeprefix(start)

    def kill(self) -> None:
        """End it and what it has started, at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_PATIENCE_S)
        self._reader.join(_PATIENCE_S)


class DaskCluster:
    """A scheduler at `address`, and workers with a home, a cache and a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._workers = folder, list[Process]()
        self._scheduler: Process | None = None
        self.address = ""

    def __enter__(self) -> Self:
        self.start_scheduler()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self._workers, self._scheduler):
            if process:
                process.kill()

    def start_scheduler(self, *, dies_after: int = 0) -> None:
        """Start the scheduler, at the same address as before; it may end after so many tasks."""
        port = self.address.rpartition(":")[2] or "0"
        self._scheduler = Process(
            *(sys.executable, __file__, port, str(dies_after)),
            cwd=self._make_home("scheduler"),
            env=dict(os.environ),
        )
        self.address = self._scheduler.wait_for("address ")

    def kill_scheduler(self) -> None:
        """End the scheduler at once, and its workers."""
        assert self._scheduler
        self._scheduler.kill()
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    def start_worker(self, *, nanny: bool = False, **variables: str) -> str:
        """Start a worker that has none of our variables; return its address once it has come.

        With a nanny, as users have it, it is two processes.
        """
        assert self._scheduler
        home = self._make_home(f"worker{len(list(self._folder.iterdir()))}")
        kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
        self._workers.append(
            Process(
                *(sys.executable, "-m", "distributed.cli.dask_worker", self.address),
                *("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"),
                *("--nanny" if nanny else "--no-nanny", "--local-directory", str(home / "dask")),
                cwd=home,
                env=kept | {"HOME": str(home), "TMPDIR": str(home)} | variables,
            )
        )
        return self._scheduler.wait_for("worker ")

    def wait_for_task(self) -> str:
        """Wait until one more task is done; return its key, which begins with its function."""
        assert self._scheduler
        return self._scheduler.wait_for("done ")

    def kill_worker(self) -> None:
        """End the worker that came first, with its nanny."""
        self._workers.pop(0).kill()

    def _make_home(self, name: str) -> Path:
        home = self._folder / name
        home.mkdir(parents=True, exist_ok=True)
        return home


async def serve(port: int, dies_after: int) -> None:
    """Be a scheduler until the process ends, or so many tasks are done."""
    from distributed import Scheduler
    from distributed.diagnostics.plugin import SchedulerPlugin

    class Herald(SchedulerPlugin):  # type: ignore[misc]
        def add_worker(self, scheduler: object, worker: str) -> None:
            print("worker", worker, flush=True)

        def transition(self, key: str, start: str, finish: str, **_: object) -> None:
            if finish == "memory":
                done.append(key)
                print("done", key, flush=True)
                if len(done) == dies_after:
                    os._exit(1)

    done: list[str] = []
    async with Scheduler(
        host="127.0.0.1", port=port, dashboard=False, dashboard_address="127.0.0.1:0"
    ) as scheduler:
        scheduler.add_plugin(Herald())
        print("address", scheduler.address, flush=True)
        await scheduler.finished()


if __name__ == "__main__":
    import asyncio

    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
