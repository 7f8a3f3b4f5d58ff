"""The recipes of the manual for running sync unattended, each taken out of it and run."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.conftest import require_tool
from tests.support.exports import make_letterboxd, make_truth
from tests.support.show import make_show
from tests.support.syncing import OFFLINE, PLAIN, START, list_public

import reviewcast

SYNC = Path(reviewcast.__file__).parent / "resources/manual/sync.md"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the recipes are for other systems")


def take_blocks(language):
    """Return the manual's blocks of a language."""
    found = re.findall(rf"```{language}\n(.*?)```", SYNC.read_text("utf-8"), re.DOTALL)
    assert found
    return found


@pytest.fixture
def home(tmp_path):
    """A user's home, with a show of three reviews, and this program where pip would put it."""
    show = make_show(
        tmp_path / "my-show", more=f'{OFFLINE}{PLAIN}[sync]\nsources = ["letterboxd.zip"]\n'
    )
    (show / "letterboxd.zip").write_bytes(make_letterboxd(make_truth(3).viewings))
    write_program(tmp_path / ".local/bin/reviewcast", tmp_path / "takes")
    return tmp_path


def write_program(path, cache):
    """Write a script that runs this tree's program, by a clock that stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\nexport REVIEWCAST_CACHE="${{REVIEWCAST_CACHE:-{cache}}}"\n'
        f"export SOURCE_DATE_EPOCH={START}\n"
        f'exec {shlex.quote(sys.executable)} -m reviewcast "$@"\n'
    )
    path.chmod(0o755)


def run(command, cwd, env, code=0):
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_the_settings_of_the_manual(home):
    """They are taken as they stand."""
    toml = home / "my-show/podcast.toml"
    (block,) = take_blocks("toml")
    toml.write_text(re.sub(r"\[sync\].*", "", toml.read_text(), flags=re.DOTALL) + block)
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    run([home / ".local/bin/reviewcast", "shelf"], home / "my-show", env)


def test_cron(home):
    """The line runs in the few variables that cron sets; the second day there is no mail."""
    (line,) = take_blocks("cron")
    *when, command = line.strip().split(maxsplit=5)
    assert [bool(re.fullmatch(r"\*|\d{1,2}", one)) for one in when] == [True] * 5
    assert "%" not in command  # cron would end the line there
    bare = {"HOME": str(home), "LOGNAME": "jo", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    first = run(["/bin/sh", "-c", command], home, bare)
    assert "3 episodes built" in first.stdout
    assert len(list_public(home / "my-show")) == 3
    second = run(["/bin/sh", "-c", command], home, bare)
    assert second.stdout + second.stderr == ""


def test_systemd(home):
    """The units are what systemd takes, and what they start does its work."""
    service, timer = take_blocks("ini")
    units = home / ".config/systemd/user"
    units.mkdir(parents=True)
    (units / "podcast.service").write_text(service)
    (units / "podcast.timer").write_text(timer)
    parsed = {name: configparser.ConfigParser(interpolation=None) for name in ("service", "timer")}
    for name, parser in parsed.items():
        parser.optionxform = str
        parser.read(units / f"podcast.{name}")
    unit = parsed["service"]["Service"]
    command = shlex.split(unit["ExecStart"].replace("%h", str(home)))
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    run(command, unit["WorkingDirectory"].replace("%h", str(home)), env)
    assert len(list_public(home / "my-show")) == 3
    assert parsed["timer"]["Timer"]["OnCalendar"]
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here: its units were parsed and run, not verified")
    files = [units / "podcast.service", units / "podcast.timer"]
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    env |= {"XDG_RUNTIME_DIR": str(runtime)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *files],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = [line for line in done.stderr.splitlines() if "podcast." in line]
    assert not told, done.stderr


def test_github_action(home, tmp_path):
    """Its steps, run by bash as there; a second one, in a fresh clone, commits nothing."""
    git = require_tool("git")
    (block,) = take_blocks("yaml")
    workflow = yaml.load(block, yaml.BaseLoader)
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "write"}
    assert all(
        re.fullmatch(r"actions/[a-z-]+@v\d+", one["uses"]) for one in job["steps"] if "uses" in one
    )
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs[0] == "pip install ./reviewcast"
    tools = tmp_path / "tools"
    write_program(tools / "reviewcast", tmp_path / "unused")
    (tools / "pip").write_text('#!/bin/sh\n[ "$1" = install ] && [ -d "$2" ]\n')
    (tools / "pip").chmod(0o755)
    show, bare = home / "my-show", tmp_path / "bare.git"
    (show / "reviewcast").mkdir()
    (show / "reviewcast/README").write_text("the submodule")
    env = {"HOME": str(home), "PATH": f"{tools}:{os.environ['PATH']}", "GIT_CONFIG_NOSYSTEM": "1"}
    me = ["-c", "user.name=jo", "-c", "user.email=jo@example.org"]
    run([git, "init", "--quiet", "--initial-branch=main", "."], show, env)
    run([git, "add", "--all"], show, env)
    run([git, *me, "commit", "--quiet", "--message", "Begin"], show, env)
    run([git, "clone", "--quiet", "--bare", show, bare], tmp_path, env)
    logs = []
    for number in (1, 2):
        clone = tmp_path / f"runner-{number}"
        run([git, "clone", "--quiet", bare, clone], tmp_path, env)
        given = {
            name: value.replace("${{ github.workspace }}", str(clone))
            for name, value in job["env"].items()
        }
        assert not re.search(r"\$\{\{", "".join(given.values()))
        outputs = [run(["bash", "-e", "-c", step], clone, env | given).stdout for step in runs]
        logs.append((outputs[1], run([git, "log", "--format=%s"], bare, env).stdout.split("\n")))
    assert "3 episodes built" in logs[0][0]
    assert logs[0][1][:2] == ["Sync", "Begin"]
    assert logs[1] == ("nothing new; 3 episodes public, nothing uploaded\n", logs[0][1])
    names = run([git, "ls-tree", "-r", "--name-only", "main"], bare, env).stdout.split()
    assert {"sync.json", "imports.json", "public/feed.xml", "reviewcast/README"} <= set(names)
    assert not [name for name in names if name.startswith((".takes", ".reviewcast"))]


def read_dockerfile(text):
    """Return the instructions of a Dockerfile, each with its argument."""
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def test_container(home, tmp_path):
    """Its lines, run as a script whose root is a folder; the command is not run as root."""
    (block,) = take_blocks("dockerfile")
    lines = read_dockerfile(block)
    kinds = [kind for kind, _ in lines]
    given = dict(lines)
    known = {"FROM", "COPY", "RUN", "ENV", "USER", "VOLUME", "WORKDIR", "ENTRYPOINT", "CMD"}
    assert set(kinds) <= known
    assert kinds[0] == "FROM"
    assert kinds.index("USER") < kinds.index("ENTRYPOINT")
    assert kinds.index("USER") > max(n for n, kind in enumerate(kinds) if kind == "RUN")
    assert given["USER"] not in {"root", "0"}
    root, tools, log = tmp_path / "root", tmp_path / "tools", tmp_path / "log"
    root.mkdir()
    write_program(tools / "reviewcast", tmp_path / "unused")
    for name in ("pip", "useradd"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {log}\n')
        (tools / name).chmod(0o755)
    (tools / "install").write_text(f'#!/bin/sh\necho install "$@" >> {log}\nmkdir -p "$3" "$4"\n')
    (tools / "install").chmod(0o755)
    context = tmp_path / "context"
    (context / "reviewcast").mkdir(parents=True)
    (context / "reviewcast/pyproject.toml").write_text("[project]\n")

    def place(text):
        return re.sub(r"(?<![\w.])/(src|show|cache)\b", rf"{root}/\1", text)

    env = {"HOME": str(home), "PATH": f"{tools}:/usr/bin:/bin"}
    for kind, argument in lines:
        if kind == "COPY":
            source, target = place(argument).split()
            shutil.copytree(context / source, target)
        elif kind == "RUN":
            run(["/bin/sh", "-e", "-c", place(argument)], root, env)
        elif kind == "ENV":
            env |= dict(one.split("=", 1) for one in place(argument).split())
    told = log.read_text()
    assert f"pip install --no-cache-dir {root}/src/reviewcast" in told
    assert f" {given['USER']}\n" in told
    assert json.loads(given["VOLUME"]) == ["/show", "/cache"]
    shutil.copytree(home / "my-show", root / "show", dirs_exist_ok=True)
    command = [*json.loads(given["ENTRYPOINT"]), *json.loads(given["CMD"])]
    run(command, place(given["WORKDIR"]), env)
    assert len(list_public(root / "show")) == 3
    assert (root / "cache/takes").is_dir()
    build, start = (line for line in "".join(take_blocks("sh")).splitlines() if "docker" in line)
    assert shlex.split(build)[-1] == "."
    assert shlex.split(build)[3] == shlex.split(start)[-1]
    mounts = re.findall(r":(/\w+)", start)
    assert mounts == json.loads(given["VOLUME"])
