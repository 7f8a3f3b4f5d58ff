"""In which order the reviews of a batch are built, and so numbered."""

import os
from collections.abc import Mapping
from pathlib import Path

from reviewcast.jobs.shows import STDIN, load_config, read_bytes
from reviewcast.model.errors import ReviewcastError
from reviewcast.system.workspace import load_records
from reviewcast.text.look import look_at
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import decode_round_up

_NO_DATE = "9999"


def order_new(names: list[str], show: Path, made: Mapping[str, bytes]) -> list[str]:
    """Put the reviews that were never built in the order of their dates, for their numbers.

    That is the order in which a rhythm releases them: the newest may come first. All others keep
    their places. What has no date, or cannot be read, comes last among them.
    """
    try:
        config, records = load_config(show), load_records(show)
    except ReviewcastError:
        return names  # it is told for each of them
    known = {os.path.normpath(show / record.source) for record in records}
    fresh = [name for name in names if os.path.abspath(name) not in known and name != STDIN]
    if len(fresh) < 2:
        return names

    def find_date(name: str) -> str:
        try:
            if name in made:
                return decode_round_up(ReviewSource(name, made[name])).date or _NO_DATE
            return look_at(read_bytes(name), name, config).date or _NO_DATE
        except ReviewcastError:
            return _NO_DATE

    dates = {name: find_date(name) for name in fresh}
    newest_first = bool(config.publish.drip) and config.publish.drip_order == "newest"
    ordered = iter(
        sorted(
            sorted(fresh, key=dates.__getitem__, reverse=newest_first),
            key=lambda name: dates[name] == _NO_DATE,
        )
    )
    moved = set(fresh)
    return [next(ordered) if name in moved else name for name in names]
