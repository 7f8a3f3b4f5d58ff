"""What is kept of a review: found again as it was, under a key of all that decides it."""

import ast
import importlib.metadata
import os
import sys
import threading
import zlib
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from reviewcast.jobs.listing import list_names
from reviewcast.model.errors import ConfigError
from reviewcast.model.text import LexiconEntry
from reviewcast.settings.schema import Config, Show
from reviewcast.settings.shelf import CollectSettings
from reviewcast.settings.text import SplitSettings
from reviewcast.speech.narration import write_narration
from reviewcast.system.cache import Cache, MemoFigures
from reviewcast.system.code_stamp import stamp_code
from reviewcast.text.draft import read_draft
from reviewcast.text.look import look_at
from reviewcast.text.memos import PACKAGES, ROOMS, Memos
from reviewcast.text.read import ReviewSource
from reviewcast.text.round_up import RoundUp, RoundUpMember, encode_round_up

TEXT = b"# Zo\xc3\xab in *Rocky IV*\n\n> It is 8/10, she said.\n\n1. Cut!\n\nSpoiler: they win.\n"
SOURCE = ReviewSource("reviews/tale.md", TEXT)
KEPT = {"a": 1, "b": [2.5, "text"]}


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


def keep(cache, source=SOURCE, config=None, **options):
    """Keep something of a review."""
    memos = Memos(config or Config(), cache, **options)
    memo = memos.open(source)
    memo.keep("it", KEPT)
    memos.save(memo)


def recall(cache, source=SOURCE, config=None, **options):
    """Return what another run recalls of a review."""
    memos = Memos(config or Config(), Cache(cache.folder), **options)
    return memos.open(source).recall("it", dict)


def test_what_was_kept_is_recalled(cache):
    """By another run, as the kind that it was, and as no other kind."""
    assert recall(cache) is None
    keep(cache)
    assert recall(cache) == KEPT
    memo = Memos(Config(), cache).open(SOURCE)
    assert memo.recall("it", int) is None
    assert memo.recall("other", dict) is None


def test_parts_are_added(cache):
    """What is kept later stands beside what was there."""
    keep(cache)
    memos = Memos(Config(), cache)
    memo = memos.open(SOURCE)
    memo.keep("more", "text")
    memos.save(memo)
    memo = memos.open(SOURCE)
    assert (memo.recall("it", dict), memo.recall("more", str)) == (KEPT, "text")
    assert cache.measure().stored.scripts.entries == 1


# --- what decides


def with_show(**fields) -> Config:
    return Config(show=structs.replace(Show(), **fields))


KEYED = {
    "show language": with_show(language="de"),
    "show author": with_show(author="Jo Doe"),
    "show disclosure": with_show(disclosure="A machine reads this."),
    "spoken off": Config(spoken={"ratings": False}),
    "spoken form": Config(spoken={"8/10": "eight of ten"}),
    "lexicon": Config(lexicon=(LexiconEntry("Rocky", "ROCK-ee"),)),
    "lexicon of a voice": Config(lexicon=(LexiconEntry("Rocky", "ROCK-ee", voices=("gtts",)),)),
    "in a show": Config(folder=Path("show")),
    "code": None,
}


@pytest.mark.parametrize("case", KEYED)
def test_settings_and_code_decide(cache, case):
    """Each setting of the text, and the code, has a memo of its own; the first one stays."""
    config, options = KEYED[case] or Config(), {} if KEYED[case] else {"stamp": "other"}
    keep(cache)
    assert recall(cache, config=config, **options) is None
    keep(cache, config=config, **options)
    assert recall(cache, config=config, **options) == recall(cache) == KEPT


OTHERS = (
    False, True, 7, 64, 0.5, "month", "de", "other", "serial", "#123456", "https://example.org/",
    "1/day", "mono", "flac", ("Say {title}.",), ("tue",), {"a": "https://example.org/"},
)  # fmt: skip
"""Values of which one or the other fits a setting, and differs from its default."""


