"""A finished flow becomes a Document; its first heading may be the title."""

from reviewcast.model.text import Document, Section
from reviewcast.text.readers.fields import is_same
from reviewcast.text.readers.flow import Flow
from reviewcast.text.readers.leftovers import leave_out_leftovers


def make_document(
    flow: Flow, metadata: dict[str, str], origins: dict[str, str] | None = None
) -> Document:
    """Make a document of a finished flow; its first heading above all text may be its title.

    That is one of level one, unless the title is known and others follow, or one that says the
    known title again.
    """
    parts = flow.finish()
    for part in parts:
        leave_out_leftovers(part, flow.omissions)
    title, first, known = "", parts[0], metadata.get("title", "")
    is_only = first.level == "h1" and all(part.level != "h1" for part in parts[1:])
    if first.heading and (
        (first.level == "h1" and not known) or is_only or is_same(first.heading, known)
    ):
        title, first.heading = first.heading, None
    return Document(
        tuple(Section(part.heading, tuple(part.paragraphs), tuple(part.images)) for part in parts),
        title=title,
        metadata=metadata,
        origins=origins or {},
        omissions=tuple(flow.omissions),
        markup=tuple(flow.markup),
    )
