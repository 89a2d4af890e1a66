"""Folders: the cache that all clones share, and one clone's `build`."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ADDON = CHECKOUT / "label_print_monitor"
BUILD = CHECKOUT / "build"


def cache() -> Path:
    """The folder shared by all clones of one user; `LPM_CACHE` moves it."""
    explicit = os.environ.get("LPM_CACHE")
    if explicit:
        folder = Path(explicit)
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "label-print-monitor"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def public_cache(name: str) -> Path:
    """A folder of the cache that other users can read, which root's home usually forbids; made when it is missing."""
    folder = cache() / name
    if os.geteuid() == 0 and not reachable_by_everybody(folder.parent):
        # Not $TMPDIR: that may change from one call to the next, and what is there has to be found again.
        folder = Path("/var/tmp") / f"label-print-monitor-{short_hash(str(cache()))}-{name}"  # noqa: S108 - checked below
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user: have it removed, or set LPM_CACHE to another folder")
    return folder


def clone_id() -> str:
    """A short name that stays the same for this clone, so that its database is found again."""
    return short_hash(str(CHECKOUT))


def short_hash(text: str | bytes, length: int = 8) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:length]


def reachable_by_everybody(folder: Path) -> bool:
    """Whether an unprivileged user may enter this folder (root's home usually forbids it)."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in [folder, *folder.parents] if parent.exists())
