"""What people have seen of labels: on paper, not on paper, destroyed. A row for each time somebody said so."""

from odoo import api, fields, models


class LabelPrintMark(models.Model):
    """A person's word about some labels of a job. Never changed afterwards: a later word is another row."""

    _name = "label.print.mark"
    _description = "Labels Seen by a Person"
    _order = "id"
    _rec_name = "kind"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, index=True, ondelete="cascade")
    attempt_number = fields.Integer("After Attempt", required=True)
    kind = fields.Selection(
        [
            ("checked", "On Paper"),
            ("missing", "Not on Paper"),
            ("void", "Destroyed"),
            ("unchecked", "Scanned by Mistake"),
        ],
        "Seen",
        required=True,
    )
    label_indexes = fields.Json("Labels", required=True, help="The labels of the job, counted from 1.")
    user_id = fields.Many2one("res.users", "Person", required=True, ondelete="restrict")
    user_name = fields.Char("Name Then", required=True, help="It outlives the user.")
    reason = fields.Char()
    code = fields.Char("Scanned Code", help="What was scanned from the box; empty where somebody has only said so.")
    date = fields.Datetime("Time", required=True, default=fields.Datetime.now)

    @api.model_create_multi
    def create(self, vals_list):
        """As always; what a person has seen goes into the record of the job, which has to be locked."""
        marks = super().create(vals_list)
        marks.job_id.sudo()._seal(marks=marks.ids)
        return marks

    def _seen_in_words(self):
        """What was seen, and whether it was scanned."""
        self.ensure_one()
        if self.code and self.kind == "checked":
            return self.env._("Checked by scanning")
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _why_in_words(self):
        """The reason that the person has given, or the code that was scanned."""
        self.ensure_one()
        return self.env._("Code %(code)s", code=self.code) if self.code else self.reason or ""
