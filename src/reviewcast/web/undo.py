"""What was changed on the page, step by step, and how each step is taken back."""

from collections.abc import Callable

_MOST_STEPS = 200


class UndoHistory:
    """The last changes of a session, the newest at the end; older ones than 200 are forgotten."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], None]]] = []

    @property
    def label(self) -> str:
        """What would be taken back next, "" for nothing."""
        return self._steps[-1][0] if self._steps else ""

    def remember(self, label: str, restore: Callable[[], None]) -> None:
        """Add a change, and what takes it back."""
        self._steps = [*self._steps[1 - _MOST_STEPS :], (label, restore)]

    def take_back(self) -> str:
        """Take back the last change; return its label, "" for nothing.

        Raise what its `restore` raises; the change is then forgotten all the same.
        """
        if not self._steps:
            return ""
        label, restore = self._steps.pop()
        restore()
        return label
