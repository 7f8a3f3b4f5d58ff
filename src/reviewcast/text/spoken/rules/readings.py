"""What single voices read otherwise than people do, as their own phonemes showed it.

A voice that is not here is said nothing of: what it reads badly was not measured.
"""

from msgspec import Struct


class Reading(Struct, frozen=True):
    """How a voice reads English.

    `letter_a` makes it say the letter A and not the article. `capitals` are words that it spells
    when they stand in capitals, as a title may. `words` are those that it misreads, mostly for an
    accent, and what it reads rightly in their place; each has a letter that is not ASCII.
    """

    letter_a: str = "A"
    capitals: frozenset[str] = frozenset()
    words: dict[str, str] = {}


_ESPEAK = Reading(
    letter_a="eh",
    capitals=frozenset({"IT", "US"}),
    words={
        "Brontë": "Brontee",
        "García": "Garseea",
        "María": "Maria",
        "Nguyễn": "Win",
        "Penélope": "Penelope",
        "Sofía": "Sofia",
        "Véronique": "Veronique",
    },
)

_HIBARI = Reading(
    letter_a="eh",
    capitals=frozenset({"AM", "IT", "ME", "US"}),
    words=_ESPEAK.words
    | {
        "Gaël": "Gael",
        "José": "Ho-say",
        "Noël": "Noel",
        "Pérez": "Perez",
        "Zoë": "Zoe",
        "Óscar": "Oscar",
    },
)

READINGS = {
    "espeak": _ESPEAK,
    "hibari": _HIBARI,
    "piper": Reading(letter_a="eh"),  # it has espeak-ng read, most of its voice files do
}
"""By the name of the voice."""

_USUAL = Reading()


def find_reading(engine: str) -> Reading:
    """Return how a voice reads; of an unknown one nothing is known."""
    return READINGS.get(engine, _USUAL)
