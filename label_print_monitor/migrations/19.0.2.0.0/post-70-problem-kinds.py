"""Of attempts that ended before: what kind of problem it was, so that lists can group them.

Most attempts have none. The words of print servers are many, but few are different: each is read once.
"""

from odoo.addons.label_print_monitor.services.wording.error_catalogue import kind_of
from psycopg2.extras import execute_values

PROBLEMS = """
SELECT DISTINCT error_code, error_message
  FROM label_print_attempt
 WHERE outcome IS NOT NULL AND (error_code IS NOT NULL OR error_message IS NOT NULL)
"""
KINDS = """
UPDATE label_print_attempt attempt
   SET error_kind = problem.kind
  FROM (VALUES %s) AS problem (code, message, kind)
 WHERE attempt.outcome IS NOT NULL
   AND attempt.error_code IS NOT DISTINCT FROM problem.code::varchar
   AND attempt.error_message IS NOT DISTINCT FROM problem.message::varchar
"""


def migrate(cr, version):
    cr.execute(PROBLEMS)
    kinds = [(code, message, kind) for code, message in cr.fetchall() if (kind := kind_of(code, message))]
    if kinds:
        execute_values(cr._obj, KINDS, kinds, page_size=1000)
