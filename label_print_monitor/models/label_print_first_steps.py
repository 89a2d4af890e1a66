"""What is left to do in a new database before anybody can print: connect, a first printer, a test label."""

from odoo import api, models
from odoo.exceptions import UserError

from ..services.lifecycle import job_lifecycle
from .deletable_records import need_action


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    @api.model
    def _first_steps(self):
        """The steps that lead to the first label on paper, each with what it lacks; [] for whoever connects no servers.

        Once a label has been printed there is nothing left to lead to, whatever is wrong later: that has its own words.

        :return: a list of ``{name, is_done, missing, button, method}``; ``missing`` is False for a step that is done,
            ``method`` is the public method of this model that the button calls
        """
        if not self.env.user.has_group("label_print_monitor.group_label_print_manager"):
            return []
        Job = self.env["label.print.job"].with_context(active_test=False)
        if Job.search_count([("status", "in", ("completed", "completed_with_errors"))], limit=1):
            return []
        server = self._server_to_connect()
        printer = self._printer_to_test()
        connect, find, test = self._lacks_connection(server), False, self._lacks_test()
        if connect:
            find = test = self.env._("First connect the print server.")
        elif not printer:
            find = self.env._(
                "%(server)s has no printer yet. Set one up at the print server: it appears here by itself, "
                "within a minute.",
                server=server.name,
            )
            test = self.env._("First the print server needs a printer.")
        return [
            self._first_step("connect", connect, self.env._("Connect"), "action_connect_first"),
            self._first_step("printer", find, False if connect else self.env._("Printers"), "action_open_printers"),
            self._first_step(
                "test", test, False if connect or not printer else self.env._("Print Test Label"), "action_print_first"
            ),
        ]

    def _first_step(self, name, missing, button, method):
        return {
            "name": name,
            "is_done": not missing,
            "missing": missing,
            "button": missing and button,
            "method": method,
        }

    @api.model
    def _server_to_connect(self):
        """The one that is furthest: connected, else with an address, else the default one."""
        servers = self.search([("active", "=", True)])
        connected = servers.filtered(lambda server: server.state == "ok")
        found = connected or servers.filtered(lambda server: server._is_configured()) or servers
        return found[:1] or self._get_default().with_env(self.env)

    @api.model
    def _printer_to_test(self):
        printers = self.env["printer.configuration"]
        usable = printers.search(printers._usable_domain(self.env.company))
        return printers._get_default_printer() or usable.sorted(lambda printer: printer.status != "online")[:1]

    def _lacks_connection(self, server):
        """:return: what is missing until this server answers, False when it does"""
        if not server.active:
            return self.env._("%(server)s is archived: restore it.", server=server.name)
        if server.state == "ok":
            return False
        if not server._is_configured():
            if server.connection_mode == "server_calls":
                return self.env._("Make a code on the print server's form, and run the command at the print server.")
            return self.env._(
                "Enter the print server's address and API key, and choose Test Connection. Where Odoo cannot reach it, "
                "choose Connect by Code in the list of print servers."
            )
        return server.state_message or self.env._("%(server)s has not answered yet: test it.", server=server.name)

    @api.model
    def _lacks_test(self):
        """:return: what is missing until a label is on paper; a job of any kind will do"""
        newest = self.env["label.print.job"].with_context(active_test=False).search([], order="id desc", limit=1)
        if not newest:
            return self.env._("Print one label, to see that it comes out of the right printer.")
        if newest.status in job_lifecycle.OPEN:
            return newest.attention_message or self.env._("%(job)s is on its way.", job=newest.display_name)
        return self.env._(
            "%(job)s was not printed. %(problem)s",
            job=newest.display_name,
            problem=newest.error_title or newest.error_message or "",
        )

    @api.model
    def action_connect_first(self):
        """Open the page where the print server is connected: the settings, for whoever may open them."""
        self.check_access("write")
        server = self._server_to_connect()
        if server.is_default and server.active and self.env.user.has_group("base.group_system"):
            return need_action(self.env, "label_print_monitor.action_label_print_settings")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": server.id,
            "views": [(False, "form")],
        }

    @api.model
    def action_open_printers(self):
        """Open the printers."""
        self.env["printer.configuration"].check_access("read")
        return need_action(self.env, "label_print_monitor.action_printer_status")

    @api.model
    def action_print_first(self):
        """Print the test label of the printer that is proposed, or open the job that is under way."""
        self.env["label.print.job"].check_access("create")
        under_way = self.env["label.print.job"].search([("status", "in", job_lifecycle.OPEN)], order="id desc", limit=1)
        if under_way:
            return under_way._get_form_action()
        printer = self._printer_to_test()
        if not printer:
            raise UserError(self.env._("No printer is known yet: connect a print server first."))
        return printer.action_test_print()
