"""What a voice and a destination must be able to do, whoever wrote them."""

import dataclasses
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Protocol, runtime_checkable

from msgspec import Struct
from msgspec.structs import replace

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


class VoiceInfo(Struct, frozen=True, kw_only=True):
    """What is known of a voice besides its options: the ClassVar `info` of its class.

    Raise `version` whenever the same text would sound different: with `name` and the options it
    makes a take's key. `package` names the distribution that computes the sound, where one does:
    its version then counts, too. `max_chars` is the most that one call of `speak` takes, and
    `max_workers` the most calls at once, 0 for one a core.

    One that is `online` speaks in threads, and is asked again when it is unavailable; else it
    speaks in processes, `chars_per_s` characters a second on a core, by which plans estimate. One
    that is `clean` has neither rumble nor breath nor sharp s: [voice.polish] then sets its speed
    and nothing else. `needs` are a few words for `reviewcast voices`, such as "a key in
    OPENAI_API_KEY", and `languages` BCP 47 codes, or a function that finds them where that takes
    time; with none it may have any. One that is `stock` has its maker's speakers alone: it can be
    no copy of an author's own voice.
    """

    name: str
    version: str
    max_chars: int
    max_workers: int = 1
    online: bool = False
    package: str = ""
    clean: bool = False
    chars_per_s: float = 250.0  # assumed: a small neural voice's
    needs: str = ""
    languages: tuple[str, ...] | Callable[[], Iterable[str]] = ()
    stock: bool = False

    def list_languages(self) -> tuple[str, ...]:
        """Return the codes of the languages that the voice names, () when it names none."""
        found = self.languages() if callable(self.languages) else self.languages
        return tuple(map(str, found))


@runtime_checkable
class Voice(Protocol):
    """A frozen dataclass whose fields are the voice's options, with a ClassVar `info: VoiceInfo`.

    The fields are what `[voice.NAME]` in podcast.toml may set, they travel to worker processes
    by pickle, and are part of a take's key. A field that changes no sound, such as a timeout, says
    so: `field(default=15.0, metadata={"sounds": False})`. One that names a file says `"file":
    True`: its relative path begins at the show's folder; a method `hash_files()` returns then what
    stands in the key for what the file holds. A field `timeout_s` is shortened where a voice is
    only tried.

    The class's docstring says in `reviewcast help settings` what the voice is, and a field with
    `Annotated[int, Meta(ge=0, le=99, description="How lively it speaks.")]` (msgspec's) what the
    option is for; a value out of these bounds is refused.

    A voice that sends to a host of its options has a property `access` that gives an `Access`,
    several as a tuple, or None where nothing has to be confirmed. One that can be had at several
    addresses has a property `endpoints`: a voice like itself for each, with its address in the
    option `base_url`; they are asked as one, and takes have the key of the first. It may have three
    methods more: `check_setup()` raises
    ConfigError without what its options need, the classmethod `tell_lack()` returns a sentence on
    what is not installed, or "", and `find_unsaid(text)` the first word without a sound, or "": the
    next voice in [voice] use then speaks.

    `reviewcast.testing.check_voice` puts a voice to the test. Older plug-ins have no `info`, and
    its values as ClassVars of their class instead.
    """

    def speak(self, text: str, *, language: str) -> Take:
        """Speak `text`, at most `max_chars` characters of it, in a BCP 47 `language`.

        Raise VoiceUnavailable when asking again may help, VoiceError when it will not.
        The same call gives the same samples, as far as that is in the voice's power. A voice that
        knows when its words begin marks them, and captions are exact; else pauses tell. A
        service that doubts its own reply says so in `Take.doubts`: it is asked once more.
        """
        ...


VOICE_NEEDS = ("name", "version", "max_chars", "max_workers", "online")
"""What an older plug-in has to have, as ClassVars."""


def describe_voice(voice: Voice | type[Voice]) -> VoiceInfo:
    """Return what is known of a voice, or of its class: its `info`.

    ClassVars by the same names, as older plug-ins have them, go before what it holds. Raise
    AttributeError for the first of `VOICE_NEEDS` that is neither there nor in an `info`.
    """
    kind = voice if isinstance(voice, type) else type(voice)
    options = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    names = (*VOICE_NEEDS, "clean", "chars_per_s", "needs")
    loose: dict[str, Any] = {
        name: getattr(kind, name) for name in names if name not in options and hasattr(kind, name)
    }
    if languages := getattr(kind, "list_languages", None):
        loose["languages"] = languages
    info = getattr(kind, "info", None)
    if isinstance(info, VoiceInfo):
        return replace(info, **loose) if loose else info
    for name in VOICE_NEEDS:
        if name not in loose:
            raise AttributeError(name)
    return VoiceInfo(**loose)


def list_endpoints(voice: Voice) -> tuple[Voice, ...]:
    """Return a voice for each address at which a voice can be had: itself for most."""
    found = getattr(voice, "endpoints", None)
    if isinstance(found, tuple) and found and all(type(one) is type(voice) for one in found):
        return found
    return (voice,)


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
        """Return what is known of one file, asked for anew; None when it is not there."""
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
