"""Fake stations with tones of their own, clients of the wire like any phone."""
