"""What `make bench` measures; each module's `measure()` gives a list of figures."""
