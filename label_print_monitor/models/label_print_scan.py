"""Labels checked by scanning: each scan of a box as it was answered. The page that scans is static/src/scan_check."""

from odoo import fields, models

VERDICTS = [
    ("checked", "Checked"),
    ("twice", "Scanned Twice"),
    ("too_many", "One Too Many"),
    ("foreign", "Not of This Order"),
    ("product_code", "Code of the Product"),
    ("no_separator", "Separator Missing in the Code"),
    ("destroyed", "Was Destroyed"),
    ("not_printed", "Not Printed"),
    ("unreadable", "No Code of a Label"),
    ("gone", "No Such Order"),
    ("undone", "Scan Taken Back"),
    ("not_undone", "Could Not Be Taken Back"),
]


class LabelPrintScan(models.Model):
    """One scan, never changed afterwards. Its number comes from the device: what is sent twice counts once."""

    _name = "label.print.scan"
    _description = "Scan of a Label"
    _order = "date desc, id desc"
    _rec_name = "code"

    scan_key = fields.Char("Number of the Scan", required=True, help="Made by the device that has scanned.")
    company_id = fields.Many2one("res.company", required=True, index=True)
    user_id = fields.Many2one("res.users", "Person", required=True, ondelete="restrict")
    user_name = fields.Char("Name Then", required=True, help="It outlives the user.")
    date = fields.Datetime("Scanned", required=True, index=True)
    code = fields.Char(help="What the scanner has read.")
    verdict = fields.Selection(VERDICTS, required=True)
    order_reference = fields.Char("Order", help="What was being checked.")
    job_id = fields.Many2one("label.print.job", "Print Job", index="btree_not_null", ondelete="cascade")
    label_index = fields.Integer("Label", aggregator=None, help="The label of the job, counted from 1.")
    label_place = fields.Integer(aggregator=None, help="The label among those that were checked, counted from 1.")

    _scan_key_unique = models.UniqueIndex("(user_id, scan_key)", "This scan is known already.")
