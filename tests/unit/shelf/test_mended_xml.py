"""An export that is broken somewhere loses the broken post alone, and shows nothing private."""

import pytest
from tests.support.exports import make_truth, make_wordpress

from reviewcast.model.errors import ReviewError
from reviewcast.shelf.sources.blogger import read_export as read_blogger
from reviewcast.shelf.sources.wordpress import read_export

MARK = b"<item>"


@pytest.fixture
def truth():
    """Four reviews."""
    return make_truth(4)


@pytest.fixture
def export(truth):
    """Their export, with drafts and private posts behind them."""
    return make_wordpress(truth, truth.viewings)


def find_markers(reading):
    return [word for one in reading.reviews for word in one.text.split() if word[:6] == "marker"]


def break_second(export, old, new):
    """Break the second post."""
    place = export.index(MARK, export.index(MARK) + 1)
    return export[:place] + export[place:].replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</title>", b"</titel>"),
        (b"<wp:status>", b"<wp:status"),
        (b"</wp:status>", b""),
        (b"]]></content:encoded>", b"]]> and ]]></content:encoded>"),
        (b"<title>", b"<title><b>"),
        (b"</item>", b""),
        (b"<title>", b"<title>\xff\xfe"),
    ],
)
def test_a_broken_post_is_named_and_the_others_are_there(export, truth, old, new):
    """Whatever is broken in it."""
    reading = read_export(break_second(export, old, new), "x.xml")
    markers = set(find_markers(reading))
    assert markers == {one.marker for one in truth.viewings} - {truth.viewings[1].marker}
    assert len(reading.failed) == 1 and reading.failed[0].reason == "Its XML is broken."
    assert "canary" not in repr([one.text for one in reading.reviews])
    whole = {one.title: one.reason for one in read_export(export, "x.xml").left_out}
    assert {one.title: one.reason for one in reading.left_out} == whole


@pytest.mark.parametrize("sign", [b"Fish & chips", b"a&nbsp;b", b"&bogus; &", b"&eacute;"])
def test_signs_of_html_are_mended(export, truth, sign):
    """They are no reason to lose a post."""
    reading = read_export(break_second(export, b"<title>", b"<title>" + sign), "x.xml")
    assert (len(reading.reviews), reading.failed) == (len(truth.viewings), ())


def test_an_export_that_was_cut_off(export, truth):
    """What is whole in it is there, whichever byte it ends at."""
    for end in range(len(export) - 5, export.index(MARK), -997):
        try:
            reading = read_export(export[:end], "x.xml")
        except ReviewError:  # nothing is whole in it
            assert export[:end].count(b"</item>") == 0
            continue
        whole = export[:end].count(b"</item>")
        assert len(reading.reviews) + len(reading.left_out) + 1 >= min(whole, len(truth.viewings))
        assert "canary" not in repr([one.text for one in reading.reviews])


def test_a_draft_that_swallows_a_post_is_not_shown(export):
    """A text without an end takes the next post's fields, its state among them, for its own."""
    open_text = b"<item><title>Draft</title><content:encoded><![CDATA[<p>canarydraft</p>"
    broken = export.replace(MARK, open_text + b"<wp:status>draft</wp:status></item><item>", 1)
    for data in (broken, broken.replace(b"</channel>", b"</chanel>")):
        reading = read_export(data, "x.xml")
        assert "canary" not in repr([one.text for one in reading.reviews])
        assert [one.title for one in reading.failed] == ["Draft"]


def test_what_has_no_entry_is_refused():
    """As before."""
    for data in (b"<rss><item>", b"<rss", b"x<", b"<rss><channel><item><title></item></rss>"):
        with pytest.raises(ReviewError, match="not well-formed"):
            read_export(data, "x.xml")


def test_a_broken_entry_of_blogger():
    """Its Atom is read so, too."""
    entry = "<entry><id>tag:x.post-{0}</id><title>T{0}</title><content>Text {0}.</content>{1}"
    kind = "<category scheme='http://schemas.google.com/g/2005#kind' term='x#post'/></entry>"
    entries = "".join(entry.format(at, kind if at != 2 else "</entri>") for at in range(1, 4))
    data = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>".encode()
    reading = read_blogger(data, "x.xml")
    assert [one.title for one in reading.reviews] == ["T1", "T3"]
    assert [one.title for one in reading.failed] == ["T2"]
