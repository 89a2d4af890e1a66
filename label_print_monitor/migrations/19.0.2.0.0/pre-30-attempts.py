"""Every attempt is a row with its account and its counts, the newest one too, which the job itself had stood for."""

# Of earlier attempts the next one's starter and reason were kept with the one before it.
NEWEST = """
INSERT INTO label_print_attempt (
    id, job_id, number, label_indexes, labels_count, printer_id, printer_name, printer_model, server_id, server_name,
    submitted_by, reason, flask_job_id, idempotency_key, first_sent_date, submitted_date, started_date,
    outcome, ended_date, learned_date, times_from, error_code, error_message,
    account, account_exact, printed_count, confirmed_count, failed_count, uncertain_count, taken_back_count,
    added_count, create_uid, create_date, write_uid, write_date)
SELECT attempt.id, job.id, attempt.number, attempt.indexes, attempt.size, job.printer_id, printer.name, printer.model,
       job.server_id, server.name, coalesce(before.retried_by, job.submitted_by), nullif(before.retry_reason, ''),
       job.flask_job_id, job.idempotency_key, job.submitted_date, job.submitted_date, job.started_date,
       attempt.outcome, job.completed_date, job.completed_date, CASE WHEN attempt.outcome IS NOT NULL THEN 'odoo' END,
       CASE WHEN attempt.outcome IS NOT NULL THEN nullif(job.error_code, '') END,
       CASE WHEN attempt.outcome IS NOT NULL THEN nullif(job.error_message, '') END,
       attempt.account, coalesce(attempt.exact, FALSE),
       counts.printed, counts.confirmed, counts.failed, counts.uncertain, counts.taken_back,
       CASE WHEN attempt.outcome IS NOT NULL THEN counts.added END,
       1, job.create_date, 1, job.write_date
  FROM upgrade_attempt attempt
  JOIN label_print_job job ON job.id = attempt.job_id
  JOIN upgrade_counts counts ON counts.id = attempt.id
  LEFT JOIN printer_configuration printer ON printer.id = job.printer_id
  LEFT JOIN label_print_server server ON server.id = job.server_id
  LEFT JOIN label_print_attempt before ON before.job_id = job.id AND before.number = attempt.number - 1
 WHERE attempt.newest
 ORDER BY attempt.id
"""
EARLIER = """
UPDATE label_print_attempt
   SET account = attempt.account, account_exact = attempt.exact, labels_count = attempt.size,
       printed_count = counts.printed, confirmed_count = counts.confirmed, failed_count = counts.failed,
       uncertain_count = counts.uncertain, taken_back_count = counts.taken_back, added_count = counts.added,
       server_id = job.server_id, server_name = server.name, printer_name = printer.name, printer_model = printer.model,
       reason = nullif(before.retry_reason, ''), first_sent_date = label_print_attempt.submitted_date,
       learned_date = label_print_attempt.ended_date, times_from = 'odoo'
  FROM upgrade_attempt attempt
  JOIN upgrade_counts counts ON counts.id = attempt.id
  JOIN label_print_job job ON job.id = attempt.job_id
  LEFT JOIN label_print_server server ON server.id = job.server_id
  LEFT JOIN printer_configuration printer ON printer.id = job.printer_id
  LEFT JOIN label_print_attempt before ON before.job_id = attempt.job_id AND before.number = attempt.number - 1
 WHERE attempt.id = label_print_attempt.id AND NOT attempt.newest
"""
# `added`: labels of the job that are on paper since this attempt. No label counts in two.
COUNTS = """
CREATE TEMP TABLE upgrade_counts ON COMMIT DROP AS
SELECT id, printed, CASE WHEN proof = 'c' THEN printed ELSE 0 END AS confirmed,
       CASE WHEN rest = 'f' THEN size - printed ELSE 0 END AS failed,
       CASE WHEN rest = 'u' THEN size - printed ELSE 0 END AS uncertain,
       CASE WHEN rest = 'b' THEN size - printed ELSE 0 END AS taken_back, printed AS added
  FROM upgrade_attempt WHERE simple
 UNION ALL
SELECT label.attempt_id, count(*) FILTER (WHERE label.letter IN ('r', 'c')), count(*) FILTER (WHERE label.letter = 'c'),
       count(*) FILTER (WHERE label.letter = 'f'), count(*) FILTER (WHERE label.letter = 'u'),
       count(*) FILTER (WHERE label.letter = 'b'),
       count(*) FILTER (WHERE label.letter IN ('r', 'c') AND speaker.attempt_id = label.attempt_id)
  FROM upgrade_label label JOIN upgrade_speaker speaker USING (job_id, index)
 GROUP BY label.attempt_id
"""


def migrate(cr, version):
    cr.execute(COUNTS)
    cr.execute("ANALYZE upgrade_counts")
    cr.execute(NEWEST)
    cr.execute(EARLIER)
