"""What a critic has written elsewhere becomes the reviews of a show, each once, nothing private."""
