"""The preview page: one review, heard and corrected segment by segment in a browser."""
