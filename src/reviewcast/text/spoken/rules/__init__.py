"""How written forms are said, one family a file."""
