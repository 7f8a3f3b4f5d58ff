"""The pictures of chapters: small, upright, without a trace of the camera, or refused with why."""

import io
import json

import pytest
from lxml import etree
from mutagen.id3 import ID3
from PIL import Image
from tests.support.program import Program
from tests.support.show import URL, make_show

from reviewcast.episode.artwork import fit_picture, open_pictures, square_cover
from reviewcast.model.events import Noticed, Warned
from reviewcast.settings.schema import Config


def encode(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def make_noise(size):
    return Image.effect_noise(size, 80).convert("RGB")


def decode(data):
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((300, 200), (300, 200)), ((2500, 1000), (1000, 400)), ((64, 6400), (10, 1000))],
)
def test_a_picture_is_at_most_1000_pixels_long(size, fitted):
    """A large one is scaled down in proportion, a small one never up."""
    image = decode(fit_picture(encode(Image.new("RGB", size, "red"))))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", fitted)


def test_a_picture_is_at_most_120_kb():
    """One that no compression makes small loses quality, and then pixels."""
    data = fit_picture(encode(make_noise((3000, 3000)), "JPEG", quality=95))
    assert len(data) <= 120_000
    assert min(decode(data).size) >= 400


def test_the_same_image_gives_the_same_bytes():
    """So a second publish uploads nothing."""
    data = encode(make_noise((1500, 900)), "JPEG")
    assert fit_picture(data) == fit_picture(data)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_taken(mode):
    """Grey is grey in every mode that the formats have."""
    if mode == "I;16":
        image = Image.new("I;16", (100, 100), 0x8080)
    else:
        image = Image.new("RGBA", (100, 100), (128, 128, 128)).convert(
            mode if mode != "PA" else "P"
        )
    data = encode(image, "JPEG" if mode == "CMYK" else "PNG")
    red, green, blue = (
        decode(fit_picture(data)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    )
    assert red == pytest.approx(128, abs=3)
    assert max(red, green, blue) - min(red, green, blue) <= 3


def test_what_is_transparent_becomes_white():
    """Not black, as it is to some decoders."""
    image = decode(fit_picture(encode(Image.new("RGBA", (100, 100), (0, 0, 0, 0)))))
    assert image.getpixel((50, 50)) == (255, 255, 255)


def test_a_photograph_is_turned_and_its_place_forgotten():
    """What a camera notes is obeyed where it says which way is up, and not published."""
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    exif[0x010F] = "Camera maker"
    data = encode(Image.new("RGB", (300, 200), "blue"), "JPEG", exif=exif)
    fitted = fit_picture(data)
    assert decode(fitted).size == (200, 300)
    assert b"Camera maker" in data
    assert b"Camera maker" not in fitted
    assert not decode(fitted).getexif()


def make_bomb():
    """Make a small PNG of 20,000 by 20,000 pixels."""
    return encode(Image.new("1", (20_000, 20_000)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no JPEG or PNG that can be read"),
        (b"GIF89a" + bytes(100), "is no JPEG or PNG that can be read"),
        (encode(Image.new("RGB", (100, 100)), "GIF"), "is no JPEG or PNG that can be read"),
        (encode(make_noise((300, 300)), "JPEG")[:2000], "is no JPEG or PNG that can be read"),
        (encode(make_noise((300, 300)))[:2000], "is no JPEG or PNG that can be read"),
        (encode(Image.new("RGB", (32, 32))), "has 32 × 32 pixels, too few"),
        (encode(Image.new("1", (10_000, 6_000))), "has 10000 × 6000 pixels, too many"),
        (make_bomb(), "has over 50,000,000 pixels"),
    ],
    ids=["empty", "no gif", "gif", "cut jpeg", "cut png", "ornament", "large", "bomb"],
)
def test_what_cannot_be_used_is_refused(data, why):
    """With the reason, and without a warning of Pillow's."""
    with pytest.raises(ValueError, match="^" + why.replace(".", r"\.") + "$"):
        fit_picture(data)


def test_images_are_found_as_reviews_name_them(tmp_path):
    """Beside the review, from its root, quoted, and with what blogs hang behind a name."""
    (tmp_path / "img").mkdir()
    data = encode(Image.new("RGB", (100, 100), "red"))
    (tmp_path / "img/a b.png").write_bytes(data)
    (tmp_path / "what?.png").write_bytes(data)
    names = ["img/a b.png", "/img/a%20b.png", "img/a%20b.png?w=300#top", "what?.png", ""]
    told = []
    found = open_pictures([*names, *names], Config(), tmp_path, told.append)
    assert found == dict.fromkeys(names[:-1], fit_picture(data))
    assert told == []


def test_each_image_that_cannot_be_used_is_warned_of_once(tmp_path):
    """By its name and the reason; a folder is no image."""
    (tmp_path / "x.gif").write_bytes(b"GIF89a")
    (tmp_path / "folder.png").mkdir()
    told = []
    names = ["x.gif", "gone.jpg", "folder.png", "x.gif", "a" * 5000]
    assert open_pictures(names, Config(), tmp_path, told.append) == {}
    assert all(isinstance(event, Warned) for event in told)
    assert [event.message for event in told[:3]] == [
        "The image x.gif is no JPEG or PNG that can be read; its chapter has none.",
        "The image gone.jpg is not there; its chapter has none.",
        "The image folder.png is not there; its chapter has none.",
    ]
    assert len(told) == 4


def test_images_on_the_web_are_not_fetched(tmp_path):
    """They are told of together: pages have dozens."""
    told = []
    names = ["https://example.org/a.jpg", "//example.org/b.jpg", "http://example.org/c.jpg"]
    assert open_pictures(names, Config(), tmp_path, told.append) == {}
    assert told == [
        Noticed("Images for chapters are not fetched: https://example.org/a.jpg and 2 more.")
    ]


REVIEW = """# A short one

It begins, and then it goes on for a while.

## The plot

![A street](img/street.png)

It goes on, and then it goes on again.

## Verdict

![A broken one](broken.jpg)

It ends.
"""


def write_review(folder, colour="red"):
    (folder / "img").mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (1600, 800), colour).save(folder / "img/street.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    path = folder / "short.md"
    path.write_text(REVIEW, encoding="utf-8")
    return path


def read_images(path):
    document = json.loads(path.with_suffix(".chapters.json").read_bytes())
    return [chapter.get("img") for chapter in document["chapters"]]


def test_a_built_episode_has_the_pictures_of_its_chapters(tmp_path):
    """In the tag, beside the MP3 and in the chapter file; a new picture takes the old one's place.

    The broken one is warned of, and the build goes on.
    """
    review, path = write_review(tmp_path), tmp_path / "out.mp3"
    program = Program(tmp_path / "cache")
    built = [program.run("build", review, "-o", path, "--voice", "espeak") for _ in range(2)]
    assert [one.code for one in built] == [0, 0]
    assert "The image broken.jpg is no JPEG or PNG that can be read" in built[0].err
    (picture,) = tmp_path.glob("out.*.jpg")
    assert read_images(path) == [None, picture.name, None]
    chapters = {str(one.sub_frames["TIT2"]): one.sub_frames for one in ID3(path).getall("CHAP")}
    assert chapters["The plot"]["APIC:"].data == picture.read_bytes()
    assert ["APIC:" in frames for frames in chapters.values()].count(True) == 1
    write_review(tmp_path, "blue")
    assert program.run("build", review, "-o", path, "--voice", "espeak").code == 0
    (other,) = tmp_path.glob("out.*.jpg")
    assert other.name != picture.name
    assert read_images(path) == [None, other.name, None]


def test_a_published_show_with_pictures_passes_the_check(tmp_path):
    """The chapter file names whole addresses, which are those of the feed; nothing is missing."""
    show = make_show(tmp_path / "show", more='\n[voice]\nname = "espeak"\n')
    write_review(show / "reviews")
    program = Program(tmp_path / "cache")
    for command in ("build", "publish", "check"):
        done = program.run(command, cwd=show)
        assert done.code == 0, done.out + done.err
    (picture,) = (one for one in (show / "public/media").glob("*.jpg") if "-small" not in one.name)
    (chapters,) = (show / "public/media").glob("*.chapters.json")
    assert f"{URL}media/{picture.name}" in chapters.read_text()
    assert f'image="{URL}media/{picture.name}"' in (show / "public/feed.xml").read_text()
    picture.unlink()
    assert picture.name in program.run("check", cwd=show).out
    again = program.run("publish", "--json", cwd=show).json
    assert [sent["name"] for sent in again["uploaded"]] == [f"media/{picture.name}"]


def test_a_cover_is_the_middle_square():
    """The sides are cut off, nothing is distorted; a square file in RGB keeps its bytes."""
    wide = Image.new("RGB", (1300, 900), "red")
    wide.paste("blue", (200, 0, 1100, 900))
    data, side = square_cover(encode(wide))
    cover = decode(data)
    assert (cover.format, cover.mode, cover.size, side) == ("JPEG", "RGB", (900, 900), 900)
    for place in ((5, 5), (894, 894), (450, 450)):
        red, _, blue = cover.getpixel(place)
        assert (red < 20, blue > 235) == (True, True)
    square = encode(Image.new("RGB", (1500, 1500), "red"))
    assert square_cover(square) == (square, 1500)
    clear = square_cover(encode(Image.new("RGBA", (1500, 1500), "red")))[0]
    assert (decode(clear).mode, decode(clear).size) == ("RGB", (1500, 1500))
    assert decode(square_cover(encode(Image.new("L", (3200, 3100))))[0]).size == (3000, 3000)
    with pytest.raises(ValueError, match="is no JPEG or PNG"):
        square_cover(encode(make_noise((300, 300)), "JPEG")[:2000])


def test_a_poster_is_set_whole_on_its_own_colours():
    """Nothing of it is cut or distorted, and what is beside it looks like its edges."""
    poster = Image.new("RGB", (1000, 1500), "red")
    poster.paste("blue", (0, 0, 1000, 10))
    poster.paste("lime", (0, 1490, 1000, 1500))
    cover = decode(square_cover(encode(poster))[0])
    assert (cover.format, cover.mode, cover.size) == ("JPEG", "RGB", (1500, 1500))
    for place, wanted in (
        ((750, 4), (0, 0, 255)), ((750, 1495), (0, 255, 0)), ((255, 750), (255, 0, 0)),
        ((1244, 750), (255, 0, 0)), ((5, 750), (255, 0, 0)), ((1495, 750), (255, 0, 0)),
    ):  # fmt: skip
        assert max(abs(a - b) for a, b in zip(cover.getpixel(place), wanted, strict=True)) < 60
    assert square_cover(encode(poster)) == square_cover(encode(poster))
    assert square_cover(encode(Image.new("RGB", (1399, 10), "red")))[1] == 10


def test_a_reviews_image_becomes_a_square_cover(tmp_path):
    """The MP3 holds it square, and the build says when it is smaller than directories want."""
    (tmp_path / "wide.jpg").write_bytes(encode(Image.new("RGB", (320, 180), "red"), "JPEG"))
    (tmp_path / "x.md").write_text("---\nimage: wide.jpg\n---\nIt runs.\n", encoding="utf-8")
    program = Program(tmp_path / "cache")
    done = program.run("build", tmp_path / "x.md", "--voice", "espeak")
    assert done.code == 0
    assert "wide.jpg makes a cover of 180 × 180 pixels" in done.err
    (cover,) = ID3(tmp_path / "x.mp3").getall("APIC")
    assert decode(cover.data).size == (180, 180)
    assert not (tmp_path / "x.jpg").exists()  # nor would a picture of that name be overwritten


@pytest.mark.parametrize(
    ("size", "mode", "suffix"),
    [
        ((1600, 1500), "RGB", "jpg"),
        ((1400, 1400), "RGBA", "jpg"),
        ((1000, 1500), "RGB", "jpg"),
        ((1920, 1080), "L", "jpg"),
        ((4000, 1000), "RGB", "jpg"),
        ((1399, 1200), "RGB", ""),
    ],
)
def test_a_published_episode_has_its_reviews_image(tmp_path, size, mode, suffix):
    """Square, where it has the pixels that directories ask for; the check finds nothing wrong."""
    show = make_show(tmp_path / "show", more='\n[voice]\nname = "espeak"\n')
    (show / "reviews").mkdir()
    Image.new(mode, size, "red").save(show / "reviews/poster.png")
    (show / "reviews/x.md").write_text("---\nimage: poster.png\n---\nIt runs.\n")
    program = Program(tmp_path / "cache")
    for command in ("build", "publish", "check"):
        done = program.run(command, cwd=show)
        assert done.code == 0, done.out + done.err
    feed = etree.parse(show / "public/feed.xml")
    images = feed.xpath("//item/*[local-name()='image']/@href")
    if not suffix:
        assert images == []
        return
    (address,) = images
    picture = show / "public" / address.removeprefix(URL)
    image = decode(picture.read_bytes())
    # cut where enough is left, else whole on a ground of its own colours
    side = min(size) if min(size) >= 1400 else min(max(size), 3000)
    assert (image.size, image.mode) == ((side, side), "RGB")
    assert picture.suffix == f".{suffix}"
