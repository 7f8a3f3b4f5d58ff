"""What a voice and a destination must be able to do, whoever wrote them."""

import io
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol, runtime_checkable

from msgspec import Struct

from reviewcast.model.audio import Take
from reviewcast.model.errors import DestinationError

_PART = re.compile(r'(?![. ])[^\x00-\x1f\x7f-\U0010ffff"*/:<>?\\|]{1,200}(?<![. ])')
_LONGEST = 900


class Access(Struct, frozen=True):
    """Something outside of a show that its podcast.toml asks for: the user confirms it once.

    `purpose` begins a phrase such as "speech with the key in MY_API_KEY from", which the `place`
    ends: a host with its port, a URL without a user's name, or a path with all links followed.
    """

    purpose: str
    place: str

    def describe(self) -> str:
        """Return the phrase."""
        return f"{self.purpose} {self.place}"


@runtime_checkable
class Voice(Protocol):
    """A frozen dataclass whose fields are the voice's options.

    The fields are what `[voice.NAME]` in podcast.toml may set, they travel to worker processes
    by pickle, and together with `name` and `version` they are part of a take's key: raise
    `version` whenever the same text would sound different. A field that changes no sound, such as
    a timeout, says so: `field(default=15.0, metadata={"sounds": False})`. One that names a file
    says `"file": True`: its relative path begins at the show's folder. What the file holds belongs
    into the key, such as by a `version` that tells its hash when it is asked of an instance.

    The class's docstring says in `reviewcast help settings` what the voice is, and a field with
    `Annotated[int, Meta(ge=0, le=99, description="How lively it speaks.")]` (msgspec's) what the
    option is for; a value out of these bounds is refused.

    A voice that computes may tell in a ClassVar `chars_per_s` how many characters a core speaks in
    a second, so that plans estimate better, and one that has neither rumble nor breath nor sharp s
    a ClassVar `clean = True`: [voice.polish] then sets its speed and nothing else. Any voice may
    tell more for `reviewcast voices`: a ClassVar `needs`, a few words such as "a key in
    OPENAI_API_KEY", and a classmethod `list_languages()` that gives BCP 47 codes. A field
    `timeout_s` is shortened where a voice is only tried. One that sends to a host of its options
    has a property `access` that gives an `Access`, or None where nothing has to be confirmed.
    `reviewcast.testing.check_voice` puts a voice to the test.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    max_chars: ClassVar[int]
    """The most characters that one call of `speak` takes."""
    max_workers: ClassVar[int]
    """The most calls at once; 0 stands for one a core."""
    online: ClassVar[bool]
    """True: spoken in threads, and asked again when it is unavailable. False: in processes."""

    def speak(self, text: str, *, language: str) -> Take:
        """Speak `text`, at most `max_chars` characters of it, in a BCP 47 `language`.

        Raise VoiceUnavailable when asking again may help, VoiceError when it will not.
        The same call gives the same samples, as far as that is in the voice's power. A voice that
        knows when its words begin marks them, and captions are exact; else pauses tell. A
        service that doubts its own reply says so in `Take.doubts`: it is asked once more.
        """
        ...


class Stored(Struct, frozen=True):
    """A file at a destination: its size, and a mark that is another one when its bytes are.

    The mark is whatever the destination can tell cheaply: an ETag, a time of change.
    """

    size_bytes: int
    mark: str


class Upload(Struct, frozen=True, kw_only=True):
    """A file to be put: its bytes, from a file or at hand, and how it is to be served."""

    name: str
    source: Path | bytes
    size_bytes: int
    content_type: str
    cache_control: str = ""

    def open(self) -> BinaryIO:
        """Open the source.

        Raise DestinationError when that is not possible.
        """
        if isinstance(self.source, bytes):
            return io.BytesIO(self.source)
        try:
            return self.source.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error

    def read_pieces(self, piece_bytes: int = 1 << 20) -> Iterator[bytes]:
        """Read the source in pieces of at most `piece_bytes`.

        Raise DestinationError when the source cannot be read, and at the end of it when there
        were not exactly `size_bytes`: what was read is then not to be published.
        """
        size = 0
        with self.open() as file:
            try:
                while piece := file.read(piece_bytes):
                    size += len(piece)
                    yield piece
            except OSError as error:
                raise self._unreadable(error) from error
        if size != self.size_bytes:
            raise DestinationError(
                f"{self.name} has {size:,} bytes and not {self.size_bytes:,}: it has changed.",
                hint="Run the same command again.",
            )

    def _unreadable(self, error: OSError) -> DestinationError:
        return DestinationError(
            f"Cannot read {self.source!s}: {error.strerror or error}.",
            hint="Build the episode again.",
        )


def is_name(name: str) -> bool:
    r"""True if a destination accepts a file of this name: it is safe on every system.

    A name is a relative path with `/`, of up to 900 printable ASCII characters. No part of it
    begins with a dot, so none is `.` or `..` and those that do are the destination's own; none
    ends with a dot or a space, holds one of `"*:<>?\|`, or has more than 200 characters.
    """
    return len(name) <= _LONGEST and all(map(_PART.fullmatch, name.split("/")))


@runtime_checkable
class Destination(Protocol):
    """A place that a show is published to: a folder, a bucket, a server.

    `is_name` tells which names there are. Each method may be called again after a failure and
    then does the rest. A reader of the place sees a file's old bytes or all of its new ones, never
    a part. Raise DestinationUnavailable when trying again may help, DestinationError when it will
    not. `reviewcast.testing.check_destination` puts all of that to the test.
    """

    scheme: ClassVar[str]
    """The part of its URLs before `://`, which is also the name of its entry point."""

    @classmethod
    def open(cls, url: str) -> "Destination":
        """Reach the place that a URL names; credentials come from the environment.

        Raise ConfigError for a URL that names none.
        """
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Hold the place against other runs where that can be done; raises LockedError.

        Leaving it also closes the connection.
        """
        ...

    def list(self) -> dict[str, Stored]:
        """Return all files that are there, by name; what is no name of ours is passed over."""
        ...

    def head(self, name: str) -> Stored | None:
        """Ask for one file anew; None when it is not there."""
        ...

    def read(self, name: str) -> tuple[bytes, Stored] | None:
        """Fetch a small file, such as the feed; None when it is not there."""
        ...

    def put(self, upload: Upload, *, expect: Stored | None = None, guard: bool = False) -> Stored:
        """Put a file there, whole, and return it as it then is.

        A source that does not have exactly `size_bytes` raises DestinationError, and what was
        there before stays. With `guard`, only when what is there still is `expect` (None:
        nothing); raises ConflictError when it is not. Places that cannot ask for that in one step
        check before.
        """
        ...

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is fine."""
        ...
