"""The print jobs of the fixture, made inside release 19.0.1.0.0 by its own code; `make_fixture` runs this in Odoo's shell.

Nothing is written by hand that the release would have written itself: jobs are handed to a print server on the loopback
interface, its answers are applied by `apply_reports`, people retry and cancel. Only the clock is ours, so that times differ
and are the same each time. Each job keeps in `mo_reference` what it is an example of.
"""

import itertools
import random
import uuid
from datetime import datetime, timedelta

from odoo import fields, sql_db
from odoo.addons.label_print_monitor.services.payloads import parse_job_report
from odoo.addons.label_print_monitor.services.print_server_client import Unreachable
from odoo.addons.label_print_monitor.services.sweep import SweepPlan, SweepResult
from odoo.addons.label_print_monitor.tests.loopback import KEY, LoopbackPrintServer
from odoo.fields import Command

env = globals()["env"]  # from Odoo's shell
ALL = ("batch_status", "failed_labels", "idempotency", "printer_reasons")


class Clock:
    """The time of everything: Odoo's, the transactions', and what a job's creation is dated with."""

    def __init__(self):
        self.at = datetime(2026, 3, 2, 6, 0)
        fields.Datetime.now = staticmethod(lambda *_args: self.at)
        sql_db.BaseCursor.now = lambda _cursor: self.at

    def wait(self, seconds):
        self.at += timedelta(seconds=seconds)


class Factory:
    """Two print servers, three printers, two people, two companies."""

    def __init__(self):
        self.remote = LoopbackPrintServer(capabilities=ALL)
        self.server = env["label.print.server"]._get_default()
        self.server.write({"api_url": self.remote.url, "api_key": KEY})
        self.server.write({"state": "ok", "state_since": clock.at, "last_contact": clock.at, "last_health": clock.at,
                           "capabilities": list(ALL), "version": "1.4.0"})  # fmt: skip
        self.old_remote = LoopbackPrintServer(capabilities=())
        self.old_server = self.other_server("First generation", self.old_remote, version="0.9")
        self.printer = self.make_printer("Line 1", self.server, model="ZD621", seconds_per_label=1.0)
        self.old_printer = self.make_printer("Line 2", self.old_server)
        self.away_remote = LoopbackPrintServer(capabilities=ALL)
        self.away = self.other_server("Warehouse", self.away_remote)
        self.away_printer = self.make_printer("Warehouse", self.away)
        self.company = env["res.company"].create({"name": "Second Company"})
        self.company_printer = self.make_printer("Line 3", self.server, company_id=self.company.id)
        groups = env.ref("label_print_monitor.group_label_print_user") | env.ref("mrp.group_mrp_user")
        self.ann, self.bob = env["res.users"].create(
            [{"name": name, "login": name.lower(), "group_ids": [Command.set(groups.ids)]} for name in ("Ann", "Bob")]
        )
        self.printer.with_user(self.ann).action_toggle_mine()
        self.printer.is_default = True
        self.product = env["product.product"].create({"name": "Soup", "is_storable": True, "tracking": "lot"})
        self.order = env["mrp.production"].create({"name": "OLD/MO/1", "product_id": self.product.id, "product_qty": 20})
        env.cr.commit()

    def other_server(self, name, remote, **values):
        server = env["label.print.server"].create({"name": name, "api_url": remote.url, "api_key": KEY})
        server.write({"state": "ok", "state_since": clock.at, "last_contact": clock.at, "capabilities": list(remote.capabilities), **values})
        return server

    def make_printer(self, name, server, **values):
        return env["printer.configuration"].create(
            {"name": name, "cups_name": f"zebra-{name.lower().replace(' ', '-')}", "server_id": server.id, "status": "online",
             "status_since": clock.at, "last_seen": clock.at, **values}
        )  # fmt: skip

    def job(self, case, quantity=20, printer=None, labels=None, user=None, **values):
        """A job that waits."""
        clock.wait(60)
        job = env["label.print.job"].with_user(user or self.ann).sudo().create(
            {
                "mo_reference": case,
                "printer_id": (printer or self.printer).id,
                "quantity": quantity,
                "labels_data": make_labels(quantity) if labels is None else labels,
                **values,
            }
        )  # fmt: skip
        env.cr.commit()
        return job

    def submit(self, job):
        """The cron hands over everything that is due: each case ends or is handed over before the next one begins."""
        clock.wait(1)
        job.next_poll_at = clock.at
        env["print.job.submitter"]._run()
        job.invalidate_recordset()
        return job

    def printing(self, case, printed=0, **options):
        """A job under way, of which so many labels are printed."""
        job = self.submit(self.job(case, **options))
        self.report(job, status="printing", current_label=printed)
        return job

    def report(self, job, seconds=None, **data):
        """What the print server says of a job, after the time that its labels take."""
        clock.wait(job.quantity if seconds is None else seconds)
        report = parse_job_report({"job_id": job.flask_job_id, **data})
        env["print.job.status.poller"].apply_reports(job.server_id, [report])
        env.cr.commit()
        job.invalidate_recordset()
        return job

    def failed_at_8(self, case, named=True, **options):
        job = self.printing(case, 7, **options)
        return self.report(job, status="failed", current_label=8, error_code="paper_out", error_message="media out",
                           failed_labels=failures(range(9, 21), "paper_out") if named else [])  # fmt: skip

    def retry(self, job, labels=None, mode="resume", reason="", user=None):
        """As a person does it: by one click when the labels are known, else in the dialog."""
        clock.wait(120)
        job = job.with_user(user or self.bob)
        if labels is None and not reason:
            job.action_retry()
        else:
            values = {"mode": mode, "reason": reason, **({"resume_from": labels} if labels else {})}
            env["label.print.retry.wizard"].with_user(user or self.bob).create({"job_id": job.id, **values}).action_confirm()
        env.cr.commit()
        return self.submit(job.with_user(env.user).sudo())

    def cancel(self, job, user=None):
        clock.wait(5)
        job.with_user(user or self.bob).action_cancel()
        env.cr.commit()
        job.invalidate_recordset()


