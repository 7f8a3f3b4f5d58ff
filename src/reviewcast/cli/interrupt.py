"""Ctrl-C: the first one lets episodes in progress finish, the second one stops at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def finish_first(*, many: bool) -> Iterator[Callable[[], bool]]:
    """Yield a function: True if Ctrl-C was pressed, which does not raise meanwhile.

    Pressed again it raises KeyboardInterrupt, as it does at once where it is not about `many`.
    """
    if not many or threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    pressed = threading.Event()

    def press(signum: int, frame: FrameType | None) -> None:
        if pressed.is_set():
            signal.default_int_handler(signum, frame)
        pressed.set()
        with suppress(OSError):  # unbuffered: a signal handler must not enter a buffered write
            os.write(
                2, b"\nFinishing the episodes in progress. Press Ctrl-C again to stop at once.\n"
            )

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
