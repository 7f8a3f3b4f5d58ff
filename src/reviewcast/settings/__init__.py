"""Every setting once, and how it is read."""
