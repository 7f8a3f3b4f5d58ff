"""The names that authors of voices and destinations need."""

from reviewcast.audio.files.decode import decode_speech
from reviewcast.model.audio import Take
from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
    ReviewcastError,
    StorageError,
    VoiceError,
    VoiceUnavailable,
)
from reviewcast.model.protocols import Destination, Stored, Upload, Voice

__all__ = [
    "ConfigError",
    "ConflictError",
    "Destination",
    "DestinationError",
    "DestinationUnavailable",
    "ReviewcastError",
    "StorageError",
    "Stored",
    "Take",
    "Upload",
    "Voice",
    "VoiceError",
    "VoiceUnavailable",
    "decode_speech",
]
