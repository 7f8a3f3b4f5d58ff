"""A stranger's voice, as the manual shows it: built, installed, found, checked, heard."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.support.program import Program

from reviewcast.system.resources import read_topic

TALE = "# A tale\n\nIt begins, and it ends.\n"
BROKEN = {
    "wings": "import no_such_engine",
    "leaver": "raise SystemExit('bye')",
    "espeak": "class Voice: pass",
    "liar": "from reviewcast.testing import ToneVoice as Voice",
}


def find_block(name: str) -> str:
    """Return the manual's code block of a file."""
    manual = read_topic("plug-ins")
    return re.search(rf"```\w+\n# {re.escape(name)}\n(.*?)```", manual, re.DOTALL)[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder for PYTHONPATH into which the manual's package was built and unpacked."""
    pytest.importorskip("hatchling")
    source = tmp_path_factory.mktemp("hum")
    for name in ("reviewcast_hum.py", "pyproject.toml"):
        (source / name).write_text(find_block(name), encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    done = subprocess.run(build, cwd=source, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = (source / "dist").glob("*.whl")
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def install_broken(folder: Path) -> None:
    """Install packages that do not load, or that go by a name that is not theirs."""
    for name, code in BROKEN.items():
        (folder / f"strange_{name}.py").write_text(code)
        info = folder / f"strange_{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: strange-{name}\nVersion: 1\n")
        entry = f"[reviewcast.voices]\n{name} = strange_{name}:Voice\n"
        (info / "entry_points.txt").write_text(entry)


def test_it_is_short():
    """The whole voice is 15 lines, the imports among them."""
    assert len([line for line in find_block("reviewcast_hum.py").splitlines() if line]) <= 15


def test_it_keeps_the_protocol(installed):
    """The package passes the check that its author is told to make."""
    code = "from reviewcast.testing import check_voice; from reviewcast_hum import HumVoice\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "check_voice(HumVoice()); check_voice(HumVoice(440))"],
        env=Program(installed).environ({"PYTHONPATH": str(installed)}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_it_speaks_an_episode(installed, tmp_path):
    """It is found by its entry point, takes its options, and a second build asks nothing of it."""
    program, env = Program(tmp_path / "cache"), {"PYTHONPATH": str(installed)}
    (tmp_path / "tale.md").write_text(TALE)
    build = ("build", tmp_path / "tale.md", "--voice", "hum", "--json")
    first = program.run(*build, env=env).episode
    assert (first["voice"], first["voiced"]) == ("hum", first["segments"])
    assert program.run(*build, env=env).episode["voiced"] == 0
    (tmp_path / "podcast.toml").write_text("[voice.hum]\npitch_hz = 330\n")
    assert program.run(*build, env=env).episode["voiced"] == first["segments"]
    (tmp_path / "podcast.toml").write_text("[voice.hum]\npich_hz = 330\n")
    result = program.run(*build, env=env)
    assert (result.code, "Did you mean pitch_hz?" in result.err) == (4, True)


def test_broken_ones_are_named_and_skipped(installed, tmp_path):
    """Beside broken packages all others are listed and speak; a built-in voice stays itself."""
    install_broken(tmp_path)
    program = Program(tmp_path / "cache")
    env = {"PYTHONPATH": os.pathsep.join(map(str, (installed, tmp_path)))}
    listed = program.run("voices", "--json", cwd=tmp_path, env=env)
    assert listed.code == 0, listed.err
    voices = {voice["name"]: voice for voice in listed.json["voices"]}
    assert "no_such_engine" in voices["wings"]["error"]
    assert "bye" in voices["leaver"]["error"]
    assert "says that it is 'tone'" in voices["liar"]["error"]
    assert voices["espeak"]["version"]
    assert voices["hum"]["about"].startswith("Hums")
    assert re.search(r"^wings +broken ", program.run("voices", env=env).out, re.MULTILINE)
    said = program.run("voices", "say", "espeak", "Hello.", "-o", tmp_path / "x.wav", env=env)
    assert said.code == 0, said.err
    refused = program.run("voices", "say", "wings", "Hello.", "-o", tmp_path / "y.wav", env=env)
    assert (refused.code, "cannot be loaded" in refused.err) == (4, True)
