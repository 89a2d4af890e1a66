"""What the old release knew of each attempt, as an account of its labels: as much as was known, and no more.

It kept counts, the labels that a print server had named as failed, and one "confirmed" for the newest attempt. So
labels are counted from the front; where only a count was known the account is marked as not exact; and what nobody had
said anything of is uncertain once its attempt has ended. The stored form, version 1, is written out here, since it is
that version whatever the program may write later: see `LabelAccount.to_stored`.

The results stay in temporary tables for the scripts that follow: `upgrade_attempt`, a row for each attempt, the newest
ones included; and, for jobs of several attempts or with failed labels, `upgrade_label`, what each attempt says of each
of its labels, and `upgrade_speaker`, which attempt speaks for a label of the job.
"""

FUNCTIONS = """
CREATE FUNCTION pg_temp.run(letter text, number integer) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT CASE WHEN number > 1 THEN letter || number WHEN number = 1 THEN letter ELSE '' END $$
"""

# One row for each attempt: those that have a row already, and the newest one of each job, whose facts the job had.
# `done`: how many labels were counted as printed; `proof`: r reported, c confirmed.
KNOWN = """
CREATE TEMP TABLE upgrade_known ON COMMIT DROP AS
WITH known AS (
    SELECT attempt.id, attempt.job_id, attempt.number, FALSE AS newest, attempt.outcome,
           CASE WHEN jsonb_typeof(attempt.label_indexes) = 'array' THEN jsonb_array_length(attempt.label_indexes)
                ELSE coalesce(attempt.labels_count, job.quantity) END AS size,
           CASE WHEN jsonb_typeof(attempt.label_indexes) = 'array' THEN attempt.label_indexes END AS indexes,
           greatest(attempt.labels_done, 0) AS done, 'r' AS proof, attempt.error_code,
           attempt.flask_job_id IS NOT NULL AS handed_over,
           coalesce(attempt.labels_count, job.quantity) - coalesce(attempt.labels_done, 0) AS said_failed,
           FALSE AS perhaps_sent, FALSE AS stopped_while_printing
      FROM label_print_attempt attempt JOIN label_print_job job ON job.id = attempt.job_id
 UNION ALL
    SELECT nextval('label_print_attempt_id_seq'), id, coalesce(attempt_number, 1), TRUE,
           CASE WHEN status IN ('completed', 'completed_with_errors', 'failed', 'cancelled') THEN status END,
           CASE WHEN jsonb_typeof(attempt_labels) = 'array' THEN jsonb_array_length(attempt_labels) ELSE quantity END,
           CASE WHEN jsonb_typeof(attempt_labels) = 'array' THEN attempt_labels END,
           greatest(coalesce(current_label, 0) - coalesce(attempt_base, 0), 0),
           CASE WHEN confirmed AND status IN ('completed', 'completed_with_errors') THEN 'c' ELSE 'r' END,
           error_code, flask_job_id IS NOT NULL, coalesce(failed_count, 0),
           status = 'cancelled' AND flask_job_id IS NULL
               AND timeline @> jsonb_build_array(jsonb_build_object('status', 'sent', 'attempt', attempt_number)),
           -- The count of the moment at which a person cancelled: the print server's last word was not waited for.
           status = 'cancelled' AND flask_job_id IS NOT NULL
               AND timeline -> -1 ? 'user' AND timeline -> -2 ->> 'status' = 'printing'
      FROM label_print_job
     WHERE NOT EXISTS (SELECT 1 FROM label_print_attempt
                        WHERE job_id = label_print_job.id AND number = coalesce(label_print_job.attempt_number, 1))
), failed AS (
    SELECT job_id, attempt_number, count(*)::integer AS labels
      FROM label_print_failed_label GROUP BY job_id, attempt_number
)
SELECT known.*, coalesce(failed.labels, 0) AS failed_rows, greatest(size - coalesce(failed.labels, 0), 0) AS others
  FROM known LEFT JOIN failed ON failed.job_id = known.job_id AND failed.attempt_number = known.number
"""

