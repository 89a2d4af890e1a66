"""Started by parts.py in a part's folder: `generate` writes all mutants, `run` tries those in names.json.

mutmut's own command does both in one go, but a sample has to be drawn between the two.
"""

import json
import sys
from pathlib import Path

from mutmut import __main__ as mutmut


def main(what: str, processes: int) -> None:
    if what == "generate":
        mutmut.set_mutant_under_test("mutant_generation")
        Path("mutants").mkdir(exist_ok=True)
        mutmut.copy_src_dir()
        mutmut.copy_also_copy_files()
        mutmut.setup_source_paths()
        mutmut.create_mutants(processes)
    else:
        mutmut._run(json.loads(Path("names.json").read_text(encoding="utf-8")), processes)


if __name__ == "__main__":
    # The folder of this file holds no module for the tests, which have packages with common names.
    sys.path.pop(0)
    main(sys.argv[1], int(sys.argv[2]))
