"""What stands for the polish in the key of a take: known without NumPy, for plans.

Whatever makes the same take and settings sound different raises the recipe.
"""

from reviewcast.model.errors import ConfigError
from reviewcast.settings.schema import PolishSettings
from reviewcast.system.extras import compose_install_line

_RECIPE = "1"
"""Raised whenever the same take and settings would sound different."""


def key_polish(settings: PolishSettings) -> str:
    """Return what stands for the settings in the key of a polished take; "" for nothing."""
    if not settings.enabled or settings == PolishSettings(
        high_pass_hz=0, clean_edges=False, de_ess_db=0
    ):
        return ""
    parts = [
        f"{value}"
        for value in (
            settings.high_pass_hz,
            settings.clean_edges,
            settings.de_ess_db,
            settings.speed,
        )
    ]
    if settings.speed != 1:
        parts.append(find_stretcher())
    return f"polish {_RECIPE} {' '.join(parts)}"


def find_stretcher() -> str:
    """Return the version of the library that stretches; ConfigError when it is not installed."""
    import importlib.metadata

    try:
        return importlib.metadata.version("pedalboard")
    except importlib.metadata.PackageNotFoundError as error:
        raise ConfigError(
            "[voice.polish] speed needs pedalboard, which is not installed.",
            hint=f"Set speed = 1, or install it: {compose_install_line('polish')}",
        ) from error
