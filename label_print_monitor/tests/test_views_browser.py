"""Every view of every model of ours is opened by a real browser; one console error fails the test.

Installing checks a view's XML only: a kanban with an old template name, a widget that does not exist or a field that a
script needs break in the browser alone.
"""

import json

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import LabelPrintCase

MODELS = [
    ("label.print.job", ["list", "kanban", "form", "pivot", "graph", "calendar"]),
    ("printer.configuration", ["kanban", "list", "form"]),
    ("label.print.server", ["list", "form"]),
    ("label.print.attempt", ["list", "form"]),
    ("label.print.failed.label", ["list", "kanban", "form"]),
    ("mrp.production", ["list", "form"]),
]
# Opens one screen after another in one page, and says of the first that does not come up which one it was.
SCRIPT = """
(async () => {
    const screens = %s;
    const { actionService: action } = odoo.__WOWL_DEBUG__.root;
    const until = async (check, what) => {
        for (let tries = 0; tries < 300; tries++) {
            const error = document.querySelector(".o_error_dialog");
            if (error) {
                throw new Error(`${what}: ${error.innerText}`);
            }
            if (check()) {
                return;
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error(`${what} did not come up: ${document.body.innerText.slice(0, 500)}`);
    };
    for (const { name, request, selector, words, press, shown } of screens) {
        await action.doAction(request, { clearBreadcrumbs: true });
        await until(() => {
            const found = document.querySelector(selector);
            return found && (!words || found.innerText.includes(words));
        }, name);
        if (press) {
            document.querySelector(press).click();
            await until(() => document.querySelector(shown), `${name} (${press})`);
        }
        if (request.target === "new") {
            await action.doAction({ type: "ir.actions.act_window_close" });
            await until(() => !document.querySelector(".modal"), `${name} (closing)`);
        }
    }
    console.log("test successful");
})().catch((error) => console.error(`label_print_monitor: ${error.message}`));
"""


