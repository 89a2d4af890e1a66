"""The print job: what is stored, who may write it, and `_apply`, the one method that writes its status."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.poll_schedule import priority_for
from .reference_char import ReferenceChar

JOB_TYPES = [("auto", "Automatic"), ("manual", "Manual"), ("manual_reprint", "Manual Reprint"), ("test", "Test")]
PRIORITIES = [("high", "High"), ("normal", "Normal"), ("low", "Low")]
MAX_LABELS = 500
# How sure it is that the print server has the newest attempt. `maybe`: the request has left, and its answer was lost.
SUBMISSIONS = [
    ("not_sent", "Not Handed Over"),
    ("sending", "Being Handed Over"),
    ("maybe", "Perhaps Handed Over"),
    ("accepted", "Taken Over by the Print Server"),
]
EVIDENCE = [
    ("reported", "Reported by the Print Server"),
    ("spooled", "Taken by the Printer"),
    ("confirmed", "Confirmed by the Printer"),
    ("checked", "Seen on Paper"),
]
CANCEL_REASONS = [
    ("wrong_label", "Wrong label or template"),
    ("wrong_printer", "Wrong printer"),
    ("wrong_quantity", "Wrong quantity"),
    ("order_changed", "Order changed or cancelled"),
    ("printer_problem", "Printer has a problem"),
    ("duplicate", "Printed by mistake"),
    ("other", "Another reason"),
]
COPY_REASONS = [
    ("lost", "Label lost"),
    ("damaged", "Label damaged"),
    ("unreadable", "Smeared or unreadable"),
    ("box_changed", "Box replaced"),
    ("second_label", "Second label needed"),
    ("other", "Another reason"),
]
# What only reports, the engine and the actions below may write. A person's `write` or an RPC call may not: the history
# would prove nothing otherwise.
ENGINE_FIELDS = frozenset(
    {
        "status",
        "server_id",
        "flask_job_id",
        "idempotency_key",
        "submitted_by",
        "submitted_date",
        "started_date",
        "completed_date",
        "current_label",
        "progress_percent",
        "error_code",
        "error_message",
        "error_kind",
        "failed_count",
        "attempt_number",
        "attempt_quantity",
        "attempt_base",
        "attempt_labels",
        "confirmed",
        "estimated_completion",
        "server_warning",
        "unverified_since",
        "unverified_problem",
        "attention_code",
        "attention_due_at",
        "waiting_for",
        "waiting_since",
        "timeline",
        "last_report_at",
        "progress_at",
        "next_poll_at",
        "not_found_count",
        "not_found_since",
        "submit_started_at",
        "mo_reference",
        "product_id",
        "submission",
        "confirmed_count",
        "checked_count",
        "uncertain_count",
        "reprinted_count",
        "evidence",
        "account_exact",
        "account_problem",
        "cancel_requested_at",
        "cancelled_by",
        "cancel_reason",
        "cancel_note",
        "cancel_accepted",
        "set_aside_date",
        "set_aside_by",
        "set_aside_reason",
        "set_aside_note",
        "move_to_id",
        "copy_of_id",
        "copy_labels",
        "copy_reason",
        "copy_note",
        "attempt_ids",
        "failed_before",
        "failed_label_ids",
        "mark_ids",
        "copy_ids",
        "lot_ids",
        "lot_display",
        "label_hashes",
        "template_xmlid",
        "template_hash",
        "record_count",
        "record_hash",
        "record_timeline",
        "active",
        "zpl_removed_date",
    }
)
# What a job is once it is made: changing it later would make the record lie about the paper.
FROZEN_FIELDS = frozenset({"labels_data", "quantity", "printer_id", "mo_id", "job_type", "company_id"})


class LabelPrintJob(models.Model):
    _name = "label.print.job"
    _description = "Label Print Job"
    _inherit = ["mail.thread", "mail.activity.mixin", "label.print.bulk.write.mixin"]
    _order = "id desc"
    _rec_names_search = ["mo_reference", "flask_job_id"]
    _mail_post_access = "read"

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    mo_id = fields.Many2one("mrp.production", "Manufacturing Order", index="btree_not_null", ondelete="set null")
    mo_reference = ReferenceChar(
        "MO Reference", index="trigram", help="The order's name when the job was made; it outlives the order."
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="set null")
    printer_id = fields.Many2one("printer.configuration", ondelete="restrict")
    # Open jobs of a server are asked for, and have an index; all of one only when somebody deletes it.
    server_id = fields.Many2one("label.print.server", "Print Server", ondelete="restrict")
    flask_job_id = ReferenceChar("Server Job ID", index=True, copy=False)
    idempotency_key = fields.Char(copy=False)
    quantity = fields.Integer(required=True, default=1)
    status = fields.Selection(
        list(job_lifecycle.STATUSES),
        required=True,
        default="pending",
        index=True,
        copy=False,
        group_expand="_group_expand_status",
    )
    job_type = fields.Selection(JOB_TYPES, required=True, default="manual")
    priority = fields.Selection(PRIORITIES, compute="_compute_priority", store=True, readonly=False, precompute=True)
    labels_data = fields.Json(
        "Labels", prefetch=False, copy=False, help="The labels as they are sent to the print server."
    )
    submitted_by = fields.Many2one(
        "res.users", ondelete="restrict", default=lambda self: self.env.user, copy=False
    )
    submitted_date = fields.Datetime("Handed to Server", copy=False)
    started_date = fields.Datetime("Printing Started", copy=False)
    completed_date = fields.Datetime("Ended", copy=False)

    current_label = fields.Integer("Labels Printed", copy=False)
    progress_percent = fields.Float("Progress (%)", aggregator="avg", copy=False)
    confirmed = fields.Boolean("Confirmed by Printer", copy=False, help="The printer itself counted the labels out.")
    confirmed_count = fields.Integer("Labels Confirmed", copy=False, help="Counted by the printer itself, or seen.")
    failed_count = fields.Integer("Labels Failed", copy=False, help="Certainly not on paper.")
    uncertain_count = fields.Integer("Labels Uncertain", copy=False, help="They may be on paper: somebody has to look.")
    reprinted_count = fields.Integer(
        "Labels Printed Again", copy=False, help="Copies of labels that were printed before."
    )
    evidence = fields.Selection(
        EVIDENCE, "How We Know", copy=False, help="The weakest proof among the labels that are on paper."
    )
    account_exact = fields.Boolean(
        "Label by Label", copy=False, help="The print server named each label instead of counting them."
    )
    account_problem = fields.Json(copy=False, help="What of the print server's account could not be used.")
    error_code = fields.Char(copy=False)
    error_message = fields.Char(copy=False)
    server_warning = fields.Char(
        "Unknown Server Status", copy=False, help="A word of the print server that Odoo does not know."
    )

    attempt_number = fields.Integer("Attempt", default=1, aggregator=None, copy=False)
    attempt_labels = fields.Json(copy=False, help="The labels of this attempt, counted from 1; empty for all.")
    attempt_quantity = fields.Integer("Labels in This Attempt", aggregator=None, copy=False)
    attempt_base = fields.Integer("Labels of Earlier Attempts", aggregator=None, copy=False)
    attempt_ids = fields.One2many("label.print.attempt", "job_id", "Attempts")
    failed_before = fields.Boolean(
        "With a Failed Attempt", copy=False, exportable=False, help="Also when a later attempt has printed the rest."
    )
    mark_ids = fields.One2many("label.print.mark", "job_id", "Labels Seen by People")
    failed_label_ids = fields.One2many("label.print.failed.label", "job_id", "Labels That Need Somebody")
    submission = fields.Selection(SUBMISSIONS, required=True, default="not_sent", copy=False)

    cancel_requested_at = fields.Datetime("Cancelled On", copy=False)
    cancelled_by = fields.Many2one("res.users", ondelete="restrict", copy=False)
    cancel_reason = fields.Selection(CANCEL_REASONS, "Reason for Cancelling", copy=False)
    cancel_note = fields.Char("Note on Cancelling", copy=False)
    cancel_accepted = fields.Boolean(copy=False, help="The print server has answered that it cancels the job.")

    copy_of_id = fields.Many2one(
        "label.print.job", "Copy of", index="btree_not_null", ondelete="restrict", copy=False,
        help="The job whose labels this one prints again.",
    )  # fmt: skip
    copy_labels = fields.Json(copy=False, help="For each label of this job, which label of the original it copies.")
    copy_reason = fields.Selection(COPY_REASONS, "Reason for Printing Again", copy=False)
    copy_note = fields.Char("Note on Printing Again", copy=False)
    copy_ids = fields.One2many("label.print.job", "copy_of_id", "Copies", context={"active_test": False})

    timeline = fields.Json(
        "Stored Timeline", copy=False, prefetch=False, help="Each status with its time (UTC), attempt, person and note."
    )
    last_report_at = fields.Datetime("Last Change Reported", copy=False)
    progress_at = fields.Datetime("Last Progress", copy=False)
    estimated_completion = fields.Datetime("Server's Estimate", copy=False)
    next_poll_at = fields.Datetime(copy=False, help="When the engine looks after this job next.")
    submit_started_at = fields.Datetime(copy=False, help="Set while the job is being handed to the print server.")
    not_found_count = fields.Integer(aggregator=None, copy=False)
    not_found_since = fields.Datetime(copy=False)
    unverified_since = fields.Datetime(copy=False)
    unverified_problem = fields.Json(copy=False, help="What stood in the way, said to each reader in their language.")
    attention_code = fields.Char(copy=False)
    attention_due_at = fields.Datetime(copy=False, help="Without progress until then, the job needs attention.")
    waiting_for = fields.Char(copy=False, help="What it waits for at its printer, as the print server's code.")
    waiting_since = fields.Datetime(copy=False)

    _quantity_positive = models.Constraint("CHECK(quantity > 0)", "A print job needs at least one label.")

    @api.depends("mo_reference", "job_type")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for job in self:
            number = job._origin.id or ""  # within a dialog it is a new record with this origin
            reference = job.mo_reference or (self.env._("test") if job.job_type == "test" else "")
            job.display_name = (
                self.env._("Print Job %(id)s (%(reference)s)", id=number, reference=reference)
                if reference
                else self.env._("Print Job %(id)s", id=number)
            )

    @api.depends("quantity")
    def _compute_priority(self):
        for job in self:
            job.priority = priority_for(job.quantity)

    def _check_quantity(self, quantity):
        """In `create`, not in a constraint: the database would refuse a 0 first, in its own words."""
        if not 1 <= quantity <= MAX_LABELS:
            raise ValidationError(
                self.env._(
                    "%(quantity)s labels cannot be printed in one job: enter 1 to %(most)s, or split the work.",
                    quantity=quantity,
                    most=MAX_LABELS,
                )
            )

    @api.constrains("printer_id", "server_id", "company_id")
    def _check_printer(self):
        for job in self:
            if job.printer_id:
                job.printer_id._check_can_print(job.company_id)
            owner = job.server_id.sudo().company_id
            if owner and owner != job.company_id:
                raise ValidationError(
                    self.env._(
                        "Print server %(server)s belongs to %(owner)s and prints nothing for %(company)s.",
                        server=job.server_id.sudo().name,
                        owner=owner.name,
                        company=job.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_defaults()
        for vals in vals_list:
            self._check_engine_fields(vals)
            # What the context says counts now, so that it is checked like what the caller says.
            missing = [name for name in ("mo_id", "printer_id", "quantity") if name not in vals]
            vals.update(self.default_get(missing))
            # The key is made with the job, not with the request: whoever submits it, and however often, it is one job.
            vals.setdefault("idempotency_key", str(uuid.uuid4()))
            production = self.env["mrp.production"].browse(vals.get("mo_id"))
            if not self.env.su:
                vals.update(mo_reference=False, product_id=False)  # the order's, whatever the context says
            if production:
                production.check_access("read")
                vals["mo_reference"] = vals.get("mo_reference") or production.name
                vals["product_id"] = vals.get("product_id") or production.product_id.id
                if vals.setdefault("company_id", production.company_id.id) != production.company_id.id:
                    raise ValidationError(
                        self.env._(
                            "%(order)s belongs to %(company)s: its labels are printed there.",
                            order=production.name,
                            company=production.company_id.name,
                        )
                    )
            company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
            if "printer_id" not in vals:
                vals["printer_id"] = self.env["printer.configuration"]._get_default_printer(company).id
            printer = self.env["printer.configuration"].browse(vals["printer_id"])
            if printer.company_id and not production and "company_id" not in vals:
                vals["company_id"] = printer.company_id.id
            if "server_id" not in vals:
                vals["server_id"] = (printer.server_id or self.env["label.print.server"]._get_default()).id
            self._prepare_labels(vals)
            self._check_quantity(vals["quantity"])
            if not vals.get("labels_data") and not self.env.su:
                raise UserError(
                    self.env._("A print job is made of labels: print them from a manufacturing order or a lot.")
                )
            vals.setdefault("attempt_quantity", vals["quantity"])
            vals.setdefault("submission", "accepted" if vals.get("flask_job_id") else "not_sent")
        # Toasts tell the submitter how it ends: neither a first message nor a follower is needed for that.
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        jobs = super(LabelPrintJob, quiet).create(vals_list).with_env(self.env)
        now = fields.Datetime.now()
        for job in jobs:
            if job.labels_data:
                job._check_labels()
                if not job.printer_id:
                    raise UserError(
                        self.env._(
                            "Choose a printer for this job, or set a default printer in Settings > Label Printing."
                        )
                    )
            values = {"next_poll_at": now, "progress_at": now}
            if not job.timeline:
                values["timeline"] = [job._timeline_entry(job.status, now, user=job.submitted_by)]
            job.sudo().write(values)
        jobs._link_lots()
        jobs.sudo()._keep_specimens()
        jobs.sudo()._start_first_attempts()
        jobs.sudo()._seal(kind="made")
        if any(job.status == "pending" and job.labels_data for job in jobs):
            self._trigger_submission()
        if any(job.status in job_lifecycle.ACTIVE for job in jobs):
            self._trigger_engine()
        self.env["print.job.notifier"]._live(jobs=jobs)
        return jobs

    def _start_first_attempts(self):
        """A row for the first attempt of each of these new jobs; of one that is entered as ended, with its account."""
        Attempt = self.env["label.print.attempt"]
        Attempt.create(
            [
                {
                    **Attempt._values_of_new(job, job.attempt_number, range(1, job.quantity + 1), job.submitted_by),
                    "flask_job_id": job.flask_job_id,
                    "submitted_date": job.submitted_date,
                    "started_date": job.started_date,
                }
                for job in self
            ]
        )
        ended = self.filtered(lambda job: job.status in job_lifecycle.TERMINAL)
        if ended:
            ended._record_as_ended()

    def write(self, vals):
        self._check_engine_fields(vals)
        if "priority" in vals and not self.env.su and any(job.submission != "not_sent" for job in self):
            raise UserError(
                self.env._(
                    "The print server has this job already, or may have it, so its priority cannot be changed "
                    "any more. To print something else first, cancel it and print again."
                )
            )
        frozen = FROZEN_FIELDS & vals.keys()
        if frozen and not self.env.su:
            raise UserError(
                self.env._(
                    "A print job cannot be changed once it is made. Cancel it and print again with the right values."
                )
            )
        return super().write(vals)

    def _check_engine_fields(self, vals):
        """Keep what the engine found out from being written by hand or by RPC."""
        if not self.env.su and (touched := ENGINE_FIELDS & vals.keys()):
            raise AccessError(
                self.env._(
                    "These fields are kept by the system and cannot be set: %(names)s.",
                    names=", ".join(sorted(touched)),
                )
            )

    def _check_defaults(self):
        """Nor by defaults in the context, which end up as values."""
        if self.env.su:
            return
        names = {name.removeprefix("default_") for name in self.env.context if name.startswith("default_")}
        self._check_engine_fields(dict.fromkeys(names & (ENGINE_FIELDS - {"mo_reference", "product_id"})))

    # pylint: disable-next=method-required-super  # it always raises
    def copy(self, default=None):
        self.check_access("read")
        raise UserError(
            self.env._("A print job cannot be duplicated: print again from the manufacturing order instead.")
        )

    def _labels_of_attempt(self):
        """The labels that the current attempt prints, in order."""
        self.ensure_one()
        labels = self.labels_data or []
        return [labels[index - 1] for index in self.attempt_labels] if self.attempt_labels else labels

    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "label.print.job",
            "res_id": self.id,
            "views": [(False, "form")],
        }
