"""Audio files: opened, decoded, written."""
