"""The update from release 19.0.1.0.0: the fixture's database is updated as a user's would be, once for all tests here."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from services.label_files.label_hashes import hash_at, hashes_of
from services.lifecycle.job_account import AttemptAccount, JobAccount, job_account
from services.lifecycle.label_account import LabelAccount
from services.lifecycle.order_labels import label_entries

from scripts import odoo
from scripts.databases import Database, addon_template
from scripts.postgres import running_cluster
from tests.upgrade.database_difference import Side
from tests.upgrade.expected_accounts import (
    ACCOUNTS,
    CORRECTED_WHEN_SOMEBODY_ACTS,
    LABELS_THAT_NEED_SOMEBODY,
    SUBMISSIONS,
)
from tests.upgrade.old_database import MODULE, OLD_VERSION, old_database, update

ENDED = ("completed", "completed_with_errors", "failed", "cancelled")
# What the old release knew of each job, and the update must not change.
KEPT = (
    "mo_reference", "status", "current_label", "quantity", "progress_percent", "error_code", "error_message", "error_kind",
    "attention_code", "attempt_number", "attempt_labels", "attempt_base", "attempt_quantity", "flask_job_id", "idempotency_key",
    "priority", "job_type", "submitted_by", "printer_id", "server_id", "labels_data", "timeline", "create_date", "write_date",
    "submitted_date", "started_date", "completed_date", "next_poll_at", "unverified_since", "unverified_problem",
)  # fmt: skip
COUNTED = ("label_print_job", "label_print_server", "label_print_failed_label", "printer_configuration")
READ_JOBS = "SELECT to_jsonb(job) FROM label_print_job job ORDER BY id"
READ_ATTEMPTS = "SELECT to_jsonb(attempt) FROM label_print_attempt attempt ORDER BY job_id, number"
# As the web client opens a list and each job's form; then what people do with jobs that are older. Nothing of it is committed.
OPEN_EVERYTHING = """
import json
answer = {}
for model in ("label.print.job", "label.print.attempt", "label.print.failed.label", "label.print.server", "printer.configuration"):
    Model = env[model].with_context(active_test=False)
    views = Model.get_views([(False, "list"), (False, "form"), (False, "search")])["models"]
    fields = {name: {} for name in views[model]["fields"]}
    answer[Model._table] = len(Model.search([]).web_read(fields))
answer["overview"] = bool(env["label.print.job"].get_overview())

def differ():
    jobs = env["label.print.job"].search([])
    return {found.mo_reference: found._verdict_in_words(verdict) for found, verdict in zip(jobs, map(jobs._verify().get, jobs.ids)) if verdict.findings}

from odoo.addons.label_print_monitor.models import label_print_attempt_figure as figures
figures.ATTEMPTS_A_BATCH = 10
Figure, Report = env["label.print.attempt.figure"], env["label.print.attempt.report"]

def shown():
    names = ["job_id", "day", "hour", "shift_id", "labels", "lost", "runs", "failures", "error_kind", "first_label_seconds"]
    return Report.search([("outcome", "!=", False)], order="id").read(names)

before, answer["figures"] = shown(), [Figure.search_count([])]
while Figure._store_batch() is not None:
    answer["figures"].append(Figure.search_count([]))
    answer["figures as before"] = answer.get("figures as before", True) and shown() == before
answer["figures of ended"] = env["label.print.attempt"].search_count([("ended_date", "!=", False)])
answer["figures with shift"] = Figure.search_count([("shift_id", "!=", False)])
answer["sealed"] = [len(env["label.print.record"].search([("kind", "=", "sealed"), ("sequence", "=", 1)])), len(env["label.print.record"].search([]))]
answer["differ"] = differ()

def job(case):
    found = env["label.print.job"].search([("mo_reference", "=", case)])
    found.ensure_one()
    return found

def says(found):
    return [found.status, found.current_label, found.failed_count, found.uncertain_count, found.attempt_number]

