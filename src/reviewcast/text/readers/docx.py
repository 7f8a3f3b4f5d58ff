"""Word documents: mended where mammoth would lose a text, made HTML by it, and read as such."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from msgspec.structs import replace

from reviewcast.model.errors import ReviewError
from reviewcast.model.text import Document, Omission
from reviewcast.text.readers.html.walker import read_html_fragment

_MAX_UNPACKED_BYTES = 50_000_000
_MAX_XML_BYTES = 10_000_000  # mammoth takes 45 times as much memory

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/_rels/[^/]+\.rels|word/(?:styles|numbering)\d*\.xml"
    r"|(?P<text>word/(?:document|footnotes|endnotes)\d*\.xml)"
)

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TEXT = f"{{{_WORD}}}t"

_PREFIXES = {
    _WORD: "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "urn:schemas-microsoft-com:vml": "v",
}

# what mammoth reads through; a text within anything else is lifted out of it
_READ = frozenset(
    """w:body w:footnote w:endnote w:p w:r w:t w:tbl w:tr w:tc w:customXml w:ins w:moveTo w:object
    w:smartTag w:drawing v:group v:rect v:roundrect v:shape v:textbox w:txbxContent w:pict
    w:hyperlink w:footnoteReference w:endnoteReference""".split()
)

_TEXTS = frozenset({"w:t", "m:t"})
_REFERENCES = frozenset({"w:footnoteReference", "w:endnoteReference"})

_LEFT_OUT = {
    "w:del": "struck out",
    "w:moveFrom": "struck out",
    "w:rt": "reading aid",
    "m:oMath": "formula",
}

_LINE_ENDS = frozenset({"w:p", "w:tab", "w:br", "w:cr"})
_IGNORED_SIGN = re.compile(r"A w:sym element .*: char (\S+) in font (.*)")


def read_docx(data: bytes, name: str) -> Document:
    """Read a Word document; its headings, lists, tables, footnotes and italics are kept.

    Raise ReviewError when it is none, unpacks to over 50 MB.
    """
    import mammoth

    parts = _open_parts(data, name)
    mender = _Mender()
    try:
        for part, xml in sorted(parts.items()):  # the document before the notes that it refers to
            if _is_text(part):
                parts[part] = mender.mend_part(xml)
        result = mammoth.convert_to_html(
            _pack(parts),
            convert_image=mammoth.images.img_element(lambda _: {"src": "data:"}),
            style_map="p[style-name='Title'] => h1:fresh\np[style-name='Quote'] => blockquote > p",
        )
    except Exception as error:  # whatever a broken document does to it
        raise _broken(name) from error
    signs = (_IGNORED_SIGN.fullmatch(message.message) for message in result.messages)
    document = read_html_fragment(result.value)
    return replace(
        document,
        omissions=(
            *document.omissions,
            *mender.omissions,
            *(Omission(f"{sign[1]} {sign[2]}", "symbol") for sign in signs if sign),
        ),
        markup=(*document.markup, *mender.markup),
    )


def list_docx_texts(data: bytes, name: str) -> str:
    """Return all texts of a Word document as they stand in its XML."""
    try:
        roots = [
            ET.fromstring(xml)  # noqa: S314  one with entities is refused
            for part, xml in sorted(_open_parts(data, name).items())
            if _is_text(part)
        ]
        return "\n".join("".join(_list_texts(root)) for root in roots)
    except (ET.ParseError, RecursionError) as error:
        raise _broken(name) from error


def _list_texts(element: ET.Element, joint: str = "_") -> Iterator[str]:
    """Return the texts within an element; before each a joint, which parts no word in Markdown."""
    name = _name(element)
    if name in _TEXTS:
        yield joint
        yield "".join(element.itertext())
        return
    if name in _LINE_ENDS:
        yield "\n"
    children = iter(element)
    if name == "mc:AlternateContent":  # a text box is there twice: the second is for old programs
        texts = ("".join(_list_texts(child, joint)) for child in reversed(list(element)))
        yield next((text for text in texts if text.strip("_\n")), "")
        children = iter(())
    for child in children:
        yield from _list_texts(child, joint)
    if name == "w:p":
        yield "\n"


class _Mender:
    """Rewrites the XML of a document's texts, so that mammoth passes over none of them."""

    def __init__(self) -> None:
        self.omissions: list[Omission] = []
        self.markup: list[str] = []
        self._references: set[tuple[str, str]] = set()

    def mend_part(self, xml: bytes) -> bytes:
        root = ET.fromstring(xml)  # noqa: S314
        self._mend(root)
        for element in root.iter():
            if _name(element) in _REFERENCES:
                kind = _name(element).removesuffix("Reference")
                self._references.add((kind, _attribute(element, "id")))
        return ET.tostring(root)

    def _mend(self, element: ET.Element, *, in_paragraph: bool = False) -> bool:
        """Mend all that is within an element; True if there is a text in it."""
        children: list[ET.Element] = []
        has_text = False
        in_paragraph = in_paragraph or _name(element) == "w:p"
        for child in list(element):
            name = _name(child)
            if name == "w:vMerge" or self._leave_out(child, name):
                continue  # of cells that are one, mammoth drops all but the first
            if name in _TEXTS:
                child.tag = _TEXT
                has_text = True
                children.append(child)
                continue
            if name == "w:hyperlink":
                child.attrib.clear()  # links are not said, and it may lead nowhere
            if name == "mc:AlternateContent":
                form = self._choose(child, in_paragraph=in_paragraph)
                has_text = has_text or form is not None
                children += [child] if form is None else list(form)
                continue
            is_telling = self._mend(child, in_paragraph=in_paragraph) or name in _REFERENCES
            has_text = has_text or is_telling
            is_read = name in _READ and (name != "w:pict" or in_paragraph)
            children += [child] if is_read or not is_telling else list(child)
        element[:] = children
        return has_text

    def _choose(self, element: ET.Element, *, in_paragraph: bool) -> ET.Element | None:
        """Take the last of several forms of the same that has a text, as old programs do."""
        forms = reversed(list(element))
        return next((f for f in forms if self._mend(f, in_paragraph=in_paragraph)), None)

    def _leave_out(self, element: ET.Element, name: str) -> bool:
        reason = _LEFT_OUT.get(name) or self._find_reason(element, name)
        if not reason:
            return False
        text = "".join(_list_texts(element, ""))
        if not text.strip():
            return False
        if reason == "checkbox":
            self.markup.append(text)
        else:
            self.omissions.append(Omission(text, reason))
        return True

    def _find_reason(self, element: ET.Element, name: str) -> str:
        if name == "w:r" and _has(element, "w:rPr", "w:vanish"):
            return "hidden"
        if name == "w:tr" and _has(element, "w:trPr", "w:del"):
            return "struck out"
        if name == "w:sdt" and _has(element, "w:sdtPr", "w14:checkbox"):
            return "checkbox"
        if name in {"w:footnote", "w:endnote"}:
            is_named = (name, _attribute(element, "id")) in self._references
            return "" if is_named else "footnote without a mark"
        return ""