def make_labels(quantity, lot="L1"):
    return [{"zpl_code": "^XA^XZ", "box_number": number, "lot_number": lot} for number in range(1, quantity + 1)]


def failures(indexes, code="label_failed", message=""):
    return [{"index": index, "code": code, "message": message} for index in indexes]


def cases_that_ended(factory):
    completed = {"status": "completed", "current_label": 20, "progress_percent": 100}
    factory.report(factory.printing("completed, confirmed", 7), **completed, confirmed=True)
    factory.report(factory.printing("completed, not confirmed", 7), **completed)
    late = factory.report(factory.printing("completed, confirmed later", 7), **completed)
    factory.report(late, 30, **completed, confirmed=True)
    factory.report(factory.submit(factory.job("completed, seen at its end only")), **completed, confirmed=True)
    factory.report(factory.printing("completed, first generation", 7, printer=factory.old_printer), **completed)
    big = factory.printing("completed, 500 labels", 300, quantity=500, labels=[{"zpl_code": "^XA^XZ"}] * 500)
    factory.report(big, status="completed", current_label=500, confirmed=True)

    with_errors = {"status": "completed", "progress": {"total": 20, "completed": 19, "failed": 1}}
    factory.report(factory.printing("one failed label", 7), **with_errors, failed_labels=failures([3]), confirmed=True)
    factory.report(factory.printing("one uncertain label", 7), **with_errors, failed_labels=failures([9], "uncertain"))
    factory.report(factory.printing("one failed label, not named", 7, printer=factory.old_printer), **with_errors)

    factory.failed_at_8("failed at 8, labels named")
    factory.failed_at_8("failed at 8, labels not named", named=False, printer=factory.old_printer)
    nothing = factory.submit(factory.job("failed, nothing printed"))
    factory.report(nothing, status="failed", current_label=0, error_code="printer_offline", error_message="No route to host")
    everything = factory.printing("failed after its last label", 19, printer=factory.old_printer)
    factory.report(everything, status="failed", current_label=20, error_message="Unknown error")

    refuse(factory.remote, lambda: factory.submit(factory.job("refused by the print server")))

    unknown = factory.printing("job unknown", 5)
    for _answer in range(4):
        clock.wait(60)
        env["print.job.status.poller"].apply_reports(unknown.server_id, [], unknown=[unknown.flask_job_id])
        env.cr.commit()
    factory.report(factory.printing("cancelled at the printer", 11), status="cancelled", current_label=11)
    factory.cancel(factory.printing("cancelled at 51 of 200", 51, quantity=200))
    factory.cancel(factory.job("cancelled before it was handed over"))


