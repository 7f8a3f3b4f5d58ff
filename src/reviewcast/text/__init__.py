"""A file becomes a Review, a Review becomes a Script; nothing is lost."""
