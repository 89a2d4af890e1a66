"""What a page that follows jobs or printers reads again after a change."""

from unittest.mock import patch

from freezegun import freeze_time
from odoo.tests import tagged

from .common import LabelPrintCase

NAMES = {"status": {}, "progress_display": {}, "waits_because": {}, "eta_display": {}, "printer_id": {"fields": {"display_name": {}}}}
CONSTANT = {"create_date": {}, "quantity": {}, "product_id": {"fields": {"display_name": {}}}, "submitted_by": {"fields": {"display_name": {}}}}


@tagged("post_install", "-at_install")
class TestLabelPrintJobLive(LabelPrintCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["printer.configuration"].create(
            {"name": "Zebra-Line-9", "cups_name": "zebra-line-9", "server_id": cls.server.id}
        )
        cls.printing = cls.make_job(status="printing", started_date="2026-03-04 09:15:00", current_label=3)
        cls.queued = cls.make_job(status="queued")
        cls.elsewhere = cls.make_job(status="queued", printer_id=cls.other.id)
        cls.pending = cls.make_job(printer_id=cls.other.id)
        cls.done = cls.make_job(status="completed")
        cls.jobs = cls.printing | cls.queued | cls.elsewhere | cls.pending | cls.done
        cls.domain = [("id", "in", cls.jobs.ids)]
        cls.Job = cls.env["label.print.job"].with_user(cls.user)

    def read(self, rows=None, changed=(), **options):
        Job = self.Job
        if rows is not None:
            Job = Job.with_context(label_print_known={"rows": rows.ids, "changed": [job.id for job in changed]})
        self.env.flush_all()
        self.env.invalidate_all()
        return Job.web_search_read(options.pop("domain", self.domain), NAMES, **options)

    def read_in_whole(self, answer):
        return self.Job.browse(row["id"] for row in answer["records"] if len(row) > 1)

    def test_without_changes_only_numbers_are_read(self):
        answer = self.read(self.jobs - self.pending)
        self.assertEqual([row["id"] for row in answer["records"]], self.jobs.sorted("id", reverse=True).ids)
        self.assertEqual(self.read_in_whole(answer), self.pending.with_user(self.user))  # which the page did not have
        self.assertEqual(answer["length"], 5)

    def test_a_change_is_read_with_what_follows_from_it(self):
        """The jobs behind it at its printer, and those that wait to be handed over."""
        answer = self.read(self.jobs, self.printing)
        self.assertEqual(set(self.read_in_whole(answer).ids), set((self.printing | self.queued | self.pending).ids))
        whole = {row["id"]: row for row in self.read()["records"]}
        for row in answer["records"]:
            self.assertEqual(row, whole[row["id"]] if len(row) > 1 else {"id": row["id"]})

    def test_what_is_read_in_part_is_what_has_changed(self):
        """A page that takes over what it is sent shows what one shows that reads everything."""
        self.startPatcher(freeze_time("2026-03-04 09:20:00"))
        shown = {row["id"]: row for row in self.read()["records"]}
        for job, values in (
            (self.printing, {"status": "completed", "current_label": 20}),
            (self.queued, {"status": "printing", "started_date": "2026-03-04 09:16:00"}),
            (self.pending, {"status": "sent", "flask_job_id": "srv-new"}),
            (self.elsewhere, {"status": "failed"}),
        ):
            job.sudo().write(values)
            answer = self.read(self.jobs, job)
            shown = {row["id"]: {**shown[row["id"]], **row} for row in answer["records"]}
            self.assertEqual(shown, {row["id"]: row for row in self.read()["records"]})

    def test_what_follows_from_a_printer(self):
        """The jobs that wait there, whichever job was told of; also at the printer that a job has left."""
        self.env.flush_all()
        known = {"rows": self.jobs.ids, "changed": [], "printers": self.other.ids}
        rows = self.Job.with_context(label_print_known=known).web_search_read(self.domain, NAMES)["records"]
        self.assertEqual({row["id"] for row in rows if len(row) > 1}, set((self.elsewhere | self.pending).ids))
        moved = self.queued.sudo()
        moved.attempt_ids.printer_id, moved.printer_id = self.printing.printer_id, self.other
        read = self.read_in_whole(self.read(self.jobs, moved))
        self.assertEqual(set(read.ids), set((moved | self.printing | self.elsewhere | self.pending).ids))

    def test_the_copy_after_one_that_has_changed(self):
        values = {"status": "completed", "copy_of_id": self.done.id, "copy_labels": list(range(1, 21))}
        first, second = (self.make_job(job_type="manual_reprint", **values) for _number in range(2))
        both = first | second
        answer = self.read(both, first, domain=[("id", "in", both.ids)])
        self.assertEqual(self.read_in_whole(answer), both.sorted("id", reverse=True).with_user(self.user))

    def test_a_change_at_a_printer_that_is_not_shown(self):
        answer = self.read(self.elsewhere | self.done, self.queued, domain=[("id", "in", (self.elsewhere | self.done).ids)])
        self.assertFalse(self.read_in_whole(answer))

    def test_what_a_job_is_made_with_is_read_once(self):
        """Of a job that the page has, neither that nor the names of its order, product and person."""
        self.env.flush_all()
        self.env.invalidate_all()
        known = {"rows": (self.jobs - self.done).ids, "changed": self.printing.ids}
        Job = self.Job.with_context(label_print_known=known)
        rows = {row["id"]: row for row in Job.web_search_read(self.domain, NAMES | CONSTANT)["records"]}
        self.assertEqual(rows[self.printing.id].keys(), {"id"} | NAMES.keys())
        self.assertEqual(rows[self.done.id].keys(), {"id"} | NAMES.keys() | CONSTANT.keys())
        (whole,) = self.Job.browse(self.done.id).web_read(NAMES | CONSTANT)
        self.assertEqual(rows[self.done.id], whole)

    def test_nothing_changes_what_a_job_is_made_with(self):
        """Neither printing nor what people do: else pages would show what was. Names that change are read each minute."""
        constant = {name: {} for name in self.Job._constant_fields()}
        before = self.jobs.web_read(constant)
        job = self.pending
        job.sudo()._apply({job.id: {"status": "sent", "flask_job_id": "srv-new"}})
        job.sudo()._apply({job.id: {"status": "failed", "error_code": "paper_out"}})
        job.with_user(self.manager).action_retry()
        self.queued.with_user(self.manager).action_cancel()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.jobs.web_read(constant), before)

    def test_groups_are_read_in_the_same_way(self):
        known = {"rows": self.jobs.ids, "changed": self.done.ids}
        self.env.flush_all()
        groups = self.Job.with_context(label_print_known=known).web_read_group(
            self.domain, ["status"], ["__count"], auto_unfold=True, unfold_read_specification=NAMES
        )["groups"]
        rows = [row for group in groups for row in group.get("__records", ())]
        self.assertEqual({row["id"] for row in rows}, set(self.jobs.ids))
        read = {row["id"] for row in rows if len(row) > 1}
        self.assertEqual(read, set((self.done | self.printing | self.queued | self.pending).ids))

    def test_what_a_job_refers_to_is_read_in_whole(self):
        copy = self.make_job(status="completed", copy_of_id=self.done.id, copy_labels=list(range(1, 21)), job_type="manual_reprint")
        known = {"rows": self.done.ids, "changed": []}
        names = {"copy_of_id": {"fields": {"display_name": {}}}}
        self.env.flush_all()
        (row,) = copy.with_user(self.user).with_context(label_print_known=known).web_read(names)
        self.assertEqual(row["copy_of_id"], {"id": self.done.id, "display_name": self.done.display_name})

    def test_malformed_context(self):
        for known in (
            {}, {"rows": None}, {"rows": [0], "changed": [-1]}, "all", [1], 7, {"rows": 7}, {"rows": ["1"]}, {"rows": [[1]]},
            {"rows": [1], "changed": {"a": 1}}, {"rows": [1], "changed": ["x"]}, {"rows": [1], "printers": [None]},
        ):  # fmt: skip
            with self.subTest(known=known):
                rows = self.Job.with_context(label_print_known=known).web_search_read(self.domain, NAMES)["records"]
                self.assertTrue(all(len(row) > 1 for row in rows))

    def test_pages_are_told_of_a_hand_over_once(self):
        """With the print server's answer, not when the job is reserved for it a moment before."""
        self.env.cr.precommit.run()
        sent = self.startPatcher(patch.object(type(self.env["bus.bus"]), "_sendone", autospec=True))
        self.assertIn(self.pending, self.env["print.job.submitter"]._lease())
        self.env.cr.precommit.run()
        self.assertFalse(sent.call_args_list)
        self.pending.sudo()._apply({self.pending.id: {"status": "sent", "flask_job_id": "srv-new", "submission": "accepted"}})
        self.env.cr.precommit.run()
        (payload,) = [call.args[3] for call in sent.call_args_list if call.args[2] == "label_print_monitor/changed"]
        self.assertEqual(payload["jobs"], self.pending.ids)

    def test_a_job_that_goes_elsewhere_tells_of_the_printer_that_it_leaves(self):
        """Its row has one job less that waits, and the job does not say where it was."""
        self.env.cr.precommit.run()
        sent = self.startPatcher(patch.object(type(self.env["bus.bus"]), "_sendone", autospec=True))
        self.pending._begin_move(self.printing.printer_id)
        self.env.cr.precommit.run()
        (payload,) = [call.args[3] for call in sent.call_args_list if call.args[2] == "label_print_monitor/changed"]
        self.assertEqual((payload["jobs"], payload["printers"]), (self.pending.ids, self.other.ids))


