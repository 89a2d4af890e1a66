"""Steps of the escalation: after how many minutes an incident that nobody is on is told to whom, by which means."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..services.lifecycle.escalation import LEAST_MINUTES, MOST_MINUTES, Step

GROUP = "label_print_monitor.group_label_print_user"
MEANS = ("by_activity", "by_mail", "by_push")


class LabelPrintEscalationStep(models.Model):
    _name = "label.print.escalation.step"
    _description = "Escalation Step"
    _inherit = ["label.print.company.mixin"]
    _order = "minutes, id"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(default=lambda self: self.env.company)
    minutes = fields.Integer(
        "After (min)",
        required=True,
        default=15,
        aggregator=None,
        help="Minutes within the company's working hours for which nobody has been on the incident.",
    )
    # Without a domain: one that is no internal user any more would be left out without a word.
    user_ids = fields.Many2many("res.users", "label_print_escalation_step_user_rel", string="People")
    group_ids = fields.Many2many("res.groups", "label_print_escalation_step_group_rel", string="Groups")
    by_activity = fields.Boolean("Activity", default=True)
    by_mail = fields.Boolean("Mail", default=True)
    by_push = fields.Boolean(
        "Push", default=True, help="On the devices on which somebody has allowed Odoo's notifications."
    )
    printer_ids = fields.Many2many(
        "printer.configuration",
        "label_print_escalation_step_printer_rel",
        string="Printers",
        help="For these printers it replaces the steps of their place and those for all printers.",
    )
    location = fields.Char(
        "Place", help="As printers have it: for the printers there it replaces the steps for all printers."
    )

    _minutes_possible = models.Constraint(
        f"CHECK(minutes >= {LEAST_MINUTES} AND minutes <= {MOST_MINUTES})",
        "Enter between 1 minute and 10,080 minutes, a week of working time.",
    )

    @api.depends("minutes", "user_ids", "group_ids")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for step in self:
            people = ", ".join([*step.user_ids.mapped("name"), *step.group_ids.mapped("display_name")])
            step.display_name = self.env._(
                "After %(minutes)s min: %(people)s", minutes=step.minutes, people=people or "-"
            )

    @api.constrains("active", "company_id", "printer_ids", "user_ids", "group_ids", *MEANS)
    def _check_recipients(self):
        """Nobody is told what they cannot act on, and no step tells nobody."""
        for step in self.filtered("active"):
            named = step.sudo().with_context(active_test=False).user_ids
            if not named and not step.group_ids:
                raise ValidationError(self.env._("Choose people or groups: whom does this step tell?"))
            if not any(step[name] for name in MEANS):
                raise ValidationError(self.env._("Choose how people are told: by activity, by mail or by push."))
            companies = step.company_id | step.sudo().printer_ids.company_id
            others = companies - step.company_id
            if step.company_id and others:
                printers = step.sudo().printer_ids.filtered_domain([("company_id", "in", others.ids)])
                raise ValidationError(
                    self.env._(
                        "The printers of a step are those of its company, or shared ones: %(printers)s.",
                        printers=", ".join(printers.mapped("name")),
                    )
                )
            reasons = step._who_may_not_act(named, companies)
            if reasons:
                raise ValidationError(
                    self.env._(
                        "Nobody is told what they cannot act on. Leave out: %(people)s.",
                        people=self._people_with_reasons(reasons),
                    )
                )
            members = step.sudo().group_ids.all_user_ids
            if not named and len(step._who_may_not_act(members, companies)) == len(members):
                raise ValidationError(
                    self.env._(
                        "Nobody in these groups may act on the incidents of this step: %(groups)s.",
                        groups=", ".join(step.group_ids.mapped("display_name")),
                    )
                )

    @api.model
    def _who_may_not_act(self, users, companies):
        """:return: why, by user, for those who could not act on an incident of all these companies"""
        group = self.env.ref(GROUP).sudo().all_user_ids
        reasons = {}
        for user in users.sudo():
            if not user.active:
                reasons[user] = self.env._("archived")
            elif user.share or user not in group or user == self.env.ref("base.user_root"):
                reasons[user] = self.env._("no Label Print User")
            elif companies - user.company_ids:
                lacking = (companies - user.company_ids)[:1].name
                reasons[user] = self.env._("not in company %(company)s", company=lacking)
        return reasons

    @api.model
    def _people_with_reasons(self, reasons):
        return ", ".join(f"{user.name} ({reason})" for user, reason in reasons.items())

    def _recipients(self, companies):
        """Whom this step tells now of an incident of these companies.

        :return: users, and why, by user, somebody who is named is left out; of groups those who may act
        """
        step = self.sudo().with_context(active_test=False)
        reasons = self._who_may_not_act(step.user_ids, companies)
        members = step.group_ids.all_user_ids
        others = members.browse(user.id for user in self._who_may_not_act(members, companies))
        return step.user_ids - step.user_ids.browse(user.id for user in reasons) | members - others, reasons

    def _as_set(self):
        """What services/lifecycle/escalation.py decides on."""
        return [
            Step(
                id=step.id,
                minutes=step.minutes,
                company_id=step.company_id.id or None,
                printer_ids=frozenset(step.printer_ids.ids),
                place=step.location or "",
            )
            for step in self.sudo().with_context(active_test=False)
        ]

    @api.model
    def _all_steps(self):
        """The steps of all companies: a plant has few."""
        return self.sudo().search([("active", "=", True)])

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        self._replan()
        return steps

    def write(self, vals):
        result = super().write(vals)
        self._replan()
        return result

    def unlink(self):
        result = super().unlink()
        self._replan()
        return result

    @api.model
    def _replan(self):
        """Incidents that are open now follow the steps as they are now."""
        self.env.flush_all()
        waiting = [("closed_at", "=", False), ("acknowledged_by", "=", False), ("user_id", "=", False)]
        self.env["label.print.incident"].sudo().search(waiting)._plan_escalation()
