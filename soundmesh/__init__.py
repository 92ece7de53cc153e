"""SoundMesh: the production intercom that runs as one process in the rack."""

__version__ = "0.1.0"
