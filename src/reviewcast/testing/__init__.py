"""For authors of plug-ins: checks of voices and destinations, and simple ones of each."""

from reviewcast.testing.destination import check_destination
from reviewcast.testing.memory_destination import MemoryDestination
from reviewcast.testing.tone_voice import ToneVoice
from reviewcast.testing.voice import check_voice

__all__ = ["MemoryDestination", "ToneVoice", "check_destination", "check_voice"]
