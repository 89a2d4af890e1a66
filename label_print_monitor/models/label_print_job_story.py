"""The story of a single label: what happened to it in each attempt, who has seen it, and its copies."""

from odoo import api, fields, models

from ..services.lifecycle.label_account import OPEN, PRINTED
from ..services.lifecycle.order_labels import label_entries, lot_of


class LabelPrintJob(models.Model):
    _inherit = "label.print.job"

    @api.readonly
    def get_label_story(self, index):
        """Everything that is known of one label of this job, oldest first, in the reader's language.

        :param int index: the label, counted from 1
        :return: ``{index, box, lot, hash, zpl_note, state, state_label, entries: [{at, text, detail}],
            actions: [{name, label}]}``; times are UTC or False where nobody said one, `hash` is the SHA-256 of the
            label's bytes, `zpl_note` says that the ZPL is no longer kept
        """
        self.ensure_one()
        self.check_access("read")
        index = int(index)
        labels = label_entries(self.labels_data)
        own = labels[index - 1] if 1 <= index <= len(labels) else {}
        names = dict(self._fields["label_state"]._description_selection(self.env))
        account = self._job_account()
        if not 1 <= index <= len(account.labels):
            nothing = dict.fromkeys(("box", "lot", "hash", "zpl_note", "state", "state_label"), "")
            return {"index": index, **nothing, "entries": [], "actions": []}
        label = account.labels[index - 1]
        rows = {attempt.number: attempt for attempt in self.sudo().attempt_ids}
        entries = []
        for attempt in account.attempts:
            if index in attempt.indexes:
                place = list(attempt.indexes).index(index)
                entries.append(self._entry_of_attempt(rows[attempt.number], attempt.account.labels[place], names))
            entries += [
                self._entry_of_mark(mark)
                for mark in self.sudo().mark_ids
                if mark.attempt_number == attempt.number and index in mark.label_indexes
            ]
        entries += self._entries_of_copies(index)
        return {
            "index": index,
            "box": str(own.get("box_number") or ""),
            "lot": lot_of(own),
            "hash": self._hash_of_label(index),
            "zpl_note": self._zpl_words(),
            "state": label.state,
            "state_label": names[label.state],
            "entries": entries,
            "actions": self._actions_of_label(label),
        }

    def _entry_of_attempt(self, attempt, label, names):
        text = self.env._("Attempt %(number)s: %(state)s", number=attempt.number, state=names[label.state])
        if label.code:
            text = self.env._("%(what)s. %(why)s", what=text, why=self._problem_of_code(label.code))
        parts = [attempt.printer_name or attempt.printer_id.name or ""]
        if attempt.printer_serial:
            parts.append(self.env._("serial number %(serial)s", serial=attempt.printer_serial))
        if label.tries > 1:
            parts.append(self.env._("%(count)s tries", count=label.tries))
        if attempt.submitted_by:
            parts.append(attempt.submitted_by.name)
        if attempt.reason:
            parts.append(attempt.reason)
        if label.inferred:
            parts.append(self.env._("inferred from counts: the print server did not name the label"))
        at = label.at or (attempt.ended_date if label.inferred else False)
        return {
            "at": fields.Datetime.to_string(at) if at else False,
            "text": text,
            "detail": " · ".join(part for part in parts if part),
        }

    def _entry_of_mark(self, mark):
        return {
            "at": fields.Datetime.to_string(mark.date),
            "text": self.env._("%(person)s: %(seen)s", person=mark.user_name, seen=mark._seen_in_words()),
            "detail": mark._why_in_words(),
        }

    def _entries_of_copies(self, index):
        entries = []
        states = dict(self._fields["label_state"]._description_selection(self.env))
        for copy, number, label in self._labels_of_copies():
            if number != index:
                continue
            reason = dict(copy._fields["copy_reason"]._description_selection(self.env)).get(copy.copy_reason, "")
            if label.state in OPEN:
                text = self.env._("To be printed again in %(job)s", job=copy.display_name)
            elif label.state in PRINTED - {"void"}:
                text = self.env._("Printed again in %(job)s", job=copy.display_name)
            else:
                text = self.env._("Copy in %(job)s: %(state)s", job=copy.display_name, state=states[label.state])
            at = label.at or copy.completed_date or copy.create_date
            parts = [copy.submitted_by.name, reason, copy.copy_note, copy.printer_id.name]
            entries.append(
                {
                    "at": fields.Datetime.to_string(at),
                    "text": text,
                    "detail": " · ".join(part for part in parts if part),
                }
            )
        return entries

    def _actions_of_label(self, label):
        """What the reader may do with this label, as methods that take its number."""
        actions = []
        if not self.has_access("write"):
            return actions
        if label.state in PRINTED - {"void"} and self._may_print_again():
            actions.append({"name": "action_print_label_again", "label": self.env._("Print Again")})
        if self.can_settle and label.state == "uncertain":
            actions.append({"name": "action_label_on_paper", "label": self.env._("It Is on Paper")})
            actions.append({"name": "action_label_not_on_paper", "label": self.env._("It Is Not on Paper")})
        if label.state in PRINTED - {"void"} and self.can_destroy:
            actions.append({"name": "action_label_destroyed", "label": self.env._("Destroyed")})
        return actions

    def action_label_on_paper(self, index):
        """A person has seen this label on paper."""
        self.check_access("write")
        return self._settle_label(on_paper=[int(index)])

    def action_label_not_on_paper(self, index):
        """A person has looked for this label, and it is not on paper."""
        self.check_access("write")
        return self._settle_label(not_on_paper=[int(index)])

    def action_label_destroyed(self, index):
        """A person has destroyed this label after it was printed."""
        self.check_access("write")
        return self._settle_label(destroyed=[int(index)])

    def _settle_label(self, **seen):
        self.ensure_one()
        self._lock_or_tell()
        self._settle(**seen)
        return False
