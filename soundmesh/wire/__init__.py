"""The one protocol that phones, console and simulator speak: messages, codec, TypeScript.

Imported by ``server``, ``sim`` and later the console; imports ``core`` alone.
"""
