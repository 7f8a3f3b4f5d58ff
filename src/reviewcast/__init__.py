"""Reviewcast turns a written review into a finished podcast episode."""

__version__ = "0.1.0"
