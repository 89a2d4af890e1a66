"""`make renderer`: bring the file that draws labels in the browser from npm into the addon's `static/lib`.

It has 9 MB, so it is not in the repository, and the addon works without it. Its name and its SHA-384 are said in one
place, the addon's `label_renderer.js`: the browser compares them, too, before it runs the file.
"""

import base64
import hashlib
import re
import secrets
import shutil
import sys
from pathlib import Path

from scripts import places
from scripts.console import Failure, exit_code_of, say
from scripts.node_packages import node_modules

PACKAGE = places.CHECKOUT / "scripts" / "renderer"
SAID_BY = places.ADDON / "static" / "src" / "label_picture" / "label_renderer.js"
FROM_PACKAGE = Path("zpl-renderer-js") / "dist" / "index.umd.js"


def expected() -> tuple[Path, str]:
    """The renderer's place in this checkout, and its hash as browsers write it: ``sha384-…``."""
    text = SAID_BY.read_text(encoding="utf-8")
    file = re.search(r'file: "([\w./-]+)"', text)
    integrity = re.search(r'integrity: "(sha384-[\w+/=]+)"', text)
    if not file or not integrity:
        raise Failure(f"{SAID_BY.name} names no file and hash", "look at RENDERER in that file")
    return places.CHECKOUT / file[1], integrity[1]


def integrity_of(path: Path) -> str:
    """The SHA-384 of a file as browsers write it."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode("ascii")


def bring() -> Path:
    """The renderer's file, which is fetched when it is missing or not the one that belongs here.

    :raise Failure: where npm cannot bring it, or brings another file than the addon expects
    """
    path, integrity = expected()
    if path.is_file() and integrity_of(path) == integrity:
        return path
    source = node_modules(PACKAGE) / FROM_PACKAGE
    if integrity_of(source) != integrity:
        raise Failure(
            f"{FROM_PACKAGE} of npm is not the file whose hash {SAID_BY.name} names",
            "after a change of its version, write the new name and hash into RENDERER in that file",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    shutil.copyfile(source, unfinished)
    unfinished.rename(path)  # a browser never gets a part of it
    return path


def try_to_bring() -> None:
    """As `bring`; where it fails, say what is missing, since everything else works without."""
    try:
        bring()
    except Failure as failure:
        say(f"· No pictures of labels: {failure.problem}\n  What to do: {failure.what_to_do}")


def main() -> int:
    say(f"The label renderer is at {bring().relative_to(places.CHECKOUT)}")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
