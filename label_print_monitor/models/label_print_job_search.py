"""How print jobs are found and sorted: by number, by problem, by lot, and what needs attention first."""

import re
from collections.abc import Collection

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..services.label_files.scanned_code import lots_in
from ..services.lifecycle.order_labels import label_entries, lot_of
from .archived_jobs import asks_about_archived

# The kanban view's columns: as a job goes through them, and what asks for a person before what is done.
KANBAN_ORDER = (
    "pending",
    "sent",
    "queued",
    "printing",
    "failed",
    "completed_with_errors",
    "completed",
    "cancelled",
)
# So many lots, jobs by name, or products, printers or people, are looked up by their ids; of more, the question stays.
MOST_LOTS = 200
MOST_NAMED = 200
MOST_IDS = 1000
# What the search view's fields look for by a part of its name, and jobs have an index of.
NAMED_BY_PART = ("printer_id", "product_id", "submitted_by")
# A job's number as titles and toasts write it: "123", "#123", "Job 123", "Print Job 123 (WH/MO/00042)".
NUMBERED = re.compile(r"(?P<words>[^\d#]*)#?\s*(?P<id>[1-9]\d{0,8})(?:\s*\(.*\))?")


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    error_words = fields.Char("Error", compute="_compute_error_words", search="_search_error_words")
    lot_number = fields.Char("Lot/Serial Number", compute="_compute_lot_number", search="_search_lot_number")
    on_my_printer = fields.Boolean(
        "On My Printers", compute="_compute_on_my_printer", search="_search_on_my_printer", exportable=False
    )
    anything = fields.Char(
        compute="_compute_anything",
        search="_search_anything",
        exportable=False,
        help="Lot or serial number, product, manufacturing order, printer, person, or the job's number.",
    )

    @api.model
    def _search_display_name(self, operator, value):
        """Find a job by its number, too, which is what toasts and titles call it by: exactly, never by a part of it.

        Nor by a part of its id at the print server then: a number is in every other one of those.
        """
        values = value if isinstance(value, Collection) and not isinstance(value, str) else [value]
        ids = [id_ for text in values if (id_ := self._id_named(text))]
        if not ids:
            return super()._search_display_name(operator, value)
        positive = Domain.NEGATIVE_OPERATORS.get(operator, operator)
        named = Domain("id", "in", ids) | Domain("mo_reference", positive, value) | Domain("flask_job_id", "in", values)
        return named if positive == operator else ~named

    @api.model
    def _id_named(self, text):
        """:return: the id in a job's name as people write it, in English or in their language, else None"""
        found = NUMBERED.fullmatch(text.strip()) if isinstance(text, str) else None
        if not found:
            return None
        words = found["words"].strip().casefold()
        own = self.env._("Print Job %(id)s", id="").casefold()
        return int(found["id"]) if not words or words in ("job", "print job") or words in own else None

    @api.depends("error_title", "error_code", "error_message")
    @api.depends_context("lang")
    def _compute_error_words(self):
        for job in self:
            job.error_words = job.error_title or job.error_message or job.error_code

    @api.model
    def _search_error_words(self, operator, value):
        """Find a problem by what its reader sees, and by what the print server said: "paper" finds "media out" too."""
        if operator == "ilike" and isinstance(value, str):
            words = value.casefold().split()

            def fits(label):
                return all(word in label.casefold() for word in words)
        elif operator == "in":
            value = set(value)
            if False in value:  # jobs without a problem
                none = Domain("error_code", "=", False) & Domain("error_message", "=", False)
                return none | self._search_error_words(operator, value - {False}) if value - {False} else none

            def fits(label):
                return label in value
        else:
            return NotImplemented
        kinds = [kind for kind, label in self._fields["error_kind"]._description_selection(self.env) if fits(label)]
        said = Domain("error_message", operator, value) | Domain("error_code", operator, value)
        # All of these have a problem; it is said once more for the index of those jobs.
        any_problem = Domain("error_code", "!=", False) | Domain("error_message", "!=", False)
        return any_problem & (said | Domain("error_kind", "in", kinds))

    @api.depends("printer_id.user_ids")
    @api.depends_context("uid")
    def _compute_on_my_printer(self):
        for job in self:
            job.on_my_printer = job.sudo().printer_id.is_mine

    @api.model
    def _search_on_my_printer(self, operator, value):
        """Printers are looked up first: they are few, and jobs of some printers have an index."""
        if operator != "in":
            return NotImplemented
        Printer = self.env["printer.configuration"].sudo().with_context(active_test=False)
        mine = Domain("printer_id", "in", Printer.search([("is_mine", "=", True)]).ids)
        return mine if True in value else ~mine

    def _compute_anything(self):
        """Only there to be searched."""
        self.anything = False

    @api.model
    def _search_anything(self, operator, value):
        """Find jobs by whatever somebody has at hand: what is typed, or scanned from a label, a box or an order.

        Ids are looked up first, so that each part of the question about jobs has an index.
        """
        if operator not in ("ilike", "in"):
            return NotImplemented
        texts = [value] if isinstance(value, str) else list(value or [])
        texts = {text.strip() for text in texts if isinstance(text, str) and text.strip("% ")}
        return Domain.OR(self._anything_domain(text, operator) for text in texts)

    @api.model
    def _anything_domain(self, text, operator):
        """The jobs that one text fits: as part of a name for ``ilike``, as all of it for ``in``."""
        values = text if operator == "ilike" else [text]
        named = self._named(operator, values) | Domain("lot_number", operator, values)
        if lots := lots_in(text):
            named |= Domain("lot_number", "in", lots)
        Product = self.env["product.product"].with_context(active_test=False)
        products = Domain("display_name", operator, values)
        printers = Domain("name", operator, values) | Domain("cups_name", operator, values)
        people = Domain("name", operator, values) | Domain("login", "=", text)
        for field, records, domain in (
            ("product_id", Product, products),
            ("printer_id", self.env["printer.configuration"].with_context(active_test=False), printers),
            ("submitted_by", self.env["res.users"].with_context(active_test=False), people),
        ):
            named |= self._of_any(field, records, domain)
        return named

    @api.model
    def _named(self, operator, values):
        """The jobs whose order's reference or id at the print server this is: by their ids, while they are few.

        Mostly there are none, and then the jobs of a printer or a product are counted from an index alone.
        """
        domain = Domain("display_name", operator, values)
        found = self.sudo()._search(domain, limit=MOST_NAMED + 1, active_test=False).get_result_ids()
        return domain if len(found) > MOST_NAMED else Domain("id", "in", found)

    @api.model
    def _of_any(self, field, records, domain):
        """The jobs of these products, printers or people: by their ids, or by a subquery when they are very many.

        Read without the person's rules: names of what a job has are shown with the job.
        """
        found = records.sudo().search(domain, limit=MOST_IDS + 1, order="id")
        if len(found) > MOST_IDS:
            return Domain(field, "in", records.sudo()._search(domain))
        return Domain(field, "in", found.ids)

    def _compute_lot_number(self):
        for job in self:
            lots = dict.fromkeys(lot_of(label) for label in label_entries(job.labels_data))
            job.lot_number = ", ".join(lot for lot in lots if lot)

    @api.model
    def _search_lot_number(self, operator, value):
        """Find the jobs of a lot: by its name as they printed it, and by the name that it has now."""
        if operator not in ("ilike", "=", "in", "like", "=ilike"):
            return NotImplemented
        values = [value] if isinstance(value, str) else list(value or [])
        names = {name.strip() for name in values if isinstance(name, str) and name.strip("% ")}
        if not names:
            return Domain.FALSE
        if operator in ("ilike", "like", "=ilike"):
            names |= {name.upper() for name in names}  # as labels mostly have them
            fits = Domain.OR(Domain("name", operator, name) for name in names)
        else:
            fits = Domain("name", "in", list(names))
        Lot = self.env["stock.lot"].sudo()
        lots = Lot.search_fetch(fits, ["name"], limit=MOST_LOTS + 1, order="id")
        if len(lots) <= MOST_LOTS:
            labelled = self._jobs_labelled([*names, *lots.mapped("name")])
            return Domain("id", "in", list(labelled | self._jobs_linked_to(lots)))
        # So many that a good part of the jobs fits: they are looked at from the newest on until the page is full.
        of_lots = SQL("lot_id IN %s", Lot._search(fits).subselect())
        linked = Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "EXISTS (SELECT FROM label_print_job_lot_rel WHERE job_id = %s AND %s)",
                SQL.identifier(alias, "id"),
                of_lots,
            )
        )
        return Domain("id", "in", list(self._jobs_labelled(names))) | linked

    @api.model
    def _jobs_labelled(self, names):
        """:return: ids of the jobs whose labels have one of these lots' names"""
        self.flush_model(["labels_data", "status"])
        # In two parts, each with an index of its own: see `_lots`.
        query = """
            SELECT id FROM label_print_job
             WHERE jsonb_path_query_array(labels_data, '$[*].lot_number') ?| %(names)s
               AND status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')
            UNION ALL
            SELECT id FROM label_print_job
             WHERE jsonb_path_query_array(labels_data, '$[*].lot_number') ?| %(names)s
               AND status IN ('pending', 'sent', 'queued', 'printing')
        """
        return {id_ for (id_,) in self.env.execute_query(SQL(query, names=list(names)))}

    @api.model
    def _jobs_linked_to(self, lots):
        """:return: ids of the jobs that print labels of these lots"""
        self.flush_model(["lot_ids"])
        query = "SELECT job_id FROM label_print_job_lot_rel WHERE lot_id = ANY(%s)"
        return {id_ for (id_,) in self.env.execute_query(SQL(query, lots.ids))}

    @api.model
    def _group_expand_status(self, statuses, domain):
        """The statuses that there are, in the order of a job's life; one without jobs gets no column."""
        return [status for status in KANBAN_ORDER if status in statuses]

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """A phone shows one column of the kanban, which would be that of the jobs that wait: there it has no columns.

        Then what needs somebody comes first, as the filter asks for.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "kanban" and options.get("mobile"):
            arch.attrib.pop("default_group_by", None)
        return arch, view

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Let lists be sorted by what needs attention, although that depends on the time and is not stored."""
        if field_name != "needs_attention":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        asking = Domain(self._needs_attention_domain()).optimize_full(self)._to_sql(self, alias, query)
        # A failure without a date would be neither true nor false, and come first.
        return SQL("COALESCE(%s, FALSE) %s %s", asking, direction, nulls)

    @api.model
    def _looked_up(self, domain):
        """The same domain, with what is typed looked up among lots, products, printers and people here, once.

        A printer, product or person by a part of the name becomes ids: these have an index of jobs, a subquery would
        make PostgreSQL look through the newest jobs until enough of them fit.
        """

        def by_ids(condition):
            name, value = condition.field_expr, condition.value
            if name not in NAMED_BY_PART or condition.operator != "ilike" or not isinstance(value, str):
                return condition
            records = self.env[self._fields[name].comodel_name].with_context(active_test=False)
            found = records.search([("display_name", "ilike", value)], limit=MOST_IDS + 1, order="id")
            return condition if len(found) > MOST_IDS else Domain(name, "in", found.ids)

        return Domain(domain).map_conditions(by_ids).optimize_full(self)

    @api.model
    def _screen_order(self, order, domain=Domain.TRUE):
        """What needs attention before the rest, where a filter asks for that and the reader has sorted by nothing.

        It is the filter's matter, not the view's: among the jobs that one follows there are few to sort, in a history
        there may be a million.

        Within a period jobs are sorted by its date, which is the same order as by their numbers. By their numbers
        PostgreSQL would look through all that are newer than the period.
        """
        if order:
            return order
        if self.env.context.get("label_print_attention_first"):
            return "needs_attention desc, id desc"
        if any(condition.field_expr == "create_date" for condition in domain.iter_conditions()):
            return "create_date desc, id desc"
        return order

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, offset=0, limit=None, order=None, count_limit=None):
        jobs = self.with_context(active_test=False) if asks_about_archived(domain) else self
        domain = self._looked_up(domain)
        order = self._screen_order(order, domain)
        return super(LabelPrintJob, jobs).web_search_read(domain, specification, offset, limit, order, count_limit)

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, aggregates=(), limit=None, offset=0, order=None, **options):
        jobs = self.with_context(active_test=False) if asks_about_archived(domain) else self
        domain = self._looked_up(domain)
        order = self._screen_order(order, domain)
        return super(LabelPrintJob, jobs).web_read_group(domain, groupby, aggregates, limit, offset, order, **options)
