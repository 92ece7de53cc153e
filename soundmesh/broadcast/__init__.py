"""Sound that is not a station's: files and tones into the show.

No sockets, no Trio; imported by the bridge alone.
"""
