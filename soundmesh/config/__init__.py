"""Bytes of a show file to a ``core.Show``, or every problem in them.

Imports ``core`` alone. ``load`` holds the only file reads.
"""
