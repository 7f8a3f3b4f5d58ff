"""The stores: what was put is found, and nothing that is not whole ever is."""

import os
import subprocess
import sys
import threading
import time
import tracemalloc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs
from tests.support.budget import count_examples

from reviewcast.audio.loudness import pack_lufs
from reviewcast.model.audio import BlockFigures, Piece, TakeFigures
from reviewcast.model.errors import LostEntry, StorageError
from reviewcast.system.cache import Cache, Receipt
from reviewcast.system.keys import Keys, KeySeries, hash_key
from reviewcast.system.store import Store, retry_lost

FIGURES = TakeFigures(
    rate_hz=24_000,
    samples=100,
    start=3,
    end=90,
    level_lufs=-20.5,
    energies=pack_lufs((-21.0, -20.0)),
    pauses=((20, 30),),
    marks=((0, 3), (5, 30)),
)
KEY = hash_key("a text")
BODY = b"\n\0{}\n" * 50


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "takes", TakeFigures)


def place(tmp_path, key=KEY):
    return tmp_path / "takes" / key[:2] / key


def test_what_was_put_is_found(store):
    """Figures and bytes come back as they were, also newlines and zeros."""
    assert store.find(KEY) is None
    store.put(KEY, FIGURES, BODY)
    assert store.find(KEY) == (FIGURES, BODY)
    assert store.load(KEY) == BODY
    store.put(KEY, FIGURES, b"")
    assert store.find(KEY) == (FIGURES, b"")


def test_an_entry_cut_at_any_byte_is_a_miss(store, tmp_path):
    """Whatever a power cut leaves of an entry is not taken for the whole."""
    store.put(KEY, FIGURES, BODY)
    data = place(tmp_path).read_bytes()
    for size in range(len(data)):
        place(tmp_path).write_bytes(data[:size])
        assert store.find(KEY) is None


def test_an_entry_with_any_changed_byte_is_a_miss(store, tmp_path):
    """One flipped bit anywhere is found out."""
    store.put(KEY, FIGURES, BODY)
    data = place(tmp_path).read_bytes()
    for index in range(len(data)):
        place(tmp_path).write_bytes(data[:index] + bytes([data[index] ^ 0x10]) + data[index + 1 :])
        assert store.find(KEY) is None


def test_figures_are_told_without_the_bytes(store, tmp_path):
    """A look at the head gives what was measured, also when that is long."""
    assert store.peek(KEY) is None
    for figures in (FIGURES, structs.replace(FIGURES, marks=tuple((n, n) for n in range(3000)))):
        store.put(KEY, figures, BODY)
        again = Store(tmp_path / "takes", TakeFigures)
        assert again.peek(KEY) == figures
        assert again.identify(KEY) == store.identify(KEY)
        assert again.load(KEY) == BODY


def test_a_head_that_is_not_whole_is_a_miss(store, tmp_path):
    """Nor is one whose entry has another size: what a power cut leaves is seen by that."""
    store.put(KEY, FIGURES, BODY)
    data = place(tmp_path).read_bytes()
    for size in range(len(data)):
        place(tmp_path).write_bytes(data[:size])
        assert store.peek(KEY) is None
    place(tmp_path).write_bytes(data + b"\0")
    assert store.peek(KEY) is None
    for index in range(len(data) - len(BODY)):
        place(tmp_path).write_bytes(data[:index] + bytes([data[index] ^ 0x10]) + data[index + 1 :])
        assert store.peek(KEY) is None
        if data[index] in b"0123456789abcdef":  # the other end of what a digest may be
            other = b"f" if data[index : index + 1] == b"0" else b"0"
            place(tmp_path).write_bytes(data[:index] + other + data[index + 1 :])
            assert store.peek(KEY) is None


