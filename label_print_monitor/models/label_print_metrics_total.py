"""What only grows, for the counters of the metrics: submissions, and the labels that were handed over with them.

An attempt that was accepted stays accepted and is never deleted, so a count of them never becomes less. To count all
of them at each scrape would take longer with every year; so they are counted once a day, and when a token is made. A
scrape adds those that had not been decided then, and those that came after.
"""

from odoo import api, fields, models
from odoo.tools import SQL

# Of attempts `a`: what the print server said to them.
IS_ACCEPTED = SQL("a.submitted_date IS NOT NULL")
IS_REFUSED = SQL("a.submitted_date IS NULL AND a.outcome = 'failed'")
IS_UNDECIDED = SQL("a.submitted_date IS NULL AND a.outcome IS NULL")
# So many of the newest attempts are left to the scrapes: one with a lower number may be committed after a higher one.
NEWEST_LEFT = 1000


class LabelPrintMetricsTotal(models.Model):
    """A row for each company and printer; nobody has a right on it."""

    _name = "label.print.metrics.total"
    _description = "Submissions Counted So Far"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    printer_id = fields.Many2one("printer.configuration", index=True, ondelete="cascade")
    accepted = fields.Integer("Submissions Accepted")
    refused = fields.Integer("Submissions Refused")
    labels = fields.Integer("Labels Handed Over")
    up_to = fields.Integer("Counted Up to Attempt", help="Attempts up to this number are counted.")
    undecided = fields.Json(help="Ids of attempts among them that were neither accepted nor refused by then.")

    @api.autovacuum
    def _count_daily(self):
        """Nobody reads them where there is no token, and making one counts."""
        if self.env["label.print.metrics.token"].sudo().search_count([], limit=1):
            self._count_again()

    @api.model
    def _count_again(self):
        """Count all attempts but the newest, in the place of what was counted before."""
        self.env["label.print.attempt"].flush_model()
        self.env.cr.execute(SQL("DELETE FROM label_print_metrics_total"))
        self.env.cr.execute(
            SQL(
                """INSERT INTO label_print_metrics_total (company_id, printer_id, accepted, refused, labels, up_to,
                                                            undecided)
                   SELECT j.company_id, a.printer_id, COUNT(*) FILTER (WHERE %(accepted)s),
                          COUNT(*) FILTER (WHERE %(refused)s),
                          COALESCE(SUM(a.labels_count) FILTER (WHERE %(accepted)s), 0), done.up_to,
                          jsonb_agg(a.id) FILTER (WHERE %(undecided)s)
                     FROM (SELECT MAX(id) - %(left)s AS up_to FROM label_print_attempt) done
                     JOIN label_print_attempt a ON a.id <= done.up_to
                     JOIN label_print_job j ON j.id = a.job_id
                 GROUP BY j.company_id, a.printer_id, done.up_to""",
                accepted=IS_ACCEPTED,
                refused=IS_REFUSED,
                undecided=IS_UNDECIDED,
                left=NEWEST_LEFT,
            )
        )
        self.invalidate_model()

    @api.model
    def _query_counted(self, of_company):
        """What was counted.

        :param of_company: condition on the rows `t`
        :return: the statement, with rows ``(printer id, accepted, refused, labels, up to, undecided, whether it fits)``
        """
        return SQL(
            """SELECT t.printer_id, COALESCE(t.accepted, 0), COALESCE(t.refused, 0), COALESCE(t.labels, 0), t.up_to,
                      t.undecided, %s
                 FROM label_print_metrics_total t""",
            of_company,
        )

    @api.model
    def _query_since(self, up_to, undecided, of_company):
        """What came since.

        The number and the ids are values and not subqueries: PostgreSQL, which could not know then how few attempts
        there are, would read all jobs to find theirs.

        :param int up_to: the attempt up to which the others were counted
        :param list[int] undecided: ids of attempts among those that had not been decided then
        :param of_company: condition on jobs `j`
        :return: the statement, with rows ``(printer id, accepted, refused, labels)``
        """
        return SQL(
            """SELECT a.printer_id, COUNT(*) FILTER (WHERE %(accepted)s), COUNT(*) FILTER (WHERE %(refused)s),
                      COALESCE(SUM(a.labels_count) FILTER (WHERE %(accepted)s), 0)
                 FROM label_print_attempt a JOIN label_print_job j ON j.id = a.job_id
                WHERE (a.id > %(up_to)s OR a.id = ANY(%(undecided)s)) AND %(of_company)s
             GROUP BY a.printer_id""",
            accepted=IS_ACCEPTED,
            refused=IS_REFUSED,
            up_to=up_to,
            undecided=undecided,
            of_company=of_company,
        )