named = job("failed at 8, labels named")
named.action_retry()
answer["retried"] = [*says(named), named.attempt_ids.sorted("number")[-1:].label_indexes]
answer["dialog"] = job("failed at 8, labels not named").action_retry()["res_model"]
left = job("failed at 8, labels not named")
answer["set aside"] = [len(left._set_aside("not_needed")), left.set_aside_reason, left.can_retry, left.can_print_missing]
uncertain = job("one uncertain label")
uncertain._settle(on_paper=[9])
answer["settled"] = says(uncertain)
left_out = job("labels 4 to 9 left out, completed")
left_out._settle(not_on_paper=[4])
answer["looked"] = says(left_out)
unclear = job("submission unclear")
unclear._settle(on_paper=range(1, 21))
answer["unclear"] = says(unclear)
cancelled = job("cancelled at 51 of 200")
cancelled._settle(on_paper=[52], not_on_paper=range(53, 201))
answer["cancelled"] = says(cancelled)
waiting = job("waiting")
waiting.action_cancel()
answer["waiting"] = [*says(waiting), waiting.attempt_ids.outcome]
answer["grown"] = len(env["label.print.record"].search([])) > answer["sealed"][1]
answer["differ later"] = differ()
env.cr.execute("UPDATE label_print_job SET current_label = 19 WHERE mo_reference = 'one uncertain label'")
env.invalidate_all()
answer["found"] = list(differ())
env.cr.rollback()
print("ANSWER", json.dumps(answer))
"""


@dataclass
class Update:
    """A database after the update, what it held before, and what Odoo logged."""

    database: Database
    before: dict[int, dict[str, Any]]
    counted: dict[str, int]
    log: str

    @cached_property
    def after(self) -> dict[int, dict[str, Any]]:
        return jobs_of(self.database)

    @cached_property
    def attempts(self) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = {job_id: [] for job_id in self.after}
        for (attempt,) in self.database.execute(READ_ATTEMPTS):
            found[attempt["job_id"]].append(attempt)
        return found

    @cached_property
    def accounts(self) -> dict[int, JobAccount]:
        """The account of each job, as the present code reads it."""
        return {
            job_id: job_account(self.after[job_id]["quantity"], [account_of(attempt) for attempt in attempts])
            for job_id, attempts in self.attempts.items()
        }

    def ended(self) -> list[dict[str, Any]]:
        return [job for job in self.after.values() if job["status"] in ENDED]


def jobs_of(database: Database) -> dict[int, dict[str, Any]]:
    return {job["id"]: job for (job,) in database.execute(READ_JOBS)}


def account_of(attempt: dict[str, Any]) -> AttemptAccount:
    size = attempt["labels_count"]
    account = LabelAccount.from_stored(attempt["account"], size)
    return AttemptAccount(attempt["number"], attempt["label_indexes"] or range(1, size + 1), account, attempt["outcome"] or "")


@pytest.fixture(scope="module")
def updated():
    with running_cluster() as cluster, old_database(cluster) as database:
        before = jobs_of(database)
        counted = {table: database.execute(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}
        assert database.execute("SELECT state, latest_version FROM ir_module_module WHERE name = %s", MODULE) == [("installed", OLD_VERSION)]
        yield Update(database, before, counted, update(database))


def test_odoo_has_nothing_to_complain_about(updated):
    loud = [line for line in updated.log.splitlines() if re.search(r" (WARNING|ERROR|CRITICAL) ", line)]
    assert loud == []
    state, version = updated.database.execute("SELECT state, latest_version FROM ir_module_module WHERE name = %s", MODULE)[0]
    assert state == "installed"
    assert version > OLD_VERSION


def test_every_status_and_every_doubt_was_in_the_old_database(updated):
    """Otherwise the tests below would show little."""
    jobs = updated.before.values()
    assert {job["status"] for job in jobs} == {"pending", "sent", "queued", "printing", *ENDED}
    assert {job["attention_code"] for job in jobs} == {None, "stuck", "submission_uncertain"}
    assert {job["attempt_number"] for job in jobs} == {1, 2, 3}
    assert {job["job_type"] for job in jobs} == {"auto", "manual", "manual_reprint", "test"}


def test_no_job_changes_its_status_or_its_labels_printed(updated):
    def kept(jobs):
        return {id_: {name: job[name] for name in KEPT} for id_, job in jobs.items()}

    assert kept(updated.after) == kept(updated.before)


def test_each_account_says_what_was_known_and_no_more(updated):
    """Label by label, in the accounts' stored form: r reported, c confirmed, f failed, u uncertain, b taken back, w waiting."""
    said = {}
    for job_id, job in updated.after.items():
        texts = []
        for attempt in updated.attempts[job_id]:
            assert attempt["number"] == len(texts) + 1
            account = account_of(attempt).account
            assert account.to_stored() == attempt["account"] or attempt["account"] is None
            texts.append(attempt["account"]["s"] + ("" if account.exact else "?") if attempt["account"] else "")
        said.setdefault(job["mo_reference"], []).append(texts)
    assert said == ACCOUNTS


