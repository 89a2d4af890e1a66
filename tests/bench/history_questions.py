"""What people, the engine and the clean-up ask about a long history: each a call, with a name.

`lookups` is measured one by one, and each may take no more than a fixed time; `others` only tells which indexes are
needed.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable
from typing import Any

from odoo import fields
from odoo.tools.safe_eval import safe_eval

# As the list asks for its page: the fields that it shows, 80 rows, and a count that ends where the view says.
COUNT_LIMIT = 1000
LIST_FIELDS = (
    "needs_attention", "create_date", "mo_id", "product_id", "lot_display", "printer_id", "quantity", "status",
    "progress_display", "eta_display", "job_type", "submitted_by",
)  # fmt: skip

Question = Callable[[Any], Any]


def page(domain: list, model: str = "label.print.job", shown: tuple[str, ...] = LIST_FIELDS) -> Question:
    """The first page of the list, as the web client reads it."""
    specification = {name: {} for name in shown}
    return lambda env: env[model].web_search_read(domain, specification, limit=80, count_limit=COUNT_LIMIT + 1)["records"]


def lookups(env: Any) -> dict[str, Question]:
    """What people search for; each value is from the middle of the history."""
    env.cr.execute(
        """SELECT id, labels_data #>> '{0,lot_number}', flask_job_id, mo_reference, printer_id, submitted_by
             FROM label_print_job
            WHERE id >= (SELECT (min(id) + max(id)) / 2 FROM label_print_job) AND flask_job_id IS NOT NULL
            ORDER BY id LIMIT 1"""
    )
    number, lot, server_job, order, printer, person = env.cr.fetchone()
    env.cr.commit()
    name = env["res.users"].browse(person).name
    return {
        "lot": page([("lot_number", "ilike", lot)]),
        # What Enter searches: a lot, a number, an order, the name of a printer, and a text that every job fits.
        "anything_lot": page([("anything", "ilike", lot)]),
        "anything_number": page([("anything", "ilike", str(number))]),
        "anything_order": page([("anything", "ilike", order)]),
        "anything_printer": page([("anything", "ilike", "Zebra 050")]),
        "anything_of_all": page([("anything", "ilike", "BENCH")]),
        "server_job": page([("flask_job_id", "ilike", server_job)]),
        "server_job_part": page([("flask_job_id", "ilike", server_job[9:23])]),
        "server_job_exact": page([("flask_job_id", "=", server_job)]),
        "order": page([("mo_id", "ilike", order)]),
        "name": page([("display_name", "ilike", order)]),
        "printer": page([("printer_id", "=", printer)]),
        "printer_name": page([("printer_id", "ilike", "Zebra 050")]),
        "person": page([("submitted_by", "=", person)]),
        "person_name": page([("submitted_by", "ilike", name)]),
        "product_name": page([("product_id", "ilike", "Soup")]),
        "error_words": page([("error_words", "ilike", "ribbon")]),
        "newest": page([]),
        **filters(env),
    }


def filters(env: Any) -> dict[str, Question]:
    """The search view's filters, with one for a month where the reader chooses a period."""
    tree = env["label.print.job"]._get_view(view_type="search")[0]
    found: dict[str, Question] = {}
    for node in tree.iter("filter"):
        name, domain = node.get("name"), node.get("domain")
        if domain:
            context = safe_eval(node.get("context") or "{}", {"uid": env.uid})
            found[f"filter_{name}"] = _filtered(safe_eval(domain, {"uid": env.uid}), context)
    found["filter_date"] = page([("create_date", ">=", "2026-03-01"), ("create_date", "<", "2026-04-01")])
    return found


def _filtered(domain: list, context: dict) -> Question:
    ask = page(domain)
    return lambda env: ask(env(context={**env.context, **context}))


def metrics_of_company(env: Any) -> str:
    """What a monitoring system reads with the token of a company."""
    return env["label.print.metrics.token"].sudo()._exposition(env.company.id)


