"""Claims on what several processes would make at once."""

import threading

from reviewcast.system.claims import hold_claims

ONE, SAME, OTHER = "ab" * 32, "ab" + "0" * 62, "cd" * 32


def test_one_waits_for_the_other(tmp_path):
    """What one holds the other gets when it is free."""
    order = []

    def come_second():
        with hold_claims(tmp_path, [OTHER, ONE]):
            order.append("second")

    with hold_claims(tmp_path, [ONE, OTHER, SAME]):
        thread = threading.Thread(target=come_second)
        thread.start()
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_other_keys_are_free(tmp_path):
    """As many files as there are beginnings, at most; and they stay."""
    with hold_claims(tmp_path, [ONE]), hold_claims(tmp_path, [OTHER]):
        assert len(list((tmp_path / "claims").iterdir())) == 2
    with hold_claims(tmp_path, [SAME]):
        pass
    assert len(list((tmp_path / "claims").iterdir())) <= 2


def test_nobody_waits_for_ever(tmp_path):
    """What cannot be claimed is made all the same."""
    done = []
    with hold_claims(tmp_path, [ONE]), hold_claims(tmp_path, [SAME], patience_s=0):
        done.append("held by another")
    (tmp_path / "file").write_bytes(b"")
    with hold_claims(tmp_path / "file", [ONE]):
        done.append("no folder")
    assert len(done) == 2