def test_bytes_that_are_lost_are_found_out_when_they_are_loaded(store, tmp_path):
    """From then on a look sees what cannot be loaded, and a job that is done anew goes on."""
    store.put(KEY, FIGURES, BODY)
    data = place(tmp_path).read_bytes()
    place(tmp_path).write_bytes(data[:-10] + bytes(10))
    tried = []

    def job():
        tried.append(store.peek(KEY))
        if tried[-1] is None:
            store.put(KEY, FIGURES, BODY)
        return store.load(KEY)

    assert retry_lost(job) == BODY
    assert tried == [FIGURES, None]
    place(tmp_path).unlink()
    with pytest.raises(LostEntry, match="vanished"):
        retry_lost(lambda: store.load(KEY))


def test_an_entry_of_an_older_form_is_a_miss(store, tmp_path):
    """Takes that were stored before pauses were measured are spoken anew."""

    class Older(Struct, frozen=True):
        rate_hz: int = 24_000
        samples: int = 100
        start: int = 3
        end: int = 90
        level_lufs: float = -20.5
        energies: bytes = b""

    Store(tmp_path / "takes", Older).put(KEY, Older(), BODY)
    assert store.find(KEY) is None
    store.put(KEY, FIGURES, BODY)
    assert store.find(KEY) == (FIGURES, BODY)


@pytest.mark.parametrize("rest", [b"\0", b"more\n"])
def test_an_entry_with_bytes_behind_it_is_a_miss(store, tmp_path, rest):
    """Bytes beyond the end are found out too."""
    store.put(KEY, FIGURES, BODY)
    place(tmp_path).write_bytes(place(tmp_path).read_bytes() + rest)
    assert store.find(KEY) is None


def test_an_entry_under_another_key_is_a_miss(store, tmp_path):
    """A file that was copied to another name does not answer for it."""
    store.put(KEY, FIGURES, BODY)
    other = hash_key("another text")
    place(tmp_path, other).parent.mkdir(parents=True, exist_ok=True)
    place(tmp_path, other).write_bytes(place(tmp_path).read_bytes())
    assert store.find(other) is None


def test_an_entry_of_another_kind_is_a_miss(store, tmp_path):
    """Figures of an older form are a miss, not an error."""
    store.put(KEY, FIGURES, BODY)
    assert Store(tmp_path / "takes", BlockFigures).find(KEY) is None


def test_a_folder_in_place_of_an_entry_is_a_miss(store, tmp_path):
    """Whatever stands at an entry's place, asking for it does not fail."""
    place(tmp_path).mkdir(parents=True)
    assert store.find(KEY) is None


def test_load_of_a_lost_entry_raises(store):
    """What vanished during the run is an error of the disk."""
    with pytest.raises(StorageError, match="vanished"):
        store.load(KEY)


def test_load_of_what_another_run_has_replaced_raises(store, tmp_path):
    """Bytes that are not those whose figures are known are never given; the same bytes are."""
    store.put(KEY, FIGURES, BODY)
    other = Store(tmp_path / "takes", TakeFigures)
    other.put(KEY, FIGURES, BODY)
    assert store.load(KEY) == BODY
    other.put(KEY, FIGURES, BODY[1:])
    with pytest.raises(StorageError, match="replaced"):
        store.load(KEY)
    assert store.find(KEY) == (FIGURES, BODY[1:])
    with pytest.raises(StorageError, match="replaced"):  # figures of before may still be in use
        store.load(KEY)
    store.put(KEY, FIGURES, b"mine")
    assert store.load(KEY) == b"mine"


def test_of_two_runs_that_speak_the_same_the_first_is_kept(store, tmp_path):
    """What was missing and is there meanwhile is taken over, with its figures."""
    theirs = msgspec.structs.replace(FIGURES, samples=99)
    other = Store(tmp_path / "takes", TakeFigures)
    assert store.find(KEY) is None
    other.put(KEY, theirs, b"theirs")
    assert store.keep(KEY, FIGURES, BODY) == theirs
    assert store.load(KEY) == b"theirs"


