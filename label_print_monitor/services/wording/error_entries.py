"""The table behind the error catalogue: what can go wrong and what an operator does about it.

Each entry is written for the person in front of the printer: `message` says what is wrong, `action` the shortest
remedy (both without a final full stop, because the specification joins them as "message. action."), `steps` the way
there in the order in which it is cheapest to look. Words for buttons, lights and menus are those on Zebra's own panels
and in Odoo's own views. The first four messages and actions are the specification's, letter by letter.
"""

from __future__ import annotations

from typing import Any

from .translatable import _lt

ENTRIES: dict[str, dict[str, Any]] = {
    "printer_offline": {
        "message": _lt("Printer is offline or not responding"),
        "action": _lt("Check printer power and connection, then retry"),
        "steps": (
            _lt("Check that the printer is switched on and its status light is lit."),
            _lt("Check the network or USB cable at both ends."),
            _lt("Look at the printer: with the head open, or labels or ribbon out, some printers do not answer."),
            _lt("Switch the printer off, wait ten seconds and switch it on again."),
            _lt("When the printer is shown as Online in Odoo, use Retry on the job."),
        ),
    },
    "network_timeout": {
        "message": _lt("Network connection to print server timed out"),
        "action": _lt("Check network connection and retry"),
        "steps": (
            _lt("Check that the print server's computer is switched on and connected to the network."),
            _lt("Use Test Connection on the print server in Odoo."),
            _lt("If it fails, ask your administrator to check the network between Odoo and the print server."),
        ),
    },
    "paper_out": {
        "message": _lt("Printer is out of paper or labels"),
        "action": _lt("Load labels into printer and retry"),
        "steps": (
            _lt("Open the printer and load a new roll of labels."),
            _lt("Close the print head until both latches click."),
            _lt("Press PAUSE on the printer; if the labels do not line up, press FEED once."),
            _lt("Check which label came out last, then use Retry on the job."),
        ),
    },
    "invalid_zpl": {
        "message": _lt("Invalid ZPL code in template"),
        "action": _lt("Contact administrator to fix template"),
        "steps": (
            _lt("Do not retry: the same label would fail again."),
            _lt("Send the job's number to your administrator."),
            _lt("Administrator: check that each label of the template starts with ^XA and ends with ^XZ."),
        ),
        "retryable": False,
    },
    "ribbon_out": {
        "message": _lt("Printer is out of ribbon"),
        "action": _lt("Load a new ribbon and retry"),
        "steps": (
            _lt("Open the printer and load a new ribbon, ink side towards the labels."),
            _lt("Close the print head and press PAUSE."),
            _lt("On direct thermal labels, ask your administrator to set the print method to Direct Thermal."),
            _lt("Check that the last labels are readable, then use Retry on the job."),
        ),
    },
    "head_open": {
        "message": _lt("Print head is open"),
        "action": _lt("Close the print head and retry"),
        "steps": (
            _lt("Close the print head until both latches click."),
            _lt("Press PAUSE on the printer."),
            _lt("Check which label came out last, then use Retry on the job."),
        ),
    },
    "paused": {
        "message": _lt("Printer is paused"),
        "action": _lt("Press PAUSE on the printer to resume"),
        "steps": (
            _lt("Check that nobody is working on the printer."),
            _lt("Press PAUSE on the printer: the remaining labels print by themselves."),
            _lt("If it pauses again, read the message on the printer's display."),
        ),
        "severity": "warning",
    },
    "jam": {
        "message": _lt("Labels are jammed in the printer"),
        "action": _lt("Clear the jam and retry"),
        "steps": (
            _lt("Press PAUSE, open the printer and remove the stuck labels without sharp tools."),
            _lt("Check that no label is wound around the platen roller."),
            _lt("Load the roll again, close the print head, press PAUSE and then FEED once."),
            _lt("Check which label came out last, then use Retry on the job."),
        ),
    },
    "overheated": {
        "message": _lt("Print head is too hot"),
        "action": _lt("Let the printer cool down; it continues by itself"),
        "steps": (
            _lt("Leave the printer switched on and wait a few minutes: it continues when it has cooled down."),
            _lt("If it happens often, ask your administrator to lower the darkness or the print speed."),
        ),
        "severity": "warning",
    },
    "buffer_full": {
        "message": _lt("Printer's memory is full"),
        "action": _lt("Wait until the printer has caught up, then retry"),
        "steps": (
            _lt("Wait until the printer has printed the labels that it has already received."),
            _lt("If nothing moves, switch the printer off, wait ten seconds and switch it on again."),
            _lt("Check which label came out last, then use Retry on the job."),
        ),
    },
    "job_unknown": {
        "message": _lt("The print server no longer knows this job"),
        "action": _lt("Look at the printed labels and retry the missing ones"),
        "steps": (
            _lt("Look at the printer: some or all labels may have been printed."),
            _lt("Use Retry and start with the first label that is missing."),
            _lt("If it happens again, ask your administrator whether the print server was reset."),
        ),
    },
    "uncertain": {
        "message": _lt("The print server stopped while it was printing this job"),
        "action": _lt("Look at the printed labels and retry the missing ones"),
        "steps": (
            _lt("Look at the printer and find the last label that came out."),
            _lt("Use Retry and start with the label after that one."),
            _lt("Throw away any label that was printed only in part."),
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
    "key_refused": {
        "message": _lt("The print server refused the API key"),
        "action": _lt("Contact administrator to check the API key"),
        "steps": (
            _lt("Administrator: open Settings and compare the API key with the one in the print server."),
            _lt("Save, then use Test Connection on the print server."),
            _lt("Jobs that are already printing go on; their state is shown again when the key is right."),
        ),
    },
    "printer_not_found": {
        "message": _lt("The print server does not know this printer"),
        "action": _lt("Choose another printer, or contact administrator"),
        "steps": (
            _lt("Choose another printer and print again."),
            _lt("Administrator: compare the printer's CUPS Name in Odoo with the queue's name on the print server."),
        ),
    },
    "server_unavailable": {
        "message": _lt("Print server is not available"),
        "action": _lt("Wait a moment; if it stays so, contact administrator"),
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
        "steps": (
            _lt("Administrator: if the certificate is self-signed, set its CA bundle on the print server in Odoo."),
            _lt("Administrator: check that the certificate has not expired and carries the server's name."),
        ),
    },
    "cancelled_at_printer": {
        "message": _lt("Job was cancelled at the printer or print server"),
        "action": _lt("Ask who cancelled it, then retry the missing labels"),
        "steps": (
            _lt("Ask at the line whether somebody pressed CANCEL on the printer."),
            _lt("Check which label came out last before you print the rest."),
        ),
        "severity": "warning",
    },
    "stuck": {
        "message": _lt("No progress for longer than this job should need"),
        "action": _lt("Look at the printer"),
        "steps": (
            _lt("Look at the printer's display and lights: it may be paused, open, or out of labels or ribbon."),
            _lt("Check whether other jobs are ahead of this one in the printer's queue."),
            _lt("If the printer is ready and nothing moves, ask your administrator to look at the print server."),
        ),
        "severity": "warning",
    },
    "label_failed": {
        "message": _lt("Some labels could not be printed"),
        "action": _lt("Review the failed labels and retry them"),
        "steps": (
            _lt("Open the job and look at its failed labels and the reason for each."),
            _lt("Remove the cause at the printer."),
            _lt("Use Retry: only the failed labels are printed again."),
        ),
    },
    "server_error": {
        "message": _lt("The print server reported an internal error"),
        "action": _lt("Retry later; if it stays so, contact administrator"),
        "steps": (
            _lt("Wait a minute, then use Retry on the job."),
            _lt("Administrator: look at the print server's log at the time of the error."),
        ),
    },
    "misconfigured": {
        "message": _lt("The connection to the print server is not set up correctly"),
        "action": _lt("Contact administrator to check the print server's settings"),
        "steps": (
            _lt("Administrator: open the print server in Odoo and correct what its message names."),
            _lt("Save, then use Test Connection."),
        ),
        "retryable": False,
    },
    "bad_answer": {
        "message": _lt("The print server gave an answer that Odoo does not understand"),
        "action": _lt("Contact administrator to check the print server's address and version"),
        "steps": (
            _lt("Administrator: check that the API address leads to the print server and not to a proxy or web page."),
            _lt("Administrator: compare the print server's version with the one that the addon's manual asks for."),
        ),
    },
}
