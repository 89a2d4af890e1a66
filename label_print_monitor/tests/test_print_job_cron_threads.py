"""Another scheduled action holds the second of Odoo's two threads: the sweeps give way, so that jobs are handed over."""

import time
from contextlib import closing
from unittest.mock import patch

from odoo import api
from odoo.addons.label_print_monitor.models.print_job_cron_threads import CRON
from odoo.sql_db import db_connect

from .engine_case import EngineCase


class TestCronThreads(EngineCase):
    def setUp(self):
        super().setUp()
        self.cron = self.env.ref(CRON)
        self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).unlink()
        self.Poller = type(self.env["print.job.status.poller"])
        self.startPatcher(patch.object(self.Poller, "_commit", lambda poller: None))

    def trigger(self, seconds):
        """The submission was to run so many seconds ago."""
        self.env["label.print.job"]._trigger_submission()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_cron_trigger SET create_date = now() AT TIME ZONE 'UTC' - %s * interval '1 s',"
            " call_at = now() AT TIME ZONE 'UTC' - %s * interval '1 s' WHERE cron_id = %s",
            [seconds, seconds, self.cron.id],
        )

    def is_held_up(self):
        return self.env["print.job.status.poller"]._is_submission_held_up()

    def test_a_job_is_to_be_handed_over_and_no_thread_has_begun(self):
        self.assertFalse(self.is_held_up(), "nothing is to be handed over")
        self.trigger(0.2)
        self.assertFalse(self.is_held_up(), "a free thread may only be about to begin")
        self.trigger(3)
        with closing(db_connect(self.env.cr.dbname).cursor()) as other:
            other.execute("SELECT FROM ir_cron WHERE id = %s FOR NO KEY UPDATE", [self.cron.id])  # as Odoo does
            self.assertFalse(self.is_held_up(), "it runs")
        self.assertTrue(self.is_held_up())
        self.env.cr.execute("UPDATE ir_cron SET active = FALSE WHERE id = %s", [self.cron.id])
        self.assertFalse(self.is_held_up(), "it is switched off")
        self.cron.unlink()
        self.assertFalse(self.is_held_up(), "it was deleted")

    def test_sweeps_give_way_and_begin_again(self):
        self.make_remote_jobs(1, status="printing")
        engine = self.env.ref("label_print_monitor.cron_poll_print_job_status")
        self.trigger(3)
        self.env["ir.cron.trigger"].search([("cron_id", "=", engine.id)]).unlink()
        self.startPatcher(patch.object(self.Poller, "_testing", lambda poller: False))
        began = time.monotonic()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, self.env.uid, {})["print.job.status.poller"]._run()
        self.assertLess(time.monotonic() - began, 5, "not the whole run")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", engine.id)]))
