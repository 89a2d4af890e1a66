"""Odoo inside this process, on the benchmark's own database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import odoo.tools
from odoo import api
from odoo.modules.registry import Registry


@contextmanager
def environment(config: str = "") -> Iterator[api.Environment]:
    """An environment as the superuser; each commit in it is a real one.

    :param config: the configuration file of another database than the benchmark's own
    """
    odoo.tools.config.parse_config(["-c", config or os.environ["ODOO_RC"], "--log-level=warn"])
    registry = Registry(odoo.tools.config["db_name"][0])
    with registry.cursor() as cr:
        yield api.Environment(cr, api.SUPERUSER_ID, {})
