"""The names that authors of voices and destinations need."""

from reviewcast.audio.files.decode import decode_speech
from reviewcast.model.audio import Take
from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
    LockedError,
    ReviewcastError,
    StorageError,
    VoiceError,
    VoiceUnavailable,
)
from reviewcast.model.protocols import (
    Access,
    Destination,
    Stored,
    Upload,
    Voice,
    VoiceInfo,
    is_name,
)

__all__ = [
    "Access",
    "ConfigError",
    "ConflictError",
    "Destination",
    "DestinationError",
    "DestinationUnavailable",
    "LockedError",
    "ReviewcastError",
    "StorageError",
    "Stored",
    "Take",
    "Upload",
    "Voice",
    "VoiceError",
    "VoiceInfo",
    "VoiceUnavailable",
    "decode_speech",
    "is_name",
]