def list_changes(settings):
    """Yield settings of which one field is changed, for each of its fields."""
    for name in settings.__struct_fields__:
        for other in OTHERS:
            try:
                changed = msgspec.convert(
                    {**structs.asdict(settings), name: other}, type(settings), strict=False
                )
            except (ConfigError, msgspec.ValidationError):
                continue
            if changed != settings:
                yield name, changed
                break


@pytest.mark.parametrize(
    ("table", "kind"), [("split", SplitSettings), ("collect", CollectSettings)]
)
def test_each_field_of_a_table_decides(cache, table, kind):
    """A change of any field of [split] and [collect] leads to another memo."""
    keep(cache)
    changed = dict(list_changes(kind()))
    assert set(changed) == set(kind.__struct_fields__)
    for settings in changed.values():
        assert recall(cache, config=Config(**{table: settings})) is None


def test_what_decides_nothing_changes_no_text(cache):
    """All other settings leave the look, the script and the names as they are, and the memo."""
    keyed = {"show", "split", "collect", "spoken", "lexicon", "folder"}
    # these say who speaks, which has its own place in the name of a part
    voices = {"voice", "cast", "variables", "remarks", "cache_folder"}
    others = set(Config.__struct_fields__) - keyed - voices
    assert others == {
        "budget", "cache", "encode", "feed", "master", "publish", "shelf", "site", "stitch", "sync",
            "synthesize", "tell",
    }  # fmt: skip
    changed = [
        Config(**{table: settings})
        for table in sorted(others)
        for _, settings in list_changes(getattr(Config(), table))
    ]
    own = {"language", "author", "disclosure"}
    changed += [Config(show=show) for name, show in list_changes(Show()) if name not in own]
    assert len(changed) > 50
    keep(cache)
    usual = describe(Config())
    for config in changed:
        assert describe(config) == usual, config
        assert recall(cache, config=config) == KEPT


def describe(config):
    """Return all that is kept of a review."""
    script = write_narration(read_draft(SOURCE, config), config, "espeak").script
    names = list_names(SOURCE, structs.replace(config, voice=Config().voice))
    return script, names, look_at(SOURCE, SOURCE.name, config)


@pytest.mark.parametrize(
    "source",
    [
        ReviewSource("reviews/other.md", TEXT),
        ReviewSource("reviews/tale.txt", TEXT),
        ReviewSource("tale.md", TEXT),
        ReviewSource("reviews/tale.md", TEXT + b" "),
    ],
)
def test_name_and_bytes_decide(cache, source):
    """A review of another name, place or text has a memo of its own."""
    keep(cache)
    assert recall(cache, source) is None


def test_edits_decide(cache, tmp_path):
    """Edits that come, change or go lead to another memo, and back to the first."""
    source = ReviewSource(str(tmp_path / "tale.md"), TEXT)
    edits = tmp_path / "tale.edits.toml"
    keep(cache, source)
    for text in ("", '[[edit]]\ntext = "Cut!"\nspoken = "Cut it!"\n'):
        edits.write_text(text)
        assert recall(cache, source) is None
    edits.unlink()
    assert recall(cache, source) == KEPT


def test_the_titles_of_other_pages_decide(cache, tmp_path):
    """Twenty pages that end alike say what a page's title is; twenty-one say the same."""
    show = tmp_path / "show"
    show.mkdir()
    config = Config(folder=show)
    page = show / "the-wind.html"
    source = ReviewSource(str(page), b"<title>The Wind | C6</title><p>It blows.</p>")
    page.write_bytes(source.data)

    def add(number):
        (show / f"{number}.html").write_text(f"<title>Film {number} | C6</title><p>Text.</p>")
        os.utime(show, ns=(number, number))  # a folder is looked at again when it has changed

    keep(cache, source, config)
    for number in range(19):
        add(number)
    assert recall(cache, source, config) is None
    keep(cache, source, config)
    add(20)
    assert recall(cache, source, config) == KEPT


