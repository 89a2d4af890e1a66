"""Each export of the print history: who, which jobs, how many, and the file while it is kept.

A short history is written while its reader waits. A long one is written by a scheduled action, which says how far it
is and tells whoever asked for it.
"""

import logging
import tempfile
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.modules import module
from odoo.tools.misc import get_lang

from ..services.export.copied_lines import COPY_OPTIONS, CopiedLines
from ..services.export.history_csv import BYTE_ORDER_MARK, SEPARATORS, csv_line
from .deletable_records import need_record, trigger_cron

_logger = logging.getLogger(__name__)

CRON = "label_print_monitor.cron_write_exports"

# More jobs than this are written in the background: their reader would wait, and a proxy might not.
MOST_AT_ONCE = 200_000
KEPT = timedelta(days=1)
PROGRESS_EVERY = 2.0  # seconds
MOST_SECONDS_A_RUN = 60.0  # after which a run of the scheduled action leaves the rest to the next


class LabelPrintExport(models.Model):
    """An entry of the log of exports. It stays; its file is removed after a day."""

    _name = "label.print.export"
    _inherit = ["label.print.request.mixin"]
    _description = "Export of the Print History"
    _order = "id desc"
    _rec_name = "file_name"

    state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Being Written"), ("done", "Finished"), ("failed", "Failed")],
        required=True,
        default="waiting",
    )
    sorting = fields.Char("Sorted By", required=True)
    extended = fields.Boolean("All Columns")
    separator = fields.Char(required=True, default=",")
    lang = fields.Char("Language")
    tz = fields.Char("Time Zone")
    expected_rows = fields.Integer("Jobs", aggregator=None, help="As many as there were when it was asked for.")
    row_count = fields.Integer("Rows Written")
    progress_percent = fields.Float("Progress (%)", compute="_compute_progress_percent")
    file_name = fields.Char(required=True)
    file_size = fields.Integer("Bytes")
    attachment_id = fields.Many2one("ir.attachment", "File", ondelete="set null", index="btree_not_null")

    file_url = fields.Char("Download", compute="_compute_file_url")

    @api.depends("attachment_id")
    @api.depends_context("uid")
    def _compute_file_url(self):
        """Only for whoever asked for the file: it holds what they may see, and Odoo hands it to nobody else."""
        for export in self:
            is_own = export.user_id == self.env.user
            export.file_url = export._url() if is_own and export.attachment_id else False

    @api.depends("state", "row_count", "expected_rows")
    def _compute_progress_percent(self):
        for export in self:
            share = 100.0 * export.row_count / export.expected_rows if export.expected_rows else 0.0
            export.progress_percent = 100.0 if export.state == "done" else min(share, 99.0)

    @api.model
    def _make(self, domain, order, extended):
        """Export these jobs for the user, whose right to it has been checked.

        :param domain: a `Domain` on print jobs
        :param order: how they are sorted
        :return: the action that downloads the file, or that says that it will come
        """
        count = self.env["label.print.job"].search_count(domain, limit=MOST_AT_ONCE + 1)
        if count > MOST_AT_ONCE:
            count = self.env["label.print.job"].search_count(domain)
        tz = fields.Datetime.context_timestamp(self, fields.Datetime.now()).tzinfo
        kind = "print_history_extended" if extended else "print_history"
        export = self.sudo().create(
            {
                **self._values_of_request(domain),
                "sorting": order,
                "extended": extended,
                "separator": self._separator(),
                "lang": self.env.lang,
                "tz": str(tz) if tz else "UTC",
                "expected_rows": count,
                "file_name": f"{kind}_{self._today(tz)}.csv",
            }
        )
        if count > MOST_AT_ONCE:
            need_record(self.env, CRON)  # nobody waits for a file that nothing writes
            trigger_cron(self.env, CRON)
            return self._coming_notice(count)
        export._write_file(domain)
        return export._download()

    @api.model
    def _today(self, tz):
        return fields.Datetime.now().astimezone(tz).date() if tz else fields.Date.today()

    @api.model
    def _separator(self):
        """What stands between two cells: a comma, unless the settings say otherwise."""
        wanted = self.env["ir.config_parameter"].sudo().get_param("label_print.export_separator")
        if wanted == "language":
            # A spreadsheet in a language with a decimal comma splits at semicolons.
            wanted = "semicolon" if get_lang(self.env).decimal_point == "," else "comma"
        return SEPARATORS.get(wanted, ",")

    def _download(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self._url(), "target": "self"}

    def _url(self):
        return f"/web/content/{self.attachment_id.id}?download=true"

    @api.model
    def _coming_notice(self, count):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("The export is being made"),
                "message": self.env._(
                    "%(count)s jobs are written to a file. You can go on working: a message with the file comes as "
                    "soon as it is ready.",
                    count=count,
                ),
            },
        }

    def _write_file(self, domain):
        """Write the file, as the person who asked for it: their rights, language and time zone.

        :param domain: the `Domain` that the entry has as a text
        """
        self.ensure_one()
        reader = self._requested_jobs(lang=self.lang or None, tz=self.tz)
        statement = reader._export_statement(domain, self.sorting, self.separator, self.tz, self.extended)
        header = reader._export_header(self.extended)
        with tempfile.TemporaryFile() as file:
            file.write(BYTE_ORDER_MARK + csv_line(header, self.separator))
            lines = CopiedLines(file, self._progress_note())
            command = self.env.cr.mogrify(statement).decode()
            self.env.cr.copy_expert(f"COPY ({command}) TO STDOUT WITH ({COPY_OPTIONS})", lines)
            lines.flush()
            file.seek(0)
            content = file.read()
        if self.state == "running":
            # The snapshot in which the jobs were read ends: how far it was has been written by others to this row.
            self.env["ir.cron"]._commit_progress()
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.user_id)
            .sudo(False)
            # Whoever looks for a text in attachments looks for documents: a copy of all lines would double the file.
            .with_context(label_print_no_index=True)
            .create({"name": self.file_name, "raw": content, "mimetype": "text/csv"})
        )
        self.sudo().write(
            {
                "state": "done",
                "row_count": lines.rows,
                "file_size": len(content),
                "attachment_id": attachment.id,
                "done_date": fields.Datetime.now(),
            }
        )
        _logger.info(
            "Print history: %s (user %s) exported %s jobs; filter %s",
            self.user_id.login,
            self.user_id.id,
            lines.rows,
            self.domain[:500],
        )

    def _progress_note(self):
        """A function that keeps the number of rows written so far, seen by others while this transaction is open."""
        if self.state != "running" or module.current_test:
            return None
        registry, export_id, noted = self.env.registry, self.id, time.monotonic()

        def note(rows):
            nonlocal noted
            if time.monotonic() - noted < PROGRESS_EVERY:
                return
            noted = time.monotonic()
            with registry.cursor() as cr:
                cr.execute("UPDATE label_print_export SET row_count = %s WHERE id = %s", [rows, export_id])

        return note

    @api.model
    def _cron_write_exports(self):
        """Write the files that are waited for, each in a transaction of its own, and tell those who wait."""
        until = time.monotonic() + MOST_SECONDS_A_RUN
        # Of what a process was writing that died, its reader is told: what ended the one may end the next.
        broken_off = self.search([("state", "=", "running")])
        broken_off.write({"state": "failed", "done_date": fields.Datetime.now()})
        for export in broken_off:
            export._tell()
        waiting = self.search([("state", "=", "waiting")], order="id")
        for place, export in enumerate(waiting):
            if time.monotonic() >= until:
                trigger_cron(self.env, CRON)
                return
            export.write({"state": "running"})
            self.env["ir.cron"]._commit_progress(remaining=len(waiting) - place)
            try:
                export._write_file(export._requested_domain())
            except Exception:  # whatever is wrong with one must not keep the others from being written
                _logger.exception("Print history: export %s could not be written", export.id)
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
                export.write({"state": "failed", "done_date": fields.Datetime.now()})
            export._tell()
            self.env["ir.cron"]._commit_progress(1)

    def _tell(self):
        """A toast for whoever waits for the file, with the file."""
        here = self.with_context(lang=self.lang or self.user_id.lang)
        done = self.state == "done"
        if done:
            title = here.env._("Your export is ready")
            message = here.env._("%(count)s jobs in %(file)s.", count=self.row_count, file=self.file_name)
        else:
            title = here.env._("Your export could not be made")
            message = here.env._("Export again, with a filter for fewer jobs. The server's log says what went wrong.")
        self.env["print.job.notifier"]._toast(
            self.user_id,
            {
                "type": "success" if done else "danger",
                "title": title,
                "message": message,
                "sticky": True,
                "job_ids": [],
                "key": f"export-{self.id}",
                "retryable": False,
                "url": self._url() if done else False,
            },
        )

    @api.autovacuum
    def _gc_files(self):
        """Remove files that are older than a day; the entries stay."""
        old = self.search([("attachment_id", "!=", False), ("done_date", "<", fields.Datetime.now() - KEPT)])
        old.attachment_id.unlink()
