"""Another tool's feed becomes episodes of this show."""
