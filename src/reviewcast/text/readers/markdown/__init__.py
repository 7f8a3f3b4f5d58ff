"""Markdown as blogs write it becomes a Document."""
