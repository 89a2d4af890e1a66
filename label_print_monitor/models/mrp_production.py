"""Print labels from a manufacturing order, and show the status of its newest label job on it."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..services.lifecycle.label_account import PRINTED
from ..services.lifecycle.order_labels import label_entries
from .archived_jobs import ALL_JOBS
from .deletable_records import need_action
from .label_print_job_indexes import trigrams_of

# Jobs that were cancelled and followed by another one of their order: what they did not print is not asked for now.
# And those that were set aside: nobody wants what they did not print.
_REPLACED = SQL("""
    (job.set_aside_date IS NOT NULL OR job.status = 'cancelled' AND EXISTS (
        SELECT FROM label_print_job newer
         WHERE newer.mo_id = job.mo_id AND newer.copy_of_id IS NULL AND newer.id > job.id))
""")
_MISSING = SQL(
    """
    SELECT job.mo_id FROM label_print_job job
     WHERE job.status IN ('failed', 'completed_with_errors', 'cancelled') AND job.mo_id IS NOT NULL
       AND job.copy_of_id IS NULL AND coalesce(job.current_label, 0) < job.quantity AND NOT %s
    """,
    _REPLACED,
)
_UNCERTAIN = SQL("""
    SELECT job.mo_id FROM label_print_job job
     WHERE job.uncertain_count > 0 AND job.mo_id IS NOT NULL
