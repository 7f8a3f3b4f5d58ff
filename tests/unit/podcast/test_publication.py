"""A publication is planned of values alone: nothing is read from a disk, written or sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewcast.model.audio import Loudness
from reviewcast.model.errors import ConflictError, StorageError, UsageError
from reviewcast.model.podcast import EpisodeRecord, Publication
from reviewcast.podcast.feed.live import LiveFeed, LiveItem
from reviewcast.podcast.promises import BuiltShow, PublishOptions
from reviewcast.podcast.publication import plan_publication
from reviewcast.settings.schema import Config, Show

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOWHERE = Path("/nowhere/at/all")


def make_record(slug, date, **fields):
    values = {
        "slug": slug, "title": slug.title(), "path": f"{NOWHERE}/{slug}.mp3", "size_bytes": 9,
        "duration_s": 1.5, "sha256": "a" * 64, "voice": "espeak", "language": "en",
        "loudness": Loudness(-16.0, -1.0), "chapters": (), "date": date,
    }  # fmt: skip
    return EpisodeRecord(**(values | fields))


def make_show(*records, kept=None):
    return BuiltShow(
        config=Config(show=Show(title="Films", url="https://example.org/podcast/")),
        folder=NOWHERE,
        records={record.slug: record for record in records},
        kept=kept or {},
        identity=None,
        assets={"cover-1.jpg": b"cover"},
    )


def plan(show, live=None, *, now=NOW, **options):
    return plan_publication(show, live or LiveFeed(), PublishOptions(**options), now)


def test_a_plan_is_made_of_values_alone():
    """The same values give the same plan: who is public, under which guid, date and number."""
    show = make_show(
        make_record("alien", "2026-10-01", track=1),
        make_record("brazil", "2026-12-24", track=2),
        make_record("cube", "2026-10-08", draft=True),
    )
    planned = plan(show)
    assert planned == plan(show)
    assert [release.slug for release in planned.releases] == ["alien"]
    assert list(planned.promised) == ["alien", "brazil"]
    assert [one.number for one in planned.promised.values()] == [1, 2]
    assert planned.promised["brazil"].published == datetime(2026, 12, 24, tzinfo=UTC)
    assert [file.name for file in planned.media] == [f"media/alien-{'a' * 12}.mp3"]
    assert planned.feed_url == "https://example.org/podcast/feed.xml"
    assert show.kept == {}


def test_what_was_promised_stays_and_retired_files_expire():
    """Guid and date are kept; another file retires the old one, which expires after its grace."""
    first = plan(make_show(make_record("alien", "2026-10-01")))
    corrected = make_record("alien", "2026-10-09", sha256="b" * 64)
    second = plan(make_show(corrected, kept=first.promised), now=NOW + timedelta(days=1))
    before, after = first.promised["alien"], second.promised["alien"]
    assert (after.guid, after.published, after.number) == (
        before.guid,
        before.published,
        before.number,
    )
    old = f"media/alien-{'a' * 12}.mp3"
    assert [file.name for file in after.retired] == [old]
    assert not second.expired
    later = plan(make_show(corrected, kept=second.promised), now=NOW + timedelta(days=99))
    assert later.expired == {old}


def test_nothing_is_taken_from_subscribers_unasked():
    """An episode of the live feed that is not known here stops the plan, unless it is forced."""
    live = LiveFeed(items={"other": LiveItem("Other", {})})
    show = make_show(make_record("alien", "2026-10-01"))
    with pytest.raises(ConflictError, match="Other"):
        plan(show, live)
    assert len(plan(show, live, force=True).releases) == 1


def test_a_lost_record_stops_a_plan_but_for_a_withdrawn_episode():
    """What is public needs its record; taken back, it is in no release."""
    kept = {"alien": Publication(guid="g", published=NOW, released=True)}
    with pytest.raises(StorageError, match="its record is gone"):
        plan(make_show(kept=kept))
    withdrawn = plan(make_show(kept=kept), withdraw=("alien",))
    assert (withdrawn.releases, withdrawn.promised["alien"].withdrawn) == ((), True)
    assert withdrawn.promised["alien"] == replace(kept["alien"], withdrawn=True)


@pytest.mark.parametrize("options", [{"include": ("brazil",)}, {"withdraw": ("brazil",)}])
def test_options_name_what_is_there(options):
    """An episode that is not there can neither be published nor taken back."""
    with pytest.raises(UsageError, match="brazil"):
        plan(make_show(make_record("alien", "2026-10-01")), **options)
