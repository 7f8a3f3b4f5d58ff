"""Claims on what several processes may want to make at once: one makes it, the others wait."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from reviewcast.model.errors import LockedError
from reviewcast.system.locks import choose_mode, hold_file

_FOLDER = "claims"
_PATIENCE_S = 60.0


@contextmanager
def hold_claims(
    folder: Path, keys: Iterable[str], *, patience_s: float = _PATIENCE_S
) -> Iterator[None]:
    """Hold claims on keys while the block runs; whoever holds one of them is waited for.

    Keys are hexadecimal, and those of one beginning share one of 256 files. What cannot be claimed
    in `patience_s` is not: it may be made twice then, which does no harm. A process that is killed
    holds nothing.
    """
    with ExitStack() as stack:
        for name in sorted({key[:2] for key in keys}):  # in one order, so that none wait in a ring
            place = folder / _FOLDER / f"{name}.lock"
            lock = hold_file(place, busy="", patience_s=patience_s, mode=choose_mode(folder))
            with suppress(OSError, LockedError):
                place.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(lock)
        yield
