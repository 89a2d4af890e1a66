"""What the access matrix is, and what it is tried on: one person for each role and company, a record of each kind."""

import re
from datetime import datetime, timedelta
from pathlib import Path

from odoo.addons.label_print_monitor.services.contract.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.transport.pull_session import Call
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import LabelPrintCase
from .loopback import KEY, LoopbackPrintServer

TABLE = Path(__file__).with_name("access_matrix.txt")
# What only those who may see the first company's records may be told.
MARK = "ONLY-FOR-ITS-COMPANY"
ROLES = {
    "anonymous": "base.group_public",
    "portal": "base.group_portal",
    "employee": "base.group_user",
    "mrp": "mrp.group_mrp_user",
    "user": "label_print_monitor.group_label_print_user",
    "operator": "label_print_monitor.group_label_print_user,mrp.group_mrp_user,base.group_allow_export",
    "manager": "label_print_monitor.group_label_print_manager,base.group_allow_export",
    "admin": "base.group_system,base.group_allow_export",
    "admin_mgr": "base.group_system,label_print_monitor.group_label_print_manager,mrp.group_mrp_manager,"
    "base.group_allow_export",
}
RUNS = [
    {"index": 1, "count": 2, "state": "confirmed"},
    {"index": 3, "state": "uncertain", "code": "uncertain"},
    {"index": 4, "state": "confirmed"},
    {"index": 5, "count": 2, "state": "failed", "code": "paper_out"},
]


def read_table():
    """:return: for each section, its lines as ``{(subject, operation): (words of the roles, word for elsewhere)}``"""
    sections, lines = {}, None
    for text in TABLE.read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", text.strip()):
            lines = sections[match[1]] = {}
        elif lines is not None and text.strip() and not text.startswith(("#", " ")):
            subject, operation, *words = re.sub(r" \(shared\)", "~", text).split()
            *words, elsewhere = words
            key = subject.replace("~", " (shared)"), operation
            if key in lines or len(words) != len(ROLES):
                raise ValueError(f"access_matrix.txt: {text}")
            lines[key] = dict(zip(ROLES, words, strict=True)), elsewhere
    return sections


def line(subject, operation, words, elsewhere):
    """One line as it stands in the table."""
    return f"{subject:<54}{operation:<36}" + "".join(f"{words[role]:<10}" for role in ROLES) + elsewhere


