"""How much of a long search a run of the tests does; REVIEWCAST_TEST_FULL_SWEEP=1 asks for all."""

import os
import sys

FULL_SWEEP = bool(os.environ.get("REVIEWCAST_TEST_FULL_SWEEP"))


def pick_code_points() -> list[str]:
    """Return texts that together hold every code point; those of rare planes by sample.

    Each holds 32,768 of them.
    """
    step = 0x8000
    starts = range(0, sys.maxunicode, step)
    chosen = starts if FULL_SWEEP else [*starts[:4], *starts[4::10]]
    return ["".join(map(chr, range(start, start + step))) for start in chosen]


def count_examples(most: int) -> int:
    """Return how many examples of a property are tried where `most` are a full sweep."""
    return most if FULL_SWEEP else max(20, most // 4)
