"""Large exports of Ghost are read row after row; what is no export ends early."""

import itertools
import json
import tracemalloc

import pytest
from tests.unit.shelf.test_sources import NOW

from reviewcast.model.errors import ReviewError, UsageError
from reviewcast.shelf.converting import make_markdown
from reviewcast.shelf.detect import open_data
from reviewcast.shelf.read_source import read_reviews_of
from reviewcast.shelf.sources.ghost_tables import read_rows

POST = {"id": "1", "title": "Heat", "type": "post", "status": "published", "html": "<p>Fine.</p>"}


def read(document):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_reviews_of(open_data(data, "x.json"), now=NOW)


@pytest.mark.parametrize(
    "outer",
    [
        lambda tables: {"db": [{"meta": {"version": "5"}, "data": tables}]},
        lambda tables: {"db": [tables]},
        lambda tables: {"data": tables},
        lambda tables: tables,
    ],
    ids=["db data", "db", "data", "bare"],
)
@pytest.mark.parametrize("order", list(itertools.permutations(["posts", "tags", "posts_tags"])))
def test_tables_in_any_order_and_place(outer, order):
    tables = {
        "posts": [POST, POST | {"id": "2", "title": "Ran", "uuid": "u-2", "more": [{"id": "9"}]}],
        "tags": [{"id": "t", "name": "Crime"}, {"id": "i", "name": "#inner"}],
        "posts_tags": [{"post_id": "2", "tag_id": "t"}, {"post_id": "2", "tag_id": "i"}],
    }
    reading = read(outer({name: tables[name] for name in order} | {"other": [[{"posts": [POST]}]]}))
    assert [(one.title, one.ids, one.tags) for one in reading.reviews] == [
        ("Heat", ("ghost:1",), ()),
        ("Ran", ("ghost:u-2",), ("Crime",)),
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(codec):
    text = json.dumps({"posts": [POST | {"title": "Amélie 🎬"}]}, ensure_ascii=False)
    (review,) = read(text.encode(codec)).reviews
    assert review.title == "Amélie 🎬"


@pytest.mark.parametrize("shown", [["public"], {"of": "public"}, None, "paid", 1])
def test_who_may_read_it_is_not_guessed(shown):
    """Only what says that it is public is."""
    reading = read({"posts": [POST | {"visibility": shown}]})
    assert not reading.reviews
    assert "for subscribers only" in reading.left_out[0].reason


def test_rows_that_are_none():
    """As numbers in the place of rows."""
    rows = list(read_rows(b'{"posts": [1, [{"id": 2}], {"id": 3}, null], "tags": {"id": 4}}',
                          {"posts": frozenset({"id"}), "tags": frozenset({"id"})}))  # fmt: skip
    assert rows == [("posts", None), ("posts", {"id": 3})]


@pytest.mark.parametrize("table", ["settings", "posts_meta"])
def test_memory_does_not_grow_with_the_export(table):
    """Decoded whole, each empty list would take over twenty times its bytes."""
    data = b'{"%s":[%s[]],"posts":[%s]}' % (
        table.encode(),
        b"[]," * 300_000,
        json.dumps(POST).encode(),
    )
    read({"posts": [POST]})  # imports what it needs
    tracemalloc.start()
    try:
        assert len(read(data).reviews) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'{"x":' + b"[" * 1000 + b"]" * 1000 + b"}", "nested too deeply"),
        (b'{"posts":[' + b"{}," * 100_001 + b"{}]}", "over 100,000 posts"),
        (b'{"posts":[{"id":"1"}]', "is no JSON"),
        (b'{"posts":[{"id":' + b"9" * 5000 + b"}]}", "is no JSON"),
        (b'{"posts":[{"id":"\xff"}]}', "is no JSON"),
    ],
    ids=["deep", "posts", "cut", "number", "bytes"],
)
def test_what_no_export_holds(data, told):
    with pytest.raises(ReviewError, match=told):
        read(data)


def test_one_text_over_the_bound():
    """It is refused before all of it was read."""
    with pytest.raises(ReviewError, match="a text over 10 MB"):
        read(b'{"posts":[{"html":"' + b"a" * 21_000_000 + b'"}]}')


def test_other_json_is_no_export():
    with pytest.raises(UsageError, match=r"no export of Ghost"):
        read(b'{"db": [{"data": {"pages": [{"posts": 3}]}}]}')


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("<p>" + "a " * 2_100_000, "larger than 4 MB"),
        ("<b>a</b>" * 101_000, "over 200,000 tags"),
    ],
)
def test_a_post_that_would_take_memory_many_times_over(html, told):
    """The others are read."""
    reading = read({"posts": [POST | {"html": html}, POST | {"id": "2"}]})
    assert [one.ids for one in reading.reviews] == [("ghost:2",)]
    assert told in reading.failed[0].reason


def test_pictures_in_a_text_are_none_of_its_size():
    """Their alternative text stays, and so does what only looks like one."""
    html = f'<p>Before <img alt="4/5" src="data:image/png;base64,{"A" * 5_000_000}"> after.</p>'
    assert "4/5" in make_markdown(html)
    said = "<p>He wrote data:image/png;base64, and more words.</p>"
    assert make_markdown(said) == "He wrote data:image/png;base64, and more words."
