"""A bucket of Amazon S3 or of any store that speaks like it."""

import base64
import contextlib
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
)
from reviewcast.model.protocols import Stored, Upload, is_name
from reviewcast.podcast.destinations.claims import hold_claim
from reviewcast.podcast.destinations.s3_client import (
    CREDENTIALS,
    Absent,
    AwsClient,
    Refused,
    Unsettled,
    Unsupported,
)
from reviewcast.system.extras import compose_install_line
from reviewcast.system.http import try_again

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_PROBE, _LOCK = ".reviewcast.probe", ".reviewcast.lock"


class S3Destination:
    """A bucket, or what lies below a prefix of it: `s3://bucket/prefix`.

    Credentials, region and endpoint are those of the AWS tools: `AWS_ACCESS_KEY_ID`,
    `AWS_PROFILE`, `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` and the rest. Each file goes up in
    one request with its length and MD5 (RFC 1864), so that the store refuses one that arrives
    otherwise, and is then asked for its size. A mark is an ETag.

    There is no lock on a bucket. A guarded file is compared, then put on the condition that it
    still is the same (`If-Match`, `If-None-Match`). Whether a store heeds conditions is asked once,
    by one that cannot hold; with one that does not, runs take turns at guarded files by objects
    that each of them puts below `.reviewcast.lock/` (see `hold_claim`).
    """

    scheme: ClassVar[str] = "s3"

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self._heeds: bool | None = None
        self._aws = AwsClient(str(self))
        self._claims = f"{self.prefix}{_LOCK}/"

    @classmethod
    def open(cls, url: str) -> "S3Destination":
        """Take `s3://bucket` or `s3://bucket/prefix`.

        Raise ConfigError for another form, and without boto3.
        """
        try:
            parts = urlsplit(url)
        except ValueError as error:  # such as an unclosed bracket
            raise _refuse_bucket() from error
        prefix = parts.path.strip("/")
        if "@" in parts.netloc:
            raise ConfigError(
                "An s3:// URL holds no credentials.", hint=f"Take them out. {CREDENTIALS}"
            )
        if not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
            raise _refuse_bucket()
        if prefix and not is_name(prefix):
            raise ConfigError(
                f"{prefix!r} cannot be a prefix to publish to.",
                hint="It has plain letters, digits, - and _, and no part begins with a dot.",
            )
        try:
            import boto3  # noqa: F401
        except ModuleNotFoundError as error:
            raise ConfigError(
                "Publishing to s3:// needs boto3.",
                hint=f"Install it: {compose_install_line('s3')}",
            ) from error
        return cls(parts.netloc, prefix)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold nothing: the guard is what keeps two runs apart."""
        with contextlib.closing(self._aws):
            yield

    def list(self) -> dict[str, Stored]:
        """Return everything below the prefix, 1,000 files a request."""
        found: dict[str, Stored] = {}
        page: dict[str, Any] = {}
        while True:
            reply = self._aws.ask(
                lambda s3, page=page: s3.list_objects_v2(  # type: ignore[misc]
                    Bucket=self.bucket, Prefix=self.prefix, **page
                )
            )
            for item in reply.get("Contents", ()):
                name = item["Key"].removeprefix(self.prefix)
                if is_name(name):
                    found[name] = Stored(item["Size"], _clean(item["ETag"]))
            if not reply.get("IsTruncated"):
                return found
            page = {"ContinuationToken": reply["NextContinuationToken"]}

    def head(self, name: str) -> Stored | None:
        """Return one file's size and ETag."""
        key = self._key(name)
        try:
            reply = self._aws.ask(lambda s3: s3.head_object(Bucket=self.bucket, Key=key))
        except Absent:
            return None
        return Stored(reply["ContentLength"], _clean(reply["ETag"]))

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Fetch one file; one that breaks off on its way is fetched again."""
        return self._read_key(self._key(name))

    def _read_key(self, key: str) -> tuple[bytes, Stored] | None:
        def fetch(s3: "S3Client") -> tuple[bytes, Stored]:
            reply = s3.get_object(Bucket=self.bucket, Key=key)
            with contextlib.closing(reply["Body"]) as body:
                data = body.read()
            return data, Stored(len(data), _clean(reply["ETag"]))

        try:
            return self._aws.ask(fetch)
        except Absent:
            return None

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Put a file in one request and ask for it again."""
        key = self._key(upload.name)
        digest = hashlib.md5(usedforsecurity=False)
        for piece in upload.read_pieces():
            digest.update(piece)
        options: dict[str, Any] = {
            "Bucket": self.bucket,
            "Key": key,
            "ContentLength": upload.size_bytes,
            "ContentMD5": base64.b64encode(digest.digest()).decode(),
            "ContentType": upload.content_type,
        }
        if upload.cache_control:
            options["CacheControl"] = upload.cache_control
        if not guard:
            return self._put_plain(upload, options)
        if self._heeds_conditions():
            try:
                return self._put_if(upload, options, expect)
            except Unsupported:
                self._heeds = False  # it knows the one condition and not the other
        with hold_claim(self, str(self)) as hold:
            if self.head(upload.name) != expect:
                raise self._conflict(upload)
            hold.check()
            return self._put_plain(upload, options)

    def _put_plain(self, upload: Upload, options: dict[str, Any]) -> Stored:
        self._send(upload, options)

        def look() -> Stored | DestinationUnavailable:
            try:
                stored = self.head(upload.name)
            except DestinationUnavailable as error:
                return error  # it was tried three times
            if stored is None or stored.size_bytes != upload.size_bytes:
                raise Unsettled(
                    f"{upload.name} is not in {self} as it was sent.",
                    hint="Look whether something else writes there, and run the same command"
                    " again.",
                )
            return stored

        try:
            found = try_again(look, on=Unsettled)  # some stores answer before all of it has arrived
        except Unsettled as error:
            raise DestinationError(error.message, hint=error.hint) from error
        if isinstance(found, DestinationUnavailable):
            raise found
        return found

    def _put_if(self, upload: Upload, options: dict[str, Any], expect: Stored | None) -> Stored:
        if self.head(upload.name) != expect:
            raise self._conflict(upload)
        condition = {"IfMatch": f'"{expect.mark}"'} if expect else {"IfNoneMatch": "*"}
        try:
            self._send(upload, {**options, **condition})
        except ConflictError:
            # when the reply to a first try was lost, what is in the way is our own
            if not self._is_there(upload):
                raise
        stored = self.head(upload.name)
        if stored is None or stored.size_bytes != upload.size_bytes:
            raise self._conflict(upload)
        return stored

    def _heeds_conditions(self) -> bool:
        """Return whether the store heeds conditions; find out with the first guarded file.

        An empty object that nothing names is put on the condition that it has an ETag which none
        can have; a store that takes it heeds none, and the object is removed.
        """
        if self._heeds is None:
            key = self.prefix + _PROBE
            try:
                self._aws.ask(
                    lambda s3: s3.put_object(Bucket=self.bucket, Key=key, Body=b"", IfMatch='"x"')
                )
            except (Refused, Absent):
                self._heeds = True
            except Unsupported:
                self._heeds = False
            else:
                self._delete_key(key)
                self._heeds = False
        return self._heeds

    def delete(self, name: str) -> None:
        """Remove a file."""
        self._delete_key(self._key(name))

    def _delete_key(self, key: str) -> None:
        with contextlib.suppress(Absent):
            self._aws.ask(lambda s3: s3.delete_object(Bucket=self.bucket, Key=key))

    def put_claim(self, token: str, data: bytes) -> None:
        """Write a claim, as `hold_claim` asks for."""
        key = self._claims + token
        self._aws.ask(lambda s3: s3.put_object(Bucket=self.bucket, Key=key, Body=data))

    def list_claims(self) -> "dict[str, datetime]":
        """Return all claims; runs are few, so the first page of 1,000 is all there is."""
        reply = self._aws.ask(
            lambda s3: s3.list_objects_v2(Bucket=self.bucket, Prefix=self._claims)
        )
        return {
            item["Key"].removeprefix(self._claims): item["LastModified"]
            for item in reply.get("Contents", ())
        }

    def read_claim(self, token: str) -> bytes | None:
        """Return what a claim says, None if it is gone."""
        found = self._read_key(self._claims + token)
        return found[0] if found else None

    def delete_claim(self, token: str) -> None:
        """Remove a claim; one that is gone is fine."""
        self._delete_key(self._claims + token)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def _key(self, name: str) -> str:
        if not is_name(name):
            raise DestinationError(f"A file cannot be named {name!r} there.")
        return self.prefix + name

    def _send(self, upload: Upload, options: dict[str, Any]) -> None:
        def send(s3: "S3Client") -> None:
            with upload.open() as body:
                s3.put_object(Body=body, **options)

        try:
            self._aws.ask(send)
        except (Refused, Absent) as error:  # absent: what it was to match is gone
            raise self._conflict(upload) from error

    def _is_there(self, upload: Upload) -> bool:
        found = self.read(upload.name)
        return found is not None and found[0] == b"".join(upload.read_pieces())

    def _conflict(self, upload: Upload) -> ConflictError:
        return ConflictError(
            f"Another run has changed {upload.name} in {self} meanwhile.",
            hint="Run the same command again.",
        )


def _refuse_bucket() -> ConfigError:
    return ConfigError("That is no bucket to publish to.", hint="Write it as s3://bucket/prefix.")


def _clean(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')
