"""What somebody asked to be done with many print jobs: who, when, and with which of them.

An export or a verification of many jobs goes on in the background, and its entry stays as evidence. So it keeps the
filter and the companies that were chosen, and the jobs are read with the rights of whoever asked.
"""

import json
from collections.abc import Iterable

from odoo import api, fields, models
from odoo.fields import Domain


class LabelPrintRequestMixin(models.AbstractModel):
    _name = "label.print.request.mixin"
    _description = "Request About Many Print Jobs"

    user_id = fields.Many2one("res.users", "Person", required=True, index=True, ondelete="restrict")
    user_name = fields.Char("Name Then", required=True, help="It outlives the user.")
    company_id = fields.Many2one("res.company", required=True, index=True)
    companies = fields.Json(required=True, help="Whose jobs were to be seen.")
    create_date = fields.Datetime("Asked For", readonly=True)
    done_date = fields.Datetime("Finished")
    domain = fields.Text("Filter", required=True, help="The list's filter or selection, as Odoo writes it.")

    @api.model
    def _values_of_request(self, domain):
        """The values of a request that the user makes now, about the jobs of this `Domain`."""
        return {
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
            "company_id": self.env.company.id,
            "companies": self.env.companies.ids,
            # As text from which it can be made again.
            "domain": json.dumps(
                list(domain), default=lambda value: list(value) if isinstance(value, Iterable) else str(value)
            ),
        }

    def _requested_domain(self):
        """:return: the `Domain` of the jobs that it is about"""
        self.ensure_one()
        return Domain(json.loads(self.domain))

    def _requested_jobs(self, **context):
        """The model of print jobs, as whoever asked for it may read them.

        :param context: what else is put into the context
        """
        self.ensure_one()
        jobs = self.env["label.print.job"].with_user(self.user_id).sudo(False)
        return jobs.with_context(allowed_company_ids=self.companies, **context)
