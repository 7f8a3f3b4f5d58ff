"""Places that a show can be published to, each reached by its entry point."""
