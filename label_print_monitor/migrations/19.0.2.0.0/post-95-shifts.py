"""The three shifts that come with the addon: an installation makes them, later updates leave them to the managers."""

from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file

FILE = "data/label_print_shift_data.xml"


def migrate(cr, version):
    convert_file(api.Environment(cr, SUPERUSER_ID, {}), "label_print_monitor", FILE, {}, mode="init", noupdate=True)
