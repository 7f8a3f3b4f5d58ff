"""Covers: the right file for directories, readable type, and no letter that is not there."""

import functools
import io
import re

import pytest
from PIL import Image, ImageChops

from reviewcast.episode.cover import PALETTES, draw_cover, find_unprintable
from reviewcast.episode.cover.fonts import list_fonts
from reviewcast.episode.cover.lines import wrap_lines

LONG = (
    "Films, books and the occasional opera: written reviews that are read aloud, week by week, " * 3
)
TITLES = ["M", "Late Returns", "Donaudampfschifffahrtsgesellschaftskritik", LONG[:200], "W" * 200]


draw_once = functools.cache(draw_cover)


def open_cover(title: str, author: str = "", **options: object) -> Image.Image:
    return Image.open(io.BytesIO(draw_once(title, author, **options)))


@pytest.mark.parametrize("title", [*TITLES, "", " \n", "🎬 Seen & Heard"])
def test_a_cover_is_what_directories_want(title):
    """3000 × 3000 pixels, RGB, JPEG, at most 512 kB, whatever the title."""
    data = draw_once(title, "Jo Critic")
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (3000, 3000))
    assert len(data) <= 512_000
    assert "icc_profile" not in image.info  # untagged is sRGB


def test_same_title_same_bytes():
    """A cover is drawn the same every time, and another title looks otherwise."""
    first = draw_cover("Late Returns", "Jo")
    assert draw_cover("Late Returns", "Jo") == first
    assert draw_cover("  Late\n Returns ", "Jo") == first
    assert draw_cover("Nights of Wind", "Jo") != first


def test_other_sizes():
    """A smaller one is the same picture."""
    small = open_cover("Late Returns", size_px=300)
    large = open_cover("Late Returns").resize((300, 300), Image.Resampling.LANCZOS)
    assert small.size == (300, 300)
    difference = ImageChops.difference(small, large).convert("L")
    assert sum(difference.tobytes()) / 300**2 < 4


def brightness(colour: str) -> float:
    channels = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", PALETTES)
def test_colours_are_told_apart(palette):
    """Type is at least 7:1 on its ground (AAA), the motif 3:1."""
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in palette)
    assert contrast(palette.type, palette.ground) >= 7
    assert contrast(palette.accent, palette.ground) >= 3


def find_type(title: str, author: str = "", **options: object) -> tuple[int, int, int, int]:
    """Return the box of all that has the colour of the type."""
    image = open_cover(title, author, **options)
    near = []
    for palette in PALETTES:
        ground = tuple(int(palette.ground[n : n + 2], 16) for n in (1, 3, 5))
        corner = image.getpixel((5, 5))
        if max(abs(a - b) for a, b in zip(ground, corner, strict=True)) < 6:
            near.append(palette)
    (palette,) = near
    plain = Image.new("RGB", image.size, palette.type)
    red, green, blue = ImageChops.difference(image, plain).split()
    distance = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    box = distance.point(lambda value: 255 * (value < 40)).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("title", [t for t in TITLES if t])
def test_type_stays_inside_its_margins(title):
    """From one to 200 letters, nothing runs over an edge or into the motif."""
    left, top, right, bottom = find_type(title, "Jo Critic")
    assert 220 <= left <= 260
    assert top >= 200
    assert right <= 3000 - 220
    assert bottom <= 2100


def test_a_short_title_is_large():
    """Two short words fill most of the width: they are read at 55 pixels."""
    left, _, right, bottom = find_type("Late Returns")
    assert right - left > 2000
    assert bottom > 1200


@pytest.mark.parametrize(
    "word", ["Überraschungsfilmvorführungsgerät", "Donaudampfschifffahrtsgesellschaftskritik"]
)
def test_a_long_word_stays_whole(word):
    """It is set smaller, in one line from margin to margin, and not broken within a syllable."""
    left, top, right, bottom = find_type(word)
    assert bottom - top < 220
    assert right - left > 2400


def test_a_word_too_long_for_a_line_is_broken_in_large_type():
    """No word of 63 letters could be read in one line."""
    _, top, _, bottom = find_type("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz")
    assert bottom - top > 700


def test_plain_titles_need_no_font():
    """Latin letters without accents, and common signs, are there on every machine."""
    assert find_unprintable("Late Returns: “Reels & Pages” — No. 1, it’s 100 % …", fonts=()) == ""
    assert find_unprintable("🎬 Film talk", fonts=()) == ""


def test_accents_are_taken_off_where_no_font_has_them():
    """A few letters that are missing are told; the title is still set."""
    assert find_unprintable("Café Amélie", fonts=()) == "é"
    assert find_type("Café Amélie", fonts=()) == find_type("Cafe Amelie", fonts=())


def test_signs_above_letters_are_no_ornaments():
    """Vowel signs of Hindi stay; emoji with all that belongs to them go."""
    assert find_unprintable("हिन्दी", fonts=()) == "हिन्दी"
    assert find_type("\U0001f468\u200d\U0001f4bb\ufe0f Film", fonts=()) == find_type("Film")


def test_a_title_that_no_font_has():
    """A cover without a title is a motif all over, and the letters are told."""
    assert find_unprintable("映画レビュー 映", fonts=()) == "映画レビュー"
    # each still has colours of its own
    assert draw_once("映画レビュー", fonts=()) != draw_once("映画", fonts=())
    image = open_cover("映画レビュー", fonts=())
    assert image.getpixel((1500, 1500)) != image.getpixel((5, 5))


def test_fonts_of_the_machine_are_found():
    """What the small font lacks is looked for among the others; a broken file is no matter."""
    if not list_fonts():
        pytest.skip("no fonts are installed")
    assert find_unprintable("\U0010fffd") == ""  # of private use: has no shape of its own
    assert find_unprintable("Late Returns") == ""


def test_broken_fonts_are_passed_over(tmp_path):
    """A file that only looks like a font is skipped."""
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    assert find_unprintable("映画", fonts=(str(broken),)) == "映画"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("映画レビュー、映画", ["映画レビ", "ュー、映画"]),
        ("a – bc def", ["a – bc", "def"]),
    ],
)
def test_lines_are_broken_where_readers_expect_it(text, lines):
    """Between words; in Chinese and Japanese anywhere but before a closing sign."""

    def measure(part: str) -> float:
        return len(part) if part.isascii() or "–" in part else 1.75 * len(part)

    widest = 9.0 if not text.isascii() and "–" not in text else 8.0
    assert wrap_lines(text, widest, measure, breaks_words=False) == lines


def test_a_word_that_is_too_wide_is_hyphenated():
    """Only when it may be broken; otherwise there is no way to set it."""
    assert wrap_lines("abcdefgh", 5, len, breaks_words=False) == []
    assert wrap_lines("abcdefgh", 5, len, breaks_words=True) == ["abcd-", "efgh"]
