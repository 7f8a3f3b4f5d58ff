"""Word documents: headings, quotes, notes and italics; what is none is refused."""

import io
import zipfile

import pytest

from reviewcast.model.errors import LostTextError, ReviewError
from reviewcast.settings.schema import ReadSettings
from reviewcast.text import read as read_module
from reviewcast.text.read import ReviewSource, read_review

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
DOCUMENT = (
    f'<w:document {W} xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:body>{}</w:body></w:document>'
)
STYLES = f"""<?xml version="1.0"?><w:styles {W}><w:style w:type="paragraph" w:styleId="Title">
<w:name w:val="Title"/></w:style></w:styles>"""


def make_docx(body: str = BODY, head: str = "", **notes: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/styles.xml", STYLES)
        document = DOCUMENT.replace("{}", body)
        archive.writestr("word/document.xml", f'<?xml version="1.0"?>{head}{document}')
        for part, inner in notes.items():
            archive.writestr(f"word/{part}.xml", f"<w:{part} {W}>{inner}</w:{part}>")
    return packed.getvalue()


def read(data: bytes):
    return read_review(ReviewSource("x.docx", data), ReadSettings())


def test_lists_and_tables():
    """An item knows its lists and its number, a cell the row of its table."""
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    row = f"<w:tr>{cell.format('Film')}{cell.format('1979')}</w:tr>"
    item = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        "<w:r><w:t>{}</w:t></w:r></w:p>"
    )
    items = "".join(item.format(*one) for one in ((0, "one"), (1, "inner"), (0, "two")))
    level = '<w:lvl w:ilvl="{}"><w:numFmt w:val="{}"/></w:lvl>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{level.format(0, "decimal")}'
        f"{level.format(1, 'bullet')}</w:abstractNum>"
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    body = f"<w:tbl>{row}{row}</w:tbl>{items}"
    review = read(make_docx(body, numbering=numbering))
    found = [(one.text, one.lists) for one in review.sections[0].paragraphs]
    assert found == [
        ("Film", (("table", 1),)),
        ("1979", (("table", 1),)),
        ("Film", (("table", 2),)),
        ("1979", (("table", 2),)),
        ("one", (("ol", 1),)),
        ("inner", (("ol", 1), ("ul", 1))),
        ("two", (("ol", 2),)),
    ]


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
        make_docx("<w:p>" * 3000 + "</w:p>" * 3000),
        make_docx(BODY, numbering="<!DOCTYPE x>"),
    ],
    ids=["zip", "text", "entities", "open", "deep", "numbering"],  # the bytes hold the time
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


def test_proof(monkeypatch):
    """A text that the reader drops is missed."""
    reader = read_module.read_docx
    short = make_docx(BODY.replace("the sand", ""))
    monkeypatch.setattr(read_module, "read_docx", lambda _, name: reader(short, name))
    with pytest.raises(LostTextError, match="the sand"):
        read(make_docx())


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


BOX = (
    "<w:r><mc:AlternateContent>"
    f"<mc:Choice><w:drawing><x><w:txbxContent>{paragraph(run('box'))}</w:txbxContent></x></w:drawing>"
    "</mc:Choice>{}</mc:AlternateContent></w:r>"
)
OLD_BOX = (
    "<mc:Fallback><w:pict><v:oval><v:textbox><w:txbxContent>"
    f"{paragraph(run('box'))}</w:txbxContent></v:textbox></v:oval></w:pict></mc:Fallback>"
)

TABLE = (
    f"<w:tbl><w:tr><w:tc>{paragraph(run('a'))}</w:tc></w:tr>"
    f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph(run('b'))}</w:tc>"
    f"<w:tc>{paragraph(run('c'))}</w:tc></w:tr>"
    f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{paragraph(run('d'))}</w:tc></w:tr></w:tbl>"
)


@pytest.mark.parametrize(
    ("body", "texts", "omissions"),
    [
        (
            paragraph(run("a"), f"<w:moveFrom>{run('b')}{run('c')}</w:moveFrom>")
            + paragraph(f"<w:moveTo>{run('bc')}</w:moveTo>"),
            ["a", "bc"],
            [("struck out", "bc")],
        ),
        (
            paragraph(run("a "), f"<w:fldSimple><w:bdo>{run('b')}</w:bdo></w:fldSimple>"),
            ["a b"],
            [],
        ),
        (
            paragraph(
                "<w:r><w:ruby><w:rt>",
                run("kan"),
                f"</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:r>",
                run("字"),
            ),
            ["漢字"],
            [("reading aid", "kan")],
        ),
        (
            paragraph(run("E"), "<m:oMath><m:r><m:t>mc²</m:t></m:r></m:oMath>"),
            ["E"],
            [("formula", "mc²")],
        ),
        (paragraph(run("mail"), BOX.format(OLD_BOX), run("ed")), ["mailed", "box"], []),
        (paragraph(run("a"), BOX.format("<mc:Fallback/>")), ["a", "box"], []),
        (f"<w:pict><v:shape>{paragraph(run('a'))}</v:shape></w:pict>", ["a"], []),
        (
            paragraph(
                "<w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr><w:sdtContent>",
                run("☒"),
                "</w:sdtContent></w:sdt>",
                f"<w:sdt><w:sdtContent>{run('Done')}</w:sdtContent></w:sdt>",
            ),
            ["Done"],
            [],
        ),
        (paragraph(f'<w:hyperlink r:id="nowhere">{run("a link")}</w:hyperlink>'), ["a link"], []),
        (
            paragraph(run("a"), run("b", "<w:vanish/>"), run("c", '<w:vanish w:val="0"/>')),
            ["ac"],
            [("hidden", "b")],
        ),
        (
            paragraph(
                run("a"),
                '<w:r><w:sym w:font="Wingdings" w:char="F0AB"/>'
                '<w:sym w:font="Unknown" w:char="F0AB"/></w:r>',
                run("co"),
                "<w:r><w:noBreakHyphen/></w:r>",
                run("op"),
            ),
            ["a★co\u2011op"],
            [("symbol", "F0AB Unknown")],
        ),
        (
            TABLE,
            ["a", "d"],
            [("struck out", "b c")],
        ),
    ],
)
def test_nothing_is_passed_over(body, texts, omissions):
    """What mammoth does not know is read all the same, or named."""
    review = read(make_docx(body))
    assert [p.text for section in review.sections for p in section.paragraphs] == texts
    assert [(omission.reason, omission.text) for omission in review.omissions] == omissions


def test_notes():
    """A note follows its mark; one without a mark is named, and separators are nothing."""
    review = read(
        make_docx(
            paragraph(run("a"), '<w:r><w:footnoteReference w:id="2"/></w:r>', run(" b")),
            footnotes=f'<w:footnote w:id="0" w:type="separator">{paragraph("")}</w:footnote>'
            f'<w:footnote w:id="2">{paragraph(run("The note."))}</w:footnote>'
            f'<w:footnote w:id="3">{paragraph(run("No mark."))}</w:footnote>',
        )
    )
    assert [p.text for p in review.sections[0].paragraphs] == ["a b", "The note."]
    assert [o.reason for o in review.omissions] == ["footnote without a mark"]


def test_too_much_xml():
    """A text of more XML than mammoth could take is refused."""
    with pytest.raises(ReviewError, match="its text than 10 MB"):
        read(make_docx(f"<w:p>{' ' * 10_000_000}</w:p>"))
