"""Run in `odoo shell` by the service `setup`: tell Odoo where the print server is, with the keys of the environment."""

import os

parameters = env["ir.config_parameter"].sudo()  # noqa: F821 - the shell provides env
for name, variable in (
    ("api_url", "PRINT_SERVER_URL"),
    ("api_key", "PRINT_SERVER_API_KEY"),
    ("webhook_secret", "PRINT_SERVER_WEBHOOK_SECRET"),
):
    parameters.set_param(f"label_print.{name}", os.environ[variable])
parameters.set_param("web.base.url", os.environ["ODOO_URL"])
parameters.set_param("web.base.url.freeze", "True")
env.cr.commit()  # noqa: F821 - the shell provides env
