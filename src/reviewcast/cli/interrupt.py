"""Ctrl-C: the first one lets what is in hand end, the second one stops at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def finish_first(*, many: bool) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether Ctrl-C was pressed, which does not raise meanwhile.

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
        with suppress(OSError):  # by no buffer, which may be in the midst of another line
            os.write(2, b"\nEnding what is in hand. Ctrl-C once more stops at once.\n")

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
