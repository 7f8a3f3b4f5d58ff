"""How much of a long search a run of the tests does; REVIEWCAST_TEST_FULL_SWEEP=1 asks for all."""

import os

FULL_SWEEP = bool(os.environ.get("REVIEWCAST_TEST_FULL_SWEEP"))


def count_examples(most: int) -> int:
    """Return how many examples of a property are tried where `most` are a full sweep."""
    return most if FULL_SWEEP else max(20, most // 4)
