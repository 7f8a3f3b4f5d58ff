"""What a user asks for, each a row of calls."""
