"""Episodes become pages."""
