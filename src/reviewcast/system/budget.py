"""What may be spent in a day: counted before it is spent, in a file that a kill does not lose."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from reviewcast.model.errors import BudgetSpent
from reviewcast.system.files import remove_leftovers, write_whole
from reviewcast.system.records import load_record

FILE = "budget.json"

_VERSION = 1
_MOST_DAYS = 10
_CHARS_PER_S = 9.0
"""What a voice says in a second at least, nearly always: most say 12. What it says is measured."""

Clock = Callable[[], datetime]


class Spent(Struct, kw_only=True, omit_defaults=True):
    """What was spent on a day, YYYY-MM-DD in UTC.

    `ahead_since` is the first day, by the clock, on which this one was found to lie ahead.
    """

    day: str
    requests: int = 0
    speech_s: float = 0.0
    ahead_since: str = ""


class _Ledger(Struct, kw_only=True):
    version: int = _VERSION
    days: list[Spent] = []


class Budget:
    """The requests and the seconds of speech of a day, in UTC; 0 is without a limit.

    Safe for threads, not for several processes: whoever spends holds a lock. The file is written
    before anything is spent, and only where there is a limit. A day that lies ahead of the clock
    counts on the day on which that is found, so that a clock that is put back gives nothing anew;
    on later days it does not, so that one that was wrong once blocks nothing.
    """

    def __init__(
        self, path: Path, *, requests: int, speech_s: float, clock: Clock, dry_run: bool = False
    ) -> None:
        """Read the file.

        Raise StorageError when it cannot be read: what was spent is then not known.
        """
        self._path = path
        self._limits = (requests, speech_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._is_kept = bool(requests or speech_s) and not dry_run
        self._ledger = _load(path) if requests or speech_s else _Ledger()
        self._reserved: dict[object, float] = {}
        self._refused: set[tuple[str, str]] = set()
        if self._is_kept and path.exists():
            remove_leftovers(path)

    def take_request(self) -> None:
        """Count one request that is about to be sent; raise BudgetSpent when there is none left."""
        with self._lock:
            today, others = self._find_today()
            limit = self._limits[0]
            if limit and today.requests + sum(one.requests for one in others) >= limit:
                self._refuse("requests", f"{limit:,} requests", today)
            today.requests += 1
            self._save()

    def reserve_speech(self, key: object, characters: int) -> None:
        """Set apart what a text takes to be said, under a key; what was before under it stays.

        Raise BudgetSpent when there is not as much left. A text that is longer than a whole day
        has its turn when nothing else was spoken on it.
        """
        with self._lock:
            if key in self._reserved:
                return
            today, others = self._find_today()
            seconds, limit = characters / _CHARS_PER_S, self._limits[1]
            spent = today.speech_s + sum(one.speech_s for one in others)
            is_over = spent + seconds > limit and spent > 0
            if limit and (is_over or ("speech", today.day) in self._refused):
                self._refuse("speech", f"{limit / 60:g} minutes of speech", today)
            today.speech_s += seconds
            self._reserved[key] = seconds
            if limit:
                self._save()

    def settle_speech(self, key: object, seconds: float) -> None:
        """Put what a text has really taken in the place of what was set apart for it."""
        with self._lock:
            reserved = self._reserved.pop(key, None)
            if reserved is None:
                return
            today, _ = self._find_today()
            today.speech_s = max(0.0, round(today.speech_s + seconds - reserved, 3))
            if self._limits[1]:
                self._save()

    def release_speech(self) -> None:
        """Give back all that was set apart and not spoken."""
        for key in list(self._reserved):
            self.settle_speech(key, 0.0)

    def read_today(self) -> Spent:
        """Return what counts as spent today; nothing is written."""
        with self._lock:
            today, others = self._find_today()
            return Spent(
                day=today.day,
                requests=today.requests + sum(one.requests for one in others),
                speech_s=today.speech_s + sum(one.speech_s for one in others),
            )

    def find_ahead(self) -> str:
        """Return a day that lies ahead of the clock and counts today, "" when there is none."""
        with self._lock:
            _, others = self._find_today()
            return max((one.day for one in others), default="")

    def _refuse(self, kind: str, what: str, today: Spent) -> None:
        self._refused.add((kind, today.day))
        raise BudgetSpent(
            f"The {what} that [budget] allows for {today.day} are used up.",
            hint="What was spoken is kept; the next sync after midnight UTC goes on.",
        )

    def _find_today(self) -> tuple[Spent, list[Spent]]:
        """Return the entry of today, which is made, and those that lie ahead and count today."""
        day = f"{self._clock().astimezone(UTC):%Y-%m-%d}"
        days = self._ledger.days
        today = next((one for one in days if one.day == day), None) or Spent(day=day)
        days[:] = [*(one for one in days if one is not today), today]  # the last one is kept
        found = [one for one in days if one.day > day and not "" < one.ahead_since <= day]
        for one in found:
            one.ahead_since = day
        if found:  # else it would be found anew each day
            self._save()
        return today, [one for one in days if one.day > day == one.ahead_since]

    def _save(self) -> None:
        if not self._is_kept:
            return
        kept = [one for one in self._ledger.days if one.requests or one.speech_s]
        ledger = _Ledger(days=sorted(kept[-_MOST_DAYS:], key=lambda one: one.day))
        with write_whole(self._path, sweep=False) as file:
            file.write(msgspec.json.format(msgspec.json.encode(ledger), indent=2) + b"\n")


def _load(path: Path) -> _Ledger:
    hint = "Remove it; what was spent today then counts no more."
    return load_record(path, _Ledger(), hint=hint)
