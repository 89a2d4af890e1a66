"""A print server's health: unreachable, connected again, refused, and which toasts managers get."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.label_print_monitor.models import print_job_sweeps as sweeps_module
from odoo.addons.label_print_monitor.services.contract.payloads import parse_health
from odoo.exceptions import ValidationError

from .engine_case import EngineCase


class TestServerHealth(EngineCase):
    def test_three_failed_sweeps_make_it_unreachable_and_it_comes_back(self):
        jobs = self.make_remote_jobs(3, status="printing")
        self.sweep()
        self.assertEqual(self.printer.status, "online")
        self.remote.stop()
        self.sweep(2)
        self.assertEqual(self.server.state, "ok")
        self.assertFalse(self.notices())
        self.sweep()
        self.assertEqual((self.server.state, self.server.failure_count), ("unreachable", 3))
        self.assertTrue(all(job.unverified_since and job.unverified_reason for job in jobs))
        self.assertEqual(set(jobs.mapped("status")), {"printing"})
        self.assertEqual(self.printer.status, "unknown")
        self.sweep(3)
        self.assertEqual(self.notices(), ["Print server cannot be reached"], "one notice however long it lasts")
        self.end_all()
        self.remote.start()
        self.sweep()
        self.assertEqual(self.notices(), ["Print server cannot be reached", "Print server is back"])
        self.assertFalse(any(job.unverified_since for job in jobs))
        self.assert_matches_server()

    def test_the_limits_that_a_server_states_are_kept(self):
        self.assertEqual(self.server._get_limits().zpl_characters, 262_144)
        stated = {"labels": 20, "zpl_characters": 4_194_304, "body_bytes": 16_777_216}
        self.server._note_health(parse_health({"status": "ok", "limits": {**stated, "batch": 500}}))
        self.assertEqual(self.server.limits, stated)
        refused = self.assertRaisesRegex(ValidationError, "21 labels are too many for one print job: 20 at most")
        with refused, self.env.cr.savepoint():
            self.make_job(21, server_id=self.server.id)

    def test_a_job_made_while_the_server_is_away_is_unverified_and_verified_again(self):
        self.remote.stop()
        jobs = self.make_remote_jobs(1, status="printing")
        self.sweep(4)
        later = self.make_remote_jobs(1, status="printing")
        self.sweep(2)
        self.assertTrue(jobs.unverified_since)
        self.assertTrue(later.unverified_since)
        self.remote.start()
        self.sweep(2)
        self.assertFalse((jobs | later).filtered("unverified_since"))

    def test_probes_have_growing_pauses_up_to_a_minute(self):
        self.remote.stop()
        pauses = []
        for _probe in range(8):
            self.sweep()
            pauses.append((self.server.next_probe_at - fields.Datetime.now()).total_seconds())
        for pause, wanted in zip(pauses, (2, 4, 8, 16, 32, 60, 60, 60), strict=True):
            self.assertTrue(wanted - 2 <= pause <= wanted, pauses)
        with patch.object(sweeps_module, "visit") as visit:
            self.run_cron()
        visit.assert_not_called()

    def test_refused_key_is_a_configuration_fault(self):
        jobs = self.make_remote_jobs(2, status="printing")
        self.sweep()
        self.remote.fault = "401"
        self.sweep()
        self.assertEqual(self.server.state, "misconfigured")
        self.assertEqual(self.notices(), ["Print server refuses Odoo"])
        self.assertTrue(all(jobs.mapped("unverified_since")))
        self.remote.fault = None
        self.sweep()
        self.assertEqual(self.notices()[-1], "Print server is back")
        self.assertEqual(self.server.state, "ok")

    def test_a_bad_address_is_a_configuration_fault_and_no_crash(self):
        self.make_remote_jobs(1)
        self.env["ir.config_parameter"].set_param("label_print.api_url", "gopher://nowhere")
        self.sweep()
        self.assertEqual(self.server.state, "misconfigured")

    def test_flapping_tells_each_change_once(self):
        self.make_remote_jobs(1, status="printing")
        for _turn in range(2):
            self.remote.stop()
            self.sweep(4)
            self.remote.start()
            self.sweep(2)
        self.assertEqual(self.notices(), ["Print server cannot be reached", "Print server is back"] * 2)

    def test_a_server_that_nobody_asks_any_more_is_not_followed(self):
        """The cron may be switched off while the server is connected: then what views show is old, and they must say so."""

        def is_followed():
            return self.env["label.print.server"].get_freshness()[0]["is_followed"]

        self.server.write({"state": "ok", "last_contact": fields.Datetime.now()})
        self.assertTrue(is_followed())
        cron = self.env.ref("label_print_monitor.cron_poll_print_job_status")
        self.server.last_contact = fields.Datetime.now() - timedelta(minutes=6)
        cron.active = False
        self.assertFalse(is_followed())
        self.server.state = "unreachable"  # that is said in other words
        self.assertTrue(is_followed())

    def test_odoo_that_was_switched_off_has_a_minute_for_asking(self):
        """After a night everything is long ago: the engine is woken, and only when it does not run is it said."""
        cron = self.env.ref("label_print_monitor.cron_poll_print_job_status")
        calls = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        calls.unlink()
        night = fields.Datetime.now() - timedelta(hours=9)
        self.server.write({"state": "ok", "last_contact": night})
        cron.lastcall = night
        calls.create({"cron_id": cron.id, "call_at": night})  # the last run of the evening asked for another one

        def is_followed():
            return self.env["label.print.server"].get_freshness()[0]["is_followed"]

        def new_calls():
            return calls.search([("cron_id", "=", cron.id), ("call_at", ">", night)], order="call_at desc")

        self.assertTrue(is_followed())
        self.assertEqual(len(new_calls()), 1, "the engine is woken")
        self.assertTrue(is_followed())
        self.assertEqual(len(new_calls()), 1, "once")
        new_calls().call_at = fields.Datetime.now() - timedelta(seconds=70)
        self.assertFalse(is_followed(), "nobody has answered the call")
        self.assertFalse(is_followed(), "and it stays said")
        self.assertEqual(len(new_calls()), 2)
        new_calls().unlink()
        cron.lastcall = fields.Datetime.now()
        self.assertFalse(is_followed(), "it runs without asking")
        self.server.last_contact = fields.Datetime.now()
        self.assertTrue(is_followed())

    def test_what_the_server_says_is_wrong_with_it(self):
        self.server._note_health(parse_health({"status": "degraded", "warnings": ["The disk is nearly full."]}))
        self.assertEqual(self.server.warnings_display, "The disk is nearly full.")
        self.server.last_health = fields.Datetime.now() - timedelta(seconds=70)
        self.assertTrue(self.env["print.job.status.poller"]._plan(self.server).health, "asked again within a minute")
        self.server._note_health(parse_health({"status": "ok"}))
        self.assertFalse(self.server.warnings_display)
