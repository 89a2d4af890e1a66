"""Every name that the listings of F07 define, one test each: whoever wrote against the specification finds it here.

docs/f07.md is the table of these names. Where the page on the whole print system decides otherwise than F07, its
decision is what is tested, and the test's docstring says so.
"""

from unittest.mock import patch

from lxml import etree
from odoo import fields
from odoo.addons.label_print_monitor.models.print_job_notifier import TOAST_TYPE
from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.export.history_csv import HEADER
from odoo.addons.label_print_monitor.services.transport.print_server_client import PrintServerClient, Unreachable
from odoo.addons.label_print_monitor.services.wording.error_catalogue import ERROR_MESSAGES
from odoo.exceptions import AccessError
from odoo.tools.safe_eval import safe_eval

from .common import LabelPrintCase

MODULE = "label_print_monitor"
ACTIVE = ["pending", "sent", "queued", "printing"]


def words(text):
    """An attribute of a view without the spaces and quotes that XML lets everybody write as they like."""
    return (text or "").replace(" ", "").replace('"', "'")


class F07Case(LabelPrintCase):
    def arch(self, xml_id, kind, user=None):
        """A view as the web client gets it, after access rights have been applied."""
        view = self.env.ref(f"{MODULE}.{xml_id}")
        return etree.fromstring(self.env[view.model].with_user(user or self.manager).get_view(view.id, kind)["arch"])

    def one(self, arch, path):
        found = arch.xpath(path)
        self.assertEqual(len(found), 1, f"{path} is there {len(found)} times")
        return found[0]

    def check_field(self, model, name, kind, **attributes):
        field = self.env[model]._fields.get(name)
        self.assertTrue(field, f"{model} has no field {name}")
        self.assertEqual(field.type, kind)
        for attribute, value in attributes.items():
            self.assertEqual(getattr(field, attribute), value, attribute)


class TestF07Models(F07Case):
    def test_label_print_job(self):
        self.assertEqual(self.env["label.print.job"]._name, "label.print.job")
        self.assertFalse(self.env["label.print.job"]._transient)

    def test_print_job_status_poller(self):
        self.assertTrue(self.env["print.job.status.poller"]._abstract)

    def test_printer_configuration(self):
        self.assertEqual(self.env["printer.configuration"]._name, "printer.configuration")


class TestF07Fields(F07Case):
    def test_flask_job_id(self):
        self.check_field("label.print.job", "flask_job_id", "char", index=True)

    def test_status(self):
        self.check_field("label.print.job", "status", "selection", required=True)

    def test_status_values_and_labels(self):
        """F07's table of statuses, in its order."""
        self.assertEqual(
            self.env["label.print.job"]._fields["status"]._description_selection(self.env),
            [
                ("pending", "Pending"),
                ("sent", "Sent"),
                ("queued", "Queued"),
                ("printing", "Printing"),
                ("completed", "Completed"),
                ("completed_with_errors", "Completed with Errors"),
                ("failed", "Failed"),
                ("cancelled", "Cancelled"),
            ],
        )

    def test_current_label(self):
        self.check_field("label.print.job", "current_label", "integer")

    def test_progress_percent(self):
        self.check_field("label.print.job", "progress_percent", "float")

    def test_error_message(self):
        self.check_field("label.print.job", "error_message", "char")

    def test_quantity(self):
        self.check_field("label.print.job", "quantity", "integer")

    def test_mo_id(self):
        """Optional: a test print belongs to no order."""
        self.check_field("label.print.job", "mo_id", "many2one", comodel_name="mrp.production", required=False)

    def test_job_type(self):
        self.check_field("label.print.job", "job_type", "selection")
        values = [value for value, _label in self.env["label.print.job"]._fields["job_type"].selection]
        self.assertEqual(values, ["auto", "manual", "manual_reprint", "test"])

    def test_submitted_by(self):
        self.check_field("label.print.job", "submitted_by", "many2one", comodel_name="res.users")

    def test_create_date(self):
        self.check_field("label.print.job", "create_date", "datetime")

    def test_progress_display(self):
        self.check_field(
            "label.print.job", "progress_display", "char", string="Progress", compute="_compute_progress_display", store=False
        )

    def test_printer_name(self):
        self.check_field("printer.configuration", "name", "char", required=True)

    def test_printer_status(self):
        self.check_field("printer.configuration", "status", "selection")
        labels = dict(self.env["printer.configuration"]._fields["status"]._description_selection(self.env))
        self.assertEqual((labels["online"], labels["offline"]), ("Online", "Offline"))


