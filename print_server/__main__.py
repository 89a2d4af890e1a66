"""Makes `python -m print_server` the one way to start the server."""

import sys

from .cli import main

sys.exit(main())
