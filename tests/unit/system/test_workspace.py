"""Where episodes go, how their files get there, and who may touch a show."""

import hashlib
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewcast.model.audio import Loudness
from reviewcast.model.errors import LockedError, StorageError, UsageError
from reviewcast.model.podcast import Episode, EpisodeCue, Publication, RetiredFile, ShowPublication
from reviewcast.system.show_lock import lock_show
from reviewcast.system.workspace import (
    find_show,
    load_cues,
    load_notes,
    load_publications,
    load_records,
    load_show_publication,
    place_episode,
    save_audio,
    save_companions,
    save_publication,
    save_record,
    save_show_publication,
)

# --- places


def test_find_show_walks_up(tmp_path):
    """The nearest podcast.toml from the review's folder up decides."""
    inner = tmp_path / "show" / "reviews" / "2020"
    inner.mkdir(parents=True)
    assert find_show(inner) is None
    (tmp_path / "podcast.toml").mkdir()  # a folder of that name is none
    (tmp_path / "show" / "podcast.toml").write_text("")
    assert find_show(inner) == tmp_path / "show"


def test_place_episode(tmp_path):
    """An output decides, else the show, else the review's own folder."""
    review, show = tmp_path / "in" / "x.md", tmp_path / "show"
    options = {"review": review, "show": show}
    assert place_episode("x", **options, output=tmp_path) == tmp_path / "x.mp3"
    assert place_episode("x", **options, output=tmp_path / "y.MP3") == tmp_path / "y.MP3"
    assert place_episode("x", **options, output=None) == show / "episodes" / "x" / "x.mp3"
    assert place_episode("x", review=review, show=None, output=None) == tmp_path / "in" / "x.mp3"
    assert place_episode("x", review=None, show=None, output=None) == Path("x.mp3")


@pytest.mark.parametrize("name", ["x.wav", "x", "missing/"])
def test_place_episode_refuses_other_outputs(tmp_path, name):
    """An output is an .mp3 file or a folder that is there."""
    with pytest.raises(UsageError, match=r"\.mp3"):
        place_episode("x", review=None, show=None, output=tmp_path / name)


def test_place_episode_takes_any_name(tmp_path):
    """A name that no disk takes is not this function's business, and no crash."""
    output = tmp_path / ("x" * 300 + ".mp3")
    assert place_episode("x", review=None, show=None, output=output) == output


# --- saving


def test_save_audio_measures_what_it_writes(tmp_path):
    """Size and hash are those of the file."""
    path = tmp_path / "x.mp3"
    size, digest = save_audio(path, iter([b"ab", b"", b"cde"]))
    assert path.read_bytes() == b"abcde"
    assert (size, digest) == (5, hashlib.sha256(b"abcde").hexdigest())


def test_save_audio_keeps_the_old_file_when_a_part_fails(tmp_path):
    """A part that vanishes while the file is written leaves the old one whole."""
    path = tmp_path / "x.mp3"
    save_audio(path, [b"old"])

    def list_parts():
        yield b"new"
        raise StorageError("A stored file vanished.")

    with pytest.raises(StorageError, match="vanished"):
        save_audio(path, list_parts())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.mp3"]


