"""Takes and music become a timeline, a loudness, MP3 frames."""
