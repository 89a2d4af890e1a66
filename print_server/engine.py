"""Puts the parts together: one store, one worker a printer, one sender of events. The web side only talks to this."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

from . import capabilities as cap
from .age_clock import AgeClock
from .alert_setup import AlertSetup
from .codes import PRINTER_OFFLINE
from .cups_printer import CupsPrinter, Links, connect_queue
from .database import Database
from .fleet import Fleet
from .health import StorageProbe
from .job_store import TERMINAL, Accepted, JobStore, Submission
from .job_view import status_object
from .label_store import LabelStore
from .outbox import Outbox
from .printer_port import PrinterPort
from .printers_met import PrintersMet
from .settings import PrinterConfig, Settings, SettingsError
from .tcp_printer import TcpPrinter
from .totals import Totals
from .worker import PrinterWorker

if TYPE_CHECKING:
    from .alert_listener import AlertListener
    from .event_sender import EventSender
    from .odoo_link.link import OdooLink

_logger = logging.getLogger(__name__)
FIRST_LOOKS_MARGIN = 2.0
"""Seconds beside the time limits of a connection and an answer: a busy machine may be that late."""
PRUNE_INTERVAL = 3600.0
LOOKS_WITHOUT_ALERTS = 20
"""Looks at an idle printer between two questions whether its alerts are still set: once a minute."""


class Engine:
    """A running print server without its web side."""

    def __init__(self, settings: Settings, database: Database | None = None) -> None:
        """:param database: that of the data directory, where it is held already"""
        self.settings = settings
        self._stopped = threading.Event()
        self.capabilities = settings.capabilities if settings.webhook_url else settings.capabilities - {cap.EVENTS}
        self.database = database or Database(settings.data_dir)
        self.storage = StorageProbe(self.database, settings.data_dir)
        self.age_clock = AgeClock(self.database, settings.keep_days * 86400.0)
        self.outbox = Outbox(self.database, self.capabilities)
        tells = cap.EVENTS in self.capabilities
        job_changed = self.outbox.job_changed if tells else None
        self.fleet = Fleet(settings.printers, self._printer_changed if tells else None)
        self.outbox.label_seconds = self.fleet.label_seconds
        self.totals = Totals(config.name for config in settings.printers)
        self.jobs = JobStore(self.database, job_changed, self.totals)
        self.labels = LabelStore(self.database, job_changed, self.totals)
        self.sender = self._sender() if tells else None
        self.alerts = self._alert_listener()
        self.odoo_link: OdooLink | None = None
        self._links: Links = {}
        self.workers = {
            config.name: PrinterWorker(
                config, self._port(config), self.labels, self.fleet, PrintersMet(self.database), settings.pace,
                settings.pickup_delay, self._alert_setup(config),
            )
            for config in settings.printers
        }  # fmt: skip

    def _sender(self) -> EventSender:
        # Loaded only where it is used: `requests` is a third of what a start takes.
        from .event_sender import EventSender

        settings, session = self.settings, None
        if settings.odoo:
            from .odoo_link.credentials import instance_id
            from .odoo_link.odoo_http import INSTANCE_HEADER, new_session

            session = new_session(settings.odoo)
            session.headers[INSTANCE_HEADER] = instance_id(settings.data_dir)
        return EventSender(
            self.outbox, settings.webhook_url, settings.webhook_secret, settings.webhook_ca, self.totals, session,
            self._may_send_events,
        )  # fmt: skip

    def _may_send_events(self) -> bool:
        """Whether Odoo knows this print server; one that Odoo calls has nothing else to go by than the secret."""
        return not self.settings.odoo or (self.odoo_link is not None and self.odoo_link.is_accepted)

    def _alert_listener(self) -> AlertListener | None:
        settings = self.settings
        if settings.alerts_port is None:
            return None
        # Loaded only where it is used, like `requests`.
        from .alert_listener import AlertListener

        try:
            return AlertListener(settings.alerts_host, settings.alerts_port)
        except OSError as error:
            self.database.close()
            raise SettingsError(
                f"Cannot take alerts on {settings.alerts_host}:{settings.alerts_port}: {error.strerror or error}."
                " Choose another --alerts-port."
            ) from error

    def _alert_setup(self, config: PrinterConfig) -> AlertSetup | None:
        if config.spooled:
            return None
        settings = self.settings
        port = self.alerts.port if self.alerts else None
        every = LOOKS_WITHOUT_ALERTS * settings.pace.poll_interval
        return AlertSetup(config, PrintersMet(self.database), every, port, settings.alerts_address)

    def start(self) -> None:
        """Take up what an earlier run left, then print."""
        try:
            self._prune()
        except sqlite3.Error:
            _logger.exception("Old jobs could not be removed; next try in an hour")
        # Before the first answer, so that no account says of a label of the earlier run that it is on its way.
        self.labels.settle_all_sent()
        for job in self.labels.open_jobs_elsewhere(self.workers):
            _logger.warning("Job %s is for printer %s, which is no longer configured", job.job_id, job.printer)
            self.labels.end(job, PRINTER_OFFLINE)
        if self.sender:
            self.database.after_commit = self.sender.wake
            self.sender.start()
        for worker in self.workers.values():
            worker.start()
        if self.alerts:
            self.alerts.serve(self.workers.values())
        threading.Thread(target=self._prune_regularly, name="prune", daemon=True).start()
        self._await_first_looks()

    def _prune_regularly(self) -> None:
        while not self._stopped.wait(PRUNE_INTERVAL):
            try:
                self._prune()
            except sqlite3.Error:
                _logger.exception("Old jobs could not be removed; next try in an hour")

    def _prune(self) -> None:
        removed = self.jobs.prune(self.age_clock.moment() - self.settings.keep_days * 86400.0)
        if removed:
            _logger.info("%d ended jobs were older than %d days and are removed", removed, self.settings.keep_days)
        if self.age_clock.ahead:
            _logger.warning(
                "The clock is %d days ahead of what was expected at this start: check the date. Ended jobs are kept",
                self.age_clock.ahead // 86400,
            )

    def _await_first_looks(self) -> None:
        """Wait until each printer has answered or its time limits are over.

        Else the first client reads "offline" of printers that have not been asked yet, and tells people so.
        """
        pace = self.settings.pace
        deadline = time.monotonic() + pace.connect_timeout + pace.answer_timeout + FIRST_LOOKS_MARGIN
        while time.monotonic() < deadline and not all(self.fleet.state(name).looked_at for name in self.workers):
            time.sleep(0.01)

    def stop(self) -> None:
        """Let each printer finish the labels under way, for `stop_seconds` at most, then stop."""
        self._stopped.set()
        if self.alerts:
            self.alerts.stop()
        threads = [*self.workers.values(), *([self.sender] if self.sender else [])]
        for thread in threads:
            thread.stop()
        deadline = time.monotonic() + self.settings.stop_seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for link in self._links.values():
            link.close()

    def submit(self, request: dict[str, Any], key: str | None = None) -> Accepted:
        """Accept a checked request and wake its printer. Raises KeyReused, KeyBarred."""
        accepted = self.jobs.accept(request, key)
        self.workers[request["printer"]].wake()
        return accepted

    def cancel(self, job_id: str) -> str | None:
        """Ask for a job to stop; returns the status it had, None if unknown."""
        status = self.jobs.request_cancel(job_id)
        self._wake_after_cancel(status)
        return status

    def cancel_submission(self, key: str) -> Submission:
        """Cancel by idempotency key: the job it has made, with the status that had, or bar the key."""
        submission = self.jobs.cancel_submission(key)
        self._wake_after_cancel(submission.status)
        return submission

    def _wake_after_cancel(self, status: str | None) -> None:
        if status == "printing":
            for worker in self.workers.values():
                worker.wake()

    def statuses(self, job_ids: list[str], labels: bool = False) -> dict[str, dict[str, Any]]:
        """Status objects by id for the jobs that a client may see; with `labels`, with the accounts of their labels."""
        jobs = self.jobs.read(job_ids, labels)
        if cap.first_generation(self.capabilities):
            jobs = [job for job in jobs if job.row["picked_up"]]
        return {
            job.row["id"]: status_object(job, self.capabilities, self.fleet.label_seconds(job.row["printer"]))
            for job in jobs
        }

    def await_end(self, job_id: str, seconds: float) -> str:
        """Wait for a job to end, at most so long; returns its status then."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.jobs.get(job_id)["status"]
            if status in TERMINAL or time.monotonic() >= deadline:
                return status
            time.sleep(0.05)

    def _printer_changed(self, name: str) -> None:
        self.outbox.printer_changed(self.fleet, name)

    def _port(self, config: PrinterConfig) -> PrinterPort | CupsPrinter:
        if not config.spooled:
            return TcpPrinter(config, self.settings.pace)
        return connect_queue(config, self.settings.pace, self._links)