def test_a_failed_label_keeps_its_code(updated):
    jobs = {job["mo_reference"]: updated.accounts[id_] for id_, job in updated.after.items()}
    codes = {case: {label.code for label in account.labels if label.state == "failed"} for case, account in jobs.items()}
    assert codes["failed at 8, labels named"] == {"paper_out"}
    assert codes["failed, retried in part, then all, failed again"] == {"jam"}
    assert codes["refused by the print server"] == {"invalid_zpl"}
    assert codes["one failed label"] == {"label_failed"}


def test_figures_of_attempts_are_those_of_their_accounts(updated):
    for job_id, attempts in updated.attempts.items():
        account = updated.accounts[job_id]
        for attempt in attempts:
            counts = account_of(attempt).account.counts() if attempt["account"] else {}
            printed = sum(counts.get(state, 0) for state in ("reported", "confirmed"))
            figures = [attempt[name] for name in ("printed_count", "confirmed_count", "failed_count", "uncertain_count", "taken_back_count")]
            assert figures == [printed, *(counts.get(state, 0) for state in ("confirmed", "failed", "uncertain", "taken_back"))]
            brought = sum(label.printed and label.attempt == attempt["number"] for label in account.labels)
            assert attempt["added_count"] == (brought if attempt["outcome"] else None)


def test_figures_of_ended_jobs_are_those_of_their_accounts(updated):
    """But for labels that the old release counted as printed although the account knows better."""
    wrong = set()
    for job in updated.ended():
        account = updated.accounts[job["id"]]
        counts = account.counts()
        assert job["confirmed_count"] == counts["confirmed_count"]
        assert (job["evidence"] or "") == account.evidence
        assert job["account_exact"] == all(attempt["account_exact"] for attempt in updated.attempts[job["id"]])
        outcomes = {attempt["outcome"] for attempt in updated.attempts[job["id"]]}
        assert job["failed_before"] == bool(outcomes & {"failed", "completed_with_errors"})
        assert job["confirmed"] in (False, None) or counts["confirmed_count"] == job["quantity"]
        figures = [job[name] or 0 for name in ("current_label", "failed_count", "uncertain_count")]
        assert sum(figures) <= job["quantity"]
        if figures != [account.printed, counts["failed_count"], counts["uncertain_count"]]:
            wrong.add(job["mo_reference"])
        elif job["mo_reference"] not in CORRECTED_WHEN_SOMEBODY_ACTS:
            assert account.status == job["status"]
    assert wrong == CORRECTED_WHEN_SOMEBODY_ACTS


def test_open_jobs_go_on_as_they_were(updated):
    for job_id, job in updated.after.items():
        if job["status"] not in ENDED:
            before, newest = updated.before[job_id], updated.attempts[job_id][-1]
            assert (job["failed_count"] or 0, job["confirmed"]) == (before["failed_count"] or 0, before["confirmed"])
            assert newest["outcome"] is newest["ended_date"] is newest["times_from"] is None
            assert newest["flask_job_id"] == job["flask_job_id"]
            assert newest["submitted_date"] == job["submitted_date"]


