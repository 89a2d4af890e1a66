"""What the page that checks by scanning asks and tells: which labels there are, and what was scanned.

A scan that is right is a person's word that its label is on paper (`label.print.mark`), as *It Is on Paper* is.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from ..services.contract.clean_values import clean_id
from ..services.label_files.scan_check import LONGEST_CODE, ScannedCode, clean_code, judge, parts_in_brackets
from ..services.label_files.scanned_code import lots_in
from .archived_jobs import ALL_JOBS
from .expected_conflicts import expected_conflicts
from .label_print_job_scan import barcodes_of

MOST_SCANS = 200  # in one call
LONGEST_KEY = 64
MOST_FOUND = 6  # orders to choose among
JOBS_READ = 60  # of those that a name finds
SHORTEST_PART = 3  # of a name that is searched by a part of it
# A device keeps its scans while it has no connection. What it says to be older was kept by a wrong clock.
OLDEST = timedelta(days=30)
NOBODY = ("", False, False)  # as who, when and whether it is the reader


class LabelPrintScan(models.Model):
    _inherit = "label.print.scan"

    @api.model
    def _check_right(self):
        """Whoever may say that a label is on paper may scan it."""
        self.env["label.print.job"].check_access("write")

    @api.model
    def find_orders(self, text):
        """The orders with labels that ``text`` means: by name, or by a lot, serial number or GS1 code on a box.

        :return: at most `MOST_FOUND` as ``{"order_id", "job_id", "order", "product", "lot"}``; ``job_id`` only where
            the order is deleted, or there was none
        :raise UserError: in words, when there is none
        """
        self._check_right()
        text = clean_code(text)[:LONGEST_CODE]
        if not text:
            raise UserError(self.env._("Scan or type an order, a lot or a serial number."))
        found = self._found_orders(text, "=") or (len(text) >= SHORTEST_PART and self._found_orders(text, "ilike"))
        if found:
            return found
        if self._order_without_labels(text):
            raise UserError(
                self.env._("No labels have been printed for %(order)s, so there is nothing to check yet.", order=text)
            )
        raise UserError(
            self.env._("No labels are known for an order, lot or serial number “%(text)s”. Scan again.", text=text)
        )

    @api.model
    def _found_orders(self, text, operator):
        Job = self.env["label.print.job"]
        value = escape_psql(text) if operator == "ilike" else text
        # The order's present name, which a person without a right on orders reads on the job, too.
        orders = self.env["mrp.production"].sudo().search([("name", operator, value)], order="id desc", limit=JOBS_READ)
        named = Domain("mo_reference", operator, value) | Domain("mo_id", "in", orders.ids)
        if operator == "=":
            parts = self._parts_of(text)
            lots = [text, *(parts[part] for part in ("21", "10") if parts.get(part)), *lots_in(text)]
            named |= Domain("lot_number", "in", lots)
        else:
            named |= Domain("lot_number", "ilike", text)
        named &= Domain("job_type", "!=", "test") & Domain("company_id", "in", self.env.companies.ids)
        names = ["mo_id", "mo_reference", "product_id", "lot_display"]
        jobs = Job.search_fetch(ALL_JOBS & named, names, order="id desc", limit=JOBS_READ)
        found = {}
        for job in jobs:
            subject = job._check_subject()
            found.setdefault(tuple(subject.values()), {**subject, **job._check_names(), "lot": job.lot_display or ""})
        return list(found.values())[:MOST_FOUND]

    @api.model
    def _order_without_labels(self, text):
        Production = self.env["mrp.production"]
        return Production.has_access("read") and Production.search_count([("name", "=", text)], limit=1)

    @api.model
    def get_labels(self, order_id=False, job_id=False):
        """The labels of an order that are to be on its boxes, and what is known of each.

        :param order_id: the manufacturing order
        :param job_id: a print job, where its order is deleted or there was none
        :return: ``{"order_id", "job_id", "order", "product", "products": [[id, name, [barcode, …]], …], "labels":
            [[place of the product, [lot, …], box, state, who has checked it, when, whether it was the reader], …],
            "jobs": [id, …], "gs1"}``
        :raise UserError: in words, when there are none
        """
        self._check_right()
        jobs = self._jobs_to_check(order_id, job_id)
        if not jobs:
            raise UserError(
                self.env._("This order has no labels any more that you could check. Choose another order.")
            )
        jobs.check_access("read")
        papers = jobs._read_papers()
        products, labels, people = {}, [], jobs._checked_by()
        for paper in papers:
            product = products.setdefault(paper.product.id, [len(products), paper.product])[0]
            seen = people.get(paper.target, NOBODY) if paper.label.state == "checked" else NOBODY
            labels.append([product, list(paper.label.lots), paper.box, paper.label.state, *seen])
        first = jobs.filtered(lambda job: not job.copy_of_id)[:1] or jobs[:1]
        return {
            **first._check_subject(),
            **first._check_names(),
            "products": [
                [product.id, product.display_name or "", barcodes_of(product)]
                for _place, product in products.values()
            ],
            "labels": labels,
            "jobs": jobs.ids,
            "gs1": self._rules_of_gs1(),
        }

    @api.model
    def _jobs_to_check(self, order_id, job_id):
        """The jobs whose labels are on the boxes of an order, or of a job, oldest first; copies are among them."""
        Job = self.env["label.print.job"].with_context(active_test=False)
        order_id, job_id = clean_id(order_id), clean_id(job_id)
        if order_id:
            return Job.search([("mo_id", "=", order_id)], order="id")
        job = Job.search([("id", "=", job_id)])
        if job.mo_id:
            return Job.search([("mo_id", "=", job.mo_id.id)], order="id")
        while job.copy_of_id and job.copy_of_id.has_access("read"):
            job = job.copy_of_id
        if job.mo_reference:  # of an order that is deleted
            return Job.search(
                [
                    ("mo_id", "=", False),
                    ("mo_reference", "=", job.mo_reference),
                    ("company_id", "=", job.company_id.id),
                ],
                order="id",
            )
        copies, found = job, job
        while copies := Job.search([("copy_of_id", "in", copies.ids)], order="id"):
            found |= copies
        return found

    @api.model
    def _rules_of_gs1(self):
        """What core's parser in the browser needs, so that a device reads GS1 codes without a connection, too."""
        nomenclature = self.env.ref("barcodes_gs1_nomenclature.default_gs1_nomenclature", raise_if_not_found=False)
        if not nomenclature:
            return False
        names = ["pattern", "type", "encoding", "gs1_content_type", "gs1_decimal_usage"]
        rules = nomenclature.sudo().rule_ids.sorted("sequence").read(names, load=False)
        return {
            "is_gs1_nomenclature": True,
            "gs1_separator_fnc1": nomenclature.sudo().gs1_separator_fnc1 or False,
            "rules": rules,
        }

    @api.model
    def _parts_of(self, text):
        return parts_in_brackets(text) or self.env["printer.configuration"]._gs1_parts(text)

    @api.model
    def check(self, scans):
        """Judge scans in their order, and mark the labels of those that are right. What is sent again counts once.

        An entry with ``"undo"``, the key of a scan, takes that scan back.

        :param scans: at most `MOST_SCANS` as ``{"key", "order_id", "job_id", "code", "age", "undo"}``; ``age``: how
            many seconds ago it was scanned, by the device's clock
        :return: an answer for each: ``{"key", "verdict", "label": its place in the list from 0 or False, "count",
            "who", "when", "of": the order that it is of, when that is another one}``; where somebody is named also
            ``"is_own"``, whether that is the reader; of a scan that is taken back for the first time also ``"state"``,
            what is known of its label now
        """
        self._check_right()
        if not isinstance(scans, list) or len(scans) > MOST_SCANS:
            raise UserError(self.env._("At most %(most)s scans can be sent at once.", most=MOST_SCANS))
        scans = [scan for scan in scans if isinstance(scan, dict) and str(scan.get("key") or "")]
        keys = [str(scan["key"])[:LONGEST_KEY] for scan in scans]
        known = {scan.scan_key: scan for scan in self._own_scans(keys)}
        answers, groups = {}, {}
        for key, scan in zip(keys, scans, strict=True):
            subject = (clean_id(scan.get("order_id")), clean_id(scan.get("job_id")))
            if key in known:
                answers[key] = known[key]._known_answer()
            elif scan.get("undo"):
                # What it takes back may be among those before it, and what follows is judged by what is true then.
                answers |= self._check_subjects(groups)
                if key not in answers:
                    answers[key] = self._take_back(key, scan, subject)
            elif key not in answers:
                groups.setdefault(subject, {}).setdefault(key, scan)
        answers |= self._check_subjects(groups)
        return [{"key": key, **answers[key]} for key in dict.fromkeys(keys)]

    @api.model
    def _own_scans(self, keys):
        return self.sudo().search([("user_id", "=", self.env.uid), ("scan_key", "in", keys)])

    def _known_answer(self):
        return {
            "verdict": self.verdict,
            "label": self.label_place - 1 if self.label_place else False,
            "count": 0,
            "who": "",
            "when": False,
            "of": "",
        }

    @api.model
    def _check_subjects(self, groups):
        """Judge what is waiting to be judged, and take it from there."""
        answers = {}
        for subject in list(groups):
            answers |= self._check_subject(subject, groups.pop(subject))
        return answers

    @api.model
    def _take_back(self, key, scan, subject):
        """Take back a scan of the user's own, which was a mistake; this is a scan of its own in the log.

        :return: the answer, in which ``"state"`` is what the label is known to be now
        """
        undone = self._own_scans([str(scan["undo"])[:LONGEST_KEY]]).filtered(lambda one: one.verdict == "checked")
        code = undone.code or clean_code(str(scan.get("code") or "")[: LONGEST_CODE + 1])
        job = undone.job_id.sudo(False)
        answer = {"verdict": "not_undone", "label": False, "count": 0, "who": "", "when": False, "of": "", "state": ""}
        place = False
        if undone and job.has_access("write"):
            self._lock(job)
            if job._take_scan_back(undone.label_index, undone.date):
                answer["verdict"] = "undone"
            papers = self._jobs_to_check(*subject)._read_papers()
            target = (job.id, undone.label_index)
            place = next((n for n, box in enumerate(papers) if target in [one for _state, one in box.papers]), False)
            if place is not False:
                answer.update(label=place, state=papers[place].label.state)
        row = self._values_of_scan(key, code, fields.Datetime.now() - _age(scan.get("age")), job)
        row.update(verdict=answer["verdict"], job_id=job.id, label_index=undone.label_index)
        row["label_place"] = 0 if place is False else place + 1
        self.sudo().create(row)
        return answer

    @api.model
    def _check_subject(self, subject, scans):
        """Judge scans of one order, or of one job, by what is true now that its jobs are locked.

        :return: the answers by the scans' keys
        """
        jobs = self._jobs_to_check(*subject)
        if jobs:
            jobs.check_access("write")
            self._lock(jobs)
        papers = jobs._read_papers()
        labels = [paper.label for paper in papers]
        names = {name for label in labels for name in label.lots}
        now = fields.Datetime.now()
        answers, rows, checked = {}, [], {}
        for key, scan in scans.items():
            text = clean_code(str(scan.get("code") or "")[: LONGEST_CODE + 1])
            date = now - _age(scan.get("age"))
            row = self._values_of_scan(key, text, date, jobs)
            answer = {"verdict": "gone", "label": False, "count": 0, "who": "", "when": False, "of": ""}
            if jobs:
                parts = {} if text in names else self._parts_of(text)
                verdict = judge(labels, ScannedCode(text, parts))
                answer.update(verdict=verdict.kind, count=verdict.count)
                if verdict.place is not None:
                    paper = papers[verdict.place]
                    job, index = paper.target
                    answer["label"] = verdict.place
                    row.update(job_id=job, label_index=index, label_place=verdict.place + 1)
                    if verdict.kind == "checked":
                        paper.label.state = "checked"
                        checked.setdefault(job, []).append((index, text, date))
                        answer.update(who=self.env.user.name, when=fields.Datetime.to_string(date), is_own=True)
                    elif verdict.kind == "twice":
                        seen = jobs.browse(job)._checked_by().get(paper.target, NOBODY)
                        answer.update(zip(("who", "when", "is_own"), seen, strict=True))
                elif verdict.kind in ("foreign", "no_separator"):
                    answer["of"] = self._order_of_foreign(text, jobs)
                    if answer["of"]:  # a lot of that order is called so: the scanner left nothing out
                        answer["verdict"] = "foreign"
            answers[key] = answer
            rows.append({**row, "verdict": answer["verdict"]})
        for job in jobs.browse(checked):
            job._mark_scanned(checked[job.id])
        self.sudo().create(rows)
        return answers

    @api.model
    def _lock(self, jobs):
        """Wait for whoever is just at these jobs. When that has changed one of them, Odoo runs the whole call again.

        Each scan that is right writes its job, so that of two people who scan at once the second one sees the first.
        """
        with expected_conflicts():
            self.env.execute_query(
                SQL("SELECT id FROM label_print_job WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", jobs.ids)
            )
        jobs.invalidate_recordset()

    @api.model
    def _values_of_scan(self, key, text, date, jobs):
        return {
            "scan_key": key,
            "company_id": (jobs[:1].company_id or self.env.company).id,
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
            "date": date,
            "code": text[:LONGEST_CODE],
            "order_reference": jobs[:1]._check_names()["order"] if jobs else False,
        }

    @api.model
    def _order_of_foreign(self, text, jobs):
        """The other order that a code is of, '' when none is known, or none that the reader may see."""
        try:
            found = self._found_orders(text, "=")
        except AccessError:
            return ""
        own = jobs[:1]._check_names()["order"]
        return next((order["order"] for order in found if order["order"] != own), "")


def _age(seconds):
    """How long ago a device has scanned; none where its clock is wrong."""
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= OLDEST.total_seconds():
        return timedelta()
    return timedelta(seconds=int(seconds))