class TestF07Methods(F07Case):
    def setUp(self):
        super().setUp()
        self.server.api_url = "http://127.0.0.1:9"
        self.poller = self.env["print.job.status.poller"]

    def poll(self, job, **answer):
        report = parse_job_report({"job_id": job.flask_job_id, **answer})
        with patch.object(PrintServerClient, "job_status", autospec=True, return_value=report) as asked:
            self.poller.poll_job_status(job.id)
        job.invalidate_recordset()
        return asked

    def test_poll_job_status(self):
        job = self.make_job(status="sent")
        asked = self.poll(job, status="printing", current_label=5, progress_percent=25)
        self.assertEqual(asked.call_args.args[1], job.flask_job_id)
        self.assertEqual((job.status, job.current_label, job.progress_percent), ("printing", 5, 25))

    def test_poll_job_status_asks_nothing_about_an_ended_or_unsubmitted_job(self):
        pending, ended = self.make_job(), self.make_job(status="printing")
        self.report(ended, status="completed")
        for job in (pending, ended):
            with patch.object(PrintServerClient, "job_status", autospec=True) as asked:
                self.poller.poll_job_status(job.id)
            self.assertFalse(asked.called)

    def test_poll_job_status_logs_a_server_that_is_away(self):
        job = self.make_job(status="printing")
        away = Unreachable("unreachable", server="x")
        with (
            patch.object(PrintServerClient, "job_status", side_effect=away),
            self.assertLogs("odoo.addons.label_print_monitor", "WARNING"),
        ):
            self.poller.poll_job_status(job.id)
        self.assertEqual(job.status, "printing")

    def test_poll_job_status_is_not_for_rpc(self):
        """The listing's method has no underscore; left open to RPC, anybody could make Odoo call the print server."""
        self.assertTrue(getattr(type(self.poller).poll_job_status, "_api_private", False))

    def test_send_completion_notification(self):
        """To the submitter, where the listing tells the user that runs the cron."""
        job = self.make_job(status="printing")
        with patch.object(type(self.poller), "_send_completion_notification", autospec=True) as sent:
            self.poll(job, status="completed")
        self.assertEqual([call.args[1] for call in sent.call_args_list], [job])

    def test_send_error_notification(self):
        """To the submitter, where the listing tells the user that runs the cron."""
        job = self.make_job(status="printing")
        with patch.object(type(self.poller), "_send_error_notification", autospec=True) as sent:
            self.poll(job, status="failed", error_message="broken")
        self.assertEqual([call.args[1] for call in sent.call_args_list], [job])
        self.assertEqual(job.error_message, "broken")

    def test_cron_poll_active_jobs(self):
        with patch.object(type(self.poller), "_run", autospec=True) as run:
            self.env["label.print.job"]._cron_poll_active_jobs()
        run.assert_called_once()

    def test_compute_progress_display(self):
        """As listed; and of a job that stopped, where it stopped (the listing shows a dash)."""
        expected = {
            "pending": "-",
            "sent": "-",
            "queued": "-",
            "printing": "5 of 20",
            "completed": "20 of 20",
            "failed": "5 of 20",
            "cancelled": "5 of 20",
        }
        for status, shown in expected.items():
            with self.subTest(status):
                job = self.env["label.print.job"].new({"status": status, "current_label": 5, "quantity": 20})
                self.assertEqual(job.progress_display, shown)
        self.assertEqual(self.env["label.print.job"].new({"status": "failed", "quantity": 20}).progress_display, "-")

    def test_action_retry(self):
        """Re-opens the job: one record for one print request."""
        job = self.make_job(status="printing")
        failed = [{"index": 20, "code": "paper_out", "message": "media out"}]
        self.report(job, status="failed", current_label=19, failed_labels=failed)
        job.with_user(self.user).action_retry()
        self.assertEqual((job.status, job.attempt_number), ("pending", 2))

    def test_action_cancel(self):
        job = self.make_job()
        job.with_user(self.user).action_cancel()
        self.assertEqual(job.status, "cancelled")

    def test_format_error_message(self):
        format_message = self.env["label.print.job"]._format_error_message
        for code, entry in ERROR_MESSAGES.items():
            self.assertEqual(format_message(code), f"{entry['message']}. {entry['action']}.")
        self.assertEqual(format_message("sensor misaligned"), "Unknown error: sensor misaligned")


