"""`make bench`: give the benchmarks a database and Odoo to import, then run `python -m tests.bench`.

With synchronous commits, as on a production server; the tests' databases commit asynchronously.
"""

import os
import sys

from scripts import odoo, places
from scripts.console import exit_code_of
from scripts.databases import fresh_database
from scripts.postgres import running_cluster
from scripts.processes import run_to_end


def main() -> int:
    with running_cluster() as cluster, fresh_database(cluster, "bench") as database:
        cluster.execute(f'ALTER DATABASE "{database.name}" SET synchronous_commit = on')
        only = os.environ.get("ONLY")
        command = [sys.executable, "-m", "tests.bench", *(["--only", only] if only else [])]
        environment = odoo.environment(ODOO_RC=str(database.config))
        environment["PYTHONPATH"] += f"{os.pathsep}{places.CHECKOUT}"
        return run_to_end(command, environment)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
