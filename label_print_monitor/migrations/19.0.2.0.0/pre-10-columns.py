"""Columns for the accounts, before Odoo would make them: with values for the history at once, not row by row.

A column that is added with a constant default costs nothing, however many rows there are. So each gets the value that
most of the history has, and the scripts that follow write only the rows in which it is another.
"""

STATEMENTS = (
    """
    ALTER TABLE label_print_job
        ADD COLUMN submission varchar DEFAULT 'accepted',
        ADD COLUMN evidence varchar DEFAULT 'reported',
        ADD COLUMN account_exact boolean DEFAULT TRUE,
        ADD COLUMN confirmed_count integer DEFAULT 0,
        ADD COLUMN uncertain_count integer DEFAULT 0,
        ADD COLUMN failed_before boolean DEFAULT FALSE,
        ADD COLUMN active boolean DEFAULT TRUE
    """,
    """
    ALTER TABLE label_print_job
        ALTER COLUMN submission DROP DEFAULT,
        ALTER COLUMN evidence DROP DEFAULT,
        ALTER COLUMN account_exact DROP DEFAULT,
        ALTER COLUMN confirmed_count DROP DEFAULT,
        ALTER COLUMN failed_before DROP DEFAULT,
        ALTER COLUMN uncertain_count DROP DEFAULT
    """,
    # What an attempt's status was is its own outcome now; only ended attempts had a row.
    "ALTER TABLE label_print_attempt RENAME COLUMN status TO outcome",
    """
    ALTER TABLE label_print_attempt
        ALTER COLUMN outcome DROP NOT NULL,
        ADD COLUMN printer_name varchar,
        ADD COLUMN printer_model varchar,
        ADD COLUMN server_id integer,
        ADD COLUMN server_name varchar,
        ADD COLUMN reason varchar,
        ADD COLUMN request jsonb,
        ADD COLUMN first_sent_date timestamp,
        ADD COLUMN started_date timestamp,
        ADD COLUMN learned_date timestamp,
        ADD COLUMN times_from varchar,
        ADD COLUMN account jsonb,
        ADD COLUMN account_exact boolean,
        ADD COLUMN printed_count integer,
        ADD COLUMN added_count integer,
        ADD COLUMN confirmed_count integer,
        ADD COLUMN failed_count integer,
        ADD COLUMN uncertain_count integer,
        ADD COLUMN taken_back_count integer
    """,
    """
    ALTER TABLE label_print_failed_label
        ADD COLUMN state varchar DEFAULT 'failed',
        ADD COLUMN needs_somebody boolean DEFAULT TRUE
    """,
    "ALTER TABLE label_print_failed_label ALTER COLUMN state DROP DEFAULT, ALTER COLUMN needs_somebody DROP DEFAULT",
)

# Foreign keys and indexes that Odoo makes anew when it loads the models. Checked and filled row by row they would take
# most of the time with a long history; and an index of a field's, where the field now wants another one, Odoo would
# leave as it is, as it does with one that the field no longer wants.
MADE_ANEW = """
SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', conrelid::regclass::text, conname)
  FROM pg_constraint WHERE contype = 'f' AND conrelid = 'label_print_attempt'::regclass
 UNION ALL
SELECT format('DROP INDEX %I', index.relname)
  FROM pg_index JOIN pg_class index ON index.oid = pg_index.indexrelid
 WHERE indrelid IN (
           'label_print_job'::regclass, 'label_print_attempt'::regclass, 'label_print_failed_label'::regclass
       ) AND NOT indisunique
       AND (index.relname LIKE '%\\_\\_%\\_index' OR obj_description(index.oid, 'pg_class') IS NOT NULL)
"""


def migrate(cr, version):
    cr.execute(MADE_ANEW)
    for (statement,) in cr.fetchall():
        cr.execute(statement)
    for statement in STATEMENTS:
        cr.execute(statement)