def test_the_certainty_of_a_submission_is_what_three_fields_had_said(updated):
    said = {job["mo_reference"]: job["submission"] for job in updated.after.values()}
    assert {case: said[case] for case in SUBMISSIONS} == SUBMISSIONS
    others = [job for job in updated.after.values() if job["mo_reference"] not in SUBMISSIONS]
    assert {job["submission"] for job in others} == {"accepted"}
    for job in updated.after.values():
        newest = updated.attempts[job["id"]][-1]
        if job["submission"] in ("sending", "maybe"):
            # A repetition says what the first request said, and is not tried for ever.
            assert newest["request"]["priority"] == job["priority"]
            assert newest["first_sent_date"]
        else:
            assert newest["request"] is None


def test_attempts_know_who_began_them_and_why(updated):
    jobs = {job["mo_reference"]: updated.attempts[id_] for id_, job in updated.after.items()}
    people = dict(updated.database.execute("SELECT u.id, p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id"))
    told = [(people[attempt["submitted_by"]], attempt["reason"]) for attempt in jobs["failed, retried in part, then all, failed again"]]
    assert told == [("Ann", None), ("Bob", None), ("Bob", "The first boxes got wet")]
    for attempts in updated.attempts.values():
        for attempt in attempts:
            assert attempt["printer_name"] and attempt["server_name"] and attempt["server_id"]
            assert attempt["times_from"] == ("odoo" if attempt["outcome"] else None)
            assert attempt["learned_date"] == attempt["ended_date"]


def test_failed_labels_need_somebody_until_they_are_on_paper(updated):
    rows = updated.database.execute(
        """SELECT job.mo_reference, failed.attempt_number, failed.state, failed.needs_somebody, failed.reprint_attempt_number, count(*)
             FROM label_print_failed_label failed JOIN label_print_job job ON job.id = failed.job_id
         GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"""
    )
    assert rows == LABELS_THAT_NEED_SOMEBODY


def test_the_tables_are_those_of_a_new_installation(updated):
    """Columns and their types, constraints and indexes: an update leaves nothing out, and nothing lying about."""
    cluster = updated.database.cluster
    installed, ours = Side(cluster, addon_template(cluster, demo=False)), Side(cluster, updated.database.name)
    tables = sorted({table for side in (installed, ours) for table in side.columns if re.match("label_print|printer_conf", table)})
    assert tables
    for query in (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_name = ANY(%s)",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s)",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)",
        "SELECT relname, reloptions FROM pg_class WHERE relname = ANY(%s)",
    ):
        assert {plain(row) for row in ours.rows(query, tables)} == {plain(row) for row in installed.rows(query, tables)}


