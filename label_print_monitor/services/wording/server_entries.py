"""What can go wrong at a print server or on the way to it, in the form of `printer_entries`: part of the catalogue."""

from __future__ import annotations

from typing import Any

from .translatable import _lt

SERVER_ENTRIES: dict[str, dict[str, Any]] = {
    "job_unknown": {
        "message": _lt("The print server no longer knows this job"),
        "action": _lt("Look at the printed labels and retry the missing ones"),
        "steps": (
            _lt("Look at the printer: some or all labels may have been printed."),
            _lt("Use Retry and start with the first label that is missing."),
            _lt("If it happens again, ask your administrator whether the print server was reset."),
        ),
    },
    "submission_uncertain": {
        "message": _lt("The print server did not confirm that it received this job"),
        "action": _lt("Look at the printer before you retry: the labels may have been printed"),
        "steps": (
            _lt("Look at the printer: if the labels are coming out, the job has arrived."),
            _lt("If nothing was printed after a few minutes, use Retry on the job."),
            _lt("If only some labels came out, use Retry and start with the first one that is missing."),
        ),
        "severity": "warning",
    },
    "submission_barred": {
        "message": _lt("The job was cancelled before the print server received it, so nothing was printed"),
        "action": _lt("Use Retry if the labels are still needed"),
        "steps": (
            _lt("The request came late and the print server refused it: nothing has to be looked for at the printer."),
            _lt("If the labels are still needed, use Retry on the job."),
        ),
        "severity": "info",
    },
    "idempotency_key_reused": {
        "message": _lt("The print server has this request already"),
        "action": _lt("Look at the printer before you retry: the labels may have been printed"),
        "steps": (
            _lt("The job has arrived before, and the print server does not say under which number."),
            _lt("Look at the printer: if the labels have come out, mark them as on paper in Odoo."),
            _lt("Use Retry for the labels that are missing."),
        ),
        "severity": "warning",
    },
    "cancel_unanswered": {
        "message": _lt("The print server did not confirm that the job is cancelled"),
        "action": _lt("Look at the printer; Odoo asks the print server again by itself"),
        "steps": (
            _lt("Look at the printer: the job may still be printing."),
            _lt("To stop it at once, press PAUSE on the printer and then CANCEL."),
            _lt("Wait: Odoo shows what was printed when the print server answers."),
        ),
        "severity": "warning",
    },
    "key_refused": {
        "message": _lt("The print server refused the API key"),
        "action": _lt("Contact administrator to check the API key"),
        "manager_action": _lt("Compare the API key with the one in the print server"),
        "steps": (
            _lt("Administrator: open Settings and compare the API key with the one in the print server."),
            _lt("Save, then use Test Connection on the print server."),
            _lt("Jobs that are already printing go on; their state is shown again when the key is right."),
        ),
    },
    "printer_not_found": {
        "message": _lt("The print server does not know this printer"),
        "action": _lt("Choose another printer, or contact administrator"),
        "manager_action": _lt("Choose another printer, or correct its CUPS Name"),
        "steps": (
            _lt("Choose another printer and print again."),
            _lt("Administrator: compare the printer's CUPS Name in Odoo with the queue's name on the print server."),
        ),
    },
    "server_unavailable": {
        "message": _lt("Print server is not available"),
        "action": _lt("Wait a moment; if it stays so, contact administrator"),
        "manager_action": _lt("Wait a moment; if it stays so, restart the print service"),
        "steps": (
            _lt("Wait a minute: Odoo keeps trying by itself."),
            _lt("Check that the print server's computer is switched on."),
            _lt("Administrator: restart the print service and look at its log."),
        ),
    },
    "too_many_labels": {
        "message": _lt("Too many labels for one print job"),
        "action": _lt("Print them in several smaller jobs"),
        "steps": (_lt("Split the request into jobs of at most 500 labels each."),),
        "retryable": False,
    },
    "rate_limited": {
        "message": _lt("Print server is receiving too many requests"),
        "action": _lt("Wait a minute; Odoo continues by itself"),
        "steps": (
            _lt("Wait a minute: Odoo slows down and continues by itself."),
            _lt("If it happens often, ask your administrator to raise the print server's rate limit."),
        ),
        "severity": "warning",
    },
    "bad_request": {
        "message": _lt("The print server refused the print request"),
        "action": _lt("Read the print server's answer below, correct the request and print again"),
        "steps": (
            _lt("Read the print server's own words on the job."),
            _lt("Correct what they name, for example the printer, the number of labels or the template."),
            _lt("If the words do not help, send the job's number to your administrator."),
        ),
        "retryable": False,
    },
    "tls_failure": {
        "message": _lt("The secure connection to the print server cannot be trusted"),
        "action": _lt("Contact administrator to check the print server's certificate"),
        "manager_action": _lt("Check the print server's certificate"),
        "steps": (
            _lt("Administrator: if the certificate is self-signed, set its CA bundle on the print server in Odoo."),
            _lt("Administrator: check that the certificate has not expired and carries the server's name."),
        ),
    },
    "clock_wrong": {
        "message": _lt("The print server's clock differs from Odoo's"),
        "action": _lt("Contact administrator to set the print server's clock"),
        "manager_action": _lt("Set the print server's clock"),
        "steps": (
            _lt("Administrator: check date, time and time zone of the print server's computer and of Odoo's."),
            _lt("Administrator: let both computers take their time from a time server (NTP)."),
            _lt("Until then Odoo corrects the times that the print server gives, or uses its own."),
        ),
        "severity": "warning",
    },
    "server_error": {
        "message": _lt("The print server reported an internal error"),
        "action": _lt("Retry later; if it stays so, contact administrator"),
        "manager_action": _lt("Retry later; if it stays so, look at the print server's log"),
        "steps": (
            _lt("Wait a minute, then use Retry on the job."),
            _lt("Administrator: look at the print server's log at the time of the error."),
        ),
    },
    "misconfigured": {
        "message": _lt("The connection to the print server is not set up correctly"),
        "action": _lt("Contact administrator to check the print server's settings"),
        "manager_action": _lt("Check the print server's settings"),
        "steps": (
            _lt("Administrator: open the print server in Odoo and correct what its message names."),
            _lt("Save, then use Test Connection."),
        ),
        "retryable": False,
    },
    "bad_answer": {
        "message": _lt("The print server gave an answer that Odoo does not understand"),
        "action": _lt("Contact administrator to check the print server's address and version"),
        "manager_action": _lt("Check the print server's address and version"),
        "steps": (
            _lt("Administrator: check that the API address leads to the print server and not to a proxy or web page."),
            _lt("Administrator: compare the print server's version with the one that the addon's manual asks for."),
        ),
    },
    "other_program": {
        "message": _lt("Another program answers at the print server's address"),
        "action": _lt("Contact administrator to check the print server's address"),
        "manager_action": _lt(
            "Check host, port and path of the address: the print server's port is often 5000, Odoo's own is 8069"
        ),
        "steps": (
            _lt("Administrator: check host, port and path of the print server's address in Odoo."),
            _lt("Administrator: check whether the address must begin with https:// instead of http://."),
            _lt("Save, then use Test Connection."),
        ),
        "retryable": False,
    },
}
