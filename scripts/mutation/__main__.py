"""Do the tests bite? `make mutation [SAMPLE=300] [SEED=1]`; docs/mutation.md says what the numbers mean."""

from __future__ import annotations

import math
import os
import random
import sys
import time
from collections import Counter

from scripts import places
from scripts.console import Failure, exit_code_of, say
from scripts.mutation.mutants import Mutant, left_out
from scripts.mutation.parts import FOLDER, PARTS, make_mutants, run_mutants

WANTED = 90.0
DEFAULT_SAMPLE = "600"
SURVIVORS = places.CHECKOUT / "tests" / "surviving_mutants.txt"
UNNOTICED = {0: "survived", 5: "no test runs it", 33: "no test runs it"}
"""Exit codes of pytest, and of mutmut, for a mutant that no test has noticed. Any other one has ended the tests."""


def known_survivors() -> dict[str, str]:
    """The mutants that are known to survive, each with the reason: the heading above it."""
    found: dict[str, str] = {}
    reason = ""
    for line in SURVIVORS.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            reason = line[2:]
        elif line:
            found[line] = reason
    return found


def interval(killed: int, tried: int) -> tuple[float, float]:
    """Wilson's interval in percent: where the share of all mutants lies with 95 % certainty."""
    z, share = 1.96, killed / tried
    middle = share + z * z / (2 * tried)
    around = z * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return tuple(100 * max(0.0, min(1.0, (middle + sign * around) / (1 + z * z / tried))) for sign in (-1, 1))


def chosen(mutants: list[Mutant], sample: str, seed: str) -> list[Mutant]:
    """All of them, or a random sample that the seed decides."""
    if sample == "all":
        return mutants
    if not sample.isdecimal() or not int(sample):
        raise Failure(f"SAMPLE={sample} is no number of mutants", "write SAMPLE=300, or SAMPLE=all")
    return random.Random(seed).sample(mutants, min(int(sample), len(mutants)))  # noqa: S311 - no secret


def main() -> int:
    sample, seed = os.environ.get("SAMPLE") or DEFAULT_SAMPLE, os.environ.get("SEED") or "1"
    processes = int(os.environ.get("PROCESSES") or min(2, os.cpu_count() or 1))
    started = time.monotonic()
    mutants = [mutant for part in PARTS for mutant in make_mutants(part, processes)]
    rules = Counter(rule for mutant in mutants if (rule := left_out(mutant)))
    say(f"{len(mutants)} mutants, {rules.total()} of them left out:")
    for rule, count in rules.most_common():
        say(f"  {count:5} {rule}")
    tried = chosen([mutant for mutant in mutants if not left_out(mutant)], sample, seed)
    say(f"{len(tried)} are tried" + ("" if sample == "all" else f", chosen by SEED={seed}"))
    codes: dict[str, int | None] = {}
    for part in PARTS:
        if names := [mutant.name for mutant in tried if mutant.part == part.name]:
            codes |= run_mutants(part, names, processes)
    return report(tried, codes, time.monotonic() - started)


def report(tried: list[Mutant], codes: dict[str, int | None], seconds: float) -> int:
    """Print the score and who has survived; 1 when that is not good enough."""
    survivors = [mutant for mutant in tried if codes[mutant.name] in UNNOTICED]
    if untried := [mutant.name for mutant in tried if codes[mutant.name] is None]:
        raise Failure(f"{len(untried)} mutants have not been tried", f"look at the logs in {FOLDER}")
    killed = len(tried) - len(survivors)
    score = 100 * killed / len(tried)
    low, high = interval(killed, len(tried))
    known = known_survivors()
    unknown = [mutant for mutant in survivors if mutant.line not in known]
    listing = FOLDER / "survivors.txt"
    listing.write_text("".join(f"{line}\n" for line in sorted({one.line for one in survivors})), encoding="utf-8")
    for reason, count in Counter(known.get(one.line, "NOT IN THE LIST") for one in survivors).most_common():
        say(f"  {count:5} {reason}")
    for mutant in unknown:
        say(f"\n{mutant.where}: {UNNOTICED[codes[mutant.name]]}\n  - {mutant.old}\n  + {mutant.new}")
    print(
        f"{killed} of {len(tried)} mutants killed, {score:.1f} % (95 %: {low:.1f} to {high:.1f}), "
        f"{len(unknown)} survivors not in "
        f"{SURVIVORS.relative_to(places.CHECKOUT)}, {seconds / 60:.0f} min"
    )
    return 1 if score < WANTED or unknown else 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
