"""*Verify*: whether the record of a job is what was written, and whether what is kept of the job is what it says."""

from dataclasses import dataclass, field

from odoo import models
from odoo.tools import SQL, split_every

from ..services.label_files.label_hashes import NO_HASH
from ..services.label_files.label_hashes import SIZE as HASH_SIZE
from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.job_account import AttemptAccount, Mark
from ..services.lifecycle.label_account import AccountError, LabelAccount
from ..services.lifecycle.label_histories import impossible_histories
from ..services.lifecycle.record_chain import Entry, Facts, Finding, Head, check_chain, check_facts
from .deletable_records import need_action
from .label_print_record_rows import ENTRIES, KEPT
from .print_job_retention import HASHES

JOBS_HASHED_AT_ONCE = 50
# Jobs of a release that kept no hashes have none.
OTHER_ZPL = """
    SELECT id, label_hashes, now, is_removed FROM (
        SELECT id, label_hashes, zpl_removed_date IS NOT NULL AS is_removed,
               COALESCE(CASE WHEN jsonb_typeof(labels_data) = 'array' THEN %(hashes)s END, '') AS now
          FROM label_print_job
         WHERE id = ANY(%(jobs)s) AND label_hashes <> '') hashed
     WHERE now <> label_hashes
"""
OTHER_SPECIMENS = """
    SELECT job.id, specimen.label_index
      FROM label_print_specimen specimen JOIN label_print_job job ON job.id = specimen.job_id
     WHERE specimen.job_id = ANY(%(jobs)s)
       AND (encode(sha256(convert_to(specimen.zpl, 'UTF8')), 'hex') <> specimen.label_hash
            OR substr(job.label_hashes, %(size)s * (specimen.label_index - 1) + 1, %(size)s) <> specimen.label_hash)
"""
HASH_SHOWN = 16  # digits: nobody finds another chain with these


def _hash_at(hashes, place):
    return hashes[HASH_SIZE * (place - 1) : HASH_SIZE * place]


