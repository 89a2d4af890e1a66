"""What the tests of the shift report share."""

from datetime import date

from lxml import html

from .shift_case import ShiftCase

DAY = date(2025, 6, 10)
GROUP = "label_print_monitor.group_label_print_user"


class ShiftReportCase(ShiftCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["report.label_print_monitor.report_shift"]
        cls.user.tz = cls.manager.tz = "Europe/Berlin"

    def page(self, shift=None, day=DAY, user=None, company=None, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        report = self.Report.with_user(user or self.user).with_context(**context)
        return report._page(shift or self.early, company or self.env.company, day)

    def html(self, page):
        """As one line of text, without tags."""
        page = self.env["ir.qweb"]._render("label_print_monitor.shift_page", {"page": page})
        return " ".join(html.fromstring(f"<div>{page}</div>").text_content().split())

    def incident(self, since, until, **values):
        return self.env["label.print.incident"].create(
            {
                "printer_id": self.printer.id, "printer_name": "Line 1", "server_id": self.server.id, "cause": "paper_out",
                "kind": "paper_out", "opened_at": since, "closed_at": until, **values,
            }
        )  # fmt: skip

    def states(self, *rows):
        """The only states of the printer: ``(status, since, until)``."""
        self.env["label.print.printer.interval"].sudo().search([("printer_id", "=", self.printer.id)]).unlink()
        self.env["label.print.printer.interval"].create(
            [
                {"printer_id": self.printer.id, "printer_name": "Line 1", "status": status, "since": since, "until": until}
                for status, since, until in rows
            ]
        )
