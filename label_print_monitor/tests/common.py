"""What the Odoo tests share: a printer, people, and jobs in any state. No network: reports are handed in as such."""

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.tests import TransactionCase, new_test_user

ZPL = "^XA^FO50,50^A0N,40,40^FDLN/SN: {lot}^FS^XZ"


class LabelPrintCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.env["label.print.server"]._get_default()
        cls.server.write(
            {"state": "ok", "capabilities": ["batch_status", "failed_labels", "idempotency", "printer_reasons"]}
        )
        cls.printer = cls.env["printer.configuration"].create({"name": "Line 1", "cups_name": "zebra-line-1"})
        cls.user = new_test_user(
            cls.env,
            "lpm_user",
            groups="label_print_monitor.group_label_print_user,base.group_allow_export,mrp.group_mrp_user",
        )
        cls.manager = new_test_user(
            cls.env,
            "lpm_manager",
            groups="label_print_monitor.group_label_print_manager,base.group_allow_export,mrp.group_mrp_manager",
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Soup", "type": "consu", "is_storable": True, "tracking": "lot"}
        )

    @classmethod
    def labels(cls, quantity, lot="LOT-1"):
        return [
            {"zpl_code": ZPL.format(lot=lot), "box_number": number, "lot_number": lot}
            for number in range(1, quantity + 1)
        ]

    @classmethod
    def make_job(cls, quantity=20, **values):
        values = {
            "printer_id": cls.printer.id,
            "quantity": quantity,
            "labels_data": cls.labels(quantity),
            "submitted_by": cls.user.id,
            **values,
        }
        if values.get("status", "pending") != "pending":
            values.setdefault("flask_job_id", f"srv-{cls.env['label.print.job'].search_count([]) + 1}")
        return cls.env["label.print.job"].create(values)

    @classmethod
    def remove_jobs(cls, jobs):
        """Delete jobs, as nobody can outside of a test: with their records and specimens."""
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM label_print_record WHERE job_id = ANY(%s)", [jobs.ids])
        cls.remove_specimens(jobs)
        jobs.unlink()

    @classmethod
    def remove_specimens(cls, jobs):
        """Delete what is kept of these jobs' labels for ever, as nobody can outside of a test."""
        cls.env.flush_all()
        cls.env.cr.execute("DELETE FROM label_print_specimen WHERE job_id = ANY(%s)", [jobs.ids])
        cls.env.invalidate_all()

    @classmethod
    def make_production(cls, quantity=20, lot="LOT-MO-1", produce=True):
        production = cls.env["mrp.production"].create({"product_id": cls.product.id, "product_qty": quantity})
        production.action_confirm()
        if produce:
            production.lot_producing_ids = cls.env["stock.lot"].create({"name": lot, "product_id": cls.product.id})
            production.qty_producing = quantity
            production.set_qty_producing()
        return production

    def report(self, job, **data):
        """Apply what a print server would answer about ``job``."""
        report = parse_job_report({"job_id": job.flask_job_id, **data})
        skipped = self.env["print.job.status.poller"].apply_reports(job.server_id, [report])
        self.assertFalse(skipped)
        job.invalidate_recordset()

    def failed_job(self, with_labels=True):
        """A job of 20 labels that stopped after the eighth; its server named those that failed, or did not."""
        job = self.make_job(status="printing")
        failed = (
            [{"index": n, "code": "paper_out", "message": "media out"} for n in range(9, 21)] if with_labels else []
        )
        self.report(job, status="failed", current_label=8, error_code="paper_out", failed_labels=failed)
        return job

    def look_and_retry(self, job, labels, reason=""):
        """Whoever acts has looked: nothing that was in doubt is on paper. Then these labels are printed."""
        job._settle(not_on_paper=job.sudo()._job_account().uncertain)
        job._retry(labels, reason)

    def sent_toasts(self, user):
        """Payloads of the toasts sent to ``user`` so far in this test."""
        return [payload for payload in self.sent_payloads(user) if "closes_jobs" not in payload]

    def closed_jobs(self, user):
        """The jobs whose toasts were taken back from ``user`` so far in this test."""
        return sorted(id_ for payload in self.sent_payloads(user) for id_ in payload.get("closes_jobs", ()))

    def sent_payloads(self, user):
        """Everything that was sent to the toasts' listener of ``user`` so far in this test."""
        self.env.cr.precommit.run()
        import json

        messages = self.env["bus.bus"].sudo().search([])
        channel = json.dumps([self.env.cr.dbname, "res.partner", user.partner_id.id])
        found = [json.loads(m.message) for m in messages if json.loads(m.channel) == json.loads(channel)]
        return [m["payload"] for m in found if m["type"] == "label_print_notification"]