def test_the_reviews_of_a_round_up_decide(cache, tmp_path):
    """A round-up has another memo when a review in it, or its edits, are others."""
    show = tmp_path / "show"
    show.mkdir()
    config = Config(folder=show)
    for name in ("one", "two"):
        (show / f"{name}.md").write_text(f"# {name}\n\nIt is short.\n")
    members = tuple(RoundUpMember(f"{name}.md", "") for name in ("one", "two"))
    made = RoundUp(slug="a", title="A", language="en", date="", members=members)
    source = ReviewSource(str(show / "episodes/a/round-up.json"), encode_round_up(made))
    keep(cache, source, config)
    assert recall(cache, source, config) == KEPT
    (show / "two.md").write_text("# two\n\nIt is shorter.\n")
    assert recall(cache, source, config) is None
    keep(cache, source, config)
    (show / "one.edits.toml").write_text('[[edit]]\ntext = "It is short."\npause_s = 2\n')
    assert recall(cache, source, config) is None
    (show / "two.md").unlink()
    assert Memos(config, cache).open(source).recall("it", dict) is None


@pytest.mark.parametrize("changed", ["tale.edits.toml", "one.md"])
def test_what_changed_while_it_was_read_is_not_kept(cache, tmp_path, changed):
    """It may be of the bytes of before, or of those of now; after the next change back, too."""
    show = tmp_path / "show"
    (show / "episodes").mkdir(parents=True)
    config = Config(folder=show)
    for name, text in (("one.md", "# One\n\nIt is short.\n"), ("tale.edits.toml", "")):
        (show / name).write_text(text)
    made = RoundUp(
        slug="a", title="A", language="en", date="", members=(RoundUpMember("one.md", ""),)
    )
    sources = {
        "tale.edits.toml": ReviewSource(str(show / "tale.md"), TEXT),
        "one.md": ReviewSource(str(show / "episodes/a/round-up.json"), encode_round_up(made)),
    }
    memos = Memos(config, cache)
    memo = memos.open(sources[changed])
    before = (show / changed).read_bytes()
    (show / changed).write_text("# Two\n")
    memo.keep("it", KEPT)
    memos.save(memo)
    assert recall(cache, sources[changed], config) is None
    (show / changed).write_bytes(before)
    assert recall(cache, sources[changed], config) is None


def test_nothing_is_kept_of_standard_input(cache):
    """It has no name, and what is piped is rarely piped twice."""
    keep(cache, ReviewSource("", TEXT))
    assert not cache.folder.exists()


# --- entries that are not what was written


def place(cache) -> Path:
    (file,) = (path for path in cache.folder.rglob("*") if len(path.name) == 64)
    return file


def test_a_damaged_memo_is_none(cache):
    """One that is cut or changed at any place is not there; it is written anew."""
    keep(cache)
    file = place(cache)
    data = file.read_bytes()
    for at in range(0, len(data), 3):
        for damaged in (data[:at], data[:at] + b"#" + data[at + 1 :] + b"#"):
            file.write_bytes(damaged)
            assert recall(cache) is None
    keep(cache)
    assert file.read_bytes() == data
    assert recall(cache) == KEPT


@pytest.mark.parametrize(
    ("size", "body"),
    [
        (5, b"no zip"),
        (0, b""),
        (-1, zlib.compress(b"\x80")),
        (3, zlib.compress(b"\xc1\xc1\xc1")),
        (9, zlib.compress(msgspec.msgpack.encode([1, 2]))),
        (17, zlib.compress(msgspec.msgpack.encode({"it": "no dictionary"}))),
        (17, zlib.compress(bytes(50_000_000), 9)),
        (10**12, zlib.compress(bytes(20_000_000), 9)),
    ],
)
def test_a_foreign_memo_is_none(cache, size, body):
    """One whose checks hold, and which this code has not written, is none, however it swells."""
    keep(cache)
    cache.scripts.put(place(cache).name, MemoFigures(size), body)
    assert recall(cache) is None
    keep(cache)
    assert recall(cache) == KEPT


# --- where it is kept


def test_a_cache_that_refuses_stops_nothing(tmp_path):
    """Nothing is kept where a file stands in the way of the folder, and nothing raised."""
    (tmp_path / "cache").write_text("a file")
    cache = Cache(tmp_path / "cache")
    keep(cache)
    assert recall(cache) is None
    assert (tmp_path / "cache").read_text() == "a file"


