"""The Trio side: switchboard, web server, doors and the files the program owns.

Imports ``config``, ``wire`` and ``core``. It never sees asyncio or aiortc:
the media engine comes in as a ``server.engine.MediaEngine``.
"""
