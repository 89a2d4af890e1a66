"""Two companies with a print server, printers and people each, and what they share."""

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import LabelPrintCase

MANAGER = "label_print_monitor.group_label_print_manager"


class CompaniesCase(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a = cls.env.company
        cls.company_b = cls.env["res.company"].create({"name": "Company B"})
        cls.manager_a = cls.person("lpm_a", MANAGER, cls.company_a)
        cls.manager_b = cls.person("lpm_b", f"{MANAGER},base.group_multi_company", cls.company_b)
        cls.user_b = cls.person("lpm_user_b", "label_print_monitor.group_label_print_user", cls.company_b)
        everywhere = cls.env["res.company"].search([])
        cls.manager_all = cls.person("lpm_everywhere", f"{MANAGER},base.group_multi_company", everywhere)
        cls.administrator = cls.person("lpm_system", f"{MANAGER},base.group_system", cls.company_a)
        Server = cls.env["label.print.server"]
        cls.server_b = Server.create({"name": "Server B", "company_id": cls.company_b.id, "api_key": "key-b"})
        cls.shared = Server.create({"name": "Shared", "webhook_secret": "shared-secret"})
        Printer = cls.env["printer.configuration"]
        cls.printer_b = Printer.create({"name": "Printer B", "cups_name": "b", "server_id": cls.server_b.id})
        cls.printer_shared = Printer.create({"name": "Shared", "cups_name": "s", "server_id": cls.shared.id})

    @classmethod
    def person(cls, login, groups, companies):
        return new_test_user(
            cls.env, login, groups=groups, company_id=companies[0].id, company_ids=[Command.set(companies.ids)]
        )

    def as_user(self, user, records):
        return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def job_values(self, printer):
        return {"printer_id": printer.id, "labels_data": self.labels(2), "quantity": 2}
