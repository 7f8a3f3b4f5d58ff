"""MP3 frames become an episode: tag, captions, chapters, notes, record."""
