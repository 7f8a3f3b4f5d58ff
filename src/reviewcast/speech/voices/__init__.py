"""The voices that come with reviewcast, reached by entry point only, like a stranger's."""