def test_save_companions_leaves_alone_what_is_the_same(tmp_path):
    """Files beside the MP3 are written by suffix; the same bytes are not written again."""
    path = tmp_path / "x.mp3"
    files = {".vtt": b"WEBVTT", ".srt": b"1", ".chapters.json": b"{}"}
    save_companions(path, files)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        f"x{suffix}": data for suffix, data in files.items()
    }
    before = (tmp_path / "x.vtt").stat()
    save_companions(path, files | {".srt": b"2"})
    after = (tmp_path / "x.vtt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (tmp_path / "x.srt").read_bytes() == b"2"


def make_episode(slug, track):
    return Episode(
        slug=slug, title=slug.upper(), path=f"{slug}.mp3", size_bytes=1, duration_s=2.0,
        sha256="0" * 64, voice="tone", language="en", loudness=Loudness(-16.0, -1.0), chapters=(),
        cues=(), track=track,
    )  # fmt: skip


def test_records_come_back_in_order(tmp_path):
    """Episodes are read from their records, by number."""
    episodes = [make_episode("b", 2), make_episode("a", 10), make_episode("c", 1)]
    for episode in episodes:
        folder = tmp_path / "episodes" / episode.slug
        folder.mkdir(parents=True)
        save_record(folder / f"{episode.slug}.mp3", episode)
    loaded = load_records(tmp_path)
    assert [record.slug for record in loaded] == ["c", "b", "a"]
    assert [Path(record.path) for record in loaded] == [
        tmp_path / "episodes" / slug / f"{slug}.mp3" for slug in "cba"
    ]
    assert loaded[0].loudness == Loudness(-16.0, -1.0)


def test_a_record_that_has_changed_is_read_anew(tmp_path):
    """Also when it is as long as before and of the same time, as what is written at once may be."""
    folder = tmp_path / "episodes" / "a"
    folder.mkdir(parents=True)
    file, when = folder / "episode.json", (1_790_000_000_000_000_000,) * 2
    for track in (1, 2, 3):
        save_record(folder / "a.mp3", make_episode("a", track))
        os.utime(file, ns=when)
        assert [record.track for record in load_records(tmp_path)] == [track]
    assert load_records(tmp_path)[0] is load_records(tmp_path)[0]
    file.unlink()
    assert load_records(tmp_path) == []


def test_a_record_stays_untouched(tmp_path):
    """The same episode has the same record, wherever it is written."""
    episode = make_episode("a", 1)
    save_record(tmp_path / "a.mp3", episode)
    before = (tmp_path / "episode.json").stat()
    save_record(tmp_path / "a.mp3", replace(episode, path="elsewhere/a.mp3"))
    after = (tmp_path / "episode.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_cues_and_notes_of_a_record(tmp_path):
    """What is said when, and the show notes, are read only where they are needed."""
    cues = (EpisodeCue(0.0, 1.0, "quote", "Hello."),)
    folder = tmp_path / "episodes" / "a"
    folder.mkdir(parents=True)
    save_record(folder / "a.mp3", replace(make_episode("a", 1), cues=cues))
    (record,) = load_records(tmp_path)
    assert load_cues(record) == cues
    assert load_notes(record) == ""
    (folder / "a.notes.html").write_text("<p>é</p>", encoding="utf-8")
    assert load_notes(record) == "<p>é</p>"


def test_publications_come_back(tmp_path):
    """What was promised of an episode and of the show is kept to the microsecond."""
    when = datetime(2026, 11, 22, 6, 0, 0, 1, tzinfo=UTC)
    assert load_publications(tmp_path) == {}
    assert load_show_publication(tmp_path) is None
    (tmp_path / "episodes" / "a").mkdir(parents=True)
    one = Publication(guid="g", published=when, retired=(RetiredFile("media/x.mp3", when),))
    save_publication(tmp_path, "a", one)
    save_show_publication(tmp_path, ShowPublication(guid="s", files={"cover": "c.jpg"}))
    assert load_publications(tmp_path) == {"a": one}
    assert load_show_publication(tmp_path) == ShowPublication(guid="s", files={"cover": "c.jpg"})
    (tmp_path / "publication.json").write_text("{", encoding="utf-8")
    with pytest.raises(StorageError, match=r"publication\.json"):
        load_show_publication(tmp_path)


def test_a_show_without_episodes_has_none(tmp_path):
    """No folder, no episodes, no error."""
    assert load_records(tmp_path) == []


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]", b"\xff"])
def test_a_broken_record_is_named(tmp_path, data):
    """A record that cannot be read is an error that says which."""
    record = tmp_path / "episodes" / "x" / "episode.json"
    record.parent.mkdir(parents=True)
    record.write_bytes(data)
    with pytest.raises(StorageError) as caught:
        load_records(tmp_path)
    assert str(record) in caught.value.message


# --- the lock

HOLD = """
import sys
from pathlib import Path
from reviewcast.system.show_lock import lock_show
with lock_show(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(show):
    """Start another process that holds a show, and wait until it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(show)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline().strip() == b"held"
    return process


def test_another_run_is_locked_out_and_then_let_in(tmp_path):
    """While another process holds the show there is an error 7; afterwards there is none."""
    with hold(tmp_path) as holder:
        with pytest.raises(LockedError) as caught, lock_show(tmp_path):
            pytest.fail("the show is held")
        assert caught.value.exit_code == 7
        assert str(tmp_path) in caught.value.message
        holder.communicate(b"")
    with lock_show(tmp_path):
        pass


def test_a_killed_run_holds_nothing(tmp_path):
    """After kill -9 of the holder the show is free."""
    with hold(tmp_path) as holder:
        holder.kill()
        holder.wait()
        with lock_show(tmp_path):
            pass
        holder.stdin.close()


def test_the_lock_is_free_after_an_error(tmp_path):
    """An exception inside lets go of the show."""
    with pytest.raises(ValueError, match="inside"), lock_show(tmp_path):
        raise ValueError("inside")
    with lock_show(tmp_path):
        pass


def test_one_process_cannot_hold_a_show_twice(tmp_path):
    """A second run in the same process is locked out as well."""
    with lock_show(tmp_path), pytest.raises(LockedError), lock_show(tmp_path):
        pytest.fail("the show is held")


def test_a_locked_show_marks_what_it_keeps_to_go_faster(tmp_path):
    """Wherever the cache is, .reviewcast is nothing for git or for backups."""
    with lock_show(tmp_path):
        pass
    assert (tmp_path / ".reviewcast" / ".gitignore").read_text() == "*\n"
    assert (tmp_path / ".reviewcast" / "CACHEDIR.TAG").exists()


def test_a_show_that_cannot_be_locked(tmp_path):
    """A file in the way of the lock's folder is an error of the disk."""
    (tmp_path / ".reviewcast").write_bytes(b"")
    with pytest.raises(StorageError, match="lock"), lock_show(tmp_path):
        pytest.fail("there is no place for a lock")


@pytest.mark.parametrize(("folder", "lock"), [(0o755, 0o644), (0o775, 0o664), (0o777, 0o666)])
def test_a_lock_is_for_all_who_may_write_to_the_show(tmp_path, folder, lock):
    """Whoever made it, and however strict this process is with its files."""
    before = os.umask(0o077)
    try:
        tmp_path.chmod(folder)
        (tmp_path / ".reviewcast").mkdir()
        with lock_show(tmp_path):
            assert stat.S_IMODE((tmp_path / ".reviewcast/lock").stat().st_mode) == lock
    finally:
        os.umask(before)
