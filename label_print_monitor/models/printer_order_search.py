"""Which orders somebody means who scans or types at a printer: an order's reference, a lot, a serial number, or the GS1
code on a box, which holds one of them."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import escape_psql

MOST_FOUND = 6  # orders to choose among
MOST_CHARACTERS = 200
SHORTEST_PART = 2  # of a name that is searched by a part of it
GTIN, LOT, SERIAL = "01", "10", "21"  # application identifiers of GS1


class PrinterConfiguration(models.Model):
    _inherit = "printer.configuration"

    def find_orders(self, text):
        """The orders that ``text`` means: exactly, else as the GS1 code of a box, else as a part of a name.

        :return: at most `MOST_FOUND` as ``{"order_id", "lot_id", "order", "product", "lot", "state"}``
        :raise UserError: in words, when there is none
        """
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.job"].check_access("create")
        self.env["mrp.production"].check_access("read")
        text = str(text or "").strip()[:MOST_CHARACTERS]
        if not text:
            raise UserError(self.env._("Scan or type an order, a lot or a serial number."))
        found = self._orders_named(text) or self._orders_of_gs1(text) or self._orders_like(text)
        if not found:
            raise UserError(
                self.env._("No manufacturing order, lot or serial number is called “%(text)s”. Scan again.", text=text)
            )
        states = dict(self.env["mrp.production"]._fields["state"]._description_selection(self.env))
        return [
            {
                "order_id": order.id,
                "lot_id": lot.id,
                "order": order.name,
                "product": order.product_id.display_name,
                "lot": lot.name or "",
                "state": states.get(order.state, ""),
            }
            for order, lot in found[:MOST_FOUND]
        ]

    def _orders_domain(self):
        """Orders that this printer prints for; of its company where it has one."""
        companies = self.company_id or self.env.companies
        return Domain("company_id", "in", companies.ids) & Domain("state", "!=", "cancel")

    def _orders_named(self, text, operator="="):
        """Orders and lots of exactly this name, as pairs of both."""
        Production, none = self.env["mrp.production"], self.env["stock.lot"]
        orders = Production.search(Domain("name", operator, text) & self._orders_domain(), limit=MOST_FOUND)
        return [(order, none) for order in orders] or self._orders_of_lots(Domain("name", operator, text))

    def _orders_of_lots(self, domain):
        """The orders that make or have made these lots, newest first, each with its lot."""
        Lot = self.env["stock.lot"]
        lots = Lot.search(domain, order="id desc", limit=MOST_FOUND) if Lot.has_access("read") else Lot
        if not lots:
            return []
        orders = self.env["mrp.production"].search(
            (
                Domain("lot_producing_ids", "in", lots.ids)
                | Domain("move_finished_ids.move_line_ids.lot_id", "in", lots.ids)
            )
            & self._orders_domain(),
            order="id desc",
            limit=MOST_FOUND,
        )
        return [
            (order, lot)
            for order in orders
            for lot in lots & (order.lot_producing_ids | order.move_finished_ids.move_line_ids.lot_id)
        ]

    def _orders_of_gs1(self, text):
        """By the lot or serial number in the code of a box, of the product that the code names if it names one."""
        parts = self._gs1_parts(text)
        names = [parts[identifier] for identifier in (SERIAL, LOT) if parts.get(identifier)]
        for name in names:
            of_name = Domain("name", "=", name)
            found = []
            if gtin := parts.get(GTIN):
                found = self._orders_of_lots(of_name & Domain("product_id.barcode", "in", [gtin, gtin.lstrip("0")]))
            if found := found or self._orders_of_lots(of_name):
                return found
        return []

    def _gs1_parts(self, text):
        """:return: the values in a GS1 code by application identifier; none for a text that is no such code"""
        nomenclature = self.env.ref("barcodes_gs1_nomenclature.default_gs1_nomenclature", raise_if_not_found=False)
        if not nomenclature:
            return {}
        try:
            parts = nomenclature.sudo().gs1_decompose_extended(text)
        except UserError:  # of which a rule that does not fit the value is one
            return {}
        return {part["ai"]: part["string_value"] for part in parts or ()}

    def _orders_like(self, text):
        """By a part of a name, as people type it; one that has this very name but for its case stands alone."""
        if len(text) < SHORTEST_PART:
            return []
        orders = self.env["mrp.production"].search(
            Domain("name", "ilike", escape_psql(text)) & self._orders_domain(), order="id desc", limit=MOST_FOUND
        )
        found = [(order, self.env["stock.lot"]) for order in orders]
        found = found or self._orders_of_lots(Domain("name", "ilike", escape_psql(text)))
        same = [pair for pair in found if text.casefold() in (pair[0].name.casefold(), (pair[1].name or "").casefold())]
        return same or found
