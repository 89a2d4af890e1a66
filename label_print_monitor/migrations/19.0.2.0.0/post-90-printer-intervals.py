"""The present state of each printer as its first interval: how it was before nobody had kept."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["label.print.printer.interval"]._note(env["printer.configuration"].search([]))
