"""The rules of the intercom as values and functions.

Everything may import this package; it imports nothing but the standard
library. There is no clock, log, randomness, network or await in it: time is
an argument (``now``, monotonic seconds) and the next deadline is a result.
"""
