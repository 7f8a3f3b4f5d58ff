"""What blogs write above a text that is not for everybody, each alone and beside its opposite."""

import pytest
from tests.unit.shelf.test_sources import NOW

from reviewcast.model.text import Document
from reviewcast.settings.schema import ReadSettings
from reviewcast.shelf.archive import FolderArchive
from reviewcast.shelf.sources.folder import read_archive
from reviewcast.text.gather import gather_review
from reviewcast.text.readers import fields
from reviewcast.text.readers.front_matter import split_front_matter
from reviewcast.text.readers.withheld import find_reason

WITHHELD = [
    "draft: true",
    "draft: 1",
    "Draft: 'Yes'",
    "params:\n  draft: true",
    "isDraft: true",
    "eleventyExcludeFromCollections: true",
    "published: false",
    "publish: never",
    "publish: no",
    "permalink: false",
    "status: draft",
    "Status: Private",
    "state: pending",
    "private: true",
    "extra:\n  private: on",
    "members_only: yes",
    "members-only: true",
    "unlisted: true",
    "hidden: true",
    "paid: true",
    "public: false",
    "listed: false",
    "password: false-teeth",
    "visibility: [private]",
    "visibility: subscribers",
    "access: public, paid",
    "build:\n  render: never",
    # beside its opposite
    "private: false\nmembers_only: true",
    "draft: false\nis_draft: true",
    "status: published\nstate: draft",
    "published: 2020-01-02\npublish: false",
    "params:\n  draft: true\ndraft: false",
]
OPEN = [
    "title: Private",
    "draft: false",
    "published: 2020-01-02",
    "published: true\npublish: yes",
    "status: published",
    "private: no",
    "password: ''",
    "password: false",
    "protected: no",
    "public: true",
    "visibility: public",
    "access: everyone",
    "permalink: /heat/",
    "build:\n  render: always",
    "subject: Hidden\nrating: 4/5\ntags: [private, draft]",
]


@pytest.mark.parametrize("matter", WITHHELD)
def test_one_key_that_says_so_is_enough(matter, tmp_path):
    """For a review of the show, and for a blog's post, whatever other keys say."""
    metadata, _ = split_front_matter(f"---\n{matter}\n---\nText.\n")
    reason = find_reason(metadata)
    assert reason
    review = gather_review(Document((), metadata=metadata), "heat.md", ReadSettings())
    assert review.draft
    assert f"heat.md says that it is {reason}." in review.notes
    (tmp_path / "heat.md").write_text(f"---\ntitle: Heat\n{matter}\n---\nCanary.\n")
    reading = read_archive(FolderArchive(tmp_path), NOW)
    assert not reading.reviews
    assert [one.reason for one in reading.left_out] == [reason]


@pytest.mark.parametrize("matter", OPEN)
def test_what_is_for_all_stays_so(matter):
    metadata, _ = split_front_matter(f"---\n{matter}\n---\nText.\n")
    assert not find_reason(metadata)


def test_a_key_that_tells_it_is_known():
    """So nobody is told that it is not understood."""
    metadata = {"private": "false", "params.visibility": "public", "directed": "x"}
    assert fields.list_unknown(metadata) == ("directed",)
