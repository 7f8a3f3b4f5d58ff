"""What another try may cure is tried three times."""

import functools
from collections.abc import Callable
from typing import TypeVar

from reviewcast.model.errors import DestinationUnavailable

T = TypeVar("T")


_ATTEMPTS = 3


_FIRST_WAIT_S = 0.5


_LONGEST_WAIT_S = 5.0


def try_again(job: Callable[[], T]) -> T:
    """Do a job, and again after a wait when it raises DestinationUnavailable.

    The third one is raised.
    """
    import stamina

    _hush_stamina()
    for attempt in stamina.retry_context(
        on=DestinationUnavailable,
        attempts=_ATTEMPTS,
        timeout=None,
        wait_initial=_FIRST_WAIT_S,
        wait_max=_LONGEST_WAIT_S,
        wait_jitter=_FIRST_WAIT_S,
    ):
        with attempt:
            return job()
    raise AssertionError("stamina ends by returning or raising")


@functools.cache
def _hush_stamina() -> None:
    """Keep stamina from logging each retry: what matters reaches the user as an error."""
    import stamina.instrumentation

    stamina.instrumentation.set_on_retry_hooks(())
