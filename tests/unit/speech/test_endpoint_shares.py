"""How requests are split over addresses: in equal parts, or as they were quick the last time."""

from hypothesis import given
from hypothesis import strategies as st
from tests.support.endpoint_night import PlayedVoice

from reviewcast.speech.endpoint_shares import (
    FILE,
    add_shares,
    load_times,
    save_times,
    split_requests,
)

VOICE = PlayedVoice(("a", "b"))


def count(shares):
    """Return the requests of each address."""
    return {one.address: one.requests for one in shares}


def test_equal_parts_until_all_are_known(tmp_path):
    """One of which nothing is known makes all equal."""
    assert count(split_requests(VOICE, 9, tmp_path)) == {"a": 4, "b": 5}
    save_times(tmp_path, {"a": 0.3})
    assert count(split_requests(VOICE, 10, tmp_path)) == {"a": 5, "b": 5}
    save_times(tmp_path, {"b": 0.6})
    shares = split_requests(VOICE, 9, tmp_path)
    assert count(shares) == {"a": 6, "b": 3}
    assert [one.took_s for one in shares] == [0.3, 0.6]
    assert count(add_shares(add_shares((), shares), shares)) == {"a": 12, "b": 6}
    assert split_requests(PlayedVoice("a"), 9, tmp_path) == ()


@given(
    requests=st.integers(0, 10_000),
    times=st.lists(st.floats(0.001, 1000), min_size=2, max_size=6),
)
def test_the_parts_are_all(tmp_path_factory, requests, times):
    """Whatever the times are, no request is counted twice or forgotten."""
    folder = tmp_path_factory.mktemp("cache")
    names = tuple(map(str, range(len(times))))
    save_times(folder, dict(zip(names, times, strict=True)))
    shares = split_requests(PlayedVoice(names), requests, folder)
    assert sum(one.requests for one in shares) == requests
    assert all(one.requests >= 0 for one in shares)


def test_a_broken_record_is_none(tmp_path):
    """What cannot be read counts as nothing, and is written anew."""
    for data in (b"\xff", b"[]", b'{"a": "x"}', b'{"a": -1.0, "b": 1e9}'):
        (tmp_path / FILE).write_bytes(data)
        assert load_times(tmp_path) == {}
    save_times(tmp_path, {f"address {n}": 1.0 for n in range(300)})
    assert list(load_times(tmp_path)) == [f"address {n}" for n in range(200, 300)]
