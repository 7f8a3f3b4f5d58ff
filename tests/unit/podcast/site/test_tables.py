"""A review's table is one on its page, where its rows are spoken, and a list in the feed."""

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.support.browser import open_browser, open_page, serve_folder, wait_until
from tests.support.node_packages import require_node_package
from tests.unit.podcast.site.test_pages import (
    GENERAL,
    SITE,
    make_mp3,
    render,
    render_assets,
    vary,
    write_files,
)

from reviewcast.episode.notes import compose_notes, format_notes
from reviewcast.model.podcast import EpisodeCue
from reviewcast.settings.schema import ReadSettings
from reviewcast.text.read import ReviewSource, read_review

MARKDOWN = """It begins with enough words.

| Film | Year | |
|---|---|---|
| *The General* | 1926 | 5/5 |
| [Go West](https://example.org/go) & more | | <b>3</b>/5 |
| — | … | |

It ends.
"""
ROWS = [
    ["Film", "Year", ""],
    ["The General", "1926", "5/5"],
    ["Go West & more", "", "3/5"],
    ["—", "…", ""],
]


def write_notes(text, name="x.md"):
    return format_notes(read_review(ReviewSource(name, text.encode()), ReadSettings()))


def compose(notes, **options):
    return compose_notes(
        notes, rating="", subject="", author="", chapters=(), link="https://e.example/", **options
    )


def list_rows(page):
    table = LexborHTMLParser(page).css_first("table")
    return [[cell.text() for cell in row.css("th, td")] for row in table.css("tr")] if table else []


def make_cues(*texts):
    return tuple(
        EpisodeCue(2.0 * n, 2.0 * n + 1.4, "list", text) for n, text in enumerate(texts, 1)
    )


SPOKEN = ("Film; Year", "The General; 1926; 5/5", "Go West & more; 3/5")


def test_notes_keep_the_cells_of_a_table():
    """Each in its column, with italics and links; a heading is one."""
    notes = write_notes(MARKDOWN)
    assert list_rows(notes) == ROWS
    assert "<th>Film</th><th>Year</th><td></td>" in notes
    assert '<td><a href="https://example.org/go">Go West</a> &amp; more</td>' in notes
    assert "<td><em>The General</em></td>" in notes


@pytest.mark.parametrize(
    "written",
    [
        "<table><tr><td>one</td></tr><tr><td>column</td></tr></table>",
        "<table><tr><td>one</td><td>row</td></tr></table>",
        "<table><tr><td><p>a</p></td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        "<ul><li><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table></ul>",
    ],
)
def test_what_is_no_table_of_cells_is_a_list(written):
    """One of a single row or column, of paragraphs, or within a list."""
    notes = write_notes(f"It begins with enough words.\n\n{written}\n\nIt ends.\n")
    assert "<table" not in notes
    assert "<li>" in notes


def test_a_wide_cell_keeps_the_columns_behind_it():
    """HTML's colspan counts, and a value that is none is one."""
    rows = (
        "<tr><td colspan=2>a</td><td>b</td></tr><tr><td colspan=x>c</td><td>d</td><td>e</td></tr>"
    )
    assert list_rows(write_notes(f"Words.\n\n<table>{rows}</table>\n")) == [
        ["a", "", "b"],
        ["c", "d", "e"],
    ]


def test_the_feed_has_a_list_of_its_rows():
    """Apps show no table: the rows are items, as the cells are spoken."""
    description, notes = compose(write_notes(MARKDOWN))
    assert "<table" not in notes
    items = [item.text() for item in LexborHTMLParser(notes).css("li")]
    assert items == ["Film; Year", "The General; 1926; 5/5", "Go West & more; 3/5", "—; …"]
    assert "• The General; 1926; 5/5" in description


def test_notes_of_anybody_bring_no_table_to_a_page():
    """Only cells that are simple again stay; what runs or loads does not."""
    hostile = (
        '<table class="cells"><tr><td><script>alert(1)</script><b onclick=x()>a</b></td>'
        '<td><img src=x onerror=x()><a href="javascript:x()">b</a></td></tr></table>'
        '<table onclick="x()"><tr><td>c</td></tr></table>'
    )
    _, notes = compose(hostile, with_tables=True)
    assert "<table><tr><td><strong>a</strong></td><td>b</td></tr></table>" in notes
    assert notes.count("<table") == 1
    assert "x()" not in notes


