"""Word documents: headings, quotes, notes and italics; what is none is refused."""

import io
import sys
import zipfile

import pytest

from reviewcast.errors import LostTextError, ReviewError
from reviewcast.stages import read as read_module
from reviewcast.stages.read import ReadSettings, ReviewSource, read_review

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = """<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="application/xml"/>
</Types>"""
RELATIONS = """<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""
BODY = """<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>The Wind</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">The wi</w:t></w:r><w:r><w:t>nd &amp; </w:t></w:r>
<w:r><w:rPr><w:i/></w:rPr><w:t>the sand</w:t></w:r><w:r><w:t>.</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"""
STYLES = f"""<?xml version="1.0"?><w:styles {W}><w:style w:type="paragraph" w:styleId="Title">
<w:name w:val="Title"/></w:style></w:styles>"""


def make_docx(body: str = BODY, head: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/styles.xml", STYLES)
        document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
        archive.writestr("word/document.xml", f'<?xml version="1.0"?>{head}{document}')
    return packed.getvalue()


def read(data: bytes):
    return read_review(ReviewSource("x.docx", data), ReadSettings())


def test_read_docx():
    """A title, runs that part a word, italics and a table are read."""
    review = read(make_docx())
    assert (review.title, review.origins["title"]) == ("The Wind", "text")
    first, second = review.sections[0].paragraphs
    assert (first.text, second.text) == ("The wind & the sand.", "A")
    assert first.emphasis == ((11, 19),)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 broken",
        b"Text.",
        make_docx(head="<!DOCTYPE w:document [<!ENTITY a 'b'>]>"),
        make_docx("<w:p>"),
    ],
)
def test_broken(data):
    """What is no Word document is said to be none."""
    with pytest.raises(ReviewError, match=r"x\.docx is not a Word document"):
        read(data)


def test_unpacks_to_too_much():
    """A small file that unpacks to a mountain is refused before it does."""
    packed = io.BytesIO(make_docx())
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/x.bin", bytes(50_000_001))
    with pytest.raises(ReviewError, match="larger than 50 MB"):
        read(packed.getvalue())


def test_not_installed(monkeypatch):
    """Without mammoth the message says how to get it."""
    monkeypatch.setitem(sys.modules, "mammoth", None)
    with pytest.raises(ReviewError, match="needs the part") as caught:
        read(make_docx())
    assert "reviewcast[docx]" in caught.value.hint


def test_proof(monkeypatch):
    """A text that the reader drops is missed."""
    reader = read_module.read_docx
    short = make_docx(BODY.replace("the sand", ""))
    monkeypatch.setattr(read_module, "read_docx", lambda _, name: reader(short, name))
    with pytest.raises(LostTextError, match="the sand"):
        read(make_docx())
