"""One format each: a file's text becomes a Document."""
