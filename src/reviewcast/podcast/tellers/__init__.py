"""The services that announce new episodes: one file each, reached by entry point only."""
