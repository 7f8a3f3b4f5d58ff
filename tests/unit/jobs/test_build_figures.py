"""An episode is parted from the figures of the run that built it."""

import msgspec

from reviewcast.jobs.build import Built
from reviewcast.model.audio import Loudness
from reviewcast.model.podcast import BuildFigures, Episode, EpisodeCue
from reviewcast.system.workspace import load_cues, load_record, save_record

EPISODE = Episode(
    slug="x",
    title="X",
    path="x.mp3",
    size_bytes=9,
    duration_s=1.0,
    sha256="ab",
    voice="espeak",
    language="en",
    loudness=Loudness(-16.0, -1.0),
    chapters=(),
    cues=(EpisodeCue(0.0, 1.0, "narrator", "It is."),),
)
FIGURES = BuildFigures(
    segments=3, voiced=1, reused=2, blocks=2, blocks_reused=1, voiced_segments=(2,),
    voices={"espeak": 3}, recordings=0, rate_hz=44_100, channels=2, bitrate_kbps=128,
)  # fmt: skip


def test_one_table_holds_both():
    """`--json` prints the fields of the episode and of the run side by side."""
    assert not {*Episode.__struct_fields__} & {*BuildFigures.__struct_fields__}
    table = Built(EPISODE, FIGURES).flatten()
    assert {*table} == {*Episode.__struct_fields__, *BuildFigures.__struct_fields__}
    assert (table["title"], table["voiced"], table["blocks_reused"]) == ("X", 1, 1)


def test_a_record_holds_the_episode_and_nothing_of_the_run(tmp_path):
    """The same episode has the same record, and one that holds more is still read."""
    folder = tmp_path / "episodes" / "x"
    folder.mkdir(parents=True)
    save_record(folder / "x.mp3", EPISODE)
    file = folder / "episode.json"
    stored = msgspec.json.decode(file.read_bytes())
    assert {*stored} <= {*Episode.__struct_fields__}
    assert stored["path"] == "x.mp3"
    file.write_bytes(msgspec.json.encode(stored | {"segments": 0, "voiced": 0, "blocks": 0}))
    record = load_record(tmp_path, "x")
    assert record
    assert (record.title, load_cues(record)) == ("X", EPISODE.cues)