@tagged("post_install", "-at_install")
class TestViewsBrowser(LabelPrintCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.production = cls.make_production()
        cls.jobs = cls.env["label.print.job"]
        now = fields.Datetime.now()
        for status, values in {
            "pending": {},
            "sent": {"attention_code": "submission_uncertain"},
            "queued": {"unverified_since": now, "unverified_problem": {"key": "timed_out", "seconds": 5}},
            "printing": {"current_label": 8, "progress_percent": 40.0, "server_warning": "levitating"},
            "completed": {"current_label": 20, "progress_percent": 100.0, "completed_date": now, "confirmed": True},
            "completed_with_errors": {"current_label": 18, "failed_count": 2, "error_code": "ribbon_out"},
            "failed": {"current_label": 7, "error_code": "paper_out", "error_message": "media out"},
            "cancelled": {},
        }.items():
            cls.jobs |= cls.make_job(mo_id=cls.production.id, status=status, **values)
        errors = cls.jobs.filtered(lambda job: job.status == "completed_with_errors")
        cls.failed_label = cls.env["label.print.failed.label"].create(
            {
                "job_id": errors.id,
                "attempt_number": 1,
                "label_index": 3,
                "lot_number": "LOT-1",
                "message": "Ribbon is out",
            }
        )
        cls.attempt = errors.attempt_ids
        copy = cls.make_job(2, copy_of_id=errors.id, copy_labels=[1, 2], copy_reason="lost", status="printing")
        copy.cancel_requested_at = now
        cls.printer.write(
            {
                "status": "attention",
                "state_reasons": [{"keyword": "media-empty", "severity": "error"}],
                "jobs_in_queue": 3,
                "location": "Packing",
                "last_seen": now,
            }
        )

    def _records(self, model):
        return {
            "label.print.job": self.jobs,
            "printer.configuration": self.printer,
            "label.print.server": self.server,
            "label.print.attempt": self.attempt,
            "label.print.failed.label": self.failed_label,
            "mrp.production": self.production,
        }[model]

    def _screens(self):
        """What to open, as ``{name, request, selector}``, ``words`` that are to be read there, and what to
        ``press`` with what is ``shown`` then."""
        for model, view_types in MODELS:
            for view_type in view_types:
                request = {"type": "ir.actions.act_window", "name": model, "res_model": model}
                if view_type != "form":
                    yield {
                        "name": f"{view_type} of {model}",
                        "request": {**request, "views": [[False, view_type], [False, "search"]]},
                        "selector": f".o_{view_type}_view .o_content, .o_{view_type}_view.o_content",
                    }
                    continue
                for record in self._records(model):
                    yield {
                        "name": f"form of {record}",
                        "request": {**request, "views": [[False, "form"]], "res_id": record.id},
                        "selector": ".o_form_view .o_form_sheet",
                    }
        by_status = {job.status: job.id for job in self.jobs}
        failed, pending = by_status["failed"], by_status["pending"]
        for model, context in (
            ("label.print.retry.wizard", {"default_job_id": failed}),
            ("label.print.retry.wizard", {"default_job_id": failed, "default_purpose": "settle"}),
            ("label.print.retry.wizard", {"default_job_id": by_status["sent"], "default_purpose": "cancel"}),
            ("label.print.again.wizard", {"default_job_id": by_status["completed"]}),
            ("label.print.cancel.wizard", {"default_job_ids": [pending]}),
            ("label.print.set.aside.wizard", {"default_job_ids": [failed]}),
            ("label.print.move.wizard", {"default_printer_id": self.printer.id}),
            ("label.print.roll.wizard", {"default_printer_id": self.printer.id}),
            ("label.print.wizard", {"default_mo_id": self.production.id}),
        ):
            yield {
                "name": f"form of {model} {context}",
                "request": {
                    "type": "ir.actions.act_window",
                    "name": model,
                    "res_model": model,
                    "views": [[False, "form"]],
                    "target": "new",
                    "context": context,
                },
                "selector": ".modal .o_form_view .o_form_sheet",
            }
        lot = self.production.lot_producing_ids
        for model, record, view in (
            ("stock.lot", lot, "stock.view_production_lot_form"),
            ("res.users", self.env.user, "base.view_users_form_simple_modif"),
        ):
            yield {
                "name": f"form of {model}",
                "request": {
                    "type": "ir.actions.act_window",
                    "name": model,
                    "res_model": model,
                    "res_id": record.id,
                    "views": [[self.env.ref(view).id, "form"]],
                },
                "selector": ".o_form_view .o_form_sheet",
            }
        for xmlid, selector in (
            ("action_label_print_overview", ".o_label_print_overview .o_label_print_tile"),
            ("action_label_print_job", ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"),
            ("action_label_print_history", ".o_pivot_view table"),
            ("action_printer_status", ".o_label_print_printer_wall .o_kanban_record"),
            ("action_label_print_failed_label", ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"),
            ("action_label_print_attempt", ".o_list_view .o_content, .o_kanban_view .o_content"),
            ("action_label_print_record", ".o_list_view .o_data_row"),
            ("action_label_print_verification", ".o_list_view .o_content"),
            ("action_label_print_server", ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"),
            ("action_label_print_operator", ".o_label_print_operator_choice"),
            ("action_label_print_wall", ".o_label_print_wall .o_label_print_wall_printer"),
            ("action_label_print_settings", ".o_form_view [data-key=label_print_monitor]"),
        ):
            yield {"name": xmlid, "request": f"label_print_monitor.{xmlid}", "selector": selector}

    def _open_all(self):
        # The first screen is the overview itself, so that its first load is watched as well.
        self.browser_js(
            "/odoo/label-printing",
            SCRIPT % json.dumps(list(self._screens())),
            ready="document.querySelector('.o_label_print_overview .o_label_print_tile') !== null",
            login="admin",
            timeout=180,
        )

    def test_every_view_opens(self):
        self._open_all()


@tagged("post_install", "-at_install")
class TestViewsPhone(TestViewsBrowser):
    browser_size = "390x844"
    touch_enabled = True

    def test_every_view_opens(self):
        """The same on a phone, where Odoo renders other templates."""
        self._open_all()