class TestF07ErrorMessages(F07Case):
    def check_entry(self, code, message, action):
        self.assertEqual(ERROR_MESSAGES[code], {"message": message, "action": action})
        self.assertEqual(self.env["label.print.job"]._format_error_message(code), f"{message}. {action}.")

    def test_printer_offline(self):
        self.check_entry(
            "printer_offline",
            "Printer is offline or not responding",
            "Check printer power and connection, then retry",
        )

    def test_network_timeout(self):
        self.check_entry(
            "network_timeout",
            "Network connection to print server timed out",
            "Check network connection and retry",
        )

    def test_paper_out(self):
        self.check_entry("paper_out", "Printer is out of paper or labels", "Load labels into printer and retry")

    def test_invalid_zpl(self):
        self.check_entry("invalid_zpl", "Invalid ZPL code in template", "Contact administrator to fix template")


class TestF07XmlIds(F07Case):
    def test_cron_poll_print_job_status(self):
        """`numbercall` is gone from Odoo: a cron runs until somebody switches it off."""
        cron = self.env.ref(f"{MODULE}.cron_poll_print_job_status")
        self.assertEqual(cron.name, "Poll Print Job Status")
        self.assertEqual(cron.model_id.model, "label.print.job")
        self.assertEqual((cron.state, cron.code), ("code", "model._cron_poll_active_jobs()"))
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "minutes"))
        self.assertTrue(cron.active)

    def test_view_printer_status_kanban(self):
        view = self.env.ref(f"{MODULE}.view_printer_status_kanban")
        self.assertEqual((view.name, view.model, view.type), ("printer.status.kanban", "printer.configuration", "kanban"))
        card = self.one(self.arch("view_printer_status_kanban", "kanban", self.user), "//t[@t-name='card']")
        self.one(card, ".//field[@name='name'][not(ancestor::button)]")
        self.one(card, ".//field[@name='status']")


