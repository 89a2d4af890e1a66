"""Two years of print jobs, written by SQL, for the benchmarks of a long history.

The last day is always the same, however long the history: 2,000 jobs of today in the reader's time zone, the newest 1,000
of them still open. What lies before is spread evenly over two years. Jobs are numbered in the order in which they were
made, as they are in a real database.
"""

from typing import Any

TODAY, OPEN, PRINTERS, YEARS = 2_000, 1_000, 100, 2
LABELS_A_JOB = 12  # on average
JOBS_A_LOT, JOBS_AN_ORDER = 20, 10

# One row for each number from 1 to the count. Ended jobs took about a second a label, one printer in a hundred each.
JOBS = """
INSERT INTO label_print_job (
    company_id, printer_id, server_id, mo_id, mo_reference, product_id, flask_job_id, idempotency_key, quantity, status, job_type,
    priority, labels_data, lot_display, submitted_by, create_uid, write_uid, create_date, write_date, submitted_date, started_date,
    completed_date, current_label, progress_percent, confirmed, confirmed_count, failed_count, uncertain_count, reprinted_count, evidence,
    account_exact, submission, error_code, error_message, attempt_number, failed_before,
    attempt_quantity, attempt_base, timeline, last_report_at, progress_at, next_poll_at, attention_code, unverified_since)
SELECT %(company)s, (%(printers)s::int[])[1 + number %% %(printer_count)s], %(server)s,
       %(first_order)s + number / %(jobs_an_order)s, 'BENCH/' || lpad((number / %(jobs_an_order)s)::text, 6, '0'), %(product)s,
       CASE WHEN status <> 'pending' THEN gen_random_uuid()::text END, gen_random_uuid()::text, quantity, status,
       CASE WHEN number %% 50 = 0 THEN 'test' WHEN number %% 3 = 0 THEN 'auto' ELSE 'manual' END,
       CASE WHEN quantity <= 5 THEN 'high' ELSE 'normal' END,
       jsonb_build_array(
           jsonb_build_object('zpl_code', '^XA^CI28^FO50,50^A0N,40,40^FDLN/SN: BENCH-' || number / %(jobs_a_lot)s || '^FS^XZ',
                              'lot_number', 'BENCH-' || number / %(jobs_a_lot)s, 'box_number', number %% 200)),
       'BENCH-' || number / %(jobs_a_lot)s,
       (%(users)s::int[])[1 + number %% %(user_count)s], 1, 1, made, coalesce(ended, made),
       CASE WHEN status <> 'pending' THEN made + interval '1 s' END,
       CASE WHEN status NOT IN ('pending', 'sent', 'queued') THEN made + interval '5 s' END,
       ended, printed, 100.0 * printed / quantity, number %% 2 = 0 AND status = 'completed',
       CASE WHEN ended IS NOT NULL AND number %% 2 = 0 THEN printed ELSE 0 END,
       CASE WHEN status IN ('completed_with_errors', 'failed') THEN quantity - printed ELSE 0 END, 0, 0,
       CASE WHEN ended IS NOT NULL AND printed > 0 THEN CASE WHEN number %% 2 = 0 THEN 'confirmed' ELSE 'reported' END END,
       ended IS NOT NULL, CASE WHEN status = 'pending' THEN 'not_sent' ELSE 'accepted' END,
       CASE WHEN status IN ('failed', 'completed_with_errors') THEN
           (ARRAY['paper_out', 'ribbon_out', 'head_open', 'network_timeout'])[1 + number %% 4] END,
       CASE WHEN status IN ('failed', 'completed_with_errors') THEN 'The printer stopped in the middle of the job' END,
       CASE WHEN number %% 50 = 7 THEN 2 ELSE 1 END,
       number %% 50 = 7 OR status IN ('failed', 'completed_with_errors'), quantity, 0,
       jsonb_build_array(jsonb_build_object('status', 'pending', 'at', made, 'attempt', 1),
                         jsonb_build_object('status', status, 'at', coalesce(ended, made), 'attempt', 1)),
       coalesce(ended, made), coalesce(ended, made),
       CASE WHEN ended IS NULL THEN now() AT TIME ZONE 'UTC' + interval '1 day' END,
       CASE WHEN ended IS NULL AND number %% 200 = 0 THEN 'stuck' END, CASE WHEN ended IS NULL AND number %% 100 = 0 THEN made END
  FROM (
    SELECT *, CASE WHEN status IN ('pending', 'sent', 'queued') THEN 0
                   WHEN status = 'completed' THEN quantity
                   WHEN status = 'completed_with_errors' THEN quantity - 1
                   ELSE quantity / 2 END AS printed,
           CASE WHEN number <= %(count)s - %(open)s
                THEN least(made + make_interval(secs => 5 + quantity), now() AT TIME ZONE 'UTC') END AS ended
      FROM (
        SELECT number, 1 + number %% (2 * %(labels_a_job)s - 1) AS quantity,
               CASE WHEN number <= %(count)s - %(today)s
                    THEN %(midnight)s::timestamp - interval '1 day' * %(days)s
                         + interval '1 s' * floor(86400.0 * %(days)s * number / (%(count)s - %(today)s + 1))
                    ELSE %(midnight)s::timestamp + (now() AT TIME ZONE 'UTC' - %(midnight)s::timestamp)
                         * (number - %(count)s + %(today)s - 1) / %(today)s END AS made,
               CASE WHEN number > %(count)s - %(open)s THEN
                        CASE WHEN number <= %(count)s - %(open)s + %(printer_count)s THEN 'printing'
                             WHEN number %% 10 = 0 THEN 'pending' WHEN number %% 10 = 1 THEN 'sent' ELSE 'queued' END
                    WHEN number %% 100 < 93 THEN 'completed'
                    WHEN number %% 100 < 96 THEN 'completed_with_errors'
                    WHEN number %% 100 < 98 THEN 'failed'
                    ELSE 'cancelled' END AS status
          FROM generate_series(1, %(count)s) number
      ) made_rows
  ) rows
 ORDER BY number
"""
# Each job's newest attempt with its account, and the first one of those that were retried.
ATTEMPTS = """
INSERT INTO label_print_attempt (job_id, number, flask_job_id, idempotency_key, printer_id, printer_name, server_id, submitted_by,
                                 submitted_date, started_date, ended_date, learned_date, times_from, outcome, labels_count, printed_count,
                                 added_count, fed_count, confirmed_count, failed_count, uncertain_count, taken_back_count, account, account_exact,
                                 error_code, error_kind, create_uid, create_date)
SELECT job.id, job.attempt_number, job.flask_job_id, job.idempotency_key, job.printer_id, printer.name, job.server_id, job.submitted_by,
       job.submitted_date, job.started_date, job.completed_date, job.completed_date, 'server',
       CASE WHEN job.completed_date IS NOT NULL THEN job.status END, job.quantity, job.current_label, job.current_label,
       CASE WHEN job.completed_date IS NOT NULL THEN job.current_label END, job.confirmed_count, job.failed_count, 0, 0,
       CASE WHEN job.completed_date IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object(
           'v', 1,
           's', CASE WHEN job.current_label > 0 THEN left(job.evidence, 1) || job.current_label ELSE '' END
                || CASE WHEN job.current_label < job.quantity
                        THEN CASE job.status WHEN 'cancelled' THEN 'b' ELSE 'f' END || (job.quantity - job.current_label) ELSE '' END)) END,
       job.completed_date IS NOT NULL, job.error_code, job.error_code, 1, job.create_date
  FROM label_print_job job JOIN printer_configuration printer ON printer.id = job.printer_id
UNION ALL
SELECT job.id, 1, gen_random_uuid()::text, gen_random_uuid()::text, job.printer_id, printer.name, job.server_id, job.submitted_by,
       job.submitted_date, NULL, job.submitted_date, job.submitted_date, 'odoo', 'failed', job.quantity, 0, 0, 0, 0, job.quantity, 0, 0,
       jsonb_build_object('v', 1, 's', 'f' || job.quantity), TRUE, 'paper_out', 'paper_out', 1, job.create_date
  FROM label_print_job job JOIN printer_configuration printer ON printer.id = job.printer_id WHERE job.attempt_number = 2
"""
FAILED_LABELS = """
INSERT INTO label_print_failed_label (job_id, attempt_number, label_index, box_number, lot_number, state, needs_somebody, code, message,
                                      reprint_attempt_number, create_uid, create_date)
SELECT id, attempt_number, quantity, '1', labels_data #>> '{0,lot_number}', 'failed', id %% 100 = 0, error_code, error_message, 0, 1, completed_date
  FROM label_print_job WHERE status IN ('failed', 'completed_with_errors')
"""
ORDERS = """
INSERT INTO mrp_production (id, name, {columns})
SELECT %(first_order)s + number, 'BENCH/' || lpad(number::text, 6, '0'), {columns}
  FROM mrp_production, generate_series(0, %(count)s / %(jobs_an_order)s) number WHERE id = %(order)s
"""
LOTS = """
INSERT INTO stock_lot (name, product_id, create_uid, create_date)
SELECT 'BENCH-' || number, %(product)s, 1, now() AT TIME ZONE 'UTC' FROM generate_series(0, %(count)s / %(jobs_a_lot)s) number
"""
LINKS = """
INSERT INTO label_print_job_lot_rel (job_id, lot_id)
SELECT job.id, lot.id FROM label_print_job job JOIN stock_lot lot ON lot.name = job.lot_display AND lot.product_id = job.product_id
"""


