"""`make addon [RENDERER=no]`: the addon as a zip that can be unpacked into a folder of Odoo's `addons_path`.

The label renderer is in it unless RENDERER is `no`: somebody who gives the zip to others may have to leave it out, see
docs/operations.md. The same files make the same zip, byte by byte: names are sorted, times and rights are fixed.
"""

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from scripts import label_renderer, places
from scripts.console import Failure, exit_code_of, say

# The earliest time that the format has.
EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644
REGULAR_FILE = 0o100000


def build(folder: Path = places.BUILD, with_renderer: bool = True) -> Path:
    """Write the zip and return where it is. What git does not know is left out, but for the renderer.

    :raise Failure: without git, or without the renderer where it is wanted
    """
    renderer = [label_renderer.bring()] if with_renderer else []
    files = sorted({*_committed_files(), *renderer})
    name = f"{places.ADDON.name}-{_version()}"
    target = folder / (f"{name}.zip" if with_renderer else f"{name}-without-renderer.zip")
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".new")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(places.CHECKOUT).as_posix(), EARLIEST_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # else a zip made on Windows has no rights
            entry.external_attr = (REGULAR_FILE | READABLE) << 16
            archive.writestr(entry, path.read_bytes())
    unfinished.rename(target)
    return target


def _committed_files() -> list[Path]:
    """The addon's files that git follows, as they are now."""
    git = shutil.which("git")
    command = [git or "git", "ls-files", "-z", places.ADDON.name]
    listed = subprocess.run(command, cwd=places.CHECKOUT, capture_output=True, text=True, check=False) if git else None
    names = listed.stdout.split("\0") if listed and not listed.returncode else []
    files = [places.CHECKOUT / name for name in names if name]
    if not files:
        raise Failure("git does not say which files belong to the addon", "run this in a clone of the repository")
    return [path for path in files if path.is_file()]


def _version() -> str:
    manifest = (places.ADDON / "__manifest__.py").read_text(encoding="utf-8")
    return ast.literal_eval(manifest)["version"]


def main() -> int:
    chosen = os.environ.get("RENDERER") or "yes"
    if chosen not in ("yes", "no"):
        raise Failure(f"RENDERER is {chosen!r}", "say RENDERER=no to leave the label renderer out, else nothing")
    target = build(with_renderer=chosen == "yes")
    say(f"{target.relative_to(places.CHECKOUT)}: unpack it into a folder of Odoo's addons_path")
    if chosen == "yes":
        say("  Whose fonts are in the renderer, before you give it to others: docs/operations.md, Pictures of labels.")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
