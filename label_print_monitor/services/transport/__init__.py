"""Calls to a print server: the only importer of `requests`. Bounded in time and size; the key is in no message."""
