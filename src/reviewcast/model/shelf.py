"""The words of the shelf: what becomes of a review, and how far it is."""

from typing import Literal

ShelfState = Literal["draft", "new", "changed", "spoken", "scheduled", "live", "stale", "withdrawn"]
ShelfRole = Literal["alone", "round-up", "text only"]
