"""The elements that stand open around a text, and the role that they give it."""

from reviewcast.model.errors import ReviewError
from reviewcast.model.text import ListKind, Role
from reviewcast.text.readers.runs import Run

CHAPTERS = {"h1", "h2", "h3"}
HEADINGS = CHAPTERS | {"h4", "h5", "h6"}
_LISTS = {"ul", "ol", "dl"}
_LIST_KINDS: dict[str, ListKind] = {"ol": "ol", "ul": "ul", "dl": "ul", "table": "table"}
_ITEMS = {"li", "dt", "dd", "tr"}
_QUOTES = {"blockquote", "reviewcast-quote"}
_DEEPEST = 300
_WIDEST, _DIGITS = 100, 5


class Element:
    """An open element, and what is to be undone when it closes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.quotes = self.lists = self.spoilers = 0
        self.items = 0  # of a list or table; of a row its columns so far
        self.captures = False
        self.reason = ""
        self.emphasis: tuple[Run, int] | None = None
        self.link = ""
        self.close_with = ""
        self.quotes_inside = False


class Nesting:
    """The open elements, the innermost last, and how many of them quote, list or spoil."""

    def __init__(self, spoilers: int = 0) -> None:
        self.elements: list[Element] = []
        self.quotes = self.lists = 0
        self.spoilers = spoilers
        self.heading = ""

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self.elements)

    def push(self, name: str) -> Element:
        """Open an element; raise ReviewError when 300 are open already."""
        if len(self.elements) >= _DEEPEST:
            raise ReviewError(
                f"The review is nested over {_DEEPEST} levels deep.",
                hint="Close its tags, and flatten its lists and quotes.",
            )
        if name in _ITEMS:
            holders = (e for e in reversed(self.elements) if e.name in _LIST_KINDS)
            if holder := next(holders, None):
                holder.items += 1
        self.elements.append(Element(name))
        return self.elements[-1]

    def count(self, element: Element, *, spoils: bool) -> None:
        """Count what an element that was opened makes of the text in it."""
        element.spoilers = int(spoils)
        element.lists = int(element.name in _LISTS)
        element.quotes = int(element.name in _QUOTES)
        self.spoilers += element.spoilers
        self.lists += element.lists
        self.quotes += element.quotes
        if element.quotes:
            for outer in self.elements:
                outer.quotes_inside = True
        if element.name in HEADINGS:
            self.heading = element.name

    def discount(self, element: Element) -> None:
        """Take back what an element has counted, but for its being a heading."""
        self.spoilers -= element.spoilers
        self.lists -= element.lists
        self.quotes -= element.quotes

    def holds(self, name: str) -> bool:
        """True if an element of that name is open."""
        return any(element.name == name for element in self.elements)

    def count_cell(self, span: str) -> int:
        """Count a cell of the innermost row, as wide as HTML's colspan says; return its column."""
        row = next((e for e in reversed(self.elements) if e.name == "tr"), None)
        if row is None:
            return 0
        is_number = span.isascii() and span.isdecimal()
        width = max(1, min(int(span), _WIDEST)) if is_number and len(span) < _DIGITS else 1
        row.items += width
        return row.items - width

    def find_unclosed(self, name: str) -> str:
        """Return what HTML lets a writer leave open before a block: a paragraph, item or cell."""
        last = self.elements[-1].name if self.elements else ""
        is_followed = last == name and name in {"li", "tr", "td", "th", "dt", "dd"}
        return last if last == "p" or is_followed else ""

    def is_in_quoting_figure(self) -> bool:
        """True if a figure that is open has a quotation in it."""
        return any(e.name == "figure" and e.quotes_inside for e in self.elements)

    def begins_chapter(self, *, spoils: bool) -> bool:
        """True if a text in here is the heading of a section."""
        return self.heading in CHAPTERS and not (self.quotes or self.lists or spoils)

    def find_role(self, *, spoils: bool) -> Role:
        """Return the role of a text in here."""
        roles: tuple[tuple[object, Role], ...] = (
            (spoils, "spoiler"),
            (self.heading, "title"),
            (self.quotes, "quote"),
            (self.lists or self.holds("tr"), "list"),
        )
        return next((role for holds, role in roles if holds), "narrator")

    def list_items(self) -> tuple[tuple[ListKind, int], ...]:
        """Return the lists and tables around a text, with the number of the item in each."""
        return tuple(
            (_LIST_KINDS[element.name], element.items)
            for element in self.elements
            if element.name in _LIST_KINDS and element.items
        )
