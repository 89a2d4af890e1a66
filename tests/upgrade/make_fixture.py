"""Make `release_19_0_1.sql` again: `python3 -m scripts.environment -m tests.upgrade.make_fixture` (once, about a minute).

It takes the release out of this clone's history, so a shallow clone will not do. The release is installed, its own code
makes the jobs of `old_jobs.py`, and what the database then has beyond Odoo's own is written as SQL.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from scripts import odoo, places
from scripts.console import exit_code_of, say
from scripts.databases import base_template, temporary_copy
from scripts.postgres import running_cluster
from tests.upgrade.database_difference import Difference, Side, literal
from tests.upgrade.old_database import FIXTURE, MODULE, OLD_VERSION

RELEASE = "97af28c"
# Most jobs have labels like these; written out they would be a third of the file.
LABELS = """
CREATE FUNCTION pg_temp.labels(quantity int) RETURNS jsonb LANGUAGE sql AS
$$ SELECT jsonb_agg(jsonb_build_object('zpl_code', '^XA^XZ', 'box_number', number, 'lot_number', 'L1') ORDER BY number)
     FROM generate_series(1, quantity) number $$;
"""
JOBS = Path(__file__).with_name("old_jobs.py")


def main() -> int:
    code = places.BUILD / "release"
    shutil.rmtree(code, ignore_errors=True)
    code.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", RELEASE, MODULE], cwd=places.CHECKOUT, capture_output=True, check=True)
    subprocess.run(["tar", "--extract", "--directory", code], input=archive.stdout, check=True)
    with running_cluster() as cluster:
        base = base_template(cluster, demo=False)
        with temporary_copy(cluster, base, "release") as database:
            present = database.config.read_text(encoding="utf-8")
            database.config.write_text(present.replace(f"{places.CHECKOUT}\n", f"{code}\n"), encoding="utf-8")
            odoo.run(database.config, "--init", MODULE, "--stop-after-init", "--no-http", what="Installing the release")
            odoo.run(database.config, script=JOBS.read_text(encoding="utf-8"), what="Making the release's jobs")
            version = database.execute("SELECT latest_version FROM ir_module_module WHERE name = %s", MODULE)
            if version != [(OLD_VERSION,)]:
                raise RuntimeError(f"installed was {version}, not {OLD_VERSION}: the fixture would be of another release")
            sql = Difference(Side(cluster, base), Side(cluster, database.name), MODULE).sql()
            parameters = database.execute("SELECT key, value FROM ir_config_parameter WHERE key LIKE 'label_print.%' ORDER BY key")
    shutil.rmtree(code)
    for quantity in (20, 200):
        labels = [{"zpl_code": "^XA^XZ", "box_number": number, "lot_number": "L1"} for number in range(1, quantity + 1)]
        sql = sql.replace(literal(labels), f"pg_temp.labels({quantity})")
    rows = ",\n".join(f"('{key}', '{value}')" for key, value in parameters)
    FIXTURE.write_text(
        f"-- The database of release {OLD_VERSION} beyond Odoo's own, made by make_fixture.py: do not edit.\n"
        f"{LABELS.strip()}\n{sql}INSERT INTO ir_config_parameter (key, value) VALUES\n{rows};\n"
        f"UPDATE ir_module_module SET state = 'installed', latest_version = '{OLD_VERSION}' WHERE name = '{MODULE}';\n",
        encoding="utf-8",
    )
    say(f"{FIXTURE.relative_to(places.CHECKOUT)}: {FIXTURE.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