def test_what_was_not_missing_is_replaced(store, tmp_path):
    """An entry that is made anew on purpose, or after it was found wrong, takes its place."""
    other = Store(tmp_path / "takes", TakeFigures)
    other.put(KEY, FIGURES, b"theirs")
    assert store.keep(KEY, FIGURES, BODY) == FIGURES  # never looked for
    assert store.load(KEY) == BODY
    assert store.keep(KEY, FIGURES, b"again") == FIGURES  # its own
    assert store.load(KEY) == b"again"
    place(tmp_path).write_bytes(b"broken")
    third = Store(tmp_path / "takes", TakeFigures)
    assert third.find(KEY) is None
    assert third.keep(KEY, FIGURES, BODY) == FIGURES
    assert third.load(KEY) == BODY


def test_put_where_nothing_can_be_written(tmp_path):
    """A file in place of the folder is an error of the disk."""
    (tmp_path / "takes").write_bytes(b"")
    with pytest.raises(StorageError):
        Store(tmp_path / "takes", TakeFigures).put(KEY, FIGURES, BODY)


def test_writers_of_one_key_do_not_disturb_each_other(store):
    """Many threads put and find one key: each find is a miss or the whole."""
    seen = []

    def work():
        for _ in range(30):
            store.put(KEY, FIGURES, BODY)
            seen.append(store.find(KEY))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(FIGURES, BODY)] * 120


@given(st.binary(max_size=300))
@settings(max_examples=count_examples(50))
def test_any_bytes_in_place_of_an_entry_are_a_miss(tmp_path_factory, data):
    """No content of an entry's file makes a search fail."""
    folder = tmp_path_factory.mktemp("cache")
    place(folder).parent.mkdir(parents=True)
    place(folder).write_bytes(data)
    assert Store(folder / "takes", TakeFigures).find(KEY) is None


# --- keys


def test_keys_hang_on_every_part():
    """Another text, another option, another order: another key; the same, the same."""
    assert hash_key("a", {"x": 1, "y": 2}) == hash_key("a", {"y": 2, "x": 1})
    keys = {
        hash_key("a", "b"),
        hash_key("b", "a"),
        hash_key("ab"),
        hash_key(["a", "b"]),
        hash_key("a", "b", None),
        hash_key("a", "b", 0),
    }
    assert len(keys) == 6


def test_keys_are_names_for_files():
    """A key is 64 hexadecimal digits, and the same for ever."""
    assert hash_key("take 1", 1.5) == (
        "6206dafaad9ff70563170d929511b79ffe4d92a9611ca4c5caa30c20076b9245"
    )


def test_every_field_of_a_piece_is_in_its_key():
    """A block's recipe is hashed with all its numbers."""
    fields = {
        "source": "take", "key": "k", "rate_hz": 1, "start": 2, "end": 3, "at": 4, "samples": 5,
        "gain_db": 6.0, "fade_in_ms": 7, "fade_out_ms": 8,
    }  # fmt: skip
    keys = {hash_key(Piece(**fields))}
    for name, value in fields.items():
        other = {"take": "sound", "k": "l"}.get(value) or value + 100
        keys.add(hash_key(Piece(**fields | {name: other})))
    assert len(keys) == len(fields) + 1


# --- the folder


def test_prepare_marks_the_folder(tmp_path):
    """The folder is tagged as a cache and ignored by git; twice is harmless."""
    cache = Cache(tmp_path / "a" / "b")
    for _ in range(2):
        cache.prepare()
    tag = (cache.folder / "CACHEDIR.TAG").read_bytes()
    assert tag.startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    assert (cache.folder / ".gitignore").read_text() == "*\n"


