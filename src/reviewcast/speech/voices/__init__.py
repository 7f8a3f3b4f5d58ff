"""The voices that come with reviewcast, reached by entry point only, as plug-ins are."""
