"""The shift report: what was printed, what failed and why, incidents, and what is open for the next shift, on one page.

Read when somebody asks, or when it is mailed, with the reader's rights; nothing of it is kept. Labels and attempts are
those of the figures by shift, without test labels. What became of failures, and what is open, is as of now.
"""

from collections import defaultdict
from datetime import timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime, format_time

from ..services.lifecycle import job_lifecycle
from ..services.lifecycle.printer_intervals import DOWN
from ..services.wording import error_catalogue

# Lines of each table: the page has room for so many.
PRINTERS_SHOWN, PRODUCTS_SHOWN, REASONS_SHOWN, INCIDENTS_SHOWN = 5, 5, 3, 3
# With more rows than these, the page is printed in smaller type.
ROWS_IN_LARGE = 16
# Characters of a name or a sentence: a longer one would take a second line.
LONGEST_NAME, LONGEST_TEXT = 48, 110
PRINTERS_NAMED = 3  # with each reason


class ReportShift(models.AbstractModel):
    _name = "report.label_print_monitor.report_shift"
    _description = "Shift Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        """What Odoo's report engine hands to the template, for the reader's rights."""
        asked = self.env["label.print.shift.wizard"].browse(docids)
        asked.check_access("read")
        return {"docs": asked, "pages": [self._page(one.shift_id, one.company_id, one.day) for one in asked]}

    @api.model
    def _page(self, shift, company, day):
        """What the page says of a company's shift of this day, in the reader's language and time zone.

        :return: the texts of the page by their place; `is_quiet` when nothing was printed, nothing failed, nothing
            waits and no job lacks labels
        """
        plant = self.env["label.print.printer.day"]._zone_of(company.id).key
        zone = self._known_zone(self.env.context.get("tz") or self.env.user.tz) or plant
        report = self.with_context(tz=zone, allowed_company_ids=company.ids)
        report.env["label.print.attempt"].check_access("read")
        since, until = shift._bounds(company, day)
        now = fields.Datetime.now()
        ended = Domain("job_id.company_id", "=", company.id) & Domain("job_id.job_type", "!=", "test")
        ended &= Domain("outcome", "!=", False) & Domain("ended_date", ">=", since) & Domain("ended_date", "<", until)
        count, figures = report._figures(ended, since, min(until, now))
        opened = report._open(company, until)
        page = {
            "title": report.env._(
                "Shift Report: %(shift)s, %(day)s",
                shift=shift.with_env(report.env).sudo().name,
                day=format_date(report.env, day, date_format="full"),
            ),
            "company": company.sudo().name,
            "times": report._times(since, until, plant, zone),
            "made": report.env._("As of %(time)s.", time=report._time(now)),
            "is_over": until <= now,
            "is_empty": not count,
            "is_quiet": not count and opened["is_nothing"],
            "figures": figures,
            "printers": report._printers(ended, since, until, now),
            "printed": report._printed(ended),
            "failed": report._failed(ended),
            "incidents": report._incidents(company, since, until, now),
            "open": opened,
        }
        tables = [page[name] for name in ("printers", "printed", "failed", "incidents")]
        tables += [opened[name] for name in ("lacking", "waiting", "stopped")]
        return {**page, "is_full": sum(len(table["rows"]) for table in tables) > ROWS_IN_LARGE}

    def _times(self, since, until, plant, zone):
        """When the shift lasted, by the plant's clock, and by the reader's where it shows another time."""
        there, here = ([self._clock(moment, name) for moment in (since, until)] for name in (plant, zone))
        lasted = self.env._("%(since)s to %(until)s (%(zone)s)", since=there[0], until=there[1], zone=plant)
        if here == there:
            return lasted
        return self.env._(
            "%(plant)s · Times below: %(zone)s (%(times)s)", plant=lasted, zone=zone, times=" – ".join(here)
        )

    def _attempts(self):
        """Also those of jobs that have been archived since."""
        return self.env["label.print.attempt"].with_context(active_test=False)

    def _figures(self, ended, since, until):
        """:return: how many attempts ended, and the sums with their words"""
        rows = self._attempts()._read_group(ended, ["outcome"], ["__count", "added_count:sum"])
        [(jobs,)] = self._attempts()._read_group(ended, [], ["job_id:count_distinct"])
        labels = sum(added or 0 for _outcome, _count, added in rows)
        runs = sum(count for outcome, count, _added in rows if outcome != "cancelled")
        failures = sum(count for outcome, count, _added in rows if outcome in job_lifecycle.FAILED)
        minutes = max(1, (until - since).total_seconds() / 60)
        failed = self._number(failures)
        if failures:
            failed = self.env._(
                "%(failures)s of %(runs)s (%(rate)s%%)",
                failures=failed,
                runs=self._number(runs),
                rate=self._number(100 * failures / runs),
            )
        return sum(count for _outcome, count, _added in rows), [
            (self.env._("Labels printed"), self._number(labels)),
            (self.env._("Labels an hour"), self._number(60 * labels / minutes)),
            (self.env._("Jobs"), self._number(jobs)),
            (self.env._("Failed attempts"), failed),
        ]

    def _printers(self, ended, since, until, now):
        """By printer: jobs, labels, failed attempts, and for how many minutes it was not ready."""
        found = defaultdict(lambda: {"jobs": 0, "labels": 0, "failures": 0, "minutes": 0})
        attempts = self._attempts()
        for printer, jobs, labels in attempts._read_group(
            ended, ["printer_id"], ["job_id:count_distinct", "added_count:sum"]
        ):
            found[printer.id] |= {"name": printer.sudo().name or "-", "jobs": jobs, "labels": labels or 0}
        failed = ended & Domain("outcome", "in", job_lifecycle.FAILED)
        for printer, failures in attempts._read_group(failed, ["printer_id"], ["__count"]):
            found[printer.id]["failures"] = failures
        for key, (name, minutes) in self._downtime(since, until, now).items():
            found[key] = {"name": name, **found[key], "minutes": minutes}
        rows = sorted(found.values(), key=lambda row: (-row["labels"], -row["failures"], -row["minutes"], row["name"]))
        return {
            "rows": [
                {
                    "name": self._short(row["name"]),
                    **{name: self._number(row[name]) for name in ("jobs", "labels", "failures", "minutes")},
                }
                for row in rows[:PRINTERS_SHOWN]
            ],
            "more": self._more(rows[PRINTERS_SHOWN:]),
            "more_labels": self._number(sum(row["labels"] for row in rows[PRINTERS_SHOWN:])),
            "more_failures": self._number(sum(row["failures"] for row in rows[PRINTERS_SHOWN:])),
        }

    def _downtime(self, since, until, now):
        """Printers that needed somebody or were offline during the shift.

        :return: by printer, or by its name where it was deleted: its name then, and for how many minutes
        """
        Interval = self.env["label.print.printer.interval"]
        Interval.flush_model()
        # Those that ended within it, and of each printer the one that lasted over its end: two short ranges of indexes.
        found = self.env.execute_query(
            SQL(
                """SELECT id FROM label_print_printer_interval WHERE until > %(since)s AND until <= %(until)s
                    UNION
                   SELECT i.id FROM printer_configuration p CROSS JOIN LATERAL (
                          SELECT id, until FROM label_print_printer_interval
                           WHERE printer_id = p.id AND since < %(until)s ORDER BY since DESC, id DESC LIMIT 1) i
                    WHERE i.until IS NULL OR i.until > %(until)s""",
                since=since,
                until=until,
            )
        )
        seconds, names = defaultdict(float), {}
        for row in Interval.search([("id", "in", [id_ for (id_,) in found]), ("status", "in", DOWN)], order="since"):
            key = row.printer_id.id or row.printer_name
            lasted = min(row.until or now, until, now) - max(row.since, since)
            seconds[key] += max(0, lasted.total_seconds())
            names[key] = row.sudo().printer_id.name or row.printer_name
        minutes = {key: round(count / 60) for key, count in seconds.items()}
        return {key: (names[key], count) for key, count in minutes.items() if count}

    def _printed(self, ended):
        """Labels and jobs by product and order, the most labels first, and the sums of all."""
        rows = self._attempts()._read_group(
            ended & Domain("added_count", ">", 0),
            ["job_id.product_id", "job_id.mo_reference"],
            ["added_count:sum", "job_id:count_distinct"],
        )
        rows.sort(key=lambda row: (-row[2], row[1] or ""))
        return {
            "rows": [
                {
                    "product": self._short(product.sudo().display_name or "-"),
                    "order": self._short(order or ""),
                    "labels": self._number(labels),
                    "jobs": self._number(jobs),
                }
                for product, order, labels, jobs in rows[:PRODUCTS_SHOWN]
            ],
            "more": self._more(rows[PRODUCTS_SHOWN:]),
            "more_labels": self._number(sum(row[2] for row in rows[PRODUCTS_SHOWN:])),
            "all": self._number(sum(row[2] for row in rows)),
        }

    def _failed(self, ended):
        """Attempts that failed by reason: at which printers, what to do, and what became of their jobs since."""
        failed = ended & Domain("outcome", "in", job_lifecycle.FAILED)
        attempts = self._attempts()
        found = defaultdict(lambda: {"attempts": 0, "labels": 0, "printers": []})
        rows = attempts._read_group(
            failed, ["error_kind", "printer_id"], ["__count", "failed_count:sum", "uncertain_count:sum"]
        )
        for kind, printer, count, lost, uncertain in sorted(rows, key=lambda row: -row[2]):
            reason = found[kind]
            reason["attempts"] += count
            reason["labels"] += (lost or 0) + (uncertain or 0)
            reason["printers"].append(printer.sudo().name or "-")
        jobs = dict(attempts._read_group(failed, ["error_kind"], ["job_id:recordset"]))
        words = dict(self.env["label.print.job"]._selection_error_kind())
        manager = self.env.user._manages_label_printing()
        kinds = sorted(found, key=lambda kind: (-found[kind]["attempts"], kind or ""))
        rows = []
        for kind in kinds[:REASONS_SHOWN]:
            reason, advice = found[kind], error_catalogue.advice(kind)
            rows.append(
                {
                    "reason": words.get(kind) or self.env._("The print server gave no reason"),
                    "remedy": self.env._(advice.action_for(manager)) if advice else "",
                    "became": self._became(jobs[kind]),
                    "printers": self._few(reason["printers"]),
                    "attempts": self._number(reason["attempts"]),
                    "labels": self._number(reason["labels"]),
                }
            )
        rest = kinds[REASONS_SHOWN:]
        return {
            "rows": rows,
            "more": self._more(rest),
            "more_attempts": self._number(sum(found[kind]["attempts"] for kind in rest)),
            "more_labels": self._number(sum(found[kind]["labels"] for kind in rest)),
        }

    def _became(self, jobs):
        """What became of jobs in which an attempt failed, as they stand now."""
        counts = defaultdict(int)
        jobs.fetch(["status", "set_aside_date"])
        for job in jobs:
            if job.status in job_lifecycle.OPEN:
                counts["open"] += 1
            elif job.status in job_lifecycle.FAILED:
                counts["aside" if job.set_aside_date else "lacking"] += 1
            else:
                counts[job.status] += 1
        words = {
            "completed": self.env._("complete"),
            "open": self.env._("being printed again"),
            "aside": self.env._("set aside"),
            "cancelled": self.env._("cancelled"),
            "lacking": self.env._("still lack labels"),
        }
        said = [f"{word}: {self._number(counts[name])}" for name, word in words.items() if counts[name]]
        return self.env._("Jobs by now – %(counts)s", counts=", ".join(said))

    def _incidents(self, company, since, until, now):
        """What stopped printers and print servers during the shift, what is still open first, then the longest."""
        lasted = Domain("closed_at", "=", False) | Domain("closed_at", ">", since)
        theirs = Domain("company_id", "in", [company.id, False])
        found = []
        for incident in self.env["label.print.incident"].search(theirs & lasted & Domain("opened_at", "<", until)):
            end = min(incident.closed_at or now, until, now)
            minutes = round(max(0, (end - max(incident.opened_at, since)).total_seconds()) / 60)
            found.append((bool(incident.closed_at), -minutes, incident))
        found.sort(key=lambda one: one[:2])
        rows = []
        for _is_over, minutes, incident in found[:INCIDENTS_SHOWN]:
            person = incident.sudo().acknowledged_by.name or incident.sudo().user_id.name
            rows.append(
                {
                    "place": self._short(incident.place or "-"),
                    "problem": self._short(incident.title, LONGEST_TEXT),
                    "since": self._moment(incident.opened_at, since, until),
                    "until": self._moment(incident.closed_at, since, until)
                    if incident.closed_at
                    else self.env._("still open"),
                    "minutes": self._number(-minutes),
                    "person": self._short(person or ""),
                    "remedy": "" if incident.closed_at else self._short(incident.remedy, LONGEST_TEXT),
                }
            )
        return {"rows": rows, "more": self._more(found[INCIDENTS_SHOWN:])}

    # How things are said.

    def _few(self, names):
        """Some of many names, each of them short."""
        shown = ", ".join(self._short(name, LONGEST_NAME // 2) for name in names[:PRINTERS_NAMED])
        return ", ".join(filter(None, [shown, self._more(names[PRINTERS_NAMED:])]))

    def _more(self, rest):
        return self.env._("and %(count)s more", count=self._number(len(rest))) if rest else ""

    @api.model
    def _short(self, text, most=LONGEST_NAME):
        return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"

    def _number(self, value):
        """With one digit after the point where there is a fraction, as the reader's language writes it."""
        value = value or 0
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        digits = 0 if round(value, 1) == int(value) else 1
        return lang.format(f"%.{digits}f", value, grouping=True)

    def _time(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else ""

    def _moment(self, moment, since, until):
        """The time of day of what was within the shift, else with its date."""
        return self._clock(moment, self.env.context["tz"]) if since <= moment <= until else self._time(moment)

    @api.model
    def _known_zone(self, name):
        """The name; None where this system does not know it: Odoo offers some that a system may leave out."""
        try:
            return ZoneInfo(name).key if name else None
        except (ValueError, ZoneInfoNotFoundError):
            return None

    def _clock(self, moment, zone):
        there = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone))
        return format_time(self.env, there.time(), time_format="short")