def _has(element: ET.Element, properties: str, name: str) -> bool:
    return any(
        _name(child) == name and _attribute(child, "val") not in {"0", "false"}
        for part in element
        if _name(part) == properties
        for child in part
    )


def _name(element: ET.Element) -> str:
    namespace, _, name = str(element.tag).rpartition("}")
    return f"{_PREFIXES.get(namespace[1:], '?')}:{name}"


def _attribute(element: ET.Element, name: str) -> str:
    values = (value for key, value in element.items() if key.rpartition("}")[2] == name)
    return next(values, "")


def _is_text(part: str) -> bool:
    match = _PARTS.fullmatch(part)
    return match is not None and match["text"] is not None


def _open_parts(data: bytes, name: str) -> dict[str, bytes]:
    """Unpack the parts of a document that hold its text: no pictures, fonts or comments."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            parts = [part for part in sizes if _PARTS.fullmatch(part)]
            if (
                sum(sizes.values()) > _MAX_UNPACKED_BYTES
                or sum(sizes[part] for part in parts) > _MAX_XML_BYTES
            ):
                raise ReviewError(
                    f"{name} is larger than 50 MB when it is unpacked, or its text than 10 MB.",
                    hint="Save the text alone.",
                )
            unpacked = {part: archive.read(part) for part in parts}
    except ReviewError:
        raise
    except Exception as error:  # zipfile and zlib have many words for it
        raise _broken(name) from error
    if not any(map(_is_text, unpacked)):
        raise _broken(name)
    for xml in unpacked.values():
        # what is not in UTF-8 could hide a document type
        if b"<!" in xml.replace(b"<!--", b"").replace(b"<![CDATA[", b"") or b"\0" in xml:
            raise _broken(name)
    return unpacked


def _pack(parts: dict[str, bytes]) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part, xml in parts.items():
            archive.writestr(part, xml)
    return packed


def _broken(name: str) -> ReviewError:
    return ReviewError(f"{name} is not a Word document.", hint="Save it as .docx again.")
