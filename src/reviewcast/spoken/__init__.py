"""Written forms become spoken forms, by pure functions."""
