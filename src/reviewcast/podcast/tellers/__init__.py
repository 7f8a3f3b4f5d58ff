"""Who tells of new episodes: one file each, reached by entry point only."""