""")


class MrpProduction(models.Model):
    _inherit = "mrp.production"

    # Jobs are looked for by a part of their order's name.
    _label_print_name = models.Index(lambda registry: trigrams_of(registry, "name"))

    label_print_job_ids = fields.One2many(
        "label.print.job",
        "mo_id",
        "Label Print Jobs",
        groups="label_print_monitor.group_label_print_user",
        context={"active_test": False},
    )
    # Whoever may read an order may read all of its fields: what these say of its jobs is computed for everybody, and
    # the views show it to those who print.
    label_print_job_count = fields.Integer(
        compute="_compute_label_print_jobs", compute_sudo=True
    )
    label_print_on_paper = fields.Char(
        "Labels Printed",
        compute="_compute_label_print_summary",
        compute_sudo=True,
        help="How many labels of this order are on paper, of those that have been asked for; copies left out.",
    )
    label_print_status = fields.Selection(
        selection=lambda self: self.env["label.print.job"]._fields["status"]._description_selection(self.env),
        string="Labels",
        compute="_compute_label_print_jobs",
        compute_sudo=True,
        help="Status of the newest label print job of this order.",
    )
    label_print_evidence_suffices = fields.Boolean(compute="_compute_label_print_jobs", compute_sudo=True)
    label_print_summary = fields.Char(
        "Labels on Paper",
        compute="_compute_label_print_summary",
        compute_sudo=True,
        help="Over all print jobs of this order, copies left out.",
    )
    label_print_lack = fields.Char(
        "What Is Missing",
        compute="_compute_label_print_summary",
        compute_sudo=True,
        help="How many labels are on paper, or that none was ever printed.",
    )
    labels_missing = fields.Boolean(
        compute="_compute_label_print_summary",
        compute_sudo=True,
        search="_search_labels_missing",
        help="A print job of this order has ended without all of its labels on paper.",
    )
    labels_uncertain = fields.Boolean(
        compute="_compute_label_print_summary",
        compute_sudo=True,
        search="_search_labels_uncertain",
        help="Of labels of this order nobody knows whether they are on paper.",
    )

    @api.depends("label_print_job_ids.status", "label_print_job_ids.evidence")
    def _compute_label_print_jobs(self):
        Job = self.env["label.print.job"]
        domain = ALL_JOBS & Domain("mo_id", "in", self.ids)
        groups = Job._read_group(domain, ["mo_id"], ["__count", "id:max"])
        count = {production.id: number for production, number, _newest in groups}
        jobs = Job.browse(newest for _production, _number, newest in groups)
        jobs.fetch(["mo_id", "status", "evidence"])  # nothing else of them is shown
        newest = {job.mo_id.id: job for job in jobs}
        for production in self:
            production.label_print_job_count = count.get(production.id, 0)
            job = newest.get(production.id, Job)
            production.label_print_status = job.status
            production.label_print_evidence_suffices = job.evidence_suffices

    def _label_print_totals(self):
        """What has been asked for and what is on paper, over all jobs of these orders; copies count for themselves.

        Of a job that was cancelled only what may be on paper counts as asked for, unless it is the newest: then nobody
        has asked for anything else since. One that was set aside asks for nothing more, either.

        :return: by order id: ``{"asked", "printed", "uncertain", "missing", "copies_uncertain"}``; `missing` are labels
            of jobs that have ended, and may hold uncertain ones; `copies_uncertain` are in none of the others
        """
        self.env["label.print.job"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mo_id,
                       sum(CASE WHEN is_copy THEN 0 WHEN replaced THEN printed + uncertain ELSE quantity END),
                       sum(CASE WHEN is_copy THEN 0 ELSE printed END), sum(CASE WHEN is_copy THEN 0 ELSE uncertain END),
                       sum(CASE WHEN is_copy OR replaced
                                     OR status NOT IN ('failed', 'completed_with_errors', 'cancelled') THEN 0
                                ELSE quantity - printed END),
                       sum(CASE WHEN is_copy THEN uncertain ELSE 0 END)
                  FROM (SELECT job.mo_id, job.quantity, job.status, coalesce(job.current_label, 0) AS printed,
                               coalesce(job.uncertain_count, 0) AS uncertain, job.copy_of_id IS NOT NULL AS is_copy,
                               %s AS replaced
                          FROM label_print_job job WHERE job.mo_id = ANY(%s)) jobs
              GROUP BY mo_id
                """,
                _REPLACED,
                list(self.ids),
            )
        )
        names = ("asked", "printed", "uncertain", "missing", "copies_uncertain")
        return {order: dict(zip(names, figures, strict=True)) for order, *figures in rows}

    @api.depends(
        "label_print_job_ids.status",
        "label_print_job_ids.quantity",
        "label_print_job_ids.current_label",
        "label_print_job_ids.uncertain_count",
        "label_print_job_ids.set_aside_date",
    )
    @api.depends_context("lang")
    def _compute_label_print_summary(self):
        totals = self._label_print_totals() if self.ids else {}
        for production in self:
            of_order = totals.get(production.id) or dict.fromkeys(
                ("asked", "printed", "uncertain", "missing", "copies_uncertain"), 0
            )
            production.labels_missing = of_order["missing"] > 0
            production.labels_uncertain = of_order["uncertain"] + of_order["copies_uncertain"] > 0
            production.label_print_summary = self._label_print_words(of_order)
            production.label_print_lack = production.label_print_summary or self.env._("No label printed yet")
            # As stock and purchase write “2 / 5” on their buttons.
            production.label_print_on_paper = f"{of_order['printed']} / {of_order['asked']}"

    @api.model
    def _label_print_words(self, totals):
        """“38 of 40 labels on paper, 1 uncertain”; False for an order of which no label has been asked for.

        Of copies only what is uncertain is said, where no other label is: it is what the filter finds the order by.
        """
        if not totals["asked"]:
            return False
        if totals["uncertain"]:
            return self.env._(
                "%(printed)s of %(asked)s labels on paper, %(uncertain)s uncertain",
                printed=totals["printed"],
                asked=totals["asked"],
                uncertain=totals["uncertain"],
            )
        if totals["copies_uncertain"]:
            return self.env._(
                "%(printed)s of %(asked)s labels on paper; copies uncertain: %(uncertain)s",
                printed=totals["printed"],
                asked=totals["asked"],
                uncertain=totals["copies_uncertain"],
            )
        return self.env._("%(printed)s of %(asked)s labels on paper", printed=totals["printed"], asked=totals["asked"])

    def _label_print_originals(self):
        """The print jobs of this order that are no copies, oldest first, and that ask for something.

        One that was cancelled before anything of it may have been printed asks for nothing.
        """
        self.ensure_one()
        domain = ALL_JOBS & Domain("mo_id", "=", self.id) & Domain("copy_of_id", "=", False)
        jobs = self.env["label.print.job"].search(domain, order="id")
        return jobs.filtered(lambda job: job.status != "cancelled" or job.current_label or job.uncertain_count)

    def _labels_asked_for(self):
        """The labels that the jobs of this order have asked for, as they were sent; copies are not among them."""
        jobs = self.sudo()._label_print_originals()
        asked = []
        for job in jobs:
            labels = label_entries(job.labels_data)
            # A test does not replace the labels; whatever else was set aside is settled, and nobody wants it twice.
            was_test = job.set_aside_date and job.set_aside_reason == "only_test"
            # What is missing of a job without ZPL cannot be printed by Retry, so it is offered here.
            if job.zpl_removed_date or was_test or (job.status == "cancelled" and job != jobs[-1:]):
                account = job._job_account()
                maybe = {*account.uncertain, *account.indexes(*PRINTED)}
                labels = [label for index, label in enumerate(labels, start=1) if index in maybe]
            asked += labels
        return asked

    def _search_labels_missing(self, operator, value):
        return self._search_by_jobs(_MISSING, operator, value)

    def _search_labels_uncertain(self, operator, value):
        return self._search_by_jobs(_UNCERTAIN, operator, value)

    @api.model
    def _search_by_jobs(self, query, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["label.print.job"].flush_model()
        found = Domain("id", "in", SQL("(%s)", query))
        return found if True in value else ~found

    def action_print_labels(self):
        """Open the dialog that prints this order's labels."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("create")
        self._get_label_print_data()  # says at once, in words, when there is nothing to print
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Labels"),
            "res_model": "label.print.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mo_id": self.id},
        }

    def action_check_by_scanning(self):
        """Open the page on which the labels on this order's boxes are scanned."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("write")
        return self.env["label.print.job"]._get_check_action(order_id=self.id, job_id=False)

    def action_view_label_print_jobs(self):
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_job")
        domain = ALL_JOBS & Domain("mo_id", "=", self.id)
        return {**action, "domain": list(domain), "context": {"default_mo_id": self.id}}
