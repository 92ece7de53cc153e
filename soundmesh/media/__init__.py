"""The media engine: asyncio and aiortc's transports, RTP by our own hand.

Only ``bridge`` imports this package. It imports ``core`` and ``dsp``.
"""
