"""The page for frames fits its frame, whatever it says."""

import pytest
from msgspec.structs import replace
from tests.support.browser import open_browser, open_page, serve_folder
from tests.unit.podcast.site.test_pages import GENERAL, SHOW, write_files

from reviewcast.model.podcast import EpisodeChapter
from reviewcast.podcast.site.embed import EMBED_HEIGHT, render_embed
from reviewcast.podcast.site.frame import Site
from reviewcast.podcast.site.pages import render_assets
from reviewcast.podcast.site.pictures import make_small
from reviewcast.settings.schema import SiteSettings

APPS = ("Apple Podcasts", "Pocket Casts", "Overcast", "Spotify", "Antenna Pod")
TEXTS = {
    "short": "Heat",
    "long": "A title that goes on and on, " * 17,
    "word": "Donaudampfschiff" * 19,
    "arabic": "مراجعة فيلم «الجنرال»: قطار ووجه جامد " * 9,
    "dense": "七人の侍：雨の中の戦い" * 25,
}


@pytest.fixture(scope="module")
def browser():
    with open_browser() as running:
        yield running


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The pages of episodes with all kinds of titles, below the same show."""
    folder = tmp_path_factory.mktemp("site")
    settings = SiteSettings(subscribe=dict.fromkeys(APPS, "https://example.org/"))
    files = render_assets(settings)
    for name, text in TEXTS.items():
        site = Site(replace(SHOW, title=f"The show: {text}"), settings, "")
        chapters = tuple(EpisodeChapter(f"{n} {text}", 4.0 * n) for n in range(9))
        release = replace(GENERAL, slug=name, title=text, chapters=chapters, image="picture.png")
        files[f"episodes/{name}/embed.html"] = render_embed(
            site, replace(release, page=f"episodes/{name}/index.html")
        )
    write_files(folder, files | {"picture-small.jpg": make_small(b"GIF89a none")})
    with serve_folder(folder) as origin:
        yield f"{origin}/episodes"


@pytest.mark.parametrize("name", TEXTS)
def test_it_fits_its_frame(browser, address, name):
    """From 280 pixels on nothing is cut, also while it says where it goes on."""
    with open_page(browser, viewport={"width": 600, "height": EMBED_HEIGHT}) as (page, _):
        page.goto(f"{address}/{name}/embed.html")
        for resumes in (False, True):
            page.evaluate(
                """(resumes) => {
                    document.querySelector(".resumed").hidden = !resumes;
                    document.querySelector(".resumed-at").textContent = "1:02:03";
                }""",
                resumes,
            )
            for width in (280, 320, 360, 390, 480, 600, 1200):
                page.set_viewport_size({"width": width, "height": EMBED_HEIGHT})
                size = page.evaluate(
                    "['scrollWidth', 'scrollHeight'].map((one) => document.documentElement[one])"
                )
                assert size == [width, EMBED_HEIGHT], (width, resumes)
        assert page.get_by_text("read aloud by a synthetic voice").is_visible()
