from odoo.tests import TransactionCase


class TestInstall(TransactionCase):
    def test_default_server(self):
        self.assertTrue(self.env["label.print.server"]._get_default().is_default)