def others(env: Any) -> dict[str, Question]:
    """What forms, buttons, dialogs, the engine and the clean-up ask."""
    env.cr.execute(
        """SELECT job.id, job.mo_id, job.product_id, job.printer_id, lot_id, job.submitted_by FROM label_print_job job
             JOIN label_print_job_lot_rel ON job_id = job.id
            WHERE job.id >= (SELECT (min(id) + max(id)) / 2 FROM label_print_job) ORDER BY job.id LIMIT 1"""
    )
    job, order, product, printer, lot, _person = env.cr.fetchone()
    env.cr.commit()

    def opened(model: str, id_: int) -> Question:
        """All that a form of the model may show of one record."""

        def read(env: Any) -> Any:
            record = env[model].browse(id_)
            names = [
                name
                for name, field in record._fields.items()
                if "label" in name or "print" in name or model.startswith(("label.print", "printer."))
                if field.type != "binary" and record._has_field_access(field, "read")
            ]
            return record.read(names)

        return read

    def action(model: str, id_: int, method: str) -> Question:
        """What a button's list shows first."""

        def ask(env: Any) -> Any:
            answer = getattr(env[model].browse(id_), method)()
            domain = answer.get("domain") or []
            domain = literal_eval(domain) if isinstance(domain, str) else domain
            return env[answer["res_model"]].search_fetch(domain, ["display_name"], limit=80)

        return ask

    now = fields.Datetime.now()
    poller = "print.job.status.poller"
    retention = "print.job.retention"
    rules = {"label_print.keep_zpl_days": "90", "label_print.archive_by": "months", "label_print.archive_after": "6"}

    def clean_up(env: Any) -> Any:
        for key, value in rules.items():
            env["ir.config_parameter"].sudo().set_param(key, value)
        own = env[retention].sudo()
        own._take("zpl", own._to_reduce(own._rules()), 500)
        own._take("archive", own._to_archive(own._rules()), 500)
        return own._effect(own._rules())

    return {
        "overview": lambda env: env["label.print.job"].get_overview(),
        "job's form": opened("label.print.job", job),
        "order's form": opened("mrp.production", order),
        "order's button": action("mrp.production", order, "action_view_label_print_jobs"),
        "orders with labels missing": lambda env: env["mrp.production"].search([("labels_missing", "=", True)], limit=80),
        "orders with uncertain labels": lambda env: env["mrp.production"].search([("labels_uncertain", "=", True)], limit=80),
        "lot's form": opened("stock.lot", lot),
        "lot's button": action("stock.lot", lot, "action_view_label_print_jobs"),
        "product's jobs": page([("product_id", "=", product)]),
        # Everything here is of one product; a plant has thousands.
        "a product without jobs": page([("product_id", "=", product + 1)]),
        "printer's form": opened("printer.configuration", printer),
        "all printers": lambda env: env["printer.configuration"].search([]).read(["current_job_id", "waiting_count", "labels_today"]),
        "printer's button": action("printer.configuration", printer, "action_view_jobs"),
        "printer's month": action("printer.configuration", printer, "action_view_month"),
        "copies of a job": lambda env: env["label.print.job"].search([("copy_of_id", "=", job)]),
        "attempts": page([], "label.print.attempt", ("job_id", "number", "outcome", "ended_date")),
        "attempts of today": page([("ended_date", ">=", "today")], "label.print.attempt", ("job_id", "outcome")),
        "attempt by server job": lambda env: env["label.print.attempt"].search([("flask_job_id", "=", "none")]),
        "failed labels": page([], "label.print.failed.label", ("job_id", "label_index")),
        "failed labels that need somebody": page(
            [("needs_somebody", "=", True), ("job_id.set_aside_date", "=", False)], "label.print.failed.label", ("job_id", "label_index")
        ),
        "failed labels of a lot": page([("lot_number", "ilike", "BENCH-77")], "label.print.failed.label", ("job_id", "label_index")),
        "failed labels of a job": lambda env: env["label.print.failed.label"].search([("job_id", "=", job)]),
        "set aside lately": lambda env: env["label.print.job"].search([("set_aside_date", ">=", now)]),
        "engine: jobs due": lambda env: env[poller].sudo()._due_ids(env["label.print.server"].sudo()._get_default(), now),
        "engine: cancels, accounts": lambda env: env[poller].sudo()._further_requests(env["label.print.server"].sudo()._get_default()),
        "engine: due soon": lambda env: env[poller].sudo()._sweep_is_due_soon(now),
        "engine: queues of ended jobs": lambda env: env[poller].sudo()._shows_ended_jobs(now),
        "engine: printers that wait": lambda env: env[poller].sudo()._waiting_printer_ids(),
        "engine: stuck jobs": lambda env: env[poller].sudo()._flag_stuck_jobs(now),
        "engine: late": lambda env: env["label.print.job"].sudo()._wake_engine_if_late(),
        "monitoring": metrics_of_company,
        "retention": clean_up,
    }  # fmt: skip
