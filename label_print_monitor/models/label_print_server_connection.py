"""*Test Connection*: ask a print server at once, and say in words what came of it and what to do."""

from odoo import fields, models
from odoo.exceptions import AccessError

from ..services.transport.print_server_client import (
    ConfigurationError,
    PrintServerError,
    RateLimited,
    Refused,
    Unreachable,
)
from ..services.wording import error_catalogue
from .expected_conflicts import expected_conflicts


class LabelPrintServer(models.Model):
    _inherit = "label.print.server"

    def action_test_connection(self):
        """Ask the server for its health and its printers, and keep what came of it as a sweep does.

        Every Label Print Manager who sees a server may: it changes nothing that people have set, and whoever cannot
        print at their company wants to know whether its shared print server answers.

        :return: a client action that says it
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("label_print_monitor.group_label_print_manager"):
            raise AccessError(self.env._("Only Label Print Managers can test a print server."))
        # Whoever tests reads the answer; the toast about the same is for the other managers.
        server = self.sudo().with_context(label_print_told_user=self.env.uid)
        try:
            with self._client() as client:
                health = client.health()
                client.printers()  # health may be open to all; this one needs the key
        except (ConfigurationError, PrintServerError) as error:
            if self._was_only_late(error):
                return self._say_late(error)
            return self._say_failed_test(server._note_failed_test(error))
        with expected_conflicts():  # with the sweeps; Odoo runs all of it again
            server._note_health(health)
            server._note_answer(fields.Datetime.now())  # not only with the next sweep, which may be a minute away
            self.env.flush_all()
        self.env["label.print.job"]._trigger_engine()
        message = self.env._("%(name)s answers (version %(version)s).", name=self.name, version=health.version or "?")
        if health.capabilities:
            message += " " + self.env._(
                "It offers: %(capabilities)s.", capabilities=", ".join(sorted(health.capabilities))
            )
        return self._make_notice(type="success", title=self.env._("Connection works"), message=message)

    def _note_failed_test(self, error):
        """Keep the failure: what a person has just seen needs no further sweeps to be true.

        :return: what is wrong and what to do, in words
        """
        if isinstance(error, RateLimited):
            return self._problem_for_manager(error)  # it is there, and busy
        state = "misconfigured" if self._is_misconfiguration(error) else "unreachable"
        self._note_failure(error, state, fields.Datetime.now())
        self.env["print.job.notifier"]._live(servers=self)
        if not self._lacks_removed_key():
            return self._problem_for_manager(error)
        # Another program, or none, is to be said too: it is not the key that helps there.
        said = [] if isinstance(error, Refused) else [self._problem_for_manager(error)]
        return " ".join([*said, self.state_message])

    def _was_only_late(self, error):
        """Whether a test failed because a person's call waits a short time: see `SECONDS_IN_REQUEST`.

        It says nothing of the print server, which has asked a moment ago: the sweeps find out, with the usual limit.
        """
        return self.connection_mode == "server_calls" and error.key in ("not_fetched", "timed_out")

    def _say_late(self, error):
        self.env["label.print.job"]._trigger_engine()
        problem = self.env._(
            "%(problem)s It has asked Odoo for work within the last minute, so try again. If it stays like this: Odoo "
            "needs more worker processes than people who test or cancel at the same time, at least two; and a print "
            "server without a websocket only asks every few seconds.",
            problem=self.env._(error.text),
        )
        return self._make_notice(
            type="warning",
            title=self.env._("No answer yet"),
            message=self.env._("%(name)s: %(problem)s", name=self.name, problem=problem),
            sticky=True,
            topic=self._notice_topic(),
        )

    def _say_failed_test(self, problem):
        return self._make_notice(
            type="danger",
            title=self.env._("Connection does not work"),
            message=self.env._("%(name)s: %(problem)s", name=self.name, problem=problem),
            sticky=True,
            topic=self._notice_topic(),
        )

    def _make_notice(self, **payload):
        """A toast that takes the place of any other about this server."""
        return {
            "type": "ir.actions.client",
            "tag": "label_print_notice",
            "params": {"closes": self._notice_topic(), **payload},
        }

    def _notice_topic(self):
        """What browsers know toasts about this server by, to take them back when they are no longer true."""
        return f"server-{self.id}"

    def _problem_for_manager(self, error):
        """An error of the client with what to do next, for those who can change the settings."""
        words = self.env._(error.text)
        if isinstance(error, Unreachable) and error.code != "tls_failure":
            if self.connection_mode == "server_calls":
                return self.env._(
                    "%(problem)s Check that the print server runs, and that its computer reaches this Odoo.",
                    problem=words,
                )
            return self.env._(
                "%(problem)s Check address and port, whether the address begins with http:// or https://, "
                "and that the print server runs.",
                problem=words,
            )
        return self._join_advice(words, error, True)

    def _problem_in_words(self, error):
        """An error of the client as a sentence with what to do next, in the user's language."""
        return self._join_advice(self.env._(error.text), error, self.env.user._manages_label_printing())

    def _join_advice(self, words, error, manager):
        advice = error_catalogue.advice(error.code)
        return f"{words} {self.env._(advice.action_for(manager))}." if advice else words