class TestF07List(F07Case):
    def setUp(self):
        super().setUp()
        self.list = self.arch("view_label_print_job_list", "list", self.user)

    def shown_column(self, name):
        column = self.one(self.list, f"./field[@name='{name}']")
        self.assertNotEqual(column.get("column_invisible"), "True")
        self.assertNotEqual(column.get("optional"), "hide")
        return column

    def test_list_string(self):
        self.assertEqual((self.list.tag, self.list.get("string")), ("list", "Print Jobs"))

    def test_decoration_success(self):
        self.assertEqual(words(self.list.get("decoration-success")), "status=='completed'")

    def test_decoration_warning(self):
        """`completed_with_errors`, which the listing leaves plain, asks for a look too."""
        self.assertEqual(words(self.list.get("decoration-warning")), "statusin('printing','completed_with_errors')")

    def test_decoration_danger(self):
        self.assertEqual(words(self.list.get("decoration-danger")), "status=='failed'")

    def test_decoration_muted(self):
        self.assertEqual(words(self.list.get("decoration-muted")), "status=='cancelled'")

    def test_columns_in_the_listings_order(self):
        listed = ["create_date", "mo_id", "quantity", "status", "progress_display", "job_type", "submitted_by"]
        columns = [field.get("name") for field in self.list.findall("field")]
        self.assertEqual([name for name in columns if name in listed], listed)

    def test_column_create_date(self):
        self.assertEqual(self.shown_column("create_date").get("string"), "Submitted")

    def test_column_mo_id(self):
        self.shown_column("mo_id")

    def test_column_quantity(self):
        self.shown_column("quantity")

    def test_column_status(self):
        self.shown_column("status")

    def test_column_progress_display(self):
        self.assertEqual(self.shown_column("progress_display").get("string"), "Progress")

    def test_column_job_type(self):
        self.shown_column("job_type")

    def test_column_submitted_by(self):
        self.shown_column("submitted_by")

    def visible_for(self, button, **values):
        jobs = self.env["label.print.job"]
        statuses = [value for value, _label in jobs._fields["status"].selection]
        found = []
        for status in statuses:
            job = jobs.new({"status": status, **values})
            names = ("status", "can_retry", "can_cancel", "is_cancelling")
            if not safe_eval(button.get("invisible"), {name: job[name] for name in names}):
                found.append(status)
        return found

    def test_button_action_retry(self):
        """Also on jobs completed with errors, whose failed labels a retry prints."""
        button = self.one(self.list, "./button[@name='action_retry']")
        self.assertEqual((button.get("type"), button.get("string"), button.get("icon")), ("object", "Retry", "fa-repeat"))
        self.assertEqual(self.visible_for(button), ["completed_with_errors", "failed"])
        self.assertIn("sent", self.visible_for(button, attention_code="submission_uncertain"))

    def test_button_action_cancel(self):
        button = self.one(self.list, "./button[@name='action_cancel']")
        self.assertEqual((button.get("type"), button.get("string"), button.get("icon")), ("object", "Cancel", "fa-times"))
        self.assertEqual(self.visible_for(button), ACTIVE)


class TestF07Search(F07Case):
    def setUp(self):
        super().setUp()
        self.search = self.arch("view_label_print_job_search", "search", self.user)

    def check_filter(self, name, string, domain):
        element = self.one(self.search, f"./filter[@name='{name}']")
        self.assertEqual(element.get("string"), string)
        self.assertEqual(safe_eval(element.get("domain")), domain)
        return domain

    def check_group(self, name, string, group_by):
        element = self.one(self.search, f"./group/filter[@name='{name}']")
        self.assertEqual(element.get("string"), string)
        self.assertEqual(safe_eval(element.get("context")), {"group_by": group_by})
        self.make_job()
        self.assertTrue(self.env["label.print.job"].with_user(self.user).formatted_read_group([], [group_by], ["__count"]))

    def test_search_mo_id(self):
        self.one(self.search, "./field[@name='mo_id']")

    def test_search_submitted_by(self):
        self.one(self.search, "./field[@name='submitted_by']")

    def check_age(self, domain, found, not_found):
        job = self.make_job()
        for hours, expected in ((found, job), (not_found, job.browse())):
            self.env.cr.execute(
                "UPDATE label_print_job SET create_date = now() AT TIME ZONE 'UTC' - %s * interval '1 hour' WHERE id = %s",
                [hours, job.id],
            )
            job.invalidate_recordset()
            jobs = job.with_user(self.user).with_context(tz="UTC").search([*domain, ("id", "=", job.id)])
            self.assertEqual(jobs, expected, f"{hours} hours old")

    def test_filter_today(self):
        """The reader's day, not the server's: relative dates know the time zone, the listing's `strftime` does not."""
        domain = self.check_filter("today", "Today", [("create_date", ">=", "today")])
        self.check_age(domain, 0, 25)

    def test_filter_this_week(self):
        domain = self.check_filter("this_week", "This Week", [("create_date", ">=", "today -7d")])
        self.check_age(domain, 7 * 24 - 1, 8 * 24 + 1)

    def test_filter_completed(self):
        self.check_filter("completed", "Completed", [("status", "=", "completed")])

    def test_filter_failed(self):
        self.check_filter("failed", "Failed", [("status", "=", "failed")])

    def test_filter_active(self):
        self.check_filter("active", "Active", [("status", "in", ACTIVE)])

    def test_group_status(self):
        self.check_group("group_status", "Status", "status")

    def test_group_mo(self):
        self.check_group("group_mo", "Manufacturing Order", "mo_id")

    def test_group_date(self):
        self.check_group("group_date", "Date", "create_date:day")


