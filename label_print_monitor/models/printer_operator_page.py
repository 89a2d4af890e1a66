"""The operator's page: all that a tablet at the line shows of one printer in one read, and what is printed from there.

What the page does (print, retry, cancel, print again) goes through the dialogs' own methods: there is one way to do
each.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.label_account import PRINTED
from ..services.wording import error_catalogue
from .label_print_job import CANCEL_REASONS, COPY_REASONS

WAITING_SHOWN = 4
OPEN_READ = 60  # more jobs than this are counted and not read
FAILURES_SHOWN = 3
ENDED_READ = 500  # the newest jobs of a printer, among which is the one that has printed last
FAILED = list(job_lifecycle.FAILED)
SHOWN_OF_JOBS = [
    "status", "priority", "quantity", "current_label", "progress_percent", "mo_reference", "job_type", "product_id",
    "waiting_for", "waiting_since", "attention_code", "cancel_requested_at", "error_code", "error_message",
    "completed_date",
]  # fmt: skip


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    @api.model
    def get_operator_page(self, printer_id=False):
        """What the operator's page shows, in the reader's language, by a few statements however long the history is.

        :param printer_id: the printer that was chosen on the device; without one that the reader may use, the page
            lists those to choose among
        :return: ``{"printer", "printing", "waiting", "waiting_count", "problems", "more_failures", "warnings", "roll",
            "last", "rights"}``, or ``{"printer": False, "printers", "rights"}``
        """
        self.browse().check_access("read")
        Job = self.env["label.print.job"]
        Job.check_access("read")
        acts = Job.has_access("write")
        rights = {
            "act": acts,
            "print": acts and Job.has_access("create") and self.env["mrp.production"].has_access("read"),
            "print_again": acts and Job._may_print_again(),
        }
        printer = self.search([("id", "=", printer_id or False)])
        if not printer:
            return {"printer": False, "printers": self._operator_choices(), "rights": rights}
        jobs, open_count = printer._operator_open_jobs()
        with_problems = printer._operator_jobs_with_problems(jobs, open_count)
        printing = jobs.filtered(lambda job: job.status == "printing")[:1]
        waiting = jobs - printing
        failures = printer._operator_failures()
        return {
            "rights": rights,
            "printer": printer._operator_state(),
            "printing": {**printing._operator_words(), "eta": printing.eta_display or ""} if printing else False,
            "waiting": [job._operator_words() for job in waiting[:WAITING_SHOWN]],
            "waiting_count": open_count - len(printing),
            "problems": [
                *printer._operator_problems(with_problems),
                *(job._operator_failure() for job in failures[:FAILURES_SHOWN]),
            ],
            "more_failures": len(failures) > FAILURES_SHOWN,
            "warnings": printer._early_warnings().get(printer.id, []),
            "roll": printer._operator_roll(),
            "last": printer._operator_last_job()._operator_words(),
            "cancel_reasons": []
            if Job._skips_cancel_reason()
            else Job._reasons_to_touch(CANCEL_REASONS, "cancel_reason"),
            "copy_reasons": Job._reasons_to_touch(COPY_REASONS, "copy_reason"),
        }

    def _operator_choices(self):
        """The printers to choose among, the reader's own first."""
        printers = self.search([("active", "=", True)])
        return [
            {**printer._operator_state(), "is_mine": printer.is_mine}
            for printer in printers.sorted(lambda printer: not printer.is_mine)
        ]

    def _operator_state(self):
        return {
            "id": self.id,
            "name": self.name,
            "location": self.location or "",
            "status": self.status,
            "status_label": dict(self._fields["status"]._description_selection(self.env))[self.status],
            "reason": self.reason_display or "",
            "maintenance": self.maintenance_display or "",
        }

    def _operator_roll(self):
        """What is known of the roll, where its labels are counted; False where nobody wants to know."""
        if not self.roll_size:
            return False
        return {"left": self.roll_display or "", "size": self.roll_size}

    def _operator_room(self):
        """What an order that is chosen may find too little: False when nobody counts the roll.

        :return: ``{"left": words, "room"}``: how many labels are left after the jobs that have not ended
        """
        roll = self._rolls().get(self.id)
        return bool(roll) and {
            "left": self._labels_left_in_words(roll.left),
            "room": max(0, roll.left - roll.needed),
        }

    def _operator_open_jobs(self):
        """The first jobs of this printer that have not ended, as it prints them, and how many there are."""
        Job = self.env["label.print.job"]
        domain = self._operator_open_domain()
        # A job that prints, or is printed next, may be newer than all that wait.
        query = Job._search(domain)
        query.order = SQL(
            "%s != 'printing', CASE %s WHEN 'high' THEN 0 WHEN 'low' THEN 2 ELSE 1 END, %s",
            *(Job._field_to_sql(query.table, name, query) for name in ("status", "priority", "id")),
        )
        query.limit = OPEN_READ
        jobs = Job._fetch_query(query, [Job._fields[name] for name in SHOWN_OF_JOBS])
        count = len(jobs) if len(jobs) < OPEN_READ else Job.search_count(domain)
        return jobs, count

    def _operator_open_domain(self):
        return [("printer_id", "=", self.id), ("status", "in", list(job_lifecycle.OPEN))]

    def _operator_jobs_with_problems(self, jobs, open_count):
        """The open jobs with which something is wrong: among so many that not all were read, too."""
        if len(jobs) < open_count:
            jobs |= self.env["label.print.job"].search_fetch(
                [
                    *self._operator_open_domain(),
                    "|",
                    ("waiting_for", "!=", False),
                    ("attention_code", "!=", False),
                ],
                SHOWN_OF_JOBS,
                order="id",
                limit=FAILURES_SHOWN,
            )
        return jobs.filtered(lambda job: job.waiting_for or job.attention_code)

    def _operator_problems(self, jobs):
        """What is wrong at the printer itself, and with the jobs that have not ended."""
        problems = []
        held = jobs.filtered("waiting_for")[:1]
        if held:
            advice = error_catalogue.waiting_advice(held.waiting_for)
            problems.append(
                {**self._operator_advice(advice), **held._operator_of_problem(), "title": held.attention_message}
            )
        elif self.status in ("attention", "offline"):
            problems.append(self._operator_problem_of_state())
        for job in jobs.filtered("attention_code"):
            if advice := error_catalogue.advice(job.attention_code):
                problems.append({**self._operator_advice(advice), **job._operator_of_problem()})
        return problems[:FAILURES_SHOWN]

    def _operator_problem_of_state(self):
        """What the printer says of itself, with the remedy for the first reason that has one."""
        keywords = [reason["keyword"] for reason in self.state_reasons or [] if reason.get("severity") != "report"]
        codes = [code for keyword in keywords if (code := error_catalogue.code_for_reason(keyword))]
        if not codes and self.status == "offline":
            codes = ["printer_offline"]
        state = self._operator_state()
        title = state["reason"] or state["status_label"]
        if not codes:
            return {"title": title, "action": "", "steps": [], "severity": "warning"}
        return {**self._operator_advice(error_catalogue.waiting_advice(codes[0])), "title": title}

    def _operator_advice(self, advice):
        manager = self.env.user._manages_label_printing()
        return {
            "title": self.env._(advice.message),
            "action": self.env._(advice.action_for(manager)),
            "steps": [self.env._(step) for step in advice.steps_for(manager)],
            "severity": advice.severity,
        }

    def _operator_failures(self):
        """The newest failures of this printer that ask for somebody, one more than are shown."""
        Job = self.env["label.print.job"]
        return Job.search_fetch(
            [("printer_id", "=", self.id), ("status", "in", FAILED), ("needs_attention", "=", True)],
            SHOWN_OF_JOBS,
            order="completed_date desc, id desc",
            limit=FAILURES_SHOWN + 1,
        )

    def _operator_last_job(self):
        """The job that has brought the last labels to paper at this printer; test labels are none.

        Urgent jobs are printed before older ones, so it need not be the newest: but it is among the newest.
        """
        Job = self.env["label.print.job"]
        newest = Job._search(
            [
                ("printer_id", "=", self.id),
                ("status", "in", list(job_lifecycle.TERMINAL)),
                ("current_label", ">", 0),
                ("job_type", "!=", "test"),
            ],
            order="id desc",
            limit=ENDED_READ,
        )
        return Job.search_fetch(
            [("id", "in", newest)], SHOWN_OF_JOBS, order="completed_date desc nulls last, id desc", limit=1
        )

    def get_last_label(self):
        """The label that this printer has printed last, of which a copy can be made.

        :return: ``{"job_id", "index", "label", "order", "product"}``; of a copy, its original
        :raise UserError: in words, when there is none
        """
        self.ensure_one()
        self.check_access("read")
        Job = self.env["label.print.job"]
        Job.check_access("write")
        Job._check_right_to_print_again()
        job = self._operator_last_job()
        printed = job._job_account().indexes(*PRINTED) if job else []
        if not printed:
            raise UserError(
                self.env._(
                    "No label is known that %(printer)s has printed and that could be printed again.", printer=self.name
                )
            )
        index = printed[-1]
        original = job
        # A copy of a copy is one more copy of the label.
        while (
            original.copy_of_id and len(original.copy_labels or ()) >= index and original.copy_of_id.has_access("read")
        ):
            index, original = original.copy_labels[index - 1], original.copy_of_id
        words = original._operator_words()
        return {
            "job_id": original.id,
            "index": index,
            "label": self.env._("Label %(number)s of %(total)s", number=index, total=original.quantity),
            "order": words["order"],
            "product": words["product"],
        }

    def get_order_labels(self, order_id, lot_id=False):
        """What can be printed of an order here: opens the print dialog's record, which the page then prints from.

        :param lot_id: the lot or serial number that was scanned: its labels alone
        :raise UserError: in words, when the order has nothing to print
        """
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("create")
        order = self.env["mrp.production"].browse(order_id).exists()
        order.check_access("read")
        if not order:
            raise UserError(self.env._("This order no longer exists. Scan again."))
        lot = self.env["stock.lot"].browse(lot_id or ())
        order._get_label_print_data()  # says at once, in words, when there is nothing to print
        wizard = self.env["label.print.wizard"].create(
            {"mo_id": order.id, "printer_id": self.id, "only_lot_id": lot.id}
        )
        return {
            "wizard_id": wizard.id,
            "order": order.name,
            "product": order.product_id.display_name,
            "lot": lot.name or "",
            "quantity": wizard.quantity,
            "earlier": wizard.earlier_display or "",
            "left_out": wizard.left_out_display or "",
            "warning": wizard.printer_warning or "",
            "has_missing": wizard.has_missing,
            "roll": self._operator_room(),
        }


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _operator_words(self):
        """What the operator's page and the wall say of a job, False for none."""
        if not self:
            return False
        return {
            "id": self.id,
            "order": self.mo_reference or (self.env._("Test label") if self.job_type == "test" else self.display_name),
            "product": self.sudo().product_id.display_name or "",  # of a job that the reader may see
            "done": self.labels_done_display,
            "percent": round(self.progress_percent or 0),
            "quantity": self.quantity,
            "can_cancel": self.can_cancel,
            "is_cancelling": self.is_cancelling,
        }

    def _operator_of_problem(self):
        words = self._operator_words()
        return {
            "job_id": self.id,
            "order": words["order"],
            "done": words["done"],
            "can_retry": self.can_retry,
        }

    def _operator_failure(self):
        """A job that has ended badly: what was wrong and what to do, as the toast says it."""
        advice = error_catalogue.advice_about(self.error_code, self.error_message)
        manager = self.env.user._manages_label_printing()
        return {
            **self._operator_of_problem(),
            "title": self.error_title
            or self.error_message
            or dict(self._fields["status"]._description_selection(self.env))[self.status],
            "action": self.error_action or "",
            "steps": [self.env._(step) for step in advice.steps_for(manager)] if advice else [],
            "severity": "error" if self.status == "failed" else "warning",
            "can_retry": self.can_retry and self.error_retry_helps,
            "has_failed": True,
        }

    @api.model
    def _reasons_to_touch(self, reasons, field):
        """The reasons that need no words of one's own, as ``[value, label]`` in the reader's language."""
        labels = dict(self._fields[field]._description_selection(self.env))
        return [[value, labels[value]] for value, _label in reasons if value != "other"]