# The first rule that holds says how many of the labels that nobody had named are printed, what the rest of them are,
# and whether that was said of each label. The same rules as for reports: see `attempt_report`. Where no label was
# named, as in most attempts, the account is two runs of labels, so nothing has to be laid out.
ATTEMPTS = """
CREATE TEMP TABLE upgrade_attempt ON COMMIT DROP AS
SELECT id, job_id, number, newest, outcome, size, indexes, failed_rows, proof, rest, rest_code, exact, printed, simple,
       CASE WHEN failed_rows = 0 AND outcome IS NOT NULL AND size > 0 THEN
           jsonb_strip_nulls(jsonb_build_object(
               'v', 1,
               's', pg_temp.run(proof, printed) || pg_temp.run(rest, size - printed),
               'x', CASE WHEN NOT exact THEN 0 END,
               'k', CASE WHEN rest = 'f' AND size > printed THEN jsonb_build_array(rest_code) END,
               'c', CASE WHEN rest = 'f' AND size > printed THEN
                        CASE WHEN printed > 1 THEN '*' || printed || ',' WHEN printed = 1 THEN ',' ELSE '' END
                        || CASE WHEN size - printed > 1 THEN '0*' || (size - printed) ELSE '0' END END))
       END AS account
  FROM (
    SELECT *, coalesce(nullif(error_code, ''), 'label_failed') AS rest_code,
           CASE fate WHEN 'all' THEN others
                     WHEN 'none' THEN 0
                     WHEN 'but one' THEN least(done, others, greatest(size - 1, 0))
                     ELSE least(done, others) END AS printed,
           newest AND number = 1 AND failed_rows = 0 AS simple
      FROM upgrade_known, LATERAL (
        SELECT fate, rest, exact
          FROM (VALUES
            (1, outcome IS NULL AND failed_rows = 0, 'none', 'w', FALSE),
            (2, outcome IS NULL, 'done', 'w', FALSE),
            (3, outcome = 'completed', 'all', 'u', TRUE),
            (4, outcome = 'completed_with_errors' AND failed_rows >= greatest(said_failed, 1), 'all', 'u', TRUE),
            (5, outcome = 'completed_with_errors', 'done', 'u', FALSE),
            (6, NOT handed_over AND (perhaps_sent OR error_code = 'submission_uncertain'), 'none', 'u', TRUE),
            (7, NOT handed_over AND outcome = 'cancelled', 'done', 'b', TRUE),
            (8, NOT handed_over, 'done', 'f', TRUE),
            (9, error_code = 'job_unknown' OR stopped_while_printing, 'done', 'u', FALSE),
            (10, outcome = 'cancelled', 'done', 'b', FALSE),
            (11, failed_rows > 0, 'done', 'f', TRUE),
            -- Every label counted and still it failed: the last one is in doubt.
            (12, TRUE, 'but one', 'u', FALSE)
          ) AS rules (place, holds, fate, rest, exact)
         WHERE holds ORDER BY place LIMIT 1
      ) AS rule
  ) AS judged
"""

# What each attempt of the other jobs says of each of its labels: those that were named, then the first so many, then
# the rest.
LABELS = """
CREATE TEMP TABLE upgrade_label ON COMMIT DROP AS
SELECT attempt_id, job_id, number, outcome, place, index, letter,
       CASE WHEN letter <> 'f' THEN ''
            WHEN named THEN coalesce(nullif(code, ''), 'label_failed') ELSE rest_code END AS code
  FROM (
    SELECT attempt.id AS attempt_id, attempt.job_id, attempt.number, attempt.outcome, attempt.rest_code,
           laid.place::integer AS place, laid.index, failed.code, failed.id IS NOT NULL AS named,
           CASE WHEN failed.code = 'uncertain' THEN 'u'
                WHEN failed.id IS NOT NULL THEN 'f'
                WHEN row_number() OVER (PARTITION BY attempt.id, failed.id IS NULL ORDER BY laid.place)
                     <= attempt.printed THEN attempt.proof
                ELSE attempt.rest END AS letter
      FROM upgrade_attempt attempt
     CROSS JOIN LATERAL (
        SELECT value::integer AS index, place
          FROM jsonb_array_elements_text(attempt.indexes) WITH ORDINALITY items (value, place)
         UNION ALL
        SELECT place::integer, place
          FROM generate_series(1, CASE WHEN attempt.indexes IS NULL THEN attempt.size ELSE 0 END) place
     ) laid
      LEFT JOIN label_print_failed_label failed
        ON failed.job_id = attempt.job_id AND failed.attempt_number = attempt.number
           AND failed.label_index = laid.index
     WHERE NOT attempt.simple
  ) said
"""

