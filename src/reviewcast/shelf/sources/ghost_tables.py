"""The tables of Ghost's JSON, row after row: of a large export, one row stands in memory."""

from collections.abc import Iterator, Mapping
from typing import Any

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.archive import LARGEST_TEXT

_OUTER = (("db", "item", "data"), ("db", "item"), ("data",), ())
"""Where exports have their tables."""

_PIECE = 1 << 14
_DEEPEST = 64
_MOST_ROWS = 500_000
_MOST_VALUES = 30_000_000
_SPELLED = 2
"""A text has up to so many bytes for each of its own, where quotes and signs are escaped."""


def read_rows(
    data: bytes, wanted: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Return the rows of the wanted tables, each with the name of its table, and its wanted fields.

    None for a row stands for the beginning of its table. A field that is a list or an object is
    None. Raise ReviewError for what is no JSON, is nested deeper than 64 levels, or has over
    500,000 rows or a text of over 10 MB.
    """
    reader = _Reader(wanted)
    for event, value in _read_events(data):
        found = reader.read(event, value)
        if found is not None:
            yield found


def _read_events(data: bytes) -> Iterator[tuple[str, Any]]:
    import ijson

    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=True)
    silent = count = 0
    try:
        for start in range(0, len(data), _PIECE):
            parser.send(data[start : start + _PIECE])
            silent = 0 if events else silent + _PIECE
            if silent > _SPELLED * LARGEST_TEXT:
                raise ReviewError(f"The export has a text over {LARGEST_TEXT // 1_000_000} MB.")
            count += len(events)
            if count > _MOST_VALUES:
                raise ReviewError(f"The export has over {_MOST_VALUES:,} values.")
            yield from events
            events.clear()
        parser.close()
        yield from events
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        told = " ".join(str(error).split())[:120]
        raise ReviewError(f"The export is no JSON: {told}.", hint="Export it again.") from error


class _Reader:
    """Follows the events of a parser, and knows in which row of which table it is."""

    def __init__(self, wanted: Mapping[str, frozenset[str]]) -> None:
        self._wanted = wanted
        self._tables = {(*outer, name): name for outer in _OUTER for name in wanted}
        self._path: list[str] = []  # of the containers that are open, below the document's own
        self._arrays: list[bool] = []
        self._key = ""
        self._table, self._depth, self._count = "", 0, 0
        self._row: dict[str, Any] | None = None

    def read(self, event: str, value: Any) -> tuple[str, dict[str, Any] | None] | None:
        """Read an event; return a table that it begins, or a row that it ends."""
        if event == "map_key":
            self._key = value
            return None
        if event in {"start_map", "start_array"}:
            return self._open(is_array=event == "start_array")
        if event in {"end_map", "end_array"}:
            return self._close()
        self._keep(value)
        return None

    def _open(self, *, is_array: bool) -> tuple[str, None] | None:
        self._keep(None)
        if self._arrays:
            self._path.append("item" if self._arrays[-1] else self._key)
        self._arrays.append(is_array)
        if len(self._arrays) > _DEEPEST:
            raise ReviewError("The export is nested too deeply.")
        if self._row is not None:
            return None
        if is_array and len(self._path) <= len(_OUTER[0]) + 1:
            table = self._tables.get(tuple(self._path), "")
            if table:
                self._table, self._depth = table, len(self._path)
                return table, None
        if not is_array and self._table and len(self._path) == self._depth + 1:
            self._row = {}
        return None

    def _close(self) -> tuple[str, dict[str, Any]] | None:
        depth = len(self._path)
        self._arrays.pop()
        if self._path:
            self._path.pop()
        if self._row is not None and depth == self._depth + 1:
            row, self._row = self._row, None
            self._count += 1
            if self._count > _MOST_ROWS:
                raise ReviewError(f"The export has over {_MOST_ROWS:,} rows.")
            return self._table, row
        if self._table and depth == self._depth:
            self._table = ""
        return None

    def _keep(self, value: Any) -> None:
        is_field = self._row is not None and len(self._path) == self._depth + 1
        if is_field and self._row is not None and self._key in self._wanted[self._table]:
            self._row[self._key] = value
