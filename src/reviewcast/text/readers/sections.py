"""A section while it grows: its heading, its paragraphs, and where pictures stood among them."""

from collections.abc import Iterable

from reviewcast.model.text import Paragraph


class SectionDraft:
    """A section while it grows; the places in `images` and `marks` count its paragraphs."""

    def __init__(self, heading: str | None, level: str) -> None:
        self.heading = heading
        self.level = level
        self.paragraphs: list[Paragraph] = []
        self.images: list[tuple[int, str]] = []
        self.marks: list[tuple[int, str]] = []
        """The pictures and embeds that were left out, and before which paragraph each stood."""

    def add_images(self, images: Iterable[str]) -> None:
        """Note images that stand before the next paragraph."""
        self.images += ((len(self.paragraphs), image) for image in images)

    def add_marks(self, reasons: Iterable[str]) -> None:
        """Note pictures and embeds that were left out before the next paragraph."""
        self.marks += ((len(self.paragraphs), reason) for reason in reasons)
