"""The connection to a store that speaks S3: its settings are those of the AWS tools."""

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from reviewcast.model.errors import ConfigError, DestinationError, DestinationUnavailable
from reviewcast.system.http import try_again

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


T = TypeVar("T")
_CONNECT_S = 10
_READ_S = 60
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_CONFLICTS = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})

_PASSING = frozenset(
    "429 SlowDown Throttling ThrottlingException RequestLimitExceeded BandwidthLimitExceeded "
    "RequestTimeout IncompleteBody InternalError ServiceUnavailable OperationAborted".split()
)

_LATER = "Look after the connection and run the same command again; what is there stays."
CREDENTIALS = "They come from the AWS_* variables, a profile (AWS_PROFILE) or the machine's role."

_HINTS = {
    "NoSuchBucket": "Create the bucket, or correct its name.",
    "AccessDenied": "Allow s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject there.",
    "RequestTimeTooSkewed": "Set this machine's clock.",
    "BadDigest": "The file has changed on its way: run the same command again.",
    "PermanentRedirect": "Set AWS_DEFAULT_REGION to the bucket's region.",
    "AuthorizationHeaderMalformed": "Set AWS_DEFAULT_REGION to the bucket's region.",
    **dict.fromkeys(
        (
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "InvalidToken",
            "TokenRefreshRequired",
        ),
        f"Renew the credentials. {CREDENTIALS}",
    ),
}


class AwsClient:
    """A client of its own for each destination; the errors of its requests name `name`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def close(self) -> None:
        """Close all connections; the next request opens others."""
        if "_client" in self.__dict__:
            self._client.close()
            del self._client

    @functools.cached_property
    def _client(self) -> "S3Client":
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        config = Config(
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            # try_again is the one place that tries again: two of them would multiply
            retries={"total_max_attempts": 1, "mode": "standard"},
            # the MD5 is there; other stores refuse the checksums that boto3 would add (since 1.36)
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        try:
            # a session of its own: the default one is not safe for threads
            return boto3.session.Session().client("s3", config=config)
        except (BotoCoreError, ValueError) as error:
            raise ConfigError(
                f"The AWS settings cannot be used: {error}.",
                hint="Correct AWS_PROFILE, AWS_DEFAULT_REGION or AWS_ENDPOINT_URL_S3.",
            ) from error

    def ask(self, job: "Callable[[S3Client], T]") -> T:
        """Send a request, three times if that may help; what went wrong is told without secrets."""
        return try_again(lambda: self._ask_once(job), on=DestinationUnavailable)

    def _ask_once(self, job: "Callable[[S3Client], T]") -> T:
        from botocore import exceptions as aws
        from botocore.parsers import ResponseParserError

        try:
            return job(self._client)
        except aws.ClientError as error:
            raise self._judge(error.response) from error
        except (
            aws.NoCredentialsError,
            aws.PartialCredentialsError,
            aws.CredentialRetrievalError,
            aws.TokenRetrievalError,
            aws.UnauthorizedSSOTokenError,
            aws.NoAuthTokenError,
            aws.SSOError,
        ) as error:
            raise DestinationError(
                f"There are no AWS credentials for {self._name} that can be used.", hint=CREDENTIALS
            ) from error
        except aws.SSLError as error:
            raise DestinationError(
                f"The certificate of the store of {self._name} cannot be trusted.",
                hint="Correct AWS_ENDPOINT_URL_S3, or name its authority in AWS_CA_BUNDLE.",
            ) from error
        except (
            aws.HTTPClientError,
            aws.ConnectionError,
            aws.IncompleteReadError,
            aws.ResponseStreamingError,
            ResponseParserError,  # another speaks in its place, such as a hotel's network
        ) as error:
            raise DestinationUnavailable(
                f"{self._name} cannot be reached ({type(error).__name__}).", hint=_LATER
            ) from error
        except aws.BotoCoreError as error:
            raise DestinationError(
                f"{self._name} cannot be used ({type(error).__name__}).",
                hint="Correct AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3 or what else is set for AWS.",
            ) from error

    def _judge(self, response: Any) -> DestinationError:
        """Make an error of a refusal: its code only, for a store's own words can hold keys."""
        code = str(response.get("Error", {}).get("Code", ""))
        status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _ABSENT:
            return Absent(f"That file is not in {self._name}.")
        if code in _CONFLICTS or status == 412:
            return Refused(f"{self._name} refuses: the file has changed.")
        if code == "NotImplemented" or status == 501:
            return Unsupported(
                f"{self._name} cannot do what was asked of it ({code}).",
                hint="Look whether the store speaks S3's PutObject and ListObjectsV2.",
            )
        if code in _PASSING or status in {429, 500, 502, 503, 504} or status < 100:
            return DestinationUnavailable(f"{self._name} cannot answer now ({code}).", hint=_LATER)
        if code == "403":
            code = "AccessDenied"
        return DestinationError(
            f"{self._name} refuses: {re.sub(r'[^A-Za-z0-9.]', '', code) or status}.",
            hint=_HINTS.get(code, "Look the code up in the store's documentation."),
        )


class Absent(DestinationError):
    """There is no such file."""


class Refused(DestinationError):
    """The condition of a request does not hold."""


class Unsupported(DestinationError):
    """The store does not know the condition."""


class Unsettled(DestinationUnavailable):
    """A file that was put is not there yet, or another one is."""
