"""Runs reviewcast and kills it, hard, just before the Nth time that it touches the disk.

    python -m tests.support.kill_at N build x.md -o x.mp3 ...

With N = 0 nothing is killed, and the number of times is printed on stderr at the end.
"""

import os
import signal
import sys

_TOUCHES = ("open", "os.rename", "os.remove", "os.mkdir")


def main() -> None:
    """Count audit events of the disk in this process, from the command's start on."""
    moment, sys.argv[1:] = int(sys.argv[1]), sys.argv[2:]
    count = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in _TOUCHES and not str(arguments[0]).endswith((".py", ".pyc", ".so")):
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    from reviewcast.cli import main as run

    sys.addaudithook(watch)
    try:
        run()
    finally:
        if not moment:
            print(count, file=sys.stderr)


if __name__ == "__main__":
    main()
