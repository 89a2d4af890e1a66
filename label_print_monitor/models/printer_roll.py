"""The roll of labels in a printer: when it was changed, and about how many labels are left on it.

What is left is counted when somebody looks, from the accounts of the attempts, by one statement for all printers that
are shown. Nothing is written while labels are printed: a sweep would write to the printer's row for each of them.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..services.lifecycle.label_roll import MOST_LABELS, ROLL_FIELDS, Roll, is_same_change
from ..services.wording import error_catalogue

# Attempts of which Odoo has learned the end shortly before the count began are read with it, and `roll_base` is what
# they had fed by then: so one that a sweep was about to write at that moment is counted, and no label of the others.
#
# Each row of an attempt has fed one label at least (see its index), so that more rows than labels need not be read: a
# printer whose roll nobody has said to be changed for a year is read as quickly as any other.
#
# Labels of all companies count: they are on the same roll. Only numbers are told of them.
_READ = """
    WITH counted AS (
        SELECT id, roll_size, roll_labels, roll_base, roll_counted_at - interval '1 minute' AS since,
               CASE WHEN %(whole)s THEN NULL ELSE roll_labels + roll_base + 1 END AS most
          FROM printer_configuration
         WHERE id = ANY(%(ids)s) AND roll_size > 0 AND roll_counted_at IS NOT NULL
    ), jobs AS (
        SELECT id, printer_id, status = 'printing' AS prints,
               GREATEST(current_label - COALESCE(attempt_base, 0), 0) AS fed,
               COALESCE(NULLIF(attempt_quantity, 0), quantity) AS wanted,
               row_number() OVER (
                   PARTITION BY printer_id, status = 'printing'
                       ORDER BY status = 'pending', CASE priority WHEN 'high' THEN 0 WHEN 'low' THEN 2 ELSE 1 END, id
               ) AS place
          FROM label_print_job
         WHERE status IN ('pending', 'sent', 'queued', 'printing') AND printer_id IN (SELECT id FROM counted)
           AND (status = 'printing' OR cancel_requested_at IS NULL)
    ), open_jobs AS (
        SELECT printer_id, sum(fed) AS fed, sum(GREATEST(wanted - fed, 0)) AS needed,
               sum(GREATEST(wanted - fed, 0)) FILTER (WHERE prints) AS printing,
               max(id) FILTER (WHERE NOT prints AND place = 1) AS next_job,
               max(wanted - fed) FILTER (WHERE NOT prints AND place = 1) AS next_needs
          FROM jobs
      GROUP BY printer_id
    )
    SELECT counted.id, roll_size, roll_labels,
           COALESCE(ended.fed, 0) + COALESCE(open_jobs.fed, 0) - roll_base AS fed,
           COALESCE(printing, 0) AS printing, COALESCE(next_job, 0) AS next_job, COALESCE(next_needs, 0) AS next_needs,
           COALESCE(needed, 0) AS needed
      FROM counted
 LEFT JOIN open_jobs ON open_jobs.printer_id = counted.id
CROSS JOIN LATERAL (
        SELECT sum(attempts.fed) AS fed
          FROM (SELECT fed_count AS fed
                  FROM label_print_attempt
                 WHERE printer_id = counted.id AND learned_date >= counted.since AND fed_count > 0
              ORDER BY learned_date
                 LIMIT counted.most) attempts) ended
