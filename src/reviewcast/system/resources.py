"""The files that come along: sounds, a cover, a sample review, templates of pages, the manual."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


_PACKAGE = Path(__file__).parent.parent
_MANUAL = _PACKAGE / "resources" / "manual"


def find_bundled(name: str) -> Path:
    """Return the path of a sound or picture: in the wheel, or in the folder of the sources."""
    installed = _PACKAGE / "audio" / name
    return installed if installed.exists() else _PACKAGE.parent.parent / "audio" / name


def find_sample() -> Path:
    """Return the path of the sample review."""
    return _PACKAGE / "resources" / "samples" / "the-general.md"


def find_site() -> Path:
    """Return the folder of what published pages are made of: templates, style, player, icon."""
    return _PACKAGE / "resources" / "site"


def list_topics() -> dict[str, str]:
    """Return the topics of the manual in the order of its index, each with what it is about."""
    index = (_MANUAL / "index.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^- \[([\w-]+)\]\(\1\.md\): (.+)$", index, re.MULTILINE))


def read_topic(name: str) -> str:
    """Return a topic of the manual as Markdown; `name` is one that list_topics has."""
    return (_MANUAL / f"{name}.md").read_text(encoding="utf-8")


def open_templates(folder: str) -> "Environment":
    """Open the templates of pages in a folder of this package.

    What they are given is escaped, and a name that they are not given is an error.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("reviewcast", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