def fill(cr: Any, count: int, **known: Any) -> None:
    """Replace all jobs by `count` new ones, with fresh indexes.

    :param cr: a cursor of Odoo's or psycopg2's; the caller commits and then calls `vacuum`
    :param known: ids of what the jobs refer to (`company`, `server`, `product`, `printers`, `users`, and `order`, the
        newest one, of which all orders are copies), and `midnight`, the beginning of the reader's day in UTC
    """
    values = {
        **known, "count": count, "first_order": known["order"] + 1, "today": TODAY, "open": OPEN, "days": 365 * YEARS, "labels_a_job": LABELS_A_JOB,
        "jobs_a_lot": JOBS_A_LOT, "jobs_an_order": JOBS_AN_ORDER,
        "printer_count": len(known["printers"]), "user_count": len(known["users"]),
    }  # fmt: skip
    cr.execute("TRUNCATE label_print_job CASCADE")
    cr.execute("DELETE FROM stock_lot WHERE name LIKE 'BENCH-%'")
    cr.execute("DELETE FROM mrp_production WHERE name LIKE 'BENCH/%'")
    cr.execute(
        """SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
            WHERE table_name = 'mrp_production' AND column_name NOT IN ('id', 'name')"""
    )
    cr.execute(ORDERS.format(columns=cr.fetchone()[0]), values)
    cr.execute("SELECT setval('mrp_production_id_seq', max(id)) FROM mrp_production")
    # Indexes are made in one go afterwards: a quarter of the time.
    cr.execute(
        """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
            WHERE indrelid = 'label_print_job'::regclass AND NOT indisunique"""
    )
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f"DROP INDEX {name}")
    for statement in (JOBS, ATTEMPTS, FAILED_LABELS, LOTS, LINKS):
        cr.execute(statement, values)
    cr.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for _name, definition in indexes:
        cr.execute(definition)


def vacuum(connection: Any) -> None:
    """Statistics and visibility map as autovacuum leaves them."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) label_print_job, label_print_attempt, label_print_failed_label, label_print_job_lot_rel, stock_lot, mrp_production")
    connection.autocommit = False
