"""The former place of the decoder; plug-ins import them from reviewcast.plugin."""

import importlib
import warnings
from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    found = getattr(importlib.import_module("reviewcast.audio.files.decode"), name)
    warnings.warn(
        f"reviewcast.sound.{name} has moved: import it from reviewcast.plugin.",
        DeprecationWarning,
        stacklevel=2,
    )
    return found
