"""A Zebra printer made of software, for demos and tests.

It listens where a real one does (raw TCP), answers `~HS` as the ZPL II programming guide describes, takes its time to
print, and can be told to run out of labels, open its head, go offline or cut the line in mid-label.
"""