@tagged("post_install", "-at_install")
class TestPrinterLive(LabelPrintCase):
    """The same of printers: what they print and what waits there follows from their jobs."""

    NAMES = {"name": {}, "status": {}, "waiting_count": {}, "current_progress_display": {}, "labels_today": {}, "current_labels_printed": {}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Printer = cls.env["printer.configuration"]
        cls.first = cls.printer
        cls.second, cls.third = (
            Printer.create({"name": f"Zebra-{n}", "cups_name": f"zebra-{n}", "server_id": cls.server.id}) for n in (8, 9)
        )
        cls.printers = cls.first | cls.second | cls.third
        cls.domain = [("id", "in", cls.printers.ids)]
        cls.job = cls.make_job(status="printing", started_date="2026-03-04 09:15:00", current_label=3)
        cls.waiting = cls.make_job(printer_id=cls.second.id)

    def read(self, **known):
        Printer = self.env["printer.configuration"].with_user(self.user)
        if known:
            Printer = Printer.with_context(label_print_known={"rows": self.printers.ids, **known})
        self.env.flush_all()
        self.env.invalidate_all()
        return {row["id"]: row for row in Printer.web_search_read(self.domain, self.NAMES)["records"]}

    def read_in_whole(self, **known):
        return {id_ for id_, row in self.read(**known).items() if len(row) > 1}

    def test_a_printer_that_has_changed_and_those_of_changed_jobs(self):
        self.assertEqual(self.read_in_whole(changed=[]), set())
        self.assertEqual(self.read_in_whole(printers=self.third.ids), {self.third.id})
        self.assertEqual(self.read_in_whole(changed=self.waiting.ids, printers=self.third.ids), {self.second.id, self.third.id})
        self.assertEqual(self.read_in_whole(rows=self.first.ids), {self.second.id, self.third.id})

    def test_what_is_read_in_part_is_what_has_changed(self):
        shown = self.read()
        for job, values in (
            (self.job, {"current_label": 7}),
            (self.job, {"status": "completed", "current_label": 20}),
            (self.waiting, {"status": "queued"}),
            (self.waiting, {"status": "printing", "current_label": 1}),
        ):
            job.sudo().write(values)
            answer = self.read(changed=job.ids)
            shown = {id_: {**shown[id_], **row} for id_, row in answer.items()}
            self.assertEqual(shown, self.read())