@pytest.mark.parametrize(("place", "kept"), [(".reviewcast", None), ("../elsewhere", KEPT)])
def test_nothing_is_kept_in_the_show(tmp_path, place, kept):
    """A plan writes nothing in the show, wherever the show has its cache."""
    show = tmp_path / "show"
    show.mkdir()
    config, cache = Config(folder=show), Cache(show / place, owner="show")
    keep(cache, config=config)
    assert recall(cache, config=config) == kept
    assert not list(show.iterdir())


def test_it_is_counted_and_cleared(cache):
    """As takes and blocks are; the folder says that it can be thrown away."""
    keep(cache)
    use = cache.measure()
    assert use.stored.scripts.entries == use.unused.scripts.entries == use.stored.entries == 1
    assert use.stored.scripts.size_bytes == place(cache).stat().st_size == use.stored.size_bytes
    assert (cache.folder / "CACHEDIR.TAG").exists()
    assert cache.remove(only_unused=True).scripts.entries == 0  # used within the day
    old = place(cache).stat().st_mtime - 40 * 86_400
    os.utime(place(cache), (old, old))
    assert cache.remove(older_days=90).scripts.entries == 0
    assert cache.remove(older_days=30).scripts.entries == 1
    keep(cache)
    assert cache.remove().scripts.entries == 1
    assert recall(cache) is None


def test_runs_at_once_keep_whole_memos(cache):
    """Several that write and read one memo find a whole one, or what they last wrote."""
    found = []

    def work(number):
        for _ in range(30):
            memos = Memos(Config(), Cache(cache.folder), stamp="x")
            memo = memos.open(SOURCE)
            found.append(memo.recall("it", list))
            memo.keep("it", [number] * 1000)
            memos.save(memo)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in found if one is not None]
    assert all(one is None or one == [one[0]] * 1000 for one in found)


# --- the stamp of the code


def test_the_stamp_goes_by_sources(tmp_path):
    """A changed, new or renamed source of a room is other code; another room's is not."""
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.py").write_text("one = 1")
    (tmp_path / "web").mkdir()
    stamps = [stamp(tmp_path)]
    (tmp_path / "web" / "b.py").write_text("two = 2")
    assert stamp(tmp_path) == stamps[0]
    (tmp_path / "text" / "a.py").write_text("one = 2")
    stamps.append(stamp(tmp_path))
    (tmp_path / "text" / "b.py").write_text("")
    stamps.append(stamp(tmp_path))
    (tmp_path / "text" / "b.py").rename(tmp_path / "text" / "c.py")
    stamps.append(stamp(tmp_path))
    stamps.append(stamp_code(("text",), ("msgspec",), of=tmp_path))
    assert len(set(stamps)) == len(stamps)
    assert all(stamps)


def stamp(folder):
    return stamp_code(("text",), (), of=folder)


def test_without_sources_nothing_is_kept(cache, tmp_path):
    """Nothing can be told of code whose sources are not there."""
    assert stamp(tmp_path) == ""
    (tmp_path / "text").mkdir()
    assert stamp(tmp_path) == ""
    keep(cache, stamp="")
    assert not cache.folder.exists()


def test_the_stamp_knows_what_reads():
    """Whatever package the room of texts imports is in the stamp, and the rooms are there."""
    import reviewcast.text

    assert "text" in ROOMS
    assert stamp_code(ROOMS, PACKAGES)
    imported = set()
    for file in Path(reviewcast.text.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                imported |= {one.value for one in node.args if isinstance(one, ast.Constant)}
            elif isinstance(node, ast.Import):
                imported.update(alias.name.partition(".")[0] for alias in node.names)
    others = imported - set(sys.stdlib_module_names) - {"reviewcast"}
    owners = importlib.metadata.packages_distributions()
    # what need not be there is called as it is imported
    needed = {owner.lower() for name in others for owner in owners.get(name, [name])}
    # the first writes edits, the second tells where a lexicon lies
    assert needed - {"tomlkit", "platformdirs"} <= {name.lower() for name in PACKAGES}