def cases_that_were_retried(factory):
    twice = factory.retry(factory.failed_at_8("failed, retried in part, failed again"))
    factory.report(twice, status="failed", current_label=3, error_code="ribbon_out", failed_labels=failures(range(4, 13), "ribbon_out"))

    thrice = factory.retry(factory.failed_at_8("failed, retried in part, then all, failed again"))
    factory.report(thrice, status="failed", current_label=3, error_code="ribbon_out", failed_labels=failures(range(4, 13), "ribbon_out"))
    factory.retry(thrice, mode="all", reason="The first boxes got wet")
    factory.report(thrice, status="failed", current_label=15, error_code="jam", failed_labels=failures(range(16, 21), "jam"))

    done = factory.retry(factory.failed_at_8("failed, retried in part, completed"))
    factory.report(done, status="completed", current_label=12, confirmed=True)
    full = factory.retry(factory.failed_at_8("failed, all retried, completed"), mode="all", reason="Wrong paper")
    factory.report(full, status="completed", current_label=20)
    one = factory.printing("label 3 failed, retried, completed", 7)
    factory.report(one, status="completed", progress={"total": 20, "completed": 19, "failed": 1}, failed_labels=failures([3]))
    factory.report(factory.retry(one), status="completed", current_label=1, confirmed=True)
    resumed = factory.retry(factory.failed_at_8("not named, continued with 9, completed", False, printer=factory.old_printer), labels=9)
    factory.report(resumed, status="completed", current_label=12)

    # Labels 4 to 9 failed, and somebody continued with 10: the old release calls that completed.
    left_out = factory.printing("labels 4 to 9 left out, completed", 7)
    factory.report(left_out, status="failed", current_label=3, failed_labels=failures(range(4, 10), "paper_out"), error_code="paper_out")
    factory.retry(left_out, labels=10, reason="Continue")
    factory.report(left_out, status="completed", current_label=11, confirmed=True)
    # One label in the middle is uncertain, and the dialog proposed the last one.
    middle = factory.printing("label 9 uncertain, label 20 retried, completed", 7)
    factory.report(middle, status="completed", progress={"total": 20, "completed": 19, "failed": 1}, failed_labels=failures([9], "uncertain"))
    factory.retry(middle, reason="As proposed")
    factory.report(middle, status="completed", current_label=1)

    under_way = factory.retry(factory.failed_at_8("failed, retried in part, printing"))
    factory.report(under_way, 3, status="printing", current_label=4)
    factory.cancel(factory.retry(factory.failed_at_8("failed, retried, cancelled")))
    nothing = factory.retry(factory.failed_at_8("failed, retried, nothing printed"))
    factory.report(nothing, status="failed", current_label=0, error_code="head_open", failed_labels=failures(range(1, 13), "head_open"))
    errors = factory.retry(factory.failed_at_8("failed, retried in part, one uncertain"))
    factory.report(errors, status="completed", progress={"total": 12, "completed": 11, "failed": 1}, failed_labels=failures([2], "uncertain"))


def cases_in_doubt(factory):
    """Submissions whose answer never came, at a print server that does not know a repetition."""

    def unclear(case):
        factory.old_remote.fault = "reset"
        job = factory.submit(factory.job(case, printer=factory.old_printer))
        factory.old_remote.fault = None
        return job

    unclear("submission unclear")
    factory.cancel(unclear("submission unclear, cancelled"))
    factory.report(factory.retry(unclear("submission unclear, retried, completed"), labels=1, reason="Nothing came"), status="completed")
    factory.retry(unclear("submission unclear, retried, sent"), labels=5, reason="Four came")


def case_that_stands_still(factory):
    """First of all, since everything under way stands still in the hour that this takes."""
    stuck = factory.printing("stuck at 6", 6)
    clock.wait(3600)
    env["print.job.status.poller"]._housekeeping()
    assert stuck.attention_code == "stuck"