def test_a_page_shows_the_table_where_it_is_spoken():
    """Once, with a row for each that is said; a row without a word is shown, and not said."""
    _, notes = compose(write_notes(MARKDOWN), with_tables=True)
    cues = (*make_cues(*SPOKEN), EpisodeCue(9.0, 10.0, "list", "An item."))
    page = render(vary(GENERAL, notes=notes), cues=cues)
    assert list_rows(page) == ROWS
    assert page.count("<table") == 1
    tree = LexborHTMLParser(page)
    said = [row.attributes.get("data-start") for row in tree.css("tr")]
    assert said == ["2", "4", "6", None]
    assert [cell.attributes["scope"] for cell in tree.css("th")] == ["col", "col"]
    assert tree.css_first("tr em").text() == "The General"
    assert [item.text().strip() for item in tree.css(".passage li")] == ["An item."]


@pytest.mark.parametrize(
    "said",
    [
        ("Film; Year", "The General; 1926; 5/5", "Go East & more; 3/5"),
        ("Film; Year", "The General; 1926; 5/5"),
        ("The General; 1926; 5/5", "Film; Year", "Go West & more; 3/5"),
    ],
)
def test_rows_that_are_said_otherwise_stay_a_list(said):
    """An edit, or what is left out, loses no word of what is heard."""
    _, notes = compose(write_notes(MARKDOWN), with_tables=True)
    page = render(vary(GENERAL, notes=notes), cues=make_cues(*said))
    items = [item.text().strip() for item in LexborHTMLParser(page).css(".passage li")]
    assert items == list(said)


def test_a_row_in_several_cues_is_one():
    """A long cell is cut where it is spoken, and stands in its place all the same."""
    text = "| A | B |\n|---|---|\n| One sentence. And another one. | x |\n"
    _, notes = compose(write_notes(f"Words.\n\n{text}"), with_tables=True)
    cues = make_cues("A; B", "One sentence.", "And another one.; x")
    tree = LexborHTMLParser(render(vary(GENERAL, notes=notes), cues=cues))
    last = tree.css("tr")[-1]
    assert (last.attributes["data-start"], last.attributes["data-end"]) == ("4", "7.4")


def test_two_tables_of_a_page_are_accessible(tmp_path):
    """axe-core finds nothing, though both can be moved by keys."""
    axe = (require_node_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    text = (
        "| A | B |\n|---|---|\n| one | two |\n\nBetween them.\n\n| C | D |\n|---|---|\n| x | y |\n"
    )
    _, notes = compose(write_notes(f"Words.\n\n{text}"), with_tables=True)
    cues = make_cues("A; B", "one; two", "C; D", "x; y")
    release = vary(GENERAL, notes=notes)
    files = {release.page: render(release, cues=cues, cover="").encode()}
    assert files[release.page].count(b"<table") == 2
    write_files(tmp_path, files | render_assets(SITE) | {release.audio: make_mp3(20)})
    with serve_folder(tmp_path) as origin, open_browser() as browser:
        with open_page(browser, bypass_csp=True) as (page, _):
            page.goto(f"{origin}/{release.page}")
            page.evaluate(f"() => {{ {axe} }}")
            report = page.evaluate("() => axe.run({resultTypes: ['violations']})")
    assert [fault["id"] for fault in report["violations"]] == []


def test_a_row_plays_and_is_followed(tmp_path):
    """A press on it seeks; a wide table moves by itself, and the page does not."""
    wide = "| " + " | ".join(f"Column{n}" for n in range(12)) + " |"
    rows = f"{wide}\n|{'---|' * 12}\n{wide.replace('Column', 'Donaudampfschiff')}\n"
    _, notes = compose(write_notes(f"Words.\n\n{rows}"), with_tables=True)
    cues = make_cues(
        "; ".join(f"Column{n}" for n in range(12)),
        "; ".join(f"Donaudampfschiff{n}" for n in range(12)),
    )
    release = vary(GENERAL, notes=notes)
    files = {release.page: render(release, cues=cues, cover="").encode()}
    write_files(tmp_path, files | render_assets(SITE) | {release.audio: make_mp3(20)})
    with serve_folder(tmp_path) as origin, open_browser() as browser:
        with open_page(browser, viewport={"width": 360, "height": 700}) as (page, recorder):
            page.goto(f"{origin}/{release.page}")
            page.locator("tr.cue td").first.click()
            wait_until(page, "document.querySelector('audio').currentTime >= 4")
            wait_until(page, "document.querySelector('tr[aria-current]')")
            assert page.evaluate("document.documentElement.scrollWidth") == 360
            assert page.evaluate(
                "(({scrollWidth, clientWidth}) => scrollWidth > clientWidth)"
                "(document.querySelector('.grid'))"
            )
            assert recorder.errors == []
