"""`python -m print_server.virtual_zebra …` runs a printer, `… ctl COMMAND` tells a running one what to do."""

import sys

from .cli import main

sys.exit(main())
