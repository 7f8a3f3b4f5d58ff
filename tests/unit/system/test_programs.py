"""Outside programs end when they should, whatever they do."""

import sys

from reviewcast.system.programs import find_version, is_installed, run_silently


def test_a_program_that_ends_well():
    """Its end is told, and what it said on stderr."""
    code = "import sys; print('out'); print('heard', file=sys.stderr)"
    assert run_silently(sys.executable, ["-c", code], longest_s=60) == (True, "heard")
    assert run_silently(sys.executable, ["-c", "raise SystemExit(3)"]) == (False, "")


def test_a_program_that_never_ends_is_ended():
    """One that hangs, and does not listen either, is stopped: a player without a sound device."""
    code = (
        "import signal, sys, threading\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "threading.Event().wait()\n"
    )
    assert run_silently(sys.executable, ["-c", code], longest_s=0.2) == (False, "")


def test_a_program_that_is_not_there():
    """It did not end well, and has no version."""
    assert run_silently("no-such-program", []) == (False, "")
    assert find_version("no-such-program", "--version") is None
    assert not is_installed("no-such-program")
    assert is_installed(sys.executable)
