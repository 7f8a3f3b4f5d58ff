"""The names that authors of voices, destinations and tellers need."""

from reviewcast.audio.files.decode import decode_speech
from reviewcast.model.audio import Take
from reviewcast.model.errors import (
    ConfigError,
    ConflictError,
    DestinationError,
    DestinationUnavailable,
    LockedError,
    NotTold,
    ReviewcastError,
    StorageError,
    TellError,
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
from reviewcast.model.telling import Alert, Teller, TellerInfo

__all__ = [
    "Access",
    "Alert",
    "ConfigError",
    "ConflictError",
    "Destination",
    "DestinationError",
    "DestinationUnavailable",
    "LockedError",
    "NotTold",
    "ReviewcastError",
    "StorageError",
    "Stored",
    "Take",
    "TellError",
    "Teller",
    "TellerInfo",
    "Upload",
    "Voice",
    "VoiceError",
    "VoiceInfo",
    "VoiceUnavailable",
    "decode_speech",
    "is_name",
]
