"""What a field says of its setting: its key, default, bounds and explanation."""

import dataclasses
import functools
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Meta, Struct, structs

from reviewcast.model.errors import ConfigError

_MISSING = (NODEFAULT, dataclasses.MISSING)


def about(description: str, *, ge: float | None = None, le: float | None = None) -> Meta:
    """Return what a field says of its setting: what it is for, and the bounds of a number."""
    return Meta(description=description, ge=ge, le=le)


class Setting(Struct, frozen=True, kw_only=True):
    """One setting of a table, or option of a voice.

    `choices` are the only values that a text may have, () for any; `low` and `high` are the bounds
    of a number, None without. `default` is None for an option that must be given.
    """

    key: str
    default: Any
    description: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    is_whole: bool = False

    @property
    def bounds(self) -> str:
        """Return the values that it takes, in words: "from 0 to 10", or "" without bounds."""
        if self.low is None:
            return "" if self.high is None else f"at most {self.high}"
        if self.high is None:
            return f"at least {self.low}"
        if self.is_whole and self.high - self.low == 1:
            return f"{self.low} or {self.high}"
        return f"from {self.low} to {self.high}"

    def allows(self, value: Any) -> bool:
        """True if a number is within the bounds; NaN never is."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of podcast.toml, which `table` names.

    Each field is a setting: `duck_db: Annotated[float, about("…", ge=-60, le=0)] = -8.0`
    gives its type, bounds, explanation and default, and everything else follows from that. Raise
    ConfigError for a value out of its bounds.
    """

    table: ClassVar[str] = ""

    def __post_init__(self) -> None:
        check_bounds(self, f"[{self.table}]")


@functools.cache
def list_settings(kind: Any) -> tuple[Setting, ...]:
    """Return the settings of a table, or the options of a voice, in the order of their fields."""
    hints = get_type_hints(kind, include_extras=True)
    fields = structs.fields(kind) if issubclass(kind, Struct) else dataclasses.fields(kind)
    return tuple(_read_field(field, hints[field.name]) for field in fields)


def check_bounds(settings: Any, where: str) -> None:
    """Raise ConfigError, which begins with `where`, for a number out of the bounds of its field."""
    kind: Any = type(settings)
    for setting in list_settings(kind):
        if setting.bounds and not setting.allows(getattr(settings, setting.key)):
            raise ConfigError(f"{where} {setting.key} must be {setting.bounds}.")


def _read_field(field: Any, hint: Any) -> Setting:
    kind = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    metas = [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, Meta)]
    meta = metas[-1] if metas else Meta()
    default = field.default
    if default in _MISSING:
        default = None if field.default_factory in _MISSING else field.default_factory()
    return Setting(
        key=field.name,
        default=default,
        description=meta.description or "",
        choices=get_args(kind) if get_origin(kind) is Literal else (),
        low=meta.ge,
        high=meta.le,
        is_whole=kind is int,
    )
