"""MP3 frames: made, measured, joined."""
