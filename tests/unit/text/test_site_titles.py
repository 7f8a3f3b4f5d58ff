"""The name of a site at the end of a page's title."""

import pytest
from msgspec.structs import replace

from reviewcast.model.text import Omission
from reviewcast.settings.schema import Config
from reviewcast.text.draft import read_source
from reviewcast.text.read import ReviewSource

PAGE = "<title>{}</title><p>The wind blows, and nobody in the valley sleeps.</p>"


def read_title(folder, title, *, pages=20, show=True, others="Film {} — C6"):
    """Read a page among others whose titles are given."""
    for number in range(pages):
        other = others.format(number)
        (folder / f"{number}.html").write_text(PAGE.format(other), encoding="utf-8")
    page = folder / "the-wind.html"
    page.write_text(PAGE.format(title), encoding="utf-8")
    config = replace(Config(), folder=folder if show else None)
    review = read_source(ReviewSource(str(page), page.read_bytes()), config)
    return review.title, Omission("C6", "the site's name") in review.omissions


@pytest.mark.parametrize(
    ("title", "options", "read"),
    [
        ("The Wind - Again — C6", {}, ("The Wind - Again", True)),
        ("The Wind - Again — C6", {"pages": 18}, ("The Wind - Again — C6", False)),
        ("The Wind - Again — C6", {"show": False}, ("The Wind - Again — C6", False)),
        ("The Wind - Again — C7", {}, ("The Wind - Again — C7", False)),
        ("The Wind - Again", {}, ("The Wind - Again", False)),
        ("The Wind - Again — C6", {"others": "Film{} C6"}, ("The Wind - Again — C6", False)),
    ],
)
def test_site_ending(tmp_path, title, options, read):
    """It is left off when 20 pages of the show's folder end alike, and only then."""
    assert read_title(tmp_path, title, **options) == read
