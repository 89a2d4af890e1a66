"""The dialog that prints what a job lacks, and asks a person about the labels that may be on paper."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.label_print_job import CANCEL_REASONS
from ..services.contract.label_runs import LabelRunsError, format_runs, parse_runs


class LabelPrintRetryWizard(models.TransientModel):
    """What is missing is printed; what is uncertain is asked about first, label by label.

    The dialog remembers the attempt on which it was opened: if the job has been printed again meanwhile, other labels
    are missing now, and it refuses.
    """

    _name = "label.print.retry.wizard"
    _description = "Print Missing Labels"

    job_id = fields.Many2one("label.print.job", "Print Job", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="job_id.company_id", related_sudo=False)
    opened_attempt = fields.Integer(default=0, help="The newest attempt when the dialog was opened.")
    purpose = fields.Selection(
        [("retry", "Print what is missing"), ("settle", "Only note what is on paper"), ("cancel", "Cancel the job")],
        default="retry",
        required=True,
    )
    quantity = fields.Integer("Labels in the Job", related="job_id.quantity", related_sudo=False)
    label_grid = fields.Json(compute="_compute_label_grid")
    question = fields.Char(compute="_compute_question")
    uncertain_count = fields.Integer("Labels in Doubt", compute="_compute_question")
    is_counted_only = fields.Boolean(compute="_compute_question")
    on_paper = fields.Char(help="Label numbers, for example 3, 9-11.")
    not_on_paper = fields.Char("Not on Paper", help="Label numbers, for example 3, 9-11.")
    resume_from = fields.Integer(
        "First Label That Is Missing",
        help="The first label that you do not have in your hand; all after it count as missing.",
    )
    choose = fields.Boolean("Choose Labels", compute="_compute_labels_text", store=True, readonly=False)
    elsewhere_warning = fields.Char(compute="_compute_elsewhere_warning")
    can_set_aside = fields.Boolean(related="job_id.can_set_aside", related_sudo=False)
    labels_text = fields.Char("Labels to Print", compute="_compute_labels_text", store=True, readonly=False)
    printable_text = fields.Char(compute="_compute_printable_text", store=True, readonly=False)
    labels_count = fields.Integer("Labels That Will Be Printed", compute="_compute_labels_count")
    labels_display = fields.Char("Will Be Printed", compute="_compute_labels_count")
    printer_id = fields.Many2one(
        "printer.configuration",
        compute="_compute_printer_id",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', [False, company_id]), ('server_id.active', '=', True)]",
    )
    printer_warning = fields.Char(compute="_compute_printer_warning")
    roll_warning = fields.Char(compute="_compute_roll_warning")
    reason = fields.Char()
    cancel_reason = fields.Selection(CANCEL_REASONS, help="Chosen before, in the dialog that cancels.")
    cancel_note = fields.Char()

    def _account(self):
        """The job's account; of one whose submission is in doubt, as if no report about it came any more."""
        account = self.job_id._job_account()
        if self.job_id.submission != "maybe":
            return account
        return self.job_id._account_if_given_up()

    def _read(self, text):
        """Label numbers as far as they can be understood: what is wrong with them is said when they are used."""
        try:
            return parse_runs(text, self.quantity or 0)
        except LabelRunsError:
            return []

    def _printable(self, account):
        """The labels that may be printed: those that are missing, and those that somebody has looked for in vain."""
        return sorted({*account.missing, *self._read(self.not_on_paper)})

    def _chosen(self, account):
        printable = self._printable(account)
        if not self.choose:
            return printable
        chosen = set(self._read(self.labels_text))
        return [index for index in printable if index in chosen]

    @api.depends("job_id", "purpose")
    @api.depends_context("lang")
    def _compute_question(self):
        for wizard in self:
            job = wizard.job_id
            account = wizard._account() if job else None
            doubtful = account.uncertain if job else []
            wizard.uncertain_count = len(doubtful)
            wizard.is_counted_only = bool(doubtful) and not job.account_exact
            words = []
            if wizard.purpose == "cancel":
                words.append(self.env._("The print server may have this job, and cannot be asked about it any more."))
            if doubtful and job.submission == "maybe" and job.sudo().server_id._is_silent():
                words.append(
                    self.env._(
                        "The print server does not answer just now, and may still print what it has taken. "
                        "Wait until it answers, and look then."
                    )
                )
            elif doubtful and job._may_still_arrive():
                words.append(
                    self.env._(
                        "The request was sent only a moment ago, and the print server may still take it. "
                        "Wait half a minute, and look then."
                    )
                )
            if wizard.is_counted_only and account.printed:
                words.append(
                    self.env._(
                        "The print server only counted: %(printed)s of %(quantity)s labels. "
                        "Which of the others are on paper, only you can see.",
                        printed=account.printed,
                        quantity=job.quantity,
                    )
                )
            elif wizard.is_counted_only:
                words.append(
                    self.env._("The print server reported no label as printed. What is on paper, only you can see.")
                )
            elif doubtful:
                words.append(
                    self.env._(
                        "It is not known whether %(labels)s came to paper.", labels=job._describe_labels(doubtful)
                    )
                )
            wizard.question = " ".join(words)

    @api.depends("job_id", "not_on_paper", "resume_from")
    @api.depends_context("lang")
    def _compute_label_grid(self):
        for wizard in self:
            job = wizard.job_id
            if not job:
                wizard.label_grid = False
                continue
            account = wizard._account()
            asked = set(account.uncertain)
            if wizard.resume_from:
                # Who starts before what was counted says of counted labels, too, that they are missing.
                asked |= {index for index in account.indexes("reported") if index >= wizard.resume_from}
            printable = wizard._printable(account)
            wizard.label_grid = {
                **job._grid_of(account),
                "asked": sorted(asked),
                "missing": printable,
                "selectable": printable,
            }

    @api.depends("job_id")
    def _compute_printer_id(self):
        for wizard in self:
            # It may have become another company's; stored fields are computed as superuser.
            printer = wizard.job_id.printer_id.sudo(False)._filtered_access("read")
            gone = printer and printer._problem_to_print(wizard.company_id)
            wizard.printer_id = False if gone else printer

    @api.depends("printer_id.status")
    @api.depends_context("lang")
    def _compute_printer_warning(self):
        for wizard in self:
            before = wizard.job_id.printer_id
            if before and not wizard.printer_id:
                wizard.printer_warning = before._problem_to_print(wizard.company_id)
            else:
                wizard.printer_warning = wizard.printer_id._not_ready_warning(wizard.company_id)

    @api.depends("printer_id", "labels_count")
    @api.depends_context("lang")
    def _compute_roll_warning(self):
        for wizard in self:
            wizard.roll_warning = wizard.printer_id._roll_shortage(wizard.labels_count)

    def _elsewhere(self, account):
        """The labels that another job has printed since: they are offered, but not chosen."""
        self.ensure_one()
        if not self.job_id or self.purpose != "retry":
            return {}
        return self.job_id._printed_elsewhere(sorted({*account.missing, *account.uncertain}))

    @api.depends("job_id", "purpose")
    @api.depends_context("lang")
    def _compute_elsewhere_warning(self):
        for wizard in self:
            elsewhere = wizard._elsewhere(wizard._account()) if wizard.job_id else {}
            wizard.elsewhere_warning = wizard.job_id._words_of_elsewhere(elsewhere) if elsewhere else False

    @api.depends("job_id")
    def _compute_labels_text(self):
        """All that may be printed; of a job whose boxes have got labels elsewhere since, the others are proposed."""
        for wizard in self:
            wizard.labels_text, wizard.choose = False, False
            if wizard.job_id:
                account = wizard._account()
                elsewhere = {index for indexes in wizard._elsewhere(account).values() for index in indexes}
                printable = wizard._printable(account)
                wizard.labels_text = format_runs([index for index in printable if index not in elsewhere])
                wizard.choose = bool(elsewhere)

    @api.depends("job_id")
    def _compute_printable_text(self):
        for wizard in self:
            wizard.printable_text = format_runs(wizard._printable(wizard._account())) if wizard.job_id else False

    @api.onchange("resume_from")
    def _onchange_resume_from(self):
        """One number instead of one answer for each label: those before it are on paper, the others are not."""
        if not self.job_id or not self.resume_from:
            return None
        if not 1 <= self.resume_from <= self.quantity:
            wrong, self.resume_from = self.resume_from, 0
            return {
                "warning": {
                    "type": "notification",
                    "title": self.env._("No such label"),
                    "message": self.env._("There is no label %(number)s: the job has one label only.", number=wrong)
                    if self.quantity == 1
                    else self.env._(
                        "There is no label %(number)s: the labels are 1 to %(last)s.",
                        number=wrong,
                        last=self.quantity,
                    ),
                }
            }
        account = self._account()
        doubtful = sorted({*account.uncertain, *account.indexes("reported")})
        self.on_paper = format_runs([index for index in account.uncertain if index < self.resume_from])
        self.not_on_paper = format_runs([index for index in doubtful if index >= self.resume_from])
        return None

    @api.onchange("not_on_paper", "choose")
    def _onchange_answers(self):
        """What is chosen follows the answers: a label that turns out to be missing is printed, one on paper is not."""
        if not self.job_id:
            return
        printable = self._printable(self._account())
        before = set(self._read(self.printable_text))
        chosen = set(self._read(self.labels_text))
        elsewhere = {index for indexes in self._elsewhere(self._account()).values() for index in indexes}
        new = set(printable) - before - elsewhere
        kept = [index for index in printable if not self.choose or index in chosen or index in new]
        self.labels_text, self.printable_text = format_runs(kept), format_runs(printable)

    @api.depends("labels_text", "choose", "not_on_paper", "on_paper", "purpose", "quantity")
    @api.depends_context("lang")
    def _compute_labels_count(self):
        for wizard in self:
            wizard.labels_count, wizard.labels_display = 0, False
            if wizard.purpose != "retry" or not wizard.job_id:
                continue
            account = wizard._account()
            chosen = wizard._chosen(account)
            wizard.labels_count = len(chosen)
            answered = {*wizard._read(wizard.on_paper), *wizard._read(wizard.not_on_paper)}
            if chosen:
                wizard.labels_display = (
                    self.env._("1 label: %(runs)s", runs=format_runs(chosen))
                    if len(chosen) == 1
                    else self.env._("%(count)s labels: %(runs)s", count=len(chosen), runs=format_runs(chosen))
                )
            elif set(account.uncertain) - answered:
                wizard.labels_display = self.env._("Nothing, until you have said what is on paper")
            elif wizard._printable(account):
                wizard.labels_display = self.env._("Nothing: no label is chosen")
            else:
                wizard.labels_display = self.env._("Nothing: all labels are on paper")

    def _numbers(self, text):
        """:raise UserError: in words, for what are no label numbers of this job"""
        try:
            return parse_runs(text, self.quantity)
        except LabelRunsError as error:
            raise UserError(self.env._(error.message, **error.params)) from None

    def action_confirm(self):
        """Keep what the person has seen, then print what is missing."""
        self.ensure_one()
        self.check_access("write")
        job = self.job_id
        job.check_access("write")
        on_paper, not_on_paper = self._numbers(self.on_paper), self._numbers(self.not_on_paper)
        chosen = self._numbers(self.labels_text)
        job._lock_or_tell()
        job._check_attempt(self.opened_attempt)
        if self.purpose == "cancel" and job.submission != "maybe":
            # The print server has been found out about meanwhile: it is asked, and no person.
            return job._cancel(self.cancel_reason, self.cancel_note)
        if self.purpose == "retry":
            job._check_can_print_missing()
        open_questions = sorted(set(self._account().uncertain) - {*on_paper, *not_on_paper})
        if open_questions and self.purpose != "settle":
            words = (
                self.env._(
                    "Say of label %(number)s whether it is on paper. Look for it first.", number=open_questions[0]
                )
                if len(open_questions) == 1
                else self.env._(
                    "Say of %(labels)s whether they are on paper. Look for them first.",
                    labels=job._describe_labels(open_questions),
                )
            )
            raise UserError(words)
        if self.purpose == "settle" and not on_paper and not not_on_paper:
            raise UserError(self.env._("Say of at least one label whether it is on paper."))
        if self.purpose == "cancel":
            job._note_cancel_request(job._cancellation(self.cancel_reason, self.cancel_note))
        job._settle(on_paper, not_on_paper, reason=self.reason or "", cancelled=self.purpose == "cancel")
        if self.purpose == "retry" and job.status != "completed":
            missing = job._job_account().missing
            labels = [index for index in missing if not self.choose or index in chosen]
            if not labels:
                raise UserError(self.env._("Choose at least one label to print."))
            if not self.printer_id:
                raise UserError(self.env._("Choose a printer."))
            job._retry(labels, self.reason or "", self.printer_id, self.opened_attempt)
            self.env["print.job.notifier"]._notify_act(job, "retried")
            return job._notification(
                "success",
                self.env._("Printing"),
                self.env._(
                    "%(job)s: %(labels)s will be printed on %(printer)s.",
                    job=job.display_name,
                    labels=job._describe_labels(labels),
                    printer=job.sudo().printer_id.name,
                ),
            )
        if job.status == "cancelled" and self.purpose == "cancel":
            return job._notification(*job._words_of_cancel())
        return job._notification("success", self.env._("Noted"), self._words_of_account())

    def action_set_aside(self):
        """Print nothing: the labels are not wanted any more."""
        self.ensure_one()
        self.check_access("write")
        return self.job_id.action_set_aside()

    def _words_of_account(self):
        """What is known of the job now that somebody has looked."""
        job = self.job_id
        params = {"job": job.display_name, "printed": job.current_label, "quantity": job.quantity}
        if job.uncertain_count == 1:
            return self.env._("%(job)s: %(printed)s of %(quantity)s labels are on paper, 1 is uncertain.", **params)
        if job.uncertain_count:
            return self.env._(
                "%(job)s: %(printed)s of %(quantity)s labels are on paper, %(uncertain)s are uncertain.",
                **params,
                uncertain=job.uncertain_count,
            )
        return self.env._("%(job)s: %(printed)s of %(quantity)s labels are on paper.", **params)
