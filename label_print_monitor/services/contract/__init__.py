"""The print server's contract: its JSON as frozen dataclasses, and what may be sent to it."""