# Neighbours that are alike belong to one island, once by state and once by code; codes are numbered in their order.
ISLANDS = """
CREATE TEMP TABLE upgrade_island ON COMMIT DROP AS
SELECT attempt_id, place, letter, code, number,
       place - row_number() OVER (PARTITION BY attempt_id, letter ORDER BY place) AS letter_island,
       place - row_number() OVER (PARTITION BY attempt_id, code ORDER BY place) AS code_island
  FROM (
    SELECT label.attempt_id, label.place, label.letter, label.code COLLATE "C" AS code,
           CASE WHEN label.code <> '' THEN (dense_rank() OVER (
               PARTITION BY label.attempt_id, label.code = '' ORDER BY label.code COLLATE "C") - 1)::text
               ELSE '' END AS number
      FROM upgrade_label label JOIN upgrade_attempt attempt ON attempt.id = label.attempt_id
     WHERE attempt.failed_rows > 0
  ) numbered
"""
LETTERS = """
CREATE TEMP TABLE upgrade_letters ON COMMIT DROP AS
SELECT attempt_id, string_agg(pg_temp.run(letter, length), '' ORDER BY place) AS text
  FROM (SELECT attempt_id, letter, count(*)::integer AS length, min(place) AS place
          FROM upgrade_island GROUP BY attempt_id, letter, letter_island) runs
 GROUP BY attempt_id
"""
CODES = """
CREATE TEMP TABLE upgrade_codes ON COMMIT DROP AS
SELECT attempt_id, jsonb_agg(DISTINCT code ORDER BY code) FILTER (WHERE code <> '') AS list,
       string_agg(CASE WHEN length > 1 THEN number || '*' || length ELSE number END, ',' ORDER BY place) AS text
  FROM (SELECT attempt_id, code, number, count(*) AS length, min(place) AS place
          FROM upgrade_island GROUP BY attempt_id, code, number, code_island) runs
 GROUP BY attempt_id
"""
RUNS = """
UPDATE upgrade_attempt attempt
   SET account = jsonb_strip_nulls(jsonb_build_object(
           'v', 1, 's', letters.text, 'x', CASE WHEN NOT attempt.exact THEN 0 END, 'k', codes.list,
           'c', CASE WHEN codes.list IS NOT NULL THEN codes.text END))
  FROM upgrade_letters letters JOIN upgrade_codes codes USING (attempt_id)
 WHERE attempt.id = letters.attempt_id
"""

# Of each label of a job the strongest proof of any attempt speaks, and without one the newest attempt that was to
# print it: see `job_account`.
SPEAKERS = """
CREATE TEMP TABLE upgrade_speaker ON COMMIT DROP AS
SELECT DISTINCT ON (job_id, index) job_id, index, letter, number, attempt_id
  FROM upgrade_label
 ORDER BY job_id, index, letter IN ('r', 'c') DESC, letter = 'c' DESC,
          CASE WHEN letter IN ('r', 'c') THEN number END, number DESC
"""


def migrate(cr, version):
    cr.execute(FUNCTIONS)
    for table, statement in (
        ("upgrade_known", KNOWN),
        ("upgrade_attempt", ATTEMPTS),
        ("upgrade_label", LABELS),
        ("upgrade_island", ISLANDS),
        ("upgrade_letters", LETTERS),
        ("upgrade_codes", CODES),
        ("upgrade_speaker", SPEAKERS),
    ):
        cr.execute(statement)
        # PostgreSQL knows nothing of what is in a temporary table, and would plan for a few rows.
        cr.execute(f"ANALYZE {table}")
    cr.execute(RUNS)
    cr.execute("CREATE INDEX ON upgrade_speaker (job_id, index)")
