"""Word documents: mammoth makes them HTML, which is read as such."""

import importlib
import io
import re
import zipfile

from reviewcast.errors import ReviewError
from reviewcast.model import Document
from reviewcast.readers.html import read_html_fragment

_MAX_UNPACKED_BYTES = 50_000_000
_TEXT_PARTS = re.compile(r"word/(?:document|footnotes|endnotes)\.xml\Z")
_RUN = re.compile(r"<w:t(?:\s[^<>]*)?>([^<]*)</w:t>|<w:(?:p|tab|br|cr)[\s/>]")
_CHOICE = re.compile(r"<mc:Choice\b.*?</mc:Choice>", re.DOTALL)


def read_docx(data: bytes, name: str) -> Document:
    """Read a Word document; its headings, lists, tables, footnotes and italics are kept.

    Raises ReviewError when it is none, unpacks to over 50 MB, or mammoth is not installed.
    """
    try:
        mammoth = importlib.import_module("mammoth")
    except ImportError as error:
        raise ReviewError(
            f"{name} needs the part of reviewcast that reads Word documents.",
            hint="Install it: pip install reviewcast[docx].",
        ) from error
    _open_parts(data, name)
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(data),
            convert_image=mammoth.images.img_element(lambda _: {"src": "image"}),
            style_map="p[style-name='Title'] => h1:fresh\np[style-name='Quote'] => blockquote > p",
        )
    except Exception as error:  # whatever a broken document does to it
        raise _broken(name) from error
    return read_html_fragment(result.value)


def list_docx_texts(data: bytes, name: str) -> str:
    """Give all texts of a Word document as they stand in its XML."""
    texts: list[str] = []
    for xml in _open_parts(data, name):
        # a text box is there twice: mammoth reads the fallback
        runs = _RUN.finditer(_CHOICE.sub("", xml))
        texts += [match[1] if match[1] is not None else "\n" for match in runs] + ["\n"]
    return "".join(texts)


def _open_parts(data: bytes, name: str) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED_BYTES:
                raise ReviewError(
                    f"{name} is larger than 50 MB when it is unpacked.", hint="Save the text alone."
                )
            names = [part for part in archive.namelist() if _TEXT_PARTS.match(part)]
            parts = [archive.read(part).decode("utf-8") for part in sorted(names)]
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise _broken(name) from error
    if not parts or any("<!DOCTYPE" in part or "<!ENTITY" in part for part in parts):
        raise _broken(name)
    return parts


def _broken(name: str) -> ReviewError:
    return ReviewError(f"{name} is not a Word document.", hint="Save it as .docx again.")
