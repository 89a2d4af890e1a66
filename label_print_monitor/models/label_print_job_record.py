"""What happens to a job goes into its record: `_seal` writes the entries, see services/lifecycle/record_chain.py."""

from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..services.lifecycle.record_chain import JOB_STATE, VERSION, Head, append, plain
from .label_print_record_rows import APPEND, NEWS

# Moves of an attempt that runs: they go into the entry that is made when it ends.
UNDER_WAY = ("sent", "queued", "printing")
STATE = frozenset(JOB_STATE[VERSION])
# What a person says of a job, and what an act of the engine takes back: an entry, whatever the status.
SAID_BY_PEOPLE = frozenset(name for name in STATE if name.startswith(("cancel", "set_aside")))


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    # The end of the chain, so that the loss of the last entry is found, and the next one needs no search.
    record_count = fields.Integer("Entries in the Record", aggregator=None, copy=False)
    record_hash = fields.Char("Hash of the Last Entry", copy=False)
    record_timeline = fields.Integer(
        aggregator=None, copy=False, help="How many entries of the timeline the record holds."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        """What was printed stays on paper; a job that could be deleted would prove nothing."""
        if recorded := self._recorded()[:1]:
            raise UserError(
                self.env._(
                    "%(job)s cannot be deleted: its record says what was printed. Cancel it or set it aside instead.",
                    job=recorded.display_name,
                )
            )

    def _recorded(self):
        """Those of these jobs that have a record."""
        entries = self.env["label.print.record"].sudo().search([("job_id", "in", self.ids), ("sequence", "=", 1)])
        return self & entries.job_id.with_env(self.env)

    def _seal(self, attempts=(), marks=(), kind=None):
        """Add an entry to the record of each of these jobs: what is new of it, and how it stands.

        The jobs must be locked, or are by this. One without a record gets a first entry that says all there is.

        :param attempts: ids of attempts that have ended, or of which more is known since
        :param marks: ids of what people have seen
        :param str kind: of a first entry
        """
        if not self:
            return
        for name in ("label.print.job", "label.print.attempt", "label.print.mark"):
            self.env[name].flush_model()
        # A print server's event comes without a user: it is the engine that acts.
        is_public = self.env.uid == self.env["ir.model.data"]._xmlid_to_res_id("base.public_user")
        user_id = SUPERUSER_ID if is_public else self.env.uid
        values = {"jobs": self.ids, "attempts": list(attempts), "marks": list(marks), "user": user_id}
        now = fields.Datetime.to_string(fields.Datetime.now())
        columns = defaultdict(list)
        for row in self.env.execute_query_dict(SQL(NEWS, **values)):
            content = self._content_of_entry(row, kind)
            content.update(date=now, user_id=user_id, user_name=row["user_name"])
            entry = append(row["id"], Head(row["count"], row["hash"]), content)
            for name, value in (
                ("jobs", row["id"]), ("sequences", entry.sequence), ("kinds", content["kind"]),
                ("contents", entry.content), ("previous", entry.previous_hash), ("hashes", entry.hash),
                ("timelines", len(row["timeline"] or ())), ("names", row["user_name"]),
            ):  # fmt: skip
                columns[name].append(value)
        self.env.cr.execute(SQL(APPEND, date=now, user=user_id, **columns))
        self.invalidate_recordset(["record_count", "record_hash", "record_timeline"], flush=False)

    @api.model
    def _content_of_entry(self, row, kind):
        content = {"state": plain(row["state"])}
        if row["job_facts"]:
            content["job_facts"] = plain(row["job_facts"])
        for name in ("attempts", "marks"):
            if row[name]:
                content[name] = [plain(one) for one in row[name]]
        if timeline := (row["timeline"] or [])[row["known_timeline"] :]:
            content["timeline"] = timeline
        if not row["count"]:
            content["kind"] = kind or "sealed"
        else:
            names = {"attempts": "attempt", "marks": "mark", "timeline": "step"}
            content["kind"] = next((names[name] for name in names if name in content), "state")
        return content

    def _seal_changes(self, written, attempts=None):
        """Add to the record what `_apply` has just written, unless it only says that an attempt goes on.

        :param dict written: values by job id
        :param dict attempts: of jobs that have ended, ids of their attempts of which more is known
        """
        attempts = attempts or {}
        sealed = self.browse(
            id_
            for id_, values in written.items()
            if attempts.get(id_)
            or (id_ in attempts and STATE & values.keys())
            or ("timeline" in values and values.get("status") not in UNDER_WAY)
            or SAID_BY_PEOPLE & values.keys()
        )
        sealed._seal([id_ for job_id in sealed._ids for id_ in attempts.get(job_id, ())])