"""
_READ_OF_JOBS = [
    "status", "printer_id", "priority", "quantity", "current_label", "attempt_base", "attempt_quantity",
    "cancel_requested_at",
]  # fmt: skip
_READ_OF_ATTEMPTS = ["printer_id", "learned_date", "fed_count"]


class LabelPrintAttempt(models.Model):
    _inherit = "label.print.attempt"

    # Written when an attempt has ended, and when more is learnt of it then, never while its labels are printed: with an
    # index of what moves with each label PostgreSQL would write every index of the table.
    fed_count = fields.Integer("Labels Fed", help="Labels that have, or may have, gone through the printer.")

    # What is left on the rolls is read from it alone.
    _fed = models.Index("(printer_id, learned_date) INCLUDE (fed_count) WHERE fed_count > 0")


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    roll_size = fields.Integer(
        "Labels on a Full Roll",
        aggregator=None,
        tracking=True,
        help="With a number here, Odoo counts how many labels are left from when somebody presses Roll Changed. "
        "Leave it empty and nobody is asked to.",
    )
    roll_changed_at = fields.Datetime("Roll Changed", readonly=True, copy=False)
    roll_changed_by = fields.Many2one("res.users", "Changed By", readonly=True, copy=False, ondelete="set null")
    roll_labels = fields.Integer("Labels When Counting Began", readonly=True, copy=False, aggregator=None)
    roll_counted_at = fields.Datetime("Labels Counted Since", readonly=True, copy=False)
    roll_base = fields.Integer(
        readonly=True, copy=False, aggregator=None, help="Labels fed before by attempts that are counted since."
    )
    roll_display = fields.Char("Roll", compute="_compute_roll", exportable=False)
    roll_warning = fields.Char(compute="_compute_roll", exportable=False)
    remedy_display = fields.Char("What to Do", compute="_compute_remedy_display", exportable=False)

    _roll_size_possible = models.Constraint(
        f"CHECK(roll_size >= 0 AND roll_size <= {MOST_LABELS})",
        "A roll holds between 1 and 100,000 labels. Leave the number empty when nobody counts them.",
    )

    def _rolls(self, whole=False):
        """The rolls of those of these printers whose labels are counted, by the printer's id; in one statement.

        :param bool whole: count exactly, also when more has been fed than there was
        :return: `Roll` objects
        """
        counted = self.sudo().filtered(lambda printer: printer.roll_size and printer.roll_counted_at)
        if not counted:
            return {}
        counted.flush_recordset(ROLL_FIELDS)
        self.env["label.print.job"].flush_model(_READ_OF_JOBS)
        self.env["label.print.attempt"].flush_model(_READ_OF_ATTEMPTS)
        rows = self.env.execute_query_dict(self._rolls_query(counted.ids, whole))
        return {row.pop("id"): self._roll_of_row(row) for row in rows}

    @api.model
    def _rolls_query(self, ids, whole):
        return SQL(_READ, ids=list(ids), whole=whole)

    @api.model
    def _roll_of_row(self, row):
        return Roll(
            size=row["roll_size"],
            labels=row["roll_labels"],
            **{name: int(row[name]) for name in ("fed", "printing", "next_job", "next_needs", "needed")},
        )

    @api.depends(*ROLL_FIELDS)
    @api.depends_context("lang")
    def _compute_roll(self):
        rolls = self._origin._rolls()
        for printer in self:
            roll = rolls.get(printer._origin.id)
            printer.roll_display = bool(roll) and self._roll_in_words(roll)
            printer.roll_warning = bool(roll and roll.problem) and self._roll_in_words(roll)

    @api.model
    def _roll_in_words(self, roll):
        """How many labels are left, and whether that is enough for what is printed next."""
        if roll.problem == "empty":
            return self.env._("The roll should be empty: was it changed?")
        left = self._labels_left_in_words(roll.left)
        if roll.problem == "printing":
            return self.env._(
                "%(left)s, the job that prints still needs %(needed)s", left=left, needed=self._number(roll.printing)
            )
        if roll.problem == "next" and roll.printing:
            return self.env._(
                "%(left)s, the job that prints and the next one need %(needed)s",
                left=left,
                needed=self._number(roll.printing + roll.next_needs),
            )
        if roll.problem == "next":
            needed = self._number(roll.next_needs)
            return self.env._("%(left)s, the next job needs %(needed)s", left=left, needed=needed)
        return left

    @api.model
    def _labels_left_in_words(self, count):
        if count <= 0:
            return self.env._("No label left")
        if count == 1:
            return self.env._("About 1 label left")
        return self.env._("About %(count)s labels left", count=self._number(count))

    @api.model
    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    @api.model
    def _roll_remedy(self, problem):
        if problem == "empty":
            return self.env._("Look at the roll, and say how many labels are left with Roll Changed")
        return self.env._("Have a new roll of labels ready, and press Roll Changed when it is in")

    def _early_warnings(self, rolls=None):
        """What will stop these printers when nobody sees to it: their own warnings, and a roll that does not suffice.

        :param rolls: what `_rolls` says, where the caller has it
        :return: ``[{"title", "action"}]`` by the printer's id, in the reader's language, for those that have any
        """
        rolls = self._rolls() if rolls is None else rolls
        found = {}
        for printer in self:
            lines = []
            roll = rolls.get(printer.id)
            roll_remedy = self._roll_remedy(roll.problem) if roll and roll.problem else ""
            for reason in printer.state_reasons or []:
                if reason.get("severity") == "warning" and (
                    remedy := error_catalogue.warning_remedy(reason["keyword"])
                ):
                    title = self.env._(error_catalogue.reason_label(reason["keyword"]))
                    # The printer's own sensor and the count mean the same roll: one remedy for both.
                    same = roll_remedy if reason["keyword"] == "media-low" else ""
                    lines.append({"title": title, "action": same or self.env._(remedy)})
            if roll_remedy:
                lines.append({"title": self._roll_in_words(roll), "action": roll_remedy})
            if lines:
                found[printer.id] = lines
        return found

    @api.depends("status", "state_reasons", *ROLL_FIELDS)
    @api.depends_context("lang", "uid")
    def _compute_remedy_display(self):
        """What to do about each reason and the roll: in the printer's form and on its card."""
        warnings = self._origin._early_warnings()
        for printer in self:
            remedies = []
            if printer.status in ("attention", "offline"):
                remedies.append(printer._operator_problem_of_state()["action"])
            remedies += [line["action"] for line in warnings.get(printer._origin.id, ())]
            printer.remedy_display = " · ".join(dict.fromkeys(filter(None, remedies))) or False

    def _roll_shortage(self, wanted):
        """What a dialog says before ``wanted`` labels are asked for that are more than this printer's roll has left."""
        roll = self._rolls().get(self.id) if self else None
        if not roll or not roll.lacks(wanted):
            return False
        left = self._labels_left_in_words(roll.left)
        if roll.needed:
            return self.env._(
                "%(left)s on the roll of this printer. Asked for here: %(wanted)s, by other jobs: %(needed)s. "
                "Have a new roll ready.",
                left=left,
                wanted=self._number(wanted),
                needed=self._number(roll.needed),
            )
        return self.env._(
            "%(left)s on the roll of this printer. Asked for: %(wanted)s. Have a new roll ready.",
            left=left,
            wanted=self._number(wanted),
        )

    def _check_may_change_roll(self):
        """Whoever prints on the printer may say what is in it; whoever only looks may not."""
        self.check_access("read")
        self.env["label.print.job"].check_access("write")
        if not self.roll_size:
            raise UserError(
                self.env._(
                    "Nobody counts the labels of %(printer)s. A Label Print Manager enters there how many a full roll "
                    "holds.",
                    printer=self.name,
                )
            )

    def _check_count(self, labels, least):
        if type(labels) is not int or not least <= labels <= MOST_LABELS:
            raise UserError(
                self.env._(
                    "Enter a number of labels between %(least)s and %(most)s.",
                    least=least,
                    most=self._number(MOST_LABELS),
                )
            )

    def change_roll(self, labels=None):
        """A new roll is in the printer: its labels are counted from now.

        Said again within a minute it is the same change, and only the number of labels may be another one.

        :param int labels: on the new roll; as many as a full one holds when not given
        :return: what is said to whoever has pressed
        :raise UserError: in words, for a number that no roll has
        """
        self.ensure_one()
        self._check_may_change_roll()
        labels = self.roll_size if labels is None or labels is False else labels
        self._check_count(labels, 1)
        printer, now = self.sudo(), fields.Datetime.now()
        if is_same_change(printer.roll_changed_at or None, now):
            if labels != printer.roll_labels:
                printer.roll_labels = labels
                printer._log_roll(self.env._("Labels on the new roll: %(count)s", count=self._number(labels)))
            return self.env._("The roll was changed just now. Labels on it: %(count)s.", count=self._number(labels))
        words = self.env._("Roll changed. Labels on the new one: %(count)s.", count=self._number(labels))
        printer._begin_count(labels, now, words)
        printer.write({"roll_changed_at": now, "roll_changed_by": self.env.uid})
        return words

    def correct_roll(self, labels):
        """The roll is the same one, and so many labels are left on it: the count goes on from there.

        :return: what is said to whoever has pressed
        :raise UserError: in words, for a number that no roll has
        """
        self.ensure_one()
        self._check_may_change_roll()
        self._check_count(labels, 0)
        words = self.env._("Labels left on the roll, as counted by a person: %(count)s.", count=self._number(labels))
        self.sudo()._begin_count(labels, fields.Datetime.now(), words)
        return words

    def _begin_count(self, labels, now, words):
        """Count from ``now``. What the count said before stays in the chatter, so that a slip can be undone."""
        before = self._rolls().get(self.id)
        self.write({"roll_labels": labels, "roll_base": 0, "roll_counted_at": now})
        self.roll_base = self._rolls(whole=True)[self.id].fed
        if before:
            left = self._labels_left_in_words(before.left)
            words = self.env._("%(words)s Until then: %(left)s.", words=words, left=left)
        self._log_roll(words)

    def _log_roll(self, words):
        """Who it was, and when, stays in the printer's chatter."""
        self.message_post(body=words)
        self.env["print.job.notifier"]._live(printers=self)

    def action_roll_changed(self):
        """Open the dialog that says what is in the printer now."""
        self.ensure_one()
        self._check_may_change_roll()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Roll of Labels"),
            "res_model": "label.print.roll.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_printer_id": self.id},
        }
