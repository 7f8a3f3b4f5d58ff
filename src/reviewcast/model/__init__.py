"""The values that flow, their errors, events and protocols."""

import importlib
import warnings
from typing import Any


def __getattr__(name: str) -> Any:
    """Return a value from the module that it has moved to, with a DeprecationWarning."""
    if not name.startswith("_"):
        for module in ("text", "audio", "podcast"):
            values = importlib.import_module(f"reviewcast.model.{module}")
            if hasattr(values, name):
                warnings.warn(
                    f"reviewcast.model.{name} has moved to reviewcast.model.{module};"
                    " plug-ins import it from reviewcast.plugin.",
                    DeprecationWarning,
                    stacklevel=2,
                )
                return getattr(values, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
