"""Label printers: what a person configures about them, and what the print server says of them."""

from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain

from ..services.label_files.label_hashes import LabelTemplate, hash_of
from ..services.label_files.marked_text import mark
from ..services.lifecycle import job_lifecycle
from ..services.wording.error_catalogue import reason_label
from .deletable_records import need_action
from .label_print_job_hashes import TEMPLATE

STATUS = [
    ("online", "Online"),
    ("busy", "Busy"),
    ("attention", "Needs Attention"),
    ("offline", "Offline"),
    ("unknown", "Unknown"),
]
# How much attention a printer needs, for the order of its kanban: stopped with a reason, offline, unknown.
# Printing or not makes no difference, or cards would change places all day.
SEVERITY = {"attention": 3, "offline": 2, "unknown": 1}
# A label of 100 x 150 mm at 300 dpi is 1181 dots wide; 50 dots from the edge fits every width there is.
TEST_LABEL = (
    "^XA^CI28^FO50,50^A0N,40,40^FD{title}^FS^FO50,110^A0N,30,30^FD{printer}^FS^FO50,160^A0N,30,30^FD{when}^FS^XZ"
)


class PrinterConfiguration(models.Model):
    _name = "printer.configuration"
    _description = "Label Printer"
    _inherit = ["mail.thread", "label.print.company.mixin"]
    _order = "name, id"
    _rec_names_search = ["name", "cups_name", "location"]

    name = fields.Char(required=True)
    cups_name = fields.Char(
        "Queue Name", required=True, help="The printer's name on the print server (its CUPS queue)."
    )
    server_id = fields.Many2one(
        "label.print.server",
        "Print Server",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["label.print.server"]._get_default(),
    )
    active = fields.Boolean(default=True)
    ip_address = fields.Char("IP Address")
    model = fields.Char()
    dpi = fields.Selection([("203", "203"), ("300", "300"), ("600", "600")], "Resolution (dpi)", default="300")
    connection_type = fields.Selection([("usb", "USB"), ("network", "Network")], "Connection", default="network")
    location = fields.Char()
    user_ids = fields.Many2many("res.users", "printer_configuration_user_rel", "printer_id", "user_id", "Watched By")
    is_mine = fields.Boolean("My Printer", compute="_compute_is_mine", search="_search_is_mine")

    status = fields.Selection(STATUS, default="unknown", required=True, readonly=True, copy=False)
    severity = fields.Integer(compute="_compute_severity", store=True, precompute=True, aggregator=None)
    status_since = fields.Datetime("Since", readonly=True, copy=False)
    state_reasons = fields.Json(
        "Reasons", readonly=True, copy=False, help="IPP printer-state-reasons, each with its severity."
    )
    reason_display = fields.Char("Reason", compute="_compute_reason_display")
    jobs_in_queue = fields.Integer("Jobs in Queue", readonly=True, copy=False)
    last_seen = fields.Datetime(
        readonly=True, copy=False, help="When the print server last reported this printer."
    )
    last_status_check = fields.Datetime(readonly=True, copy=False)
    reported_at = fields.Datetime(readonly=True, copy=False, help="Time of the newest report taken into account.")
    sweeps_missing = fields.Integer(readonly=True, copy=False)
    confirms_labels = fields.Boolean(
        readonly=True, copy=False, default=True,
        help="Without it the printer answers no status questions: its labels are sent, and nobody confirms them.",
    )  # fmt: skip
    serial_number = fields.Char(readonly=True, copy=False, help="As the printer itself says it.")
    firmware = fields.Char(readonly=True, copy=False)
    odometer = fields.Integer(
        "Labels in Its Life", readonly=True, copy=False, aggregator=None, help="The printer's own count of labels."
    )
    seconds_per_label = fields.Float(
        "Seconds per Label", readonly=True, copy=False, digits=(8, 3), help="Measured on finished jobs."
    )

    job_ids = fields.One2many("label.print.job", "printer_id", "Print Jobs")
    current_job_id = fields.Many2one("label.print.job", "Printing Now", compute="_compute_activity")
    current_progress_display = fields.Char("Progress", compute="_compute_activity")
    current_progress_percent = fields.Float("Progress (%)", compute="_compute_activity")
    current_labels_printed = fields.Integer("Labels Printed", compute="_compute_activity")
    waiting_count = fields.Integer("Jobs Not Begun", compute="_compute_activity")
    labels_today = fields.Integer(compute="_compute_activity")

    _cups_name_unique = models.Constraint(
        "UNIQUE(cups_name, server_id)",
        "A printer with this queue name is already configured for this print server.",
    )

    @api.depends("status")
    def _compute_severity(self):
        for printer in self:
            printer.severity = SEVERITY.get(printer.status, 0)

    @api.depends_context("uid")
    @api.depends("user_ids")
    def _compute_is_mine(self):
        for printer in self:
            printer.is_mine = self.env.user in printer.sudo().user_ids

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("user_ids", "in", self.env.uid)
        return domain if True in value else ~domain

    @api.depends("state_reasons")
    @api.depends_context("lang")
    def _compute_reason_display(self):
        for printer in self:
            # The sentence is made at reading time, in the reader's language.
            printer.reason_display = ", ".join(
                self.env._(reason_label(reason["keyword"]))
                for reason in printer.state_reasons or []
                if reason.get("severity") != "report"
            )

    @api.depends_context("tz", "uid")
    def _compute_activity(self):
        Job, Attempt = self.env["label.print.job"], self.env["label.print.attempt"]
        printing, waiting = {}, Counter()
        mine = Domain("printer_id", "in", self.ids)
        # What counts as today: see `_labels_today_domain` of the job.
        ended_today = mine & Domain("ended_date", ">=", "today")
        labels = Counter(
            {
                printer.id: added or 0
                for printer, added in Attempt._read_group(ended_today, ["printer_id"], ["added_count:sum"])
            }
        )
        for printer, status, count, first, printed, before in Job._read_group(
            mine & Domain("status", "in", job_lifecycle.OPEN),
            ["printer_id", "status"],
            ["__count", "id:min", "current_label:sum", "attempt_base:sum"],
        ):
            if status == "printing":
                printing[printer.id] = first
                labels[printer.id] += max(0, printed - before)
            else:
                waiting[printer.id] += count
        # All at once, and only what is shown of them: the printers' kanban reads this with every change.
        current = Job.browse(printing.values())
        current.fetch(["status", "current_label", "quantity", "progress_percent", "mo_reference", "job_type"])
        for printer in self:
            job = current.browse(printing.get(printer.id)).with_prefetch(current.ids)
            printer.current_job_id = job
            printer.current_progress_display = job.progress_display
            printer.current_progress_percent = job.progress_percent
            printer.current_labels_printed = job.current_label
            printer.waiting_count = waiting[printer.id]
            printer.labels_today = labels[printer.id]

    @api.depends("name", "location", "status", "state_reasons")
    @api.depends_context("lang", "label_print_state")
    def _compute_display_name(self):
        """Where somebody chooses a printer to print on (`label_print_state`): also where it is, and how it is."""
        super()._compute_display_name()
        if not self.env.context.get("label_print_state"):
            return
        for printer in self.filtered("name"):
            printer.display_name = " · ".join(filter(None, (printer.name, printer.location, printer._state_in_words())))

    def _state_in_words(self):
        """Why it cannot print, as far as that is known, else its status."""
        states = dict(self._fields["status"]._description_selection(self.env))
        return self.reason_display or states[self.status]

    def _place(self):
        """Its name and where it stands, for a sentence; "-" for no printer."""
        return f"{self.name} ({self.location})" if self.location else self.name or "-"

    def _not_ready_warning(self, company=None):
        """What a dialog says of a printer that somebody chooses although it cannot print now, and what the job will do.

        :param company: whose jobs they are, the user's when not given
        :return: False when it can, or when nothing is known
        """
        if not self:
            return self._no_printer_warning(company or self.env.company)
        server = self.server_id.sudo()
        if self.maintenance_display:
            return self.env._(
                "%(maintenance)s. The job is printed when the printer can; until then nobody is told if it stops.",
                maintenance=self.maintenance_display,
            )
        if server.state in ("unreachable", "misconfigured"):
            return self.env._(
                "Print server %(server)s cannot be reached just now. "
                "The job waits in Odoo and is printed by itself when it answers again.",
                server=server.name,
            )
        if self.status not in ("offline", "attention"):
            return False
        if server._has_capability("label_account"):
            return self.env._(
                "This printer is not ready: %(state)s. "
                "The job waits for it, and prints by itself when somebody has seen to it.",
                state=self._state_in_words(),
            )
        return self.env._(
            "This printer is not ready: %(state)s. The job will wait or fail until somebody has seen to it.",
            state=self._state_in_words(),
        )

    def action_move_waiting(self):
        """Open the dialog that moves what waits for this printer to another one."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move Waiting Print Jobs"),
            "res_model": "label.print.move.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_printer_id": self.id},
        }

    def action_toggle_mine(self):
        self.check_access("read")
        self.env["label.print.job"].check_access("write")  # whoever only looks watches nothing
        for printer in self.sudo():
            command = 3 if self.env.user in printer.user_ids else 4
            printer.write({"user_ids": [(command, self.env.uid)]})

    def action_test_print(self):
        """Print one label that says when and where it was printed, followed like any other job."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("create")
        when = fields.Datetime.context_timestamp(self, fields.Datetime.now()).strftime("%Y-%m-%d %H:%M:%S")
        zpl = TEST_LABEL.format(
            title=mark(self.env._("Test label")), printer=mark(f"{self.name} ({self.cups_name})"), when=when
        )
        template = {TEMPLATE: LabelTemplate("label_print_monitor.test_label", hash_of(TEST_LABEL))}
        job = self.env["label.print.job"].with_context(**template).create(
            {
                "printer_id": self.id,
                "job_type": "test",
                "quantity": 1,
                "labels_data": [{"zpl_code": zpl, "box_number": 1}],
            }
        ).with_env(self.env)
        return job._get_form_action()

    def action_view_month(self):
        """This printer's jobs of the current month, by day and status; another month is one click in the search."""
        self.ensure_one()
        self.check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_history")
        return {
            **action,
            "name": self.env._("%(printer)s: Month", printer=self.name),
            "context": {
                "search_default_printer_id": self.id,
                "search_default_date": 1,
                "pivot_row_groupby": ["create_date:day"],
                "pivot_column_groupby": ["status"],
            },
        }

    def action_view_jobs(self):
        self.ensure_one()
        self.check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_job_all")
        return {**action, "context": {"search_default_printer_id": self.id}}
