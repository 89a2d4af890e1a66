"""What jobs keep of their accounts, how sure their submission was, and which failed labels still need somebody.

No job changes its status or its labels printed, also where the accounts show that the old release had counted wrongly:
that is corrected when somebody acts on the job. Labels that failed or are uncertain are counted as far as the old
figures leave space for them, so that a job's figures never add up to more than its labels.
"""

FIGURES = """
CREATE TEMP TABLE upgrade_job ON COMMIT DROP AS
SELECT job_id, printed, confirmed, failed, uncertain, exact,
       CASE WHEN printed = 0 THEN NULL WHEN confirmed = printed THEN 'confirmed' ELSE 'reported' END AS evidence
  FROM (
    SELECT attempt.job_id, counts.printed, counts.confirmed, counts.failed, counts.uncertain, attempt.exact
      FROM upgrade_attempt attempt JOIN upgrade_counts counts USING (id) WHERE attempt.simple
     UNION ALL
    SELECT speaker.job_id, speaker.printed, speaker.confirmed, speaker.failed, speaker.uncertain, attempts.exact
      FROM (SELECT job_id, count(*) FILTER (WHERE letter IN ('r', 'c')) AS printed,
                   count(*) FILTER (WHERE letter = 'c') AS confirmed, count(*) FILTER (WHERE letter = 'f') AS failed,
                   count(*) FILTER (WHERE letter = 'u') AS uncertain
              FROM upgrade_speaker GROUP BY job_id) speaker
      JOIN (SELECT job_id, bool_and(exact) AS exact FROM upgrade_attempt GROUP BY job_id) attempts USING (job_id)
  ) known
"""
JOBS = """
UPDATE label_print_job job
   SET confirmed_count = new.confirmed, failed_count = new.failed, uncertain_count = new.uncertain,
       evidence = new.evidence, account_exact = new.exact, confirmed = new.all_confirmed
  FROM (
    SELECT job.id, figures.evidence, figures.exact AND ended.yes AS exact, figures.confirmed::integer AS confirmed,
           CASE WHEN ended.yes THEN least(figures.failed, space.labels)::integer ELSE job.failed_count END AS failed,
           CASE WHEN ended.yes THEN
               least(figures.uncertain, space.labels - least(figures.failed, space.labels))::integer
               ELSE 0 END AS uncertain,
           job.confirmed AND (NOT ended.yes OR figures.confirmed = job.quantity) AS all_confirmed
      FROM label_print_job job JOIN upgrade_job figures ON figures.job_id = job.id,
           LATERAL (SELECT job.status IN ('completed', 'completed_with_errors', 'failed', 'cancelled') AS yes) ended,
           LATERAL (SELECT greatest(job.quantity - coalesce(job.current_label, 0), 0) AS labels) space
  ) new
 WHERE new.id = job.id
   AND (job.confirmed_count, coalesce(job.failed_count, 0), job.uncertain_count, job.evidence, job.account_exact,
        coalesce(job.confirmed, FALSE))
       IS DISTINCT FROM
       (new.confirmed, coalesce(new.failed, 0), new.uncertain, new.evidence, new.exact,
        coalesce(new.all_confirmed, FALSE))
"""
FAILED_BEFORE = """
UPDATE label_print_job job
   SET failed_before = TRUE
  FROM (SELECT DISTINCT job_id FROM label_print_attempt WHERE outcome IN ('failed', 'completed_with_errors')) attempt
 WHERE attempt.job_id = job.id
"""
# A request may have arrived when its answer was lost, or when Odoo ended while it was under way. One that waits for a
# print server had perhaps been sent when it is due later than it began to wait: then it was held back after a try.
SUBMISSION = """
UPDATE label_print_job job
   SET submission = CASE
       WHEN job.status IN ('completed', 'completed_with_errors', 'failed', 'cancelled') THEN 'not_sent'
       WHEN job.status <> 'pending' THEN 'maybe'
       WHEN job.submit_started_at IS NOT NULL THEN 'sending'
       WHEN job.unverified_since IS NOT NULL AND job.next_poll_at > job.progress_at + interval '10 s'
            AND asked.capabilities ? 'idempotency' THEN 'maybe'
       ELSE 'not_sent' END
  FROM (SELECT job.id, server.capabilities
          FROM label_print_job job LEFT JOIN label_print_server server ON server.id = job.server_id
         WHERE job.flask_job_id IS NULL) asked
 WHERE asked.id = job.id
"""
# A repetition has to say what the first request said. The print server keeps its key for some hours from then.
REQUESTS = """
UPDATE label_print_attempt attempt
   SET request = jsonb_build_object('printer', printer.cups_name, 'mo_reference', nullif(job.mo_reference, ''),
                                    'priority', job.priority),
       first_sent_date = coalesce(job.unverified_since, job.submit_started_at, job.progress_at)
  FROM label_print_job job LEFT JOIN printer_configuration printer ON printer.id = job.printer_id
 WHERE attempt.job_id = job.id AND attempt.number = job.attempt_number AND job.submission IN ('sending', 'maybe')
"""
FAILED_LABELS = """
UPDATE label_print_failed_label failed
   SET state = CASE WHEN failed.code = 'uncertain' THEN 'uncertain' ELSE 'failed' END,
       needs_somebody = NOT (speaker.letter IN ('r', 'c')
                             OR (speaker.number > failed.attempt_number AND speaker.letter <> 'w')),
       reprint_attempt_number = CASE WHEN speaker.letter IN ('r', 'c') AND speaker.number > failed.attempt_number
                                     THEN speaker.number ELSE 0 END
  FROM upgrade_speaker speaker
 WHERE speaker.job_id = failed.job_id AND speaker.index = failed.label_index
"""


def migrate(cr, version):
    cr.execute(FIGURES)
    cr.execute("ANALYZE upgrade_job")
    cr.execute(JOBS)
    cr.execute(FAILED_BEFORE)
    cr.execute(SUBMISSION)
    cr.execute(REQUESTS)
    cr.execute(FAILED_LABELS)
