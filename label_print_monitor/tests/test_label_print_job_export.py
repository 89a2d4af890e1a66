"""The CSV: cell by cell, for those who may, and all that is selected."""

import csv
import io

from odoo.exceptions import AccessError

from .common import LabelPrintCase


class TestExport(LabelPrintCase):
    def test_export_cell_by_cell(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_message="=cmd|' /C calc'!A0")
        action = (
            self.env["label.print.job"].with_user(self.user).with_context(tz="UTC", active_domain=[("id", "=", job.id)])
        ).action_export_history()
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        header, cells = csv.reader(io.StringIO(attachment.raw.decode("utf-8-sig")))
        self.assertEqual(",".join(header), "Date,MO Reference,Quantity,Status,Job Type,Submitted By,Error Message")
        date = job.create_date.strftime("%Y-%m-%d %H:%M:%S")
        self.assertEqual(cells, [date, "-", "20", "failed", "manual", self.user.name, "'=cmd|' /C calc'!A0"])

    def test_odoos_own_export(self):
        """The list's Export, with columns of one's choice, has nothing to do with the button of the specification."""
        jobs = self.make_job(3) | self.make_job(5)
        exported = jobs.with_user(self.user).export_data(["quantity", "status", "submitted_by/name"])
        self.assertEqual(exported["datas"], [[3, "Pending", self.user.name], [5, "Pending", self.user.name]])

    def exported(self, jobs, **context):
        """How many jobs the file has when the list's button is clicked with ``jobs`` as what the web client sent."""
        context = {"active_ids": jobs.ids, "active_model": jobs._name, **context}
        action = jobs.with_user(self.user).with_context(**context).action_export_history()
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        return len(attachment.raw.decode().splitlines()) - 1

    def test_export_of_more_than_the_web_client_can_send(self):
        """"Select all" sends the first ids up to a limit and, in the context, the list's domain."""
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "3")
        jobs = self.env["label.print.job"].union(*(self.make_job() for _job in range(5)))
        self.make_job()
        domain = [("id", "in", jobs.ids)]
        self.assertEqual(self.exported(jobs[:3], active_domain=domain), 5)
        self.assertEqual(self.exported(jobs[:2], active_domain=domain), 2, "two rows ticked by hand")
        self.assertEqual(self.exported(jobs.browse(), active_domain=domain), 5)
        self.assertEqual(self.exported(jobs), 5, "called with ids and no list")

    def test_export_needs_the_right(self):
        self.user.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self.env["label.print.job"].with_user(self.user).action_export_history()
