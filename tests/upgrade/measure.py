"""How long the update takes with a long history: `python3 -m scripts.environment -m tests.upgrade.measure [jobs]`.

By hand, not in `make test`: a million jobs (the default) take minutes to make and 5 GB. Measured with synchronous commits, as
a factory's server writes. The jobs of the fixture are repeated, 93 of 100 of them completed without an incident.
"""

import sys
import time

from scripts.console import exit_code_of, say, step
from scripts.databases import Database
from scripts.postgres import running_cluster
from tests.upgrade.old_database import old_database, update

TARGET_MINUTES = 10
STEP = 1000  # beyond every number in the fixture: copy n of job 7 is job 7 + 1000 * n
# How many copies of a job, one row each. Open jobs and those of hundreds of labels are few in every history.
COPIES = """
CREATE TEMP TABLE copies AS
SELECT id, generate_series(1, CASE WHEN kind = 'few' THEN 50 ELSE (%s * share / count(*) OVER (PARTITION BY kind))::int END) AS copy
  FROM (SELECT id, CASE WHEN status IN ('pending', 'sent', 'queued', 'printing') OR quantity > 20 THEN 'few'
                        WHEN status = 'completed' AND attempt_number = 1 THEN 'plain'
                        ELSE 'other' END AS kind FROM label_print_job) kinds
  JOIN (VALUES ('few', 0.0), ('plain', 0.93), ('other', 0.07)) shares (kind, share) USING (kind)
"""
TABLES = {"label_print_job": "id", "label_print_attempt": "job_id", "label_print_failed_label": "job_id"}


def multiply(database: Database, count: int) -> dict[str, int]:
    """Make about `count` jobs of the fixture's, with their attempts and failed labels; how many rows each table has then."""
    connection = database.cluster.connect(database.name)
    with connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        # Indexes are made in one go afterwards.
        cursor.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), obj_description(indexrelid) FROM pg_index
                WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary""",
            (list(TABLES),),
        )
        indexes = cursor.fetchall()
        for name, _definition, _comment in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(COPIES, (count,))
        cursor.execute("SET LOCAL session_replication_role = replica")  # what is copied refers to what is copied
        for table, job in TABLES.items():
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,))
            own = {
                "id": f"row_number() OVER (ORDER BY copy, t.id) + {STEP}" if table != "label_print_job" else f"t.id + {STEP} * copy",
                "job_id": f"job_id + {STEP} * copy",
                "flask_job_id": "flask_job_id || '-' || copy",
                "idempotency_key": "gen_random_uuid()::text",
            }
            names = [name for (name,) in cursor.fetchall()]
            values = ", ".join(own.get(name, f't."{name}"') for name in names)
            listed = ", ".join(f'"{name}"' for name in names)
            cursor.execute(f'INSERT INTO {table} ({listed}) SELECT {values} FROM {table} t JOIN copies ON copies.id = t.{job}')
            cursor.execute(f"SELECT setval('{table}_id_seq', max(id)) FROM {table}")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for name, definition, comment in indexes:
            cursor.execute(definition)
            if comment:
                cursor.execute(f"COMMENT ON INDEX {name} IS %s", (comment,))
        cursor.execute("COMMIT")
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")
    connection.close()
    return {table: database.execute(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with running_cluster() as cluster, old_database(cluster) as database:
        cluster.execute(f'ALTER DATABASE "{database.name}" SET synchronous_commit = on')
        with step(f"Making {count} jobs"):
            rows = multiply(database, count)
        sizes = sizes_of(database)
        started = time.monotonic()
        update(database)
        minutes = (time.monotonic() - started) / 60
        say(f"{', '.join(f'{number} rows in {table}' for table, number in rows.items())}: updated in {minutes:.1f} minutes")
        for table, size in sizes_of(database).items():
            say(f"  {table}: {sizes.get(table, 0) / 1e6:.0f} MB before, {size / 1e6:.0f} MB after, indexes included")
    return 0 if minutes < TARGET_MINUTES else 1


def sizes_of(database: Database) -> dict[str, int]:
    return dict(
        database.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'label_print_%' ORDER BY 2 DESC LIMIT 5"
        )
    )


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
