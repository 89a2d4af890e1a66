"""What the tests of handing jobs over share: the submitting scheduled action, without its pauses."""

from datetime import timedelta
from unittest.mock import patch

from odoo.addons.label_print_monitor.services.transport import submissions as submissions_module

from .engine_case import EngineCase


class SubmissionCase(EngineCase):
    def setUp(self):
        super().setUp()
        # The pauses between tries are 1, 2 and 4 s.
        self.startPatcher(patch.object(submissions_module, "submit_pause", lambda tries: 0.01 if tries <= 3 else None))

    def submit(self, later=0):
        """A run of the submitting cron, `later` seconds from now as far as leases and pauses go."""
        if later:
            for job in self.env["label.print.job"].search([("status", "=", "pending")]):
                started = job.submit_started_at
                job.write({
                    "next_poll_at": job.next_poll_at - timedelta(seconds=later),
                    "submit_started_at": started and started - timedelta(seconds=later),
                })  # fmt: skip
            self.env["label.print.server"].search([]).write({"next_probe_at": False})
        self.run_cron("cron_submit_print_jobs")

    def die_after_sending(self, handler):
        """The server takes the job in, and its answer is lost."""
        handler.accept()
        handler.close_connection = True
        handler.connection.close()
