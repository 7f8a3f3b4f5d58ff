"""The former place of the errors; plug-ins import them from reviewcast.plugin."""

import importlib
import warnings
from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    found = getattr(importlib.import_module("reviewcast.model.errors"), name)
    warnings.warn(
        f"reviewcast.errors.{name} has moved: import it from reviewcast.plugin.",
        DeprecationWarning,
        stacklevel=2,
    )
    return found
