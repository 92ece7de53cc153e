"""The only code that sees both loops: the media thread's host, and the fake media engine."""
