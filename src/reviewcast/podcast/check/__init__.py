"""A published show against the rules of directories and clients."""
