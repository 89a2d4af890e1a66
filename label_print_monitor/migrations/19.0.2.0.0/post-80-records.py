"""Jobs from before the record: a first entry each, which says how the update found them, and that it was made by it.

What was changed before that cannot be found. By SQL, and without a write to the jobs: each would be a new version of a
row with many indexes.
"""

from odoo import fields
from odoo.addons.label_print_monitor.models.label_print_record_rows import SEAL_OLD

JOBS_A_STATEMENT = 50_000
NAME = """
SELECT partner.name FROM res_users person JOIN res_partner partner ON partner.id = person.partner_id WHERE person.id = 1
"""


def migrate(cr, version):
    cr.execute("SELECT min(id), max(id) FROM label_print_job")
    first, last = cr.fetchone()
    if first is None:
        return
    cr.execute(NAME)
    (name,) = cr.fetchone()
    date = fields.Datetime.to_string(fields.Datetime.now())
    for start in range(first, last + 1, JOBS_A_STATEMENT):
        values = {"first": start, "last": start + JOBS_A_STATEMENT - 1, "date": date, "name": name}
        cr.execute(SEAL_OLD, values)
