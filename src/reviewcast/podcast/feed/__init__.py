"""The feed: rendered, parsed, held against the rules."""
