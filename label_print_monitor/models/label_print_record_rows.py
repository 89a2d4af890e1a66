"""What is kept of jobs, as the record keeps it: read by SQL for whoever writes, checks or first makes the record.

Times are UTC, to the second. The names of the columns are those of services/lifecycle/record_chain.py.
"""

from ..services.lifecycle.record_chain import ATTEMPT, JOB_FACTS, JOB_STATE, MARK, VERSION

TIMES = frozenset(
    {
        "create_date", "submitted_date", "started_date", "ended_date", "learned_date", "completed_date",
        "cancel_requested_at", "set_aside_date", "date",
    }
)  # fmt: skip
# The box and the lot of each label, as they are sent; without their ZPL, which is not kept for ever.
LABELS = """(SELECT jsonb_agg(jsonb_build_array(label.value -> 'box_number', label.value -> 'lot_number')
                              ORDER BY label.place)
               FROM jsonb_array_elements(CASE WHEN jsonb_typeof(job.labels_data) = 'array' THEN job.labels_data END)
                    WITH ORDINALITY label (value, place))"""
# One hash in place of one for each label.
LABEL_HASHES = "encode(sha256(convert_to(NULLIF(job.label_hashes, ''), 'UTF8')), 'hex')"
EXPRESSIONS = {"labels": LABELS, "label_hashes": LABEL_HASHES}


def name_of(user):
    """The present name of the user in this column."""
    return f"""(SELECT partner.name FROM res_users person JOIN res_partner partner ON partner.id = person.partner_id
                 WHERE person.id = {user})"""  # noqa: S608 - a name of a column


def _object(alias, names, **more):
    pairs = [f"'{name}', {_column(alias, name)}" for name in names]
    pairs += [f"'{name}', {expression}" for name, expression in more.items()]
    return f"jsonb_build_object({', '.join(pairs)})"


def _column(alias, name):
    if name in TIMES:
        return f"to_char({alias}.{name}, 'YYYY-MM-DD HH24:MI:SS')"
    return EXPRESSIONS.get(name, f"{alias}.{name}")


JOB_OBJECT = _object("job", JOB_FACTS[VERSION], submitted_by_name=name_of("job.submitted_by"))
STATE_OBJECT = _object("job", JOB_STATE[VERSION])
ATTEMPT_OBJECT = _object("attempt", ATTEMPT[VERSION], submitted_by_name=name_of("attempt.submitted_by"))
MARK_OBJECT = _object("mark", ("id", *MARK[VERSION]))

