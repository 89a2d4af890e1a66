from . import print_events, print_metrics, print_pull