class TestF07Notifications(F07Case):
    def test_bus_type(self):
        self.assertEqual(TOAST_TYPE, "label_print_notification")

    def check_payload(self, job, expected):
        """The listing's four keys and values; further keys tell the web client which job to open."""
        (toast,) = self.sent_toasts(job.submitted_by)
        self.assertLessEqual(expected.items(), toast.items())
        self.assertEqual(toast["job_ids"], job.ids)

    def test_payload_of_a_completion(self):
        production = self.make_production()
        job = self.make_job(status="printing", mo_id=production.id)
        self.report(job, status="completed")
        self.check_payload(
            job,
            {
                "type": "success",
                "title": "Print Job Completed",
                "message": f"20 labels printed for {production.name}",
                "sticky": False,
            },
        )

    def test_payload_of_a_failure(self):
        job = self.make_job(status="printing")
        self.report(job, status="failed", error_message="sensor misaligned")
        self.check_payload(job, {"type": "danger", "title": "Print Job Failed", "sticky": True})
        (toast,) = self.sent_toasts(job.submitted_by)
        # The listing's sentence; where it happened follows.
        self.assertTrue(toast["message"].startswith(f"Job {job.id} failed: sensor misaligned. "), toast["message"])


class TestF07Export(F07Case):
    def export(self, **context):
        action = self.env["label.print.job"].with_user(self.user).with_context(tz="UTC", **context).action_export_history()
        return action, self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))

    def test_action_export_history(self):
        action, attachment = self.export()
        self.assertEqual(
            action,
            {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true", "target": "self"},
        )

    def test_csv_header(self):
        listed = ["Date", "MO Reference", "Quantity", "Status", "Job Type", "Submitted By", "Error Message"]
        self.assertEqual(list(HEADER), listed)
        _action, attachment = self.export()
        self.assertEqual(attachment.raw.decode("utf-8-sig").splitlines()[0], ",".join(listed))

    def test_csv_file_name_and_type(self):
        _action, attachment = self.export()
        self.assertEqual(attachment.name, f"print_history_{fields.Date.today()}.csv")
        self.assertEqual(attachment.mimetype, "text/csv")

    def test_active_domain(self):
        job, _other = self.make_job(), self.make_job()
        _action, attachment = self.export(active_domain=[("id", "=", job.id)])
        self.assertEqual(len(attachment.raw.decode().splitlines()), 2)


class TestF07Settings(F07Case):
    def test_label_print_api_url(self):
        self.env["ir.config_parameter"].sudo().set_param("label_print.api_url", "https://print.example.com/api/")
        self.server.invalidate_recordset()
        self.assertEqual(self.server._connection().base_url, "https://print.example.com")

    def test_label_print_api_key(self):
        self.env["ir.config_parameter"].sudo().set_param("label_print.api_key", "a-key")
        self.server.api_url = "http://127.0.0.1:9"
        self.assertEqual(self.server._connection().api_key, "a-key")
        with self.assertRaises(AccessError):
            self.server.with_user(self.user).read(["api_key"])

    def test_timeout_of_five_seconds(self):
        self.server.api_url = "http://127.0.0.1:9"
        self.assertEqual(self.server._connection().timeout, 5.0)
