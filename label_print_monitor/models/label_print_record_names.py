"""What people were called when they did what a job's record says: a log-in may have another name since."""

from collections import defaultdict
from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL

from ..services.lifecycle.record_chain import RecordError, read
from .label_print_record_rows import ENTRIES


@dataclass
class NamesThen:
    """Names from the record of one job; '' where the record does not have them.

    :ivar asked: of whoever has asked for the job
    :ivar attempts: of whoever has started each attempt, by its number
    """

    asked: str = ""
    cancelled: str = ""
    set_aside: str = ""
    attempts: dict = field(default_factory=dict)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def _names_then(self):
        """`NamesThen` of each of these jobs, which the reader may read, by its id."""
        for name in ("label.print.job", "label.print.attempt", "label.print.mark"):
            self.env[name].flush_model()
        entries = defaultdict(list)
        for row in self.env.execute_query_dict(SQL(ENTRIES, jobs=self.ids)):
            try:
                entries[row["job_id"]].append(read(row["content"]))
            except RecordError:
                continue  # *Verify* names it
        return {job.id: job._names_in(entries[job.id]) for job in self.sudo()}

    def _names_in(self, entries):
        """The names of this job. The first entry that speaks of something was written when it was done.

        :param entries: what the entries of this job say, oldest first
        """
        found = NamesThen()
        for content in entries:
            found.asked = found.asked or content.get("job_facts", {}).get("submitted_by_name") or ""
            for row in filter(lambda row: isinstance(row, dict), content.get("attempts", ())):
                found.attempts.setdefault(row.get("number"), row.get("submitted_by_name") or "")
            found.cancelled = found.cancelled or self._name_of_act(content, "cancelled_by", "cancel_requested_at")
            found.set_aside = found.set_aside or self._name_of_act(content, "set_aside_by", "set_aside_date")
        return found

    def _name_of_act(self, content, person, date):
        """The name in the entry that was made when this person did it; '' for an entry of somebody else."""
        state = content.get("state", {})
        mine = self[person] and state.get(person) == self[person].id == content.get("user_id")
        same = self[date] and state.get(date) == self[date].strftime("%Y-%m-%d %H:%M:%S")
        return content.get("user_name") or "" if mine and same else ""
