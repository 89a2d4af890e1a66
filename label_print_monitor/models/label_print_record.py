"""The record of each print job, which only grows: entries that carry the hash of the one before them.

What an entry is and how a hash is made is said in services/lifecycle/record_chain.py; `label.print.job._seal` is the
one that writes entries.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError


class LabelPrintRecord(models.Model):
    """An entry: what was known of a job at that moment. Nobody changes or deletes one, no superuser either."""

    _name = "label.print.record"
    _description = "Entry in the Record of a Print Job"
    _order = "job_id desc, sequence desc"
    _rec_name = "hash"
    _log_access = False

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="restrict")
    sequence = fields.Integer("Entry", required=True, aggregator=None)
    kind = fields.Selection(
        [
            ("made", "Job Made"),
            ("sealed", "Recorded as It Was"),
            ("attempt", "Attempt Ended, or Learned Later"),
            ("mark", "Seen by a Person"),
            ("step", "Step of the Job"),
            ("state", "Job Corrected"),
        ],
        required=True,
    )
    date = fields.Datetime("Time", required=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict", help="OdooBot is the engine.")
    user_name = fields.Char("Name Then", required=True, help="It outlives the user.")
    content = fields.Text(required=True, help="What the entry says. Exactly this text was hashed.")
    previous_hash = fields.Char("Hash of the Entry Before")
    hash = fields.Char(required=True, help="SHA-256 of the hash of the entry before, followed by the content.")
    company_id = fields.Many2one(related="job_id.company_id")

    _job_sequence = models.UniqueIndex("(job_id, sequence)")

    @api.depends("job_id", "sequence")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = self.env._(
                "Entry %(number)s of %(job)s", number=entry.sequence, job=entry.job_id.display_name
            )

    # pylint: disable-next=method-required-super  # it always raises
    def write(self, vals):
        self.check_access("write")
        raise UserError(self.env._("The record of a print job only grows: an entry cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("The record of a print job only grows: an entry cannot be deleted."))