class AccessCase(LabelPrintCase):
    """People of two companies; everything else belongs to the first of them, unless its name says "shared"."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.remote = LoopbackPrintServer()
        cls.addClassCleanup(cls.remote.stop)
        cls.company = cls.env.company
        cls.elsewhere = cls.env["res.company"].create({"name": "Another company"})
        cls.people = {
            (role, company): new_test_user(
                cls.env,
                f"lpm_{role}_{company.id}",
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for role, groups in ROLES.items()
            for company in (cls.company, cls.elsewhere)
        }
        cls.server.write({"api_url": cls.remote.url, "api_key": KEY, "webhook_secret": "the-secret"})
        cls.server.write({"state": "ok", "capabilities": list(cls.remote.capabilities)})
        cls.own_server = cls.env["label.print.server"].create(
            {
                "name": f"{MARK} server", "company_id": cls.company.id, "api_key": KEY,
                "api_url": cls.remote.url.replace("127.0.0.1", "localhost"), "webhook_secret": "its-own-secret",
            }
        )  # fmt: skip
        cls.printers = cls.env["printer.configuration"].create(
            [
                {"name": f"{MARK} {name}", "cups_name": name, "company_id": cls.company.id, "roll_size": 500}
                for name in ("zebra-a", "zebra-b")
            ]
        )
        second = cls.env["label.print.server"].create({"name": f"{MARK} second", "company_id": cls.company.id})
        cls.unused_printer = cls.env["printer.configuration"].create(
            {"name": f"{MARK} unused", "cups_name": "zebra-unused", "server_id": second.id}
        )
        cls.order = cls.make_production(quantity=7, lot=f"{MARK} LOT")
        cls.lot = cls.order.lot_producing_ids
        cls.lot.company_id = cls.company
        cls.failed = cls.job("printing", mo_id=cls.order.id, mo_reference=f"{MARK} MO")
        report = {"status": "failed", "error_code": "paper_out", "error_message": MARK, "labels": RUNS}
        cls.env["print.job.status.poller"].apply_reports(
            cls.server, [parse_job_report({"job_id": cls.failed.flask_job_id, **report})]
        )
        cls.failed._settle(not_on_paper=[6])
        cls.open = cls.job("printing")
        cls.pending = cls.job("pending")
        cls.order.button_mark_done()
        cls.export = cls.env["label.print.export"].create(
            {
                "user_id": cls.user.id, "user_name": MARK, "company_id": cls.company.id, "companies": cls.company.ids,
                "domain": "[]", "sorting": "id", "file_name": "x.csv",
            }
        )  # fmt: skip
        cls.verification = cls.env["label.print.verification"].create(
            {
                "user_id": cls.user.id, "user_name": MARK, "company_id": cls.company.id, "companies": cls.company.ids,
                "domain": "[]",
            }
        )  # fmt: skip
        cls.scan = cls.env["label.print.scan"].create(
            {
                "scan_key": "1", "company_id": cls.company.id, "user_id": cls.user.id, "user_name": MARK,
                "date": "2026-01-01 12:00:00", "code": MARK, "verdict": "foreign",
            }
        )  # fmt: skip
        cls.incident = cls.env["label.print.incident"].create(
            {
                "printer_id": cls.printers[0].id, "printer_name": MARK, "server_id": cls.server.id, "cause": "paper_out",
                "kind": "paper_out", "opened_at": "2026-01-01 12:00:00", "company_id": cls.company.id,
            }
        )  # fmt: skip
        cls.over = cls.incident.copy({"cause": "jam", "kind": "jam", "closed_at": "2026-01-01 12:30:00"})
        cls.env["label.print.incident.job"]._link(
            [(cls.incident.id, cls.failed.id, 1), (cls.over.id, cls.failed.id, 1)], "stopped"
        )
        cls.printer_day = cls.env["label.print.printer.day"].create(
            {
                "printer_id": cls.printers[0].id, "printer_name": MARK, "server_id": cls.server.id,
                "company_id": cls.company.id, "day": "2026-01-01",
            }
        )  # fmt: skip
        cls.escalation_step = cls.env["label.print.escalation.step"].create(
            {"minutes": 10, "user_ids": cls.user.ids, "company_id": cls.company.id, "location": MARK}
        )
        cls.shift = cls.env["label.print.shift"].create(
            {"name": f"{MARK} shift", "from_hour": 8, "to_hour": 16, "company_id": cls.company.id}
        )
        cls.env["label.print.attempt.figure"]._store_batch()
        cls.progress = cls.env["label.print.figure.progress"].browse(1)
        cls.shift_mailing = cls.env["label.print.shift.mailing"].create(
            {"shift_id": cls.shift.id, "company_id": cls.company.id, "day": "2026-01-01"}
        )
        cls.metrics_token = cls.env["label.print.metrics.token"]._make(cls.company)
        cls.env["label.print.metrics.total"].create({"company_id": cls.company.id, "accepted": 1})
        cls.pull_server = cls.env["label.print.server"].create(
            {"name": f"{MARK} pull", "company_id": cls.company.id, "connection_mode": "server_calls"}
        )
        cls.pull_token, cls.given_token = cls.env["label.print.server.token"]._make(cls.pull_server, host=MARK)
        cls.pull_server._make_code()
        cls.env["label.print.server.call"]._put(cls.pull_server.id, Call("GET", "/api/health", {}, "", 600.0))
        cls.page = cls.env["res.config.settings"].create({})
        cls.env.flush_all()

    @classmethod
    def job(cls, status, **values):
        if status != "pending":
            values["flask_job_id"] = cls.remote.add_job(f"srv-{len(cls.remote.jobs)}", status=status)
        labels = cls.labels(6, lot=cls.lot.name)
        return cls.make_job(6, status=status, printer_id=cls.printers[0].id, labels_data=labels, **values)

    def record(self, subject):
        """The record of the first company, or the shared one, that a line is tried on."""
        return {
            "label.print.job": self.pending,
            "label.print.attempt": self.failed.attempt_ids,
            "label.print.mark": self.failed.mark_ids,
            "label.print.scan": self.scan,
            "label.print.export": self.export,
            "label.print.record": self.env["label.print.record"].search([("job_id", "=", self.failed.id)], limit=1),
            "label.print.verification": self.verification,
            "label.print.failed.label": self.failed.failed_label_ids[:1],
            "label.print.incident": self.incident,
            "label.print.incident.job": self.incident.link_ids,
            "label.print.printer.interval": self.env["label.print.printer.interval"].search(
                [("printer_id", "=", self.printers[0].id)], limit=1
            ),
            "label.print.printer.day": self.printer_day,
            "label.print.printer.report": self.env["label.print.printer.report"].search(
                [("printer_id", "=", self.printers[0].id)], limit=1
            ),
            "label.print.escalation.step": self.escalation_step,
            "label.print.shift": self.shift,
            "label.print.shift.mailing": self.shift_mailing,
            "label.print.attempt.report": self.env["label.print.attempt.report"].search(
                [("job_id", "=", self.failed.id)], limit=1
            ),
            "label.print.attempt.figure": self.env["label.print.attempt.figure"].search(
                [("job_id", "=", self.failed.id)], limit=1
            ),
            "label.print.figure.progress": self.progress,
            "label.print.specimen": self.env["label.print.specimen"].search([("job_id", "=", self.failed.id)]),
            "label.print.server": self.own_server,
            "label.print.server (shared)": self.server,
            "label.print.server.secret": self.env["label.print.server.secret"].search([], limit=1),
            "label.print.server.call": self.env["label.print.server.call"].search([], limit=1),
            "label.print.server.code": self.env["label.print.server.code"].search([], limit=1),
            "label.print.server.token": self.pull_token,
            "label.print.metrics.token": self.env["label.print.metrics.token"].search([], limit=1),
            "label.print.metrics.total": self.env["label.print.metrics.total"].search([], limit=1),
            "printer.configuration": self.printers[0],
            "printer.configuration (shared)": self.printer,
            "mrp.production": self.order,
            "stock.lot": self.lot,
            "res.config.settings": self.page,
            "res.company": self.company,
        }[subject]

    def new_values(self, model):
        """Values with which the first company's people make a record of their own."""
        return {
            "label.print.job": {
                "printer_id": self.printers[0].id, "quantity": 1, "labels_data": self.labels(1),
                "company_id": self.company.id,
            },
            "label.print.attempt": {"job_id": self.failed.id, "number": 9, "labels_count": 1},
            "label.print.mark": {
                "job_id": self.failed.id, "attempt_number": 1, "kind": "checked", "label_indexes": [3],
                "user_name": "Somebody",
            },
            "label.print.export": {
                "user_id": self.user.id, "user_name": MARK, "company_id": self.company.id, "companies": self.company.ids,
                "domain": "[]", "sorting": "id", "file_name": "x.csv",
            },
            "label.print.record": {"job_id": self.failed.id, "sequence": 9, "kind": "mark", "content": "{}", "hash": "x"},
            "label.print.verification": {
                "user_id": self.user.id, "user_name": MARK, "company_id": self.company.id, "companies": self.company.ids,
                "domain": "[]",
            },
            "label.print.failed.label": {"job_id": self.failed.id, "attempt_number": 1, "label_index": 4},
            "label.print.incident": {"cause": "jam", "kind": "jam", "opened_at": "2026-01-01 12:00:00"},
            "label.print.incident.job": {
                "incident_id": self.incident.id, "job_id": self.open.id, "attempt_number": 1, "effect": "waits",
            },
            "label.print.printer.interval": {"status": "online", "since": "2026-01-01 12:00:00"},
            "label.print.printer.day": {"day": "2026-01-02"},
            "label.print.printer.report": {"day": "2026-01-02"},
            "label.print.shift": {"name": "Another", "from_hour": 17, "to_hour": 18, "company_id": self.company.id},
            "label.print.attempt.report": {"labels": 1},
            "label.print.attempt.figure": {
                "job_id": self.failed.id, "ended_date": "2026-01-01 12:00:00", "day": "2026-01-01", "hour": "12:00",
                "company_id": self.company.id,
            },
            "label.print.figure.progress": {"due_up_to": 1},
            "label.print.shift.mailing": {
                "shift_id": self.shift.id, "company_id": self.company.id, "day": "2026-01-02",
            },
            "label.print.shift.wizard": {
                "shift_id": self.shift.id, "company_id": self.company.id, "day": "2026-01-01",
            },
            "label.print.escalation.step": {"minutes": 5, "user_ids": self.user.ids, "company_id": self.company.id},
            "label.print.specimen": {
                "key": "x", "company_id": self.company.id, "label_index": 1, "zpl": MARK, "label_hash": "x",
            },
            "label.print.scan": {
                "scan_key": "2", "company_id": self.company.id, "user_name": MARK, "date": "2026-01-01 12:00:00",
                "verdict": "foreign",
            },
            "label.print.server": {"name": "Another", "company_id": self.company.id},
            "label.print.server (shared)": {"name": "Another", "company_id": False},
            "label.print.server.secret": {"server_id": self.server.id},
            "label.print.server.call": {
                "server_ref": 1, "name": "x", "state": "waiting", "method": "GET", "path": "/", "expires_at": "2026-01-01",
            },
            "label.print.server.code": {
                "server_id": self.pull_server.id, "first_group": "x", "code_hash": "x", "expires_at": "2026-01-01",
            },
            "label.print.server.token": {"server_id": self.pull_server.id, "token_hash": "x", "channel": "x"},
            "label.print.connect.wizard": {"name": "Another", "company_id": self.company.id},
            "label.print.metrics.token": {"company_id": False, "token_hash": "x"},
            "label.print.metrics.total": {"company_id": self.company.id, "accepted": 1},
            "printer.configuration": {"name": "New", "cups_name": "new", "server_id": self.own_server.id},
            "printer.configuration (shared)": {"name": "New", "cups_name": "new"},
            "label.print.wizard": {"mo_id": self.order.id, "printer_id": self.printers[0].id},
            "label.print.retry.wizard": {"job_id": self.failed.id, "on_paper": "3"},
            "label.print.again.wizard": {"job_id": self.failed.id, "labels_text": "1", "reason": "lost"},
            "label.print.cancel.wizard": {"job_ids": [Command.set(self.open.ids)], "reason": "wrong_label"},
            "label.print.set.aside.wizard": {"job_ids": [Command.set(self.failed.ids)], "reason": "not_needed"},
            "label.print.move.wizard": {"printer_id": self.printers[0].id, "target_id": self.printers[1].id},
            "label.print.roll.wizard": {"printer_id": self.printers[0].id},
            "label.print.maintenance.wizard": {"printer_id": self.printers[0].id, "until": datetime.now() + timedelta(days=1)},
            "res.config.settings": {},
        }[model]  # fmt: skip

    def changed_values(self, model):
        """A change that whoever may write a record may make."""
        return {
            "label.print.job": {"priority": "high"},
            "label.print.attempt": {"reason": "x"},
            "label.print.mark": {"reason": "x"},
            "label.print.export": {"user_name": "x"},
            "label.print.record": {"content": "x"},
            "label.print.verification": {"user_name": "x"},
            "label.print.failed.label": {"message": "x"},
            "label.print.incident": {"user_id": self.user.id},
            "label.print.incident.job": {"attempt_number": 2},
            "label.print.printer.interval": {"reason": "x"},
            "label.print.printer.day": {"failures": 1},
            "label.print.printer.report": {"failures": 1},
            "label.print.escalation.step": {"minutes": 20},
            "label.print.shift": {"to_hour": 15},
            "label.print.shift.mailing": {"day": "2026-01-03"},
            "label.print.shift.wizard": {"day": "2026-01-03"},
            "label.print.attempt.report": {"labels": 1},
            "label.print.attempt.figure": {"labels": 1},
            "label.print.figure.progress": {"due_up_to": 1},
            "label.print.specimen": {"product_name": "x"},
            "label.print.scan": {"code": "x"},
            "label.print.server": {"rate_limit": 7},
            "label.print.server.secret": {"server_id": self.own_server.id},
            "label.print.server.call": {"path": "x"},
            "label.print.server.code": {"failed_tries": 1},
            "label.print.server.token": {"host": "x"},
            "label.print.connect.wizard": {"name": "x"},
            "label.print.metrics.token": {"company_id": False},
            "label.print.metrics.total": {"accepted": 1},
            "printer.configuration": {"location": "x"},
            "label.print.wizard": {"copies": 2},
            "label.print.wizard.lot": {"selected": False},
            "label.print.retry.wizard": {"reason": "x"},
            "label.print.again.wizard": {"note": "x"},
            "label.print.cancel.wizard": {"note": "x"},
            "label.print.set.aside.wizard": {"note": "x"},
            "label.print.move.wizard": {"target_id": self.printer.id},
            "label.print.roll.wizard": {"labels": 7},
            "label.print.maintenance.wizard": {"until": datetime.now() + timedelta(days=2)},
            "res.config.settings": {"label_print_api_key": "another"},
        }[model]

    def call_of(self, model, method):
        """On which record a public method is called, and with which arguments; no record for a dialog of one's own."""
        record, arguments = {
            ("label.print.job", "create"): (None, [self.new_values("label.print.job")]),
            ("label.print.job", "write"): (self.pending, [{"priority": "high"}]),
            ("label.print.attempt", "write"): (self.failed.attempt_ids, [{"reason": "x"}]),
            ("label.print.mark", "create"): (None, [self.new_values("label.print.mark")]),
            ("label.print.escalation.step", "create"): (None, [self.new_values("label.print.escalation.step")]),
            ("label.print.escalation.step", "unlink"): (self.escalation_step, []),
            ("label.print.escalation.step", "write"): (self.escalation_step, [{"minutes": 20}]),
            ("label.print.shift", "create"): (None, [self.new_values("label.print.shift")]),
            ("label.print.shift", "unlink"): (self.shift, []),
            ("label.print.shift", "write"): (self.shift, [{"to_hour": 15}]),
            ("label.print.incident", "action_retry_stopped"): (self.over, []),
            ("label.print.incident", "write"): (self.incident, [{"user_id": self.user.id}]),
            ("label.print.record", "write"): (self.record("label.print.record"), [{"content": "x"}]),
            ("label.print.specimen", "write"): (self.record("label.print.specimen"), [{"zpl": "x"}]),
            ("label.print.server", "create"): (None, [self.new_values("label.print.server")]),
            ("label.print.server", "write"): (self.own_server, [{"rate_limit": 7}]),
            ("label.print.server", "unlink"): (self.own_server, []),
            ("label.print.server", "action_connect"): (self.pull_server, []),
            ("label.print.server", "action_release_token"): (self.pull_server, []),
            ("label.print.server", "action_revoke_tokens"): (self.pull_server, []),
            ("label.print.server", "action_rotate_token"): (self.pull_server, []),
            ("printer.configuration", "create"): (None, [self.new_values("printer.configuration")]),
            ("printer.configuration", "write"): (self.printers[0], [{"location": "x"}]),
            ("label.print.job", "web_read"): (self.failed, [{"mo_reference": {}}]),
            ("printer.configuration", "web_read"): (self.printers[0], [{"name": {}}]),
            ("label.print.job", "web_search_read"): (None, [[["id", "=", self.failed.id]], {"mo_reference": {}}]),
            ("label.print.job", "web_read_group"): (None, [[], ["mo_reference"], ["__count"]]),
            ("label.print.job", "get_overview"): (None, []),
            ("label.print.job", "action_check_by_scanning"): (self.failed, []),
            ("label.print.scan", "find_orders"): (None, [f"{MARK} LOT"]),
            ("label.print.scan", "get_labels"): (None, [self.order.id]),
            ("label.print.scan", "check"): (
                None, [[{"key": "a", "order_id": self.order.id, "code": f"{MARK} LOT", "age": 1}]]
            ),
            ("label.print.job", "get_history"): (None, []),
            ("label.print.job", "get_label_picture"): (self.failed, [3]),
            ("label.print.job", "get_label_story"): (self.failed, [3]),
            ("label.print.job", "action_label_on_paper"): (self.failed, [3]),
            ("label.print.job", "action_label_not_on_paper"): (self.failed, [3]),
            ("label.print.job", "action_label_destroyed"): (self.failed, [1]),
            ("label.print.job", "action_print_label_again"): (self.failed, [1]),
            ("label.print.job", "action_cancel"): (self.open, []),
            ("label.print.job", "action_refresh"): (self.open, []),
            ("label.print.job", "refresh_label_account"): (self.open, []),
            ("label.print.server", "action_connect_first"): (None, []),
            ("label.print.server", "action_open_printers"): (None, []),
            ("label.print.server", "action_print_first"): (None, []),
            ("label.print.server", "fields_get"): (None, [["name"]]),
            ("label.print.server", "get_freshness"): (None, []),
            ("printer.configuration", "action_roll_changed"): (self.printers[0], []),
            ("printer.configuration", "begin_maintenance"): (self.printers[0], [60]),
            ("printer.configuration", "change_roll"): (self.printers[0], [100]),
            ("printer.configuration", "correct_roll"): (self.printers[0], [40]),
            ("printer.configuration", "find_orders"): (self.printers[0], [self.order.name]),
            ("printer.configuration", "get_operator_page"): (None, [self.printers[0].id]),
            ("printer.configuration", "get_order_labels"): (self.printers[0], [self.order.id]),
            ("printer.configuration", "get_wall"): (None, []),
            ("res.config.settings", "create"): (None, [{}]),
            ("res.config.settings", "get_values"): (None, []),
            ("res.config.settings", "write"): (self.page, [{}]),
        }.get((model, method), (False, []))
        if record is not False:
            return record, arguments
        if model == "label.print.job":
            return self.failed, arguments
        dialog = self.env[model]._transient
        return (False if dialog else self.record(model)), arguments