@dataclass
class Verdict:
    """What came of verifying one job.

    :ivar count: entries in its record
    :ivar hash: of the last one, as the job keeps it
    :ivar findings: what differs; none when nothing was changed
    """

    count: int
    hash: str
    findings: list[Finding] = field(default_factory=list)


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    def action_verify_record(self):
        """Verify the records of these jobs, of the selection or of the list's domain, and say what differs."""
        self.browse().check_access("read")
        self.env["label.print.verification"].check_access("read")
        return self.env["label.print.verification"]._make(self._export_domain())

    def action_view_record(self):
        """The entries of this job's record."""
        self.ensure_one()
        self.check_access("read")
        self.env["label.print.record"].check_access("read")
        action = need_action(self.env, "label_print_monitor.action_label_print_record")
        return {**action, "domain": [("job_id", "=", self.id)], "context": {}}

    def _verify(self):
        """Verify the record of each of these jobs, which the reader may read.

        :return: `Verdict` by job id
        """
        if not self:
            return {}
        for name in ("label.print.job", "label.print.attempt", "label.print.mark"):
            self.env[name].flush_model()
        entries = {id_: [] for id_ in self._ids}
        for row in self.env.execute_query_dict(SQL(ENTRIES, jobs=self.ids)):
            columns = {name: row[name] for name in ("kind", "date", "user_id", "user_name")}
            entries[row["job_id"]].append(
                Entry(row["sequence"], row["content"], row["previous_hash"], row["hash"], columns)
            )
        verdicts = {}
        for row in self.env.execute_query_dict(SQL(KEPT, jobs=self.ids)):
            verdict = verdicts[row["id"]] = Verdict(row["count"], row["hash"])
            chain = entries[row["id"]]
            if not chain and not row["count"]:
                verdict.findings.append(Finding("no_record"))
                continue
            facts = Facts(
                row["job"],
                {one["number"]: one for one in row["attempts"] or ()},
                {one["id"]: one for one in row["marks"] or ()},
                row["timeline"] or [],
                row["job"]["status"] in job_lifecycle.TERMINAL,
            )
            verdict.findings += check_chain(row["id"], chain, Head(row["count"], row["hash"]))
            verdict.findings += check_facts(chain, facts)
            # What the first release made of labels has had other rules.
            if not any(entry.columns["kind"] == "sealed" for entry in chain[:1]):
                verdict.findings += self._check_histories(facts)
        changed = self._labels_with_other_zpl()
        for id_, label in self._changed_specimens():
            changed.setdefault(id_, []).append(label)
        for id_, labels in changed.items():
            verdicts[id_].findings.append(Finding("zpl_changed", {"labels": sorted(set(labels))}))
        return verdicts

    def _changed_specimens(self):
        """Job ids and labels, from 1, of whose specimen, which stays when their own ZPL is removed, that is true."""
        self.env["label.print.specimen"].flush_model()
        return self.env.execute_query(SQL(OTHER_SPECIMENS, jobs=self.ids, size=HASH_SIZE))

    def _labels_with_other_zpl(self):
        """The labels, from 1, whose ZPL is kept and has not the hash that is kept of it, by job id.

        The hashes themselves are in the record. A few jobs at a time: their labels are large. What the settings have
        removed is no change, but nothing else may stand in its place.
        """
        found = {}
        for jobs in split_every(JOBS_HASHED_AT_ONCE, self._ids, list):
            for id_, kept, now, is_removed in self.env.execute_query(SQL(OTHER_ZPL, hashes=HASHES, jobs=jobs)):
                same = ("", NO_HASH) if is_removed else ()
                places = [
                    place
                    for place in range(1, max(len(kept), len(now)) // HASH_SIZE + 1)
                    if _hash_at(now, place) not in (_hash_at(kept, place), *same)
                ]
                if places:
                    found[id_] = places
        return found

    def _check_histories(self, facts):
        """Whether what is kept of the labels of a job at rest can have happened."""
        if not facts.is_at_rest:
            return []
        attempts = []
        for number, one in facts.attempts.items():
            if not one["outcome"]:
                continue
            try:
                account = LabelAccount.from_stored(one["account"], one["labels_count"] or 0)
            except AccountError:
                return [Finding("account_unreadable", {"number": number})]
            indexes = one["label_indexes"] or range(1, (one["labels_count"] or 0) + 1)
            attempts.append(AttemptAccount(number, indexes, account, one["outcome"] or ""))
        marks = [
            Mark(one["attempt_number"], one["kind"], frozenset(one["label_indexes"])) for one in facts.marks.values()
        ]
        return [
            Finding("labels_impossible", {"labels": sorted(labels), "what": text})
            for text, labels in impossible_histories(attempts, marks).items()
        ]

    def _verdict_in_words(self, verdict):
        """What differs, a sentence for each finding; for the reader."""
        self.ensure_one()
        return [self._finding_in_words(finding.key, finding.params) for finding in verdict.findings]

    def _finding_in_words(self, key, params):
        values = {name: self._value_in_words(value) for name, value in params.items()}
        model = {"attempt": "label.print.attempt", "mark": "label.print.mark"}.get(key.partition("_")[0], self._name)
        if "field" in params:
            values["field"] = self._name_of_recorded(model, params["field"])
        if "labels" in params:
            values["labels"] = self._runs_of_labels(params["labels"])
        words = self._words_of_findings().get(self._key_of_words(key, params))
        return words % values if words else key

    @staticmethod
    def _key_of_words(key, params):
        if key == "entries_missing" and params["first"] == params["last"]:
            return "entry_missing"
        if "field" in params and "labels" in params:
            return "job_labels"
        if key == "attempt_changed" and params["field"] == "account":
            return "attempt_account"
        return key

    def _name_of_recorded(self, model, name):
        field_ = self.env[model]._fields.get(name)
        return field_._description_string(self.env) if field_ else name

    def _value_in_words(self, value):
        if value is None or value is False or value == "":
            return self.env._("nothing")
        return value if isinstance(value, int | str) else str(value)[:80]

    def _words_of_findings(self):
        """The sentence of each key; named placeholders, filled in afterwards."""
        return {
            "no_record": self.env._("The job has no record: nobody can say whether it was changed."),
            "entry_missing": self.env._("Entry %(first)s is missing from the record."),
            "entries_missing": self.env._("Entries %(first)s to %(last)s are missing from the record."),
            "entries_added": self.env._("The record has %(count)s entries, and the job knows of %(known)s."),
            "entry_doubled": self.env._("Entry %(entry)s is there twice."),
            "entry_order": self.env._(
                "Entry %(entry)s does not follow the one before it: one of the two was exchanged."
            ),
            "entry_changed": self.env._("Entry %(entry)s was changed: its hash is not that of its content."),
            "entry_unreadable": self.env._("Entry %(entry)s cannot be read."),
            "entry_moved": self.env._("Entry %(entry)s belongs to another job, or to another place in the record."),
            "entry_column": self.env._(
                "Entry %(entry)s: “%(field)s” is “%(now)s”, and its content says something else."
            ),
            "head": self.env._("The hash that the job keeps is not that of entry %(entry)s, the last one."),
            "job_changed": self.env._(
                "Entry %(entry)s says of the job: “%(field)s” was “%(before)s”. Now it is “%(after)s”."
            ),
            "job_labels": self.env._("Entry %(entry)s names other boxes or lots for the labels %(labels)s."),
            "attempt_changed": self.env._(
                "Entry %(entry)s says of attempt %(number)s: “%(field)s” was “%(before)s”. Now it is “%(after)s”."
            ),
            "attempt_account": self.env._(
                "The labels of attempt %(number)s are not what entry %(entry)s says of them."
            ),
            "attempt_gone": self.env._("Attempt %(number)s of entry %(entry)s does not exist any more."),
            "attempt_unrecorded": self.env._("Attempt %(number)s has ended, and no entry says so."),
            "mark_changed": self.env._(
                "Entry %(entry)s says of what %(person)s saw on %(date)s (UTC): “%(field)s” was “%(before)s”. "
                "Now it is “%(after)s”."
            ),
            "mark_gone": self.env._(
                "What %(person)s saw on %(date)s (UTC), in entry %(entry)s, does not exist any more."
            ),
            "mark_unrecorded": self.env._("Of what %(person)s saw on %(date)s (UTC) no entry speaks."),
            "timeline_changed": self.env._("Line %(place)s of the timeline is not what entry %(entry)s says."),
            "timeline_gone": self.env._("Line %(place)s of the timeline, in entry %(entry)s, does not exist any more."),
            "timeline_unrecorded": self.env._("Of the timeline from line %(place)s on no entry speaks."),
            "account_unreadable": self.env._("The labels of attempt %(number)s cannot be read."),
            "zpl_changed": self.env._(
                "The ZPL of the labels %(labels)s was changed: its hash is not the one that was kept."
            ),
            "labels_impossible": self.env._("What is kept of the labels %(labels)s cannot have happened: %(what)s."),
        }

    def _record_in_words(self, verdict):
        """One line about the record of a job in which nothing was changed."""
        self.ensure_one()
        params = {"count": verdict.count, "hash": verdict.hash[:HASH_SHOWN]}
        if verdict.count == 1:
            return self.env._("Nothing was changed since it was recorded: 1 entry, the hash is %(hash)s…", **params)
        return self.env._(
            "Nothing was changed since it was recorded: %(count)s entries, the hash of the last one is %(hash)s…",
            **params,
        )
