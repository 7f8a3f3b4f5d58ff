"""One source a file: what another service has exported, read into reviews."""