def cases_under_way(factory):
    factory.report(factory.submit(factory.job("queued")), 2, status="queued")
    factory.printing("printing, 7 of 20", 7)
    factory.report(factory.printing("printing, two failed", 9), 3, status="printing", current_label=10, failed_count=2, failed_labels=failures([4, 5]))
    factory.report(factory.submit(factory.job("a word nobody knows")), 2, status="warming")
    seen_once = factory.printing("not known once", 5)
    env["print.job.status.poller"].apply_reports(seen_once.server_id, [], unknown=[seen_once.flask_job_id])
    env.cr.commit()

    def accepted(handler):
        if handler.path != "/api/print":
            return False
        return handler.send_json({"job_id": factory.old_remote.add_job("made-sent"), "status": "accepted"}, 201)

    factory.old_remote.fault = accepted
    factory.submit(factory.job("sent", printer=factory.old_printer))
    factory.old_remote.fault = None


def cases_of_a_server_that_is_away(factory):
    factory.printing("unverified", 4, printer=factory.away_printer)
    factory.away_remote.stop()
    factory.submit(factory.job("waiting, unverified", printer=factory.away_printer))
    for _sweep in range(3):
        clock.wait(10)
        plan = SweepPlan(factory.away.id)
        factory.away._note_visit(SweepResult(plan, error=Unreachable("unreachable", server="warehouse:5000")))
    env.cr.commit()


def cases_of_other_kinds(factory):
    completed = {"status": "completed", "confirmed": True}
    factory.report(factory.printing("OLD/MO/1", 7, mo_id=factory.order.id, job_type="auto"), **completed)
    factory.report(factory.printing("OLD/MO/1", 7, mo_id=factory.order.id, job_type="manual_reprint"), **completed)
    factory.printer.with_user(factory.bob).action_test_print()
    test = env["label.print.job"].search([("job_type", "=", "test")])
    test.mo_reference = "test"
    factory.report(factory.submit(test), **completed)
    factory.report(factory.printing("second company", 7, printer=factory.company_printer, company_id=factory.company.id), **completed)
    twin = factory.report(factory.printing("same id at two servers, newer", 7), **completed)
    old = factory.printing("same id at two servers, first generation", 7, printer=factory.old_printer)
    old.flask_job_id = twin.flask_job_id
    factory.report(old, status="failed", current_label=9, error_message="media out")
    factory.job("no labels, waiting", labels=False)
    # As an import of history writes it.
    ended = factory.job("no labels, completed", labels=False, flask_job_id="imported-1", status="completed", current_label=20, progress_percent=100)
    ended.completed_date = clock.at


def refuse(remote, act):
    def answer(handler):
        handler.send_json({"error": "Bad request", "message": "label 2 is no ZPL", "code": "invalid_zpl"}, 400)

    remote.fault = answer
    act()
    remote.fault = None


def cases_that_wait(factory):
    """Last, since a job that is due would be handed over with the next one."""
    factory.away.next_probe_at = clock.at + timedelta(hours=1)
    leased = factory.job("being handed over")
    env["print.job.submitter"]._lease()  # and Odoo dies
    env.cr.commit()
    assert leased.status == "pending" and leased.submit_started_at
    factory.job("waiting")
    factory.job("waiting, high", quantity=2, user=factory.bob)


def write_addresses(factory):
    """Instead of this machine's ports and the loopback's key."""
    for server in (factory.server, factory.old_server, factory.away):
        state = {name: server[name] for name in ("state", "failure_count", "next_probe_at", "last_health")}
        server.write({"api_url": f"http://print-server-{server.id}.example:5000", "api_key": f"key-{server.id}"})
        server.write(state)
    held = env["label.print.job"].search([("status", "=", "pending"), ("unverified_since", "!=", False)])
    held.unverified_problem = factory.away.state_problem
    env["ir.config_parameter"].set_param("label_print.webhook_secret", "secret-1")


clock = Clock()
numbers = itertools.count(1)
uuid.uuid4 = lambda: uuid.UUID(int=next(numbers), version=4)
random.seed(1)
factory = Factory()
case_that_stands_still(factory)
cases_that_ended(factory)
cases_that_were_retried(factory)
cases_in_doubt(factory)
cases_under_way(factory)
cases_of_a_server_that_is_away(factory)
cases_of_other_kinds(factory)
cases_that_wait(factory)
write_addresses(factory)
env.cr.commit()
factory.remote.stop()
factory.old_remote.stop()
