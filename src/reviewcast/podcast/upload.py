"""What is sent to a destination, in which order and with which headers."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewcast.model.errors import DestinationError, StorageError
from reviewcast.model.events import Notify, Progressed
from reviewcast.model.podcast import FEED
from reviewcast.model.protocols import Destination, Stored, Upload
from reviewcast.podcast.documents import (
    LISTING,
    Document,
    Podcast,
    check_feed,
    find_named_files,
    find_stray_pages,
    make_documents,
)
from reviewcast.podcast.feed.live import LiveFeed
from reviewcast.podcast.promises import BuiltShow
from reviewcast.podcast.publication import Plan
from reviewcast.podcast.release import find_page
from reviewcast.podcast.site.listen import list_beside
from reviewcast.system.file_types import find_type
from reviewcast.system.files import hash_file, reporting
from reviewcast.system.workspace import load_manifest, save_manifest

_LASTING = "public, max-age=31536000, immutable"
_REBUILD = "Build the episode again."
_CHANGING = "public, max-age=300, must-revalidate"


class Sent(Struct, frozen=True):
    """A file that was, or would be, uploaded."""

    name: str
    size_bytes: int


class ManifestEntry(Struct, frozen=True):
    """What the upload manifest knows of a document: made of what, which bytes, stored as what."""

    recipe: str
    sha256: str
    stored: Stored


class Remote(Struct, frozen=True):
    """A destination as a run knows it; each upload and deletion keeps it up to date.

    `files` are those that are there, `manifest` the documents that were put there, by name.
    """

    destination: Destination
    files: dict[str, Stored]
    manifest: dict[str, ManifestEntry]

    def holds(self, name: str, *, recipe: str = "", sha256: str = "") -> bool:
        """True if the document that is there is the one that was put, and is made of the same."""
        entry = self.manifest.get(name)
        return (
            entry is not None
            and (entry.recipe == recipe if recipe else entry.sha256 == sha256)
            and self.files.get(name) == entry.stored
        )


class Medium(Struct, frozen=True):
    """A file to be put that lasts, and the SHA-256 that the build knows it by, "" for none."""

    upload: Upload
    sha256: str = ""


class UploadPlan(Struct, frozen=True, kw_only=True):
    """What is to be sent to a destination, and then deleted there; nothing of it is done yet.

    `pages` are those that something has changed of: whether their bytes have, is seen when they
    are rendered. `feed` is None when the live one is the same. `named` are the sizes in bytes of
    all files that the feed names.
    """

    media: tuple[Medium, ...]
    pages: tuple[Document, ...]
    feed: bytes | None
    named: dict[str, int]
    deleted: tuple[str, ...]


def reach_destination(destination: Destination, show: BuiltShow) -> Remote:
    """Return a destination with what lies there and what this show has put there."""
    kind = dict[str, ManifestEntry]
    manifest = load_manifest(show.folder, show.config.publish.to, kind=kind) or {}
    return Remote(destination, destination.list(), manifest)


@contextmanager
def keep_manifest(remote: Remote, show: BuiltShow) -> Iterator[None]:
    """Write down at the end what was put there, also when something failed."""
    try:
        yield
    finally:
        save_manifest(show.folder, show.config.publish.to, remote.manifest)


def plan_upload(show: BuiltShow, plan: Plan, live: LiveFeed, remote: Remote) -> UploadPlan:
    """Return what of a publication is not at a destination yet, and what is no more to be there.

    Nothing is sent. Raise FaultsFound for a feed that would break a rule, StorageError for a file
    that cannot be read.
    """
    documents = make_documents(
        Podcast(
            config=show.config,
            guid=plan.identity.guid,
            cover=show.cover,
            artwork=show.assets.get(show.cover, b""),
            releases=plan.releases,
            records=show.records,
        )
    )
    sizes = {name: len(data) for name, data in show.assets.items()}
    sizes |= {file.name: _measure_file(file.path) for file in plan.media}
    check_feed(documents.feed, sizes)
    media = (
        *(
            Medium(_wrap(one.name, Path(one.path), sizes[one.name], _LASTING), one.sha256)
            for one in plan.media
        ),
        *(Medium(_wrap(name, data, len(data), _LASTING)) for name, data in show.assets.items()),
    )
    withdrawn = {
        name
        for slug, one in plan.promised.items()
        if one.withdrawn
        for name in list_beside(find_page(slug))
    }
    sent = {name for name, entry in remote.manifest.items() if entry.recipe}
    stray = find_stray_pages(sent, withdrawn, documents.pages)
    return UploadPlan(
        # names hold a hash, so a file that is there is the same
        media=tuple(one for one in media if not _is_there(one.upload, remote)),
        pages=tuple(
            one
            for one in documents.pages
            if one.recipe == LISTING or not remote.holds(one.name, recipe=one.recipe)
        ),
        feed=None if documents.feed == live.data else documents.feed,
        named={name: sizes[name] for name in find_named_files(show.cover, plan.releases)},
        deleted=tuple(sorted((plan.expired | stray) & remote.files.keys())),
    )


def list_uploads(plan: UploadPlan, remote: Remote) -> Iterator[Sent]:
    """Return what carrying out a plan would send, in that order; it raises what that would."""
    for medium in plan.media:
        _refuse_changed(medium)
        yield Sent(medium.upload.name, medium.upload.size_bytes)
    for document in plan.pages:
        data = document.render()
        if not remote.holds(document.name, sha256=hashlib.sha256(data).hexdigest()):
            yield Sent(document.name, len(data))
    if plan.feed is not None:
        yield Sent(FEED, len(plan.feed))


def upload_media(media: Sequence[Medium], remote: Remote, notify: Notify) -> Iterator[Sent]:
    """Send files that last, each as the build wrote it; raise StorageError for one that is not."""
    for number, medium in enumerate(media, 1):
        _refuse_changed(medium)
        yield _put(medium.upload, remote)
        notify(Progressed("publish", number, len(media)))


def upload_pages(pages: Iterable[Document], remote: Remote) -> Iterator[Sent]:
    """Render pages one after another, and send those whose bytes are not there."""
    for document in pages:
        data = document.render()
        sha256 = hashlib.sha256(data).hexdigest()
        name = document.name
        if remote.holds(name, sha256=sha256):
            remote.manifest[name] = replace(remote.manifest[name], recipe=document.recipe)
            continue
        yield _put(_wrap(name, data, len(data), _CHANGING), remote)
        remote.manifest[name] = ManifestEntry(document.recipe, sha256, remote.files[name])


def confirm_media(named: Mapping[str, int], remote: Remote) -> None:
    """Make sure that every file which the feed will name is there with its size.

    Raise DestinationError when one is not.
    """
    for name, size_bytes in sorted(named.items()):
        there = remote.files.get(name)
        if there is None or there.size_bytes != size_bytes:
            raise DestinationError(
                f"The destination does not hold {name} with its {size_bytes} bytes.",
                hint="Publish again; the feed was not touched.",
            )


def put_feed(feed: bytes, remote: Remote, *, expect: Stored | None) -> Sent:
    """Put the feed in its place if the one that was read is still there, else ConflictError."""
    return _put(_wrap(FEED, feed, len(feed), _CHANGING), remote, expect=expect, guard=True)


def delete_files(names: Iterable[str], remote: Remote) -> None:
    """Delete files at the destination."""
    for name in names:
        remote.destination.delete(name)
        remote.files.pop(name, None)
        remote.manifest.pop(name, None)


def _put(
    upload: Upload, remote: Remote, *, expect: Stored | None = None, guard: bool = False
) -> Sent:
    stored = remote.destination.put(upload, expect=expect, guard=guard)
    if stored.size_bytes != upload.size_bytes:
        raise DestinationError(
            f"The destination holds {stored.size_bytes} of the {upload.size_bytes} bytes of"
            f" {upload.name}.",
            hint="Publish again; the feed was not touched.",
        )
    remote.files[upload.name] = stored
    return Sent(upload.name, upload.size_bytes)


def _is_there(upload: Upload, remote: Remote) -> bool:
    there = remote.files.get(upload.name)
    return there is not None and there.size_bytes == upload.size_bytes


def _wrap(name: str, source: bytes | Path, size_bytes: int, cache_control: str) -> Upload:
    """Return a file or document as an Upload with the content type of its name."""
    return Upload(
        name=name,
        source=source,
        size_bytes=size_bytes,
        content_type=find_type(name).content_type,
        cache_control=cache_control,
    )


def _measure_file(path: str) -> int:
    """Return a file's size in bytes."""
    with reporting(f"read {path}", hint=_REBUILD):
        return os.stat(path).st_size


def _refuse_changed(medium: Medium) -> None:
    """Send nothing that is not what the build wrote and measured."""
    path = medium.upload.source
    if not medium.sha256 or not isinstance(path, Path):
        return
    with reporting(f"read {path}", hint=_REBUILD):
        found = hash_file(path)
    if found != medium.sha256:
        raise StorageError(f"{path} is no longer what the build wrote.", hint=_REBUILD)
