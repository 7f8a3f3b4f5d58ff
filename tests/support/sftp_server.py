"""An SFTP server on loopback, by asyncssh, that serves one folder to one key."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncssh


class SftpServer:
    """Serves `root` as the whole file system; the login is by the key in `home`/.ssh.

    `home` gets a key and a known_hosts file for it. `before` hears of each operation that may be
    made to fail, by name, and raises what is to go wrong (`asyncssh.SFTPError`, `OSError`).
    """

    def __init__(
        self,
        root: Path,
        home: Path,
        *,
        before: Callable[[str], None] = lambda _operation: None,
    ) -> None:
        self.root = root
        self.home = home
        self.before = before
        self.looking: Callable[[str], None] = lambda _operation: None
        """Hears of `open` and `lstat`, just before they are done."""
        self.calls: list[str] = []
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def trust(self, *ports: int, key: asyncssh.SSHKey | None = None) -> None:
        """Let the user know the server's key at these ports."""
        text = (key or self.host_key).export_public_key().decode()
        lines = [f"[127.0.0.1]:{port} {text}" for port in ports]
        (self.home / ".ssh" / "known_hosts").write_text("".join(lines))

    def __enter__(self) -> Self:
        folder = self.home / ".ssh"
        folder.mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(folder / "id_ed25519"))
        authorized = asyncssh.import_authorized_keys(key.export_public_key().decode())
        self._thread.start()
        self._server: Any = self._run(self._listen(authorized))
        self.port = self._server.get_port()
        self.trust(self.port)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, authorized: Any) -> Any:
        outer = self

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: Any) -> None:
                super().__init__(channel, chroot=str(outer.root).encode())

            def _hear(self, operation: str) -> None:
                outer.calls.append(operation)
                outer.before(operation)

            def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
                outer.looking("open")
                return super().open(path, pflags, attrs)

            def lstat(self, path: bytes) -> Any:
                outer.looking("lstat")
                return super().lstat(path)

            def write(self, file_obj: object, offset: int, data: bytes) -> Any:
                self._hear("write")
                return super().write(file_obj, offset, data)

            def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
                self._hear("posix_rename")
                return super().posix_rename(oldpath, newpath)

            def rename(self, oldpath: bytes, newpath: bytes) -> Any:
                self._hear("rename")
                return super().rename(oldpath, newpath)

            def fsync(self, file_obj: object) -> Any:
                self._hear("fsync")
                return super().fsync(file_obj)

            def fsetstat(self, file_obj: object, attrs: Any) -> Any:
                self._hear("fsetstat")
                return super().fsetstat(file_obj, attrs)

            def scandir(self, path: bytes) -> Any:
                self._hear("scandir")
                return super().scandir(path)

            def mkdir(self, path: bytes, attrs: Any) -> Any:
                self._hear("mkdir")
                return super().mkdir(path, attrs)

        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self.host_key],
            authorized_client_keys=authorized,
            sftp_factory=Files,
        )

    async def _close(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def _run(self, job: Any) -> Any:
        future: concurrent.futures.Future[Any] = asyncio.run_coroutine_threadsafe(job, self._loop)
        return future.result(30)
