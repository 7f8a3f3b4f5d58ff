"""What a voice must be able to do, whoever wrote it."""

from typing import ClassVar, Protocol, runtime_checkable

from reviewcast.model import Take


@runtime_checkable
class Voice(Protocol):
    """A frozen dataclass whose fields are the voice's options.

    The fields are what `[voice.NAME]` in podcast.toml may set, they travel to worker processes
    by pickle, and together with `name` and `version` they are part of a take's key: raise
    `version` whenever the same text would sound different. A field that changes no sound, such as
    a timeout, says so: `field(default=15.0, metadata={"sounds": False})`.
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

        Raises VoiceUnavailable when asking again may help, VoiceError when it will not.
        The same call gives the same samples, as far as that is in the voice's power.
        """
        ...
