"""A Script becomes takes: who speaks, who stands in, whether the reply is right."""
