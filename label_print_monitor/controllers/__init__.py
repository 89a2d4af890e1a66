from . import print_events