def plain(row: tuple) -> str:
    """Without the casts and brackets that PostgreSQL adds to an expression each time it is written and read again."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", repr(row))


def test_records_of_the_module_are_those_of_a_new_installation(updated):
    """Views, menus, rights, scheduled actions, fields: what the release had and the present code has not is gone."""
    query = "SELECT model, name FROM ir_model_data WHERE module = %s ORDER BY 1, 2"
    cluster = updated.database.cluster
    assert updated.database.execute(query, MODULE) == Side(cluster, addon_template(cluster, demo=False)).rows(query, MODULE)


def test_each_printer_has_its_present_state_and_no_past(updated):
    """How long it was in which state before the update nobody had kept."""
    rows = updated.database.execute(
        "SELECT p.id, p.status, i.status, i.until FROM printer_configuration p"
        " LEFT JOIN label_print_printer_interval i ON i.printer_id = p.id WHERE p.active ORDER BY p.id"
    )
    assert rows
    assert [(status, None) for _id, status, *_interval in rows] == [tuple(interval) for _id, _status, *interval in rows]
    assert updated.database.execute("SELECT count(*) FROM label_print_printer_day")[0][0] == 0


def test_there_are_three_shifts_for_all_companies(updated):
    rows = updated.database.execute("SELECT name ->> 'en_US', from_hour, to_hour, company_id FROM label_print_shift ORDER BY id")
    assert rows == [("Early", 6, 14, None), ("Late", 14, 22, None), ("Night", 22, 6, None)]


def test_keys_of_print_servers_are_kept_and_leave_no_trace(updated):
    database = updated.database
    kept = database.execute("SELECT server_id, api_key, webhook_secret FROM label_print_server_secret ORDER BY server_id")
    assert kept == [(2, "key-2", None), (3, "key-3", None)]
    assert database.execute("SELECT value FROM ir_config_parameter WHERE key = 'label_print.webhook_secret'") == [("secret-1",)]
    assert database.execute("SELECT DISTINCT company_id FROM label_print_server") == [(None,)]
    left = "SELECT column_name FROM information_schema.columns WHERE table_name = 'res_config_settings' AND column_name ~ %s"
    assert database.execute(left, "label_print_(api_key|webhook_secret)") == []
    database.execute("CHECKPOINT")
    on_disk = "SELECT position('key-2'::bytea IN pg_read_binary_file(pg_relation_filepath('{}')))"
    assert database.execute(on_disk.format("label_print_server_secret")) != [(0,)]
    assert database.execute(on_disk.format("label_print_server")) == [(0,)]


def test_everything_can_be_opened_and_people_go_on_with_old_jobs(updated):
    said = odoo.run(updated.database.config, script=OPEN_EVERYTHING, what="Opening the old jobs")
    answer = json.loads(said.partition("ANSWER ")[2].splitlines()[0])
    assert {table: answer[table] for table in COUNTED} == updated.counted
    assert answer["label_print_attempt"] == sum(map(len, updated.attempts.values()))
    assert answer["overview"]
    # Status, printed, failed, uncertain, attempt.
    assert answer["retried"] == ["pending", 8, 0, 0, 2, list(range(9, 21))]
    assert answer["dialog"] == "label.print.retry.wizard"
    assert answer["set aside"] == [1, "not_needed", False, True]
    assert answer["settled"] == ["completed", 20, 0, 0, 1]
    assert answer["looked"] == ["completed_with_errors", 14, 6, 0, 2]
    assert answer["unclear"] == ["completed", 20, 0, 0, 1]
    assert answer["cancelled"] == ["cancelled", 52, 148, 0, 1]
    assert answer["waiting"] == ["cancelled", 0, 0, 0, 1, "cancelled"]
    # None by the update itself, which would take long; then batch by batch, and meanwhile nothing is left out.
    assert answer["figures"][0] == 0
    assert answer["figures"] == sorted(set(answer["figures"])) and len(answer["figures"]) > 4
    assert answer["figures"][-1] == answer["figures of ended"] == answer["figures with shift"] > 0
    assert answer["figures as before"]
    # Each old job has a record, which says how the update found it, holds, and grows.
    assert answer["sealed"] == [answer["label_print_job"]] * 2
    assert answer["differ"] == answer["differ later"] == {}
    assert answer["grown"]
    assert answer["found"] == ["one uncertain label"]


def test_every_kept_label_gets_its_hash_and_every_product_a_specimen(updated):
    """As new jobs do, by the present code; which template it was nobody had kept."""
    with_labels = {id_: job for id_, job in updated.after.items() if label_entries(job["labels_data"])}
    assert with_labels
    for id_, job in updated.after.items():
        labels = label_entries(job["labels_data"])
        assert job["label_hashes"] == (hashes_of(labels) if id_ in with_labels else None)
        assert job["template_hash"] is job["template_xmlid"] is None
    specimens = updated.database.execute(
        "SELECT key, job_id, label_index, zpl, label_hash, company_id, product_id FROM label_print_specimen ORDER BY key"
    )
    wanted = {}
    for id_, job in sorted(with_labels.items()):
        if hash_at(job["label_hashes"], 1):
            wanted.setdefault(f"{job['company_id']}::{job['product_id'] or 0}", id_)
    assert {key: id_ for key, id_, *_rest in specimens} == wanted
    for _key, id_, index, zpl, hash_, company, product in specimens:
        job = updated.after[id_]
        assert (zpl, hash_) == (job["labels_data"][index - 1]["zpl_code"], hash_at(job["label_hashes"], index))
        assert (company, product) == (job["company_id"], job["product_id"])