# The end of a job's chain. The update writes first entries and leaves the rows of a long history as they are: of a job
# that keeps no end, the entry of the update is the end.
HEAD = """
      LEFT JOIN label_print_record first
        ON job.record_count IS NULL AND first.job_id = job.id AND first.sequence = 1 AND first.kind = 'sealed'
     CROSS JOIN LATERAL (SELECT COALESCE(job.record_count, first.sequence, 0) AS count,
                                COALESCE(job.record_hash, first.hash, '') AS hash) head
"""
# For a new entry: what is new of attempts and marks; everything where the job has no record yet.
NEWS = f"""
    SELECT job.id, head.count, head.hash,
           CASE WHEN head.count = 0 THEN 0
                ELSE COALESCE(job.record_timeline, jsonb_array_length(first.content::jsonb -> 'timeline'), 0)
                END AS known_timeline,
           job.timeline, {STATE_OBJECT} AS state,
           {name_of("%(user)s")} AS user_name,
           CASE WHEN head.count = 0 THEN {JOB_OBJECT} END AS job_facts,
           (SELECT jsonb_agg({ATTEMPT_OBJECT} ORDER BY attempt.number) FROM label_print_attempt attempt
             WHERE attempt.job_id = job.id AND attempt.outcome IS NOT NULL
               AND (head.count = 0 OR attempt.id = ANY(%(attempts)s))) AS attempts,
           (SELECT jsonb_agg({MARK_OBJECT} ORDER BY mark.id) FROM label_print_mark mark
             WHERE mark.job_id = job.id
               AND (head.count = 0 OR mark.id = ANY(%(marks)s))) AS marks
      FROM label_print_job job {HEAD}
     WHERE job.id = ANY(%(jobs)s)
  ORDER BY job.id
"""  # noqa: S608 - made of names of columns
# For a check: everything.
KEPT = f"""
    SELECT job.id, head.count, head.hash, job.timeline, {STATE_OBJECT} || {JOB_OBJECT} AS job,
           (SELECT jsonb_agg({ATTEMPT_OBJECT} ORDER BY attempt.number) FROM label_print_attempt attempt
             WHERE attempt.job_id = job.id) AS attempts,
           (SELECT jsonb_agg({MARK_OBJECT} ORDER BY mark.id) FROM label_print_mark mark
             WHERE mark.job_id = job.id) AS marks
      FROM label_print_job job {HEAD}
     WHERE job.id = ANY(%(jobs)s)
"""  # noqa: S608 - made of names of columns
ENTRIES = """
    SELECT job_id, sequence, kind, to_char(date, 'YYYY-MM-DD HH24:MI:SS') AS date, user_id, user_name, content,
           COALESCE(previous_hash, '') AS previous_hash, hash
      FROM label_print_record
     WHERE job_id = ANY(%(jobs)s)
  ORDER BY job_id, sequence
"""
# The entries, and what each job keeps of the end of its chain.
APPEND = """
    WITH entry (job_id, sequence, kind, date, user_id, user_name, content, previous_hash, hash, timeline) AS (
        SELECT job_id, sequence, kind, %(date)s::timestamp, %(user)s::integer, user_name, content, previous_hash, hash,
               timeline
          FROM unnest(%(jobs)s::integer[], %(sequences)s::integer[], %(kinds)s::varchar[], %(contents)s::text[],
                      %(previous)s::varchar[], %(hashes)s::varchar[], %(timelines)s::integer[], %(names)s::varchar[])
               AS new (job_id, sequence, kind, content, previous_hash, hash, timeline, user_name)
    ), written AS (
        INSERT INTO label_print_record (job_id, sequence, kind, date, user_id, user_name, content, previous_hash, hash)
        SELECT job_id, sequence, kind, date, user_id, user_name, content, NULLIF(previous_hash, ''), hash FROM entry
    )
    UPDATE label_print_job job
       SET record_count = entry.sequence, record_hash = entry.hash, record_timeline = entry.timeline
      FROM entry
     WHERE job.id = entry.job_id
"""
# The record of jobs from before it: one entry each, which says how they were found. By SQL alone: a history is long.
SEAL_OLD = f"""
    WITH said AS (
        SELECT job.id, jsonb_strip_nulls(jsonb_build_object(
                   'v', {VERSION}, 'job', job.id, 'entry', 1, 'kind', 'sealed', 'date', %(date)s, 'user_id', 1,
                   'user_name', %(name)s, 'note', 'sealed at the upgrade', 'job_facts', {JOB_OBJECT},
                   'state', {STATE_OBJECT},
                   'attempts', (SELECT jsonb_agg({ATTEMPT_OBJECT} ORDER BY attempt.number)
                                  FROM label_print_attempt attempt
                                 WHERE attempt.job_id = job.id AND attempt.outcome IS NOT NULL),
                   'marks', (SELECT jsonb_agg({MARK_OBJECT} ORDER BY mark.id) FROM label_print_mark mark
                              WHERE mark.job_id = job.id),
                   'timeline', job.timeline))::text AS content
          FROM label_print_job job
         WHERE job.id BETWEEN %(first)s AND %(last)s
    )
    INSERT INTO label_print_record (job_id, sequence, kind, date, user_id, user_name, content, hash)
    SELECT id, 1, 'sealed', %(date)s::timestamp, 1, %(name)s, content,
           encode(sha256(convert_to(content, 'UTF8')), 'hex')
      FROM said
  ORDER BY id
"""  # noqa: S608 - made of names of columns
