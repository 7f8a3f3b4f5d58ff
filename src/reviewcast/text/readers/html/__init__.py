"""A saved web page becomes a Document."""
