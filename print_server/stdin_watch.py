"""Ends a process when the one that started it is gone.

Tests and demos start servers and virtual printers by the dozen. A pipe on standard input closes with its owner
however that owner died, so nothing is left running on a developer's machine.
"""

from __future__ import annotations

import os
import sys
import threading


def exit_with_stdin() -> None:
    """Start a thread that ends this process at once when standard input reaches its end."""
    threading.Thread(target=_wait_for_end, name="stdin-watch", daemon=True).start()


def _wait_for_end() -> None:
    try:
        while os.read(sys.stdin.fileno(), 4096):
            pass
    except (OSError, ValueError):
        pass
    os._exit(0)
