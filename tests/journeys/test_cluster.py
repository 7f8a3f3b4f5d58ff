"""Workers of a Dask cluster speak, which share no folder with us: the same bytes come home."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import require_packages
from tests.support.dask_cluster import DaskCluster
from tests.support.program import Program

import reviewcast

require_packages("distributed")

NOW = {"SOURCE_DATE_EPOCH": "1790000000"}


def compose(film):
    """Return a review of many paragraphs, none of which stands in another one."""
    paragraphs = "\n\n".join(
        f"The lamp number {n} of film {film} burns in the small cinema." for n in range(12)
    )
    return (
        f"---\ntitle: Film {film}\ndate: 2026-01-0{film}\n---\n# Film {film}\n\n"
        f"Its light is number {film}.\n\n{paragraphs}\n\n## Verdict\n\nGo and see film {film}.\n"
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with two workers."""
    with DaskCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        for _ in range(2):
            cluster.start_worker(nanny=True)
        yield cluster


class Show:
    """A show with three reviews, and a program with a cache of its own."""

    def __init__(self, folder):
        self.folder = folder / "show"
        self.program = Program(folder / "cache")
        (self.folder / "reviews").mkdir(parents=True)
        (self.folder / "podcast.toml").write_text(
            '[show]\ntitle = "Lamps"\nreviews = ["reviews/*.md"]\n[voice]\nuse = ["espeak"]\n',
            encoding="utf-8",
        )
        for film in (1, 2, 3):
            path = self.folder / "reviews" / f"film-{film}.md"
            path.write_text(compose(film), encoding="utf-8")

    def build(self, *options):
        """Build it."""
        return self.program.run_apart("build", "--json", *options, cwd=self.folder, env=NOW)

    def hash_all(self):
        """Return the digests of all that was made, by name."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((self.folder / "episodes").rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What the show becomes without a cluster."""
    show = Show(tmp_path_factory.mktemp("here"))
    done = show.build()
    assert done.code == 0, done.err
    return show.hash_all()


def count(done, what):
    """Add up a figure of the episodes that were built."""
    return sum(episode[what] for episode in done.json["episodes"])


def test_the_same_bytes_come_home(tmp_path, cluster, expected):
    """All is spoken and rendered there, and nothing differs."""
    show = Show(tmp_path)
    done = show.build("--on", cluster.address)
    assert done.code == 0, done.err
    assert cluster.wait_for_task().startswith("render_there")
    assert show.hash_all() == expected
    assert count(done, "voiced") > 30
    assert count(done, "reused") == count(done, "segments") - count(done, "voiced")
    assert count(done, "blocks_reused") < count(done, "blocks") / 10
    again = show.build("--on", cluster.address)
    assert count(again, "voiced") == 0
    assert show.hash_all() == expected


def test_a_lost_worker_costs_nothing(tmp_path, expected):
    """What it had in hand is done by the other one."""
    show = Show(tmp_path)
    with DaskCluster(tmp_path / "cluster") as cluster:
        for _ in range(2):
            cluster.start_worker()
        with subprocess.Popen(
            show.program.command("build", "--on", cluster.address),
            cwd=show.folder,
            env=show.program.environ(NOW),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as run:
            cluster.wait_for_task()
            cluster.kill_worker()
            errors = run.communicate(timeout=300)[1]
    assert run.returncode == 0, errors
    assert show.hash_all() == expected


@pytest.mark.parametrize(
    ("dies_after", "options", "code", "gone", "reused"),
    [
        # while the second of three episodes is sent home, or the tenth segment of one
        (2, (), 3, 2, 1),
        (10, ("reviews/film-1.md",), 6, 1, 5),
    ],
    ids=["episodes", "segments"],
)
def test_a_lost_scheduler_is_no_success(
    tmp_path, expected, dies_after, options, code, gone, reused
):
    """The run says how to go on, and the next one begins with what had come home."""
    show = Show(tmp_path)
    with DaskCluster(tmp_path / "cluster") as cluster:
        cluster.kill_scheduler()
        cluster.start_scheduler(dies_after=dies_after)
        cluster.start_worker()
        done = show.build("--on", cluster.address, *options)
        assert done.code == code, done.err
        assert done.err.count("is gone") == gone
        assert "run the same command again" in done.err
        cluster.kill_scheduler()
        cluster.start_scheduler()
        cluster.start_worker()
        again = show.build("--on", cluster.address, *options)
        assert again.code == 0, again.err
        assert count(again, "reused") >= reused
        assert show.build("--on", cluster.address).code == 0
    assert show.hash_all() == expected


def test_another_version_is_refused(tmp_path):
    """A worker whose code is another one is named, and speaks nothing."""
    show = Show(tmp_path)
    other = tmp_path / "other"
    shutil.copytree(
        Path(reviewcast.__file__).parent,
        other / "reviewcast",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    with (other / "reviewcast" / "speech" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    with DaskCluster(tmp_path / "cluster") as cluster:
        worker = cluster.start_worker(PYTHONPATH=str(other))
        done = show.build("--on", cluster.address)
    assert done.code == 6
    assert f"has a worker, {worker}, with reviewcast" in " ".join(done.err.split())
    assert not (show.folder / "episodes").exists()


def test_a_cluster_of_this_machine(tmp_path, expected):
    """It is started for the run, and gone with it."""
    show = Show(tmp_path)
    done = show.build("--on", "dask")
    assert done.code == 0, done.err
    assert show.hash_all() == expected
    assert done.err.count("arning") == 0


def test_nobody_answers(tmp_path):
    """It is said in time, and nothing is written."""
    show = Show(tmp_path)
    code = (
        "import sys\n"
        "from reviewcast.model.errors import ClusterUnavailable\n"
        "from reviewcast.speech.cluster import open_cluster\n"
        "try:\n"
        "    with open_cluster(sys.argv[1], notify=print, patience_s=0.5):\n"
        "        pass\n"
        "except ClusterUnavailable as error:\n"
        "    print(error.message)\n"
    )
    with DaskCluster(tmp_path / "cluster") as cluster:
        address = cluster.address
        without = subprocess.run(
            [sys.executable, "-c", code, address], capture_output=True, text=True, check=False
        )
    gone = subprocess.run(
        [sys.executable, "-c", code, address], capture_output=True, text=True, check=False
    )
    for done in (without, gone):
        assert done.stdout.startswith(f"The cluster at {address} does not answer"), done
    assert not (show.folder / "episodes").exists()
