"""The stores: what was put is found, and nothing that is not whole ever is."""

import os
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from reviewcast.cache import Cache, Store, hash_key
from reviewcast.errors import StorageError
from reviewcast.model import BlockFigures, Piece, TakeFigures

FIGURES = TakeFigures(
    rate_hz=24_000,
    samples=100,
    start=3,
    end=90,
    level_lufs=-20.5,
    energies_lufs=(-21.0, -20.0),
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


def test_an_entry_of_an_older_form_is_a_miss(store, tmp_path):
    """Takes that were stored before pauses were measured are spoken anew."""

    class Older(Struct, frozen=True):
        rate_hz: int = 24_000
        samples: int = 100
        start: int = 3
        end: int = 90
        level_lufs: float = -20.5
        energies_lufs: tuple[float, ...] = ()

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
@settings(max_examples=50)
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


def test_a_find_marks_its_entry_once_a_day(store, tmp_path):
    """An entry that was not used today gets the time of now, any other keeps its time."""
    store.put(KEY, FIGURES, BODY)
    for days, marked in ((0.5, False), (2, True)):
        set_age(place(tmp_path), days)
        before = place(tmp_path).stat().st_mtime
        assert store.find(KEY) == (FIGURES, BODY)
        assert (place(tmp_path).stat().st_mtime > before + 60) is marked


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
    """The mark is exact to a day, so an entry goes a day later rather than too early."""
    store.put(KEY, FIGURES, BODY)
    for days, removed in ((2.9, 0), (3.1, 1)):
        set_age(place(tmp_path), days)
        assert store.remove(unused_days=2).entries == removed
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
    assert store.measure().entries == 1
    assert store.remove().entries == 1
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