def test_prepare_repairs_a_tag_that_was_cut(tmp_path):
    """What a power cut has left of the tag is written again."""
    (tmp_path / "CACHEDIR.TAG").write_bytes(b"Sig")
    Cache(tmp_path).prepare()
    assert (tmp_path / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a47")


def test_prepare_where_nothing_can_be_made(tmp_path):
    """A file in the way is an error of the disk with a hint."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        Cache(tmp_path / "file" / "cache").prepare()
    assert "REVIEWCAST_CACHE" in caught.value.hint


# --- what is used, and what is removed


def set_age(path, days):
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_reading_marks_an_entry_once_an_hour(store, tmp_path):
    """An entry that was not used within the hour gets the time of now, any other keeps its time."""
    store.put(KEY, FIGURES, BODY)
    for read in (store.find, store.load):
        for days, marked in ((0.5 / 24, False), (1.5 / 24, True)):
            set_age(place(tmp_path), days)
            before = place(tmp_path).stat().st_mtime
            assert read(KEY)
            assert (place(tmp_path).stat().st_mtime > before + 60) is marked


def test_a_scan_marks_nothing(store, tmp_path):
    """All entries that are whole are given, and their times stay."""
    other = hash_key("another text")
    store.put(KEY, FIGURES, BODY)
    store.put(other, FIGURES, b"")
    place(tmp_path, other).write_bytes(b"broken")
    set_age(place(tmp_path), 9)
    assert list(store.scan()) == [(KEY, FIGURES, BODY)]
    assert place(tmp_path).stat().st_mtime < time.time() - 8 * 86_400


def test_a_broken_entry_is_not_marked(store, tmp_path):
    """What is a miss is not used."""
    store.put(KEY, FIGURES, BODY)
    place(tmp_path).write_bytes(b"broken")
    set_age(place(tmp_path), 9)
    assert store.find(KEY) is None
    assert place(tmp_path).stat().st_mtime < time.time() - 8 * 86_400


def test_a_store_that_can_only_be_read_is_read(store, tmp_path, monkeypatch):
    """An entry that cannot be marked is found all the same."""
    store.put(KEY, FIGURES, BODY)
    set_age(place(tmp_path), 9)

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    assert store.find(KEY) == (FIGURES, BODY)


def test_nothing_that_was_used_within_the_days_is_removed(store, tmp_path):
    """The mark is exact to an hour, so an entry goes an hour later rather than too early."""
    store.put(KEY, FIGURES, BODY)
    for hours, removed in ((48.9, 0), (49.1, 1)):
        set_age(place(tmp_path), hours / 24)
        assert store.remove(older_days=2).entries == removed
    assert store.find(KEY) is None


def test_what_killed_runs_left_is_removed(store, tmp_path):
    """The part of a dead process goes, that of a living one stays; neither counts as an entry."""
    store.put(KEY, FIGURES, BODY)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    parts = {
        pid: place(tmp_path).with_name(f".{KEY[:50]}.{pid}-1.part")
        for pid in (dead.pid, os.getpid())
    }
    for part in parts.values():
        part.write_bytes(b"half")
    assert store.measure()[0].entries == 1
    assert store.remove(older_days=1).entries == 0
    # a process of another container looks dead from here, and may be at work
    assert [part.exists() for part in parts.values()] == [True, True]
    assert store.remove().entries == 1
    assert [part.exists() for part in parts.values()] == [False, True]
    for part in parts.values():
        part.write_bytes(b"half")
        set_age(part, 0.1)
    assert store.remove(older_days=1).entries == 0
    assert [part.exists() for part in parts.values()] == [False, True]


def test_pruning_and_storing_at_once(store):
    """A store that is emptied all the time refuses no entry; what is found is whole."""
    done = threading.Event()
    failures = []

    def empty():
        while not done.is_set():
            store.remove()

    def work():
        try:
            for number in range(150):
                key = hash_key(number)
                store.put(key, FIGURES, BODY)
                assert store.find(key) in (None, (FIGURES, BODY))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=empty), threading.Thread(target=work)]
    for thread in threads:
        thread.start()
    threads[1].join()
    done.set()
    threads[0].join()
    assert failures == []


# --- receipts


class Shelf:
    """A cache with takes, each named by a letter, and MP3s that use some of them."""

    def __init__(self, folder, *, owner="shared", cache="cache"):
        self.folder = folder
        self.cache = Cache(folder / cache, owner=owner)
        self.cache.prepare()

    def fill(self, letters, *, days=5.0):
        for letter in letters:
            self.cache.takes.put(hash_key(letter), FIGURES, BODY)
            self.age(letter, days)

    def age(self, letter, days):
        set_age(self.find(letter), days)

    def find(self, letter):
        key = hash_key(letter)
        return self.cache.folder / "takes" / key[:2] / key

    def make(self, name, letters, *, days=5.0):
        """Write an MP3 and leave its receipt."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        self.cache.leave_receipt(path, len(name), map(hash_key, letters))
        for receipt in self.list_receipts():
            set_age(receipt, days)
        return path

    def list_receipts(self):
        return sorted((self.cache.folder / "receipts").glob("??/*"))

    def prune(self, **options):
        """Remove what no episode uses; tell which takes are left."""
        self.cache.remove(only_unused=True, **options)
        return "".join(letter for letter in "abcdefg" if self.find(letter).exists())


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def test_what_an_episode_uses_is_kept(shelf):
    """What the receipt of an MP3 names that is there stays; the rest goes, and dead receipts."""
    shelf.fill("abcd")
    shelf.make("x.mp3", "ab")
    gone = shelf.make("y.mp3", "bc")
    assert shelf.cache.measure().episodes == 2
    gone.unlink()
    use = shelf.cache.measure()
    assert use.episodes == 1
    assert (use.stored.takes.entries, use.unused.takes.entries) == (4, 2)
    assert (use.stored.receipts.entries, use.unused.receipts.entries) == (2, 1)
    removed = shelf.cache.remove(only_unused=True)
    assert removed == use.unused
    assert shelf.prune() == "ab"
    assert len(shelf.list_receipts()) == 1


def test_what_was_used_today_is_kept(shelf):
    """A build that is at work has left no receipt yet: what it has used within a day stays."""
    shelf.fill("ab", days=24.5 / 24)
    shelf.fill("cd", days=25.5 / 24)
    shelf.make("x.mp3", "c", days=0).unlink()
    assert shelf.prune() == "ab"
    assert len(shelf.list_receipts()) == 1


def test_unused_and_old(shelf):
    """With both, only what no episode uses and nobody has asked for so long is removed."""
    shelf.fill("ab", days=40)
    shelf.fill("cd", days=10)
    shelf.make("x.mp3", "ac")
    assert shelf.prune(older_days=30) == "acd"
    assert shelf.cache.remove(older_days=30).takes.entries == 1  # by age alone, used or not
    assert len(shelf.list_receipts()) == 1


def test_an_mp3_that_is_another_one(shelf):
    """An MP3 of another size is not the one that was made."""
    shelf.fill("ab")
    shelf.make("x.mp3", "a").write_bytes(b"something else")
    assert shelf.prune() == ""


def test_the_last_receipt_of_an_mp3_counts(shelf):
    """A build in place of another leaves its receipt in place of the other's."""
    shelf.fill("ab")
    shelf.make("x.mp3", "a")
    shelf.make("x.mp3", "b")
    assert len(shelf.list_receipts()) == 1
    assert shelf.prune() == "b"


@pytest.mark.parametrize("cut", [0, 10, 100, 170, -1])
def test_a_broken_receipt_is_ignored(shelf, cut):
    """What is left of a receipt names nothing, keeps nothing, fails nothing; and it goes."""
    shelf.fill("ab")
    shelf.make("x.mp3", "a")
    (receipt,) = shelf.list_receipts()
    receipt.write_bytes(receipt.read_bytes()[:cut])
    set_age(receipt, 5)
    shelf.make("y.mp3", "b")
    assert shelf.cache.measure().episodes == 1
    assert shelf.prune() == "b"
    assert len(shelf.list_receipts()) == 1


def test_a_receipt_of_something_else_is_ignored(shelf):
    """A whole entry whose bytes are no keys counts for nothing."""
    shelf.fill("a")
    path = shelf.make("x.mp3", "a")
    (receipt,) = shelf.list_receipts()
    store = Store(shelf.cache.folder / "receipts", Receipt)
    store.put(receipt.name, Receipt(os.fsencode(path), 5), b"no keys")
    assert shelf.cache.measure().episodes == 0


def test_receipts_that_cannot_be_read_keep_everything(shelf):
    """When it cannot be known what is used, nothing is removed."""
    shelf.fill("ab")
    (shelf.cache.folder / "receipts").write_bytes(b"")
    with pytest.raises(StorageError, match="Cannot read"):
        shelf.prune()
    assert shelf.find("a").exists()
    with pytest.raises(StorageError, match="Cannot read"):
        shelf.cache.measure()


def test_an_mp3_that_cannot_be_looked_at_counts(shelf, monkeypatch):
    """What a folder hides may well be there."""
    shelf.fill("ab")
    path = shelf.make("x.mp3", "a")
    stat = os.stat

    def refuse(name, **options):
        if os.fspath(name) == str(path):
            raise PermissionError
        return stat(name, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert shelf.cache.measure().episodes == 1
    assert shelf.prune() == "a"


def test_a_cache_that_refuses_a_receipt_fails_nothing(shelf):
    """A build whose receipt cannot be written has its episode all the same."""
    (shelf.cache.folder / "receipts").write_bytes(b"")
    shelf.make("x.mp3", "a")


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text(shelf):
    """Bytes that no encoding knows make a file's name, too."""
    shelf.fill("ab")
    path = shelf.folder / os.fsdecode(b"\xff.mp3")
    try:
        path.write_bytes(b"audio")
    except OSError:
        pytest.skip("this file system takes text alone")
    shelf.cache.leave_receipt(path, 5, [hash_key("a")])
    assert shelf.cache.measure().episodes == 1
    assert shelf.prune() == "a"


@pytest.mark.parametrize("linked", [False, True])
def test_a_show_with_its_own_cache_may_be_moved(tmp_path, linked):
    """Its receipts go with it, also when a link leads to the cache."""
    if linked and os.name == "nt":
        pytest.skip("links need rights there")
    shelf = Shelf(tmp_path / "real", owner="show", cache=".reviewcast")
    folder = tmp_path / "real"
    if linked:
        (tmp_path / "deep" / "er").mkdir(parents=True)
        (tmp_path / "deep" / "er" / "link").symlink_to(folder / ".reviewcast")
        shelf.cache.folder = tmp_path / "deep" / "er" / "link"
    shelf.fill("ab")
    shelf.make("episodes/x/x.mp3", "a")
    folder.rename(tmp_path / "moved")
    moved = Shelf(tmp_path / "moved", owner="show", cache=".reviewcast")
    assert moved.prune() == "a"


def test_keys_of_thousands_of_episodes_are_small():
    """A key costs about eight bytes, so that three million fit where programs are."""
    keys = b"".join(bytes.fromhex(hash_key(number)) for number in range(20_000))
    tracemalloc.start()
    kept = Keys()
    kept.add(keys)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 20_000 * 12
    assert all(hash_key(number) in kept for number in range(0, 20_000, 500))
    assert not any(hash_key(-number) in kept for number in range(1, 500))


def test_pruning_the_unused_takes_nothing_from_a_build(shelf):
    """While what no episode uses is removed all the time, what was used today can be loaded."""
    done = threading.Event()

    def prune():
        while not done.is_set():
            shelf.cache.remove(only_unused=True)

    thread = threading.Thread(target=prune)
    thread.start()
    try:
        for number in range(100):
            shelf.cache.takes.put(hash_key(number), FIGURES, BODY)
            set_age(shelf.cache.folder / "takes" / hash_key(number)[:2] / hash_key(number), 0.9)
        assert all(shelf.cache.takes.load(hash_key(number)) == BODY for number in range(100))
    finally:
        done.set()
        thread.join()


@settings(deadline=None, max_examples=count_examples(200))
@given(st.lists(st.text() | st.integers() | st.dictionaries(st.text(), st.text())), st.text())
def test_a_series_gives_the_keys_that_all_parts_give(parts, text):
    """What keys have in common is hashed once, and they are what they are without that."""
    assert KeySeries("take", *parts).hash_key(text) == hash_key("take", *parts, text)
