"""What can go wrong at a printer and with its labels, and what an operator does about it: part of the error catalogue.

Each entry is written for the person in front of the printer: `message` says what is wrong, `action` the shortest
remedy (both without a final full stop, because the specification joins them as "message. action."), `steps` the way
there in the order in which it is cheapest to look. Words for buttons, lights and menus are those on Zebra's own panels
and in Odoo's own views. The first four messages and actions are the specification's, letter by letter.
"""

from __future__ import annotations

from typing import Any

from .translatable import _lt

PRINTER_ENTRIES: dict[str, dict[str, Any]] = {
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
        "manager_action": _lt("Fix the label template, then print again from the order"),
        "steps": (
            _lt("Do not retry: the same label would fail again."),
            _lt("Send the job's number to your administrator."),
            _lt("Administrator: check that each label of the template starts with ^XA and ends with ^XZ."),
        ),
        "retryable": False,
    },
    "printer_silent": {
        "message": _lt("The printer does not answer"),
        "action": _lt("Look at the printer: labels, ribbon and print head"),
        "steps": (
            _lt("Look at the printer: with the head open, or labels or ribbon out, many printers do not answer."),
            _lt("Load labels or ribbon, close the print head until both latches click, and press PAUSE."),
            _lt("If the printer is ready, switch it off, wait ten seconds and switch it on again."),
            _lt("Check which label came out last: labels that are missing are printed with Retry."),
        ),
    },
    "printer_error": {
        "message": _lt("The printer reports a fault, or does not print and does not say why"),
        "action": _lt("Read the message on the printer's display, then retry"),
        "steps": (
            _lt("Read the message on the printer's display and do what it asks for."),
            _lt("If there is none, switch the printer off, wait ten seconds and switch it on again."),
            _lt("Check which label came out last: labels that are missing are printed with Retry."),
        ),
    },
    "not_a_printer": {
        "message": _lt("No printer answers at the printer's address, but another service"),
        "action": _lt("Contact administrator to correct the printer's address"),
        "manager_action": _lt("Correct the printer's address on the print server"),
        "steps": (
            _lt("If the labels are urgent, use Retry and choose another printer."),
            _lt("Administrator: correct the address on the print server; a Zebra printer's port is usually 9100."),
        ),
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
    "spooler_rejecting": {
        "message": _lt("The printer's queue on the print server takes no new jobs"),
        "action": _lt("Contact administrator to let the queue accept jobs, then retry"),
        "manager_action": _lt("Let the queue accept jobs, then retry"),
        "steps": (
            _lt("If the labels are urgent, use Retry and choose another printer."),
            _lt("Administrator: let the queue accept jobs on the print server (in CUPS: Accept Jobs, or cupsaccept)."),
            _lt("Use Retry on the job."),
        ),
    },
    "spooler_paused": {
        "message": _lt("The printer's queue on the print server is stopped"),
        "action": _lt("Contact administrator to start the queue; what waits in it is printed then"),
        "manager_action": _lt("Start the queue; what waits in it is printed then"),
        "steps": (
            _lt("Do not print again: the labels that wait in the queue are printed when it is started."),
            _lt("Check that nobody has stopped the queue to work on the printer."),
            _lt("Administrator: start the queue on the print server (in CUPS: Resume Printer, or cupsenable)."),
        ),
        "severity": "warning",
    },
    "spooler_unreachable": {
        "message": _lt("The print spooler (CUPS) does not answer"),
        "action": _lt("Contact administrator to start it, then retry"),
        "manager_action": _lt("Start CUPS on the print server's computer, then retry"),
        "steps": (
            _lt("If the labels are urgent, use Retry and choose another printer."),
            _lt("Administrator: start CUPS on the print server's computer, and look at its log."),
            _lt("Use Retry on the job."),
        ),
    },
    "spooler_no_queue": {
        "message": _lt("The print spooler (CUPS) has no such queue"),
        "action": _lt("Contact administrator to make the queue, or to correct the printer's address"),
        "manager_action": _lt("Make the queue, or correct the printer's address"),
        "steps": (
            _lt("If the labels are urgent, use Retry and choose another printer."),
            _lt("Administrator: compare the queue's name on the print server with those that CUPS has (lpstat -v)."),
            _lt("Use Retry on the job."),
        ),
    },
    "spooler_refused": {
        "message": _lt("The print spooler (CUPS) refuses the label"),
        "action": _lt("Contact administrator to see who may print on the queue"),
        "manager_action": _lt("Look who may print on the queue"),
        "steps": (
            _lt("If the labels are urgent, use Retry and choose another printer."),
            _lt("Administrator: look at the log of CUPS, and who may print on the queue (in CUPS: Set Allowed Users)."),
            _lt("Use Retry on the job."),
        ),
    },
    "spooler_cancelled": {
        "message": _lt("The label was cancelled in the print spooler before it reached the printer"),
        "action": _lt("Ask who cancelled it, then retry the missing labels"),
        "steps": (
            _lt("Ask your administrator whether somebody cancelled jobs in the print spooler (CUPS)."),
            _lt("Use Retry: labels that are not on paper are printed, the others are not."),
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
    "not_on_paper": {
        "message": _lt("Somebody looked: the label is not on paper"),
        "action": _lt("Retry the label"),
        "steps": (
            _lt("Open the job to see who looked, and when."),
            _lt("Use Retry: labels that are not on paper are printed, the others are not."),
        ),
        "severity": "warning",
    },
    "taken_back": {
        "message": _lt("The label was taken back before it was printed"),
        "action": _lt("Retry the label if it is still needed"),
        "steps": (
            _lt("The job was cancelled or moved while the label waited: nothing has to be looked for at the printer."),
            _lt("If the label is still needed, use Retry on the job."),
        ),
        "severity": "info",
    },
    "uncertain": {
        "message": _lt("Printing was cut off: what came to paper is not known"),
        "action": _lt("Look for the labels in doubt, then say which are on paper"),
        "steps": (
            _lt("Open the job: the labels in doubt have a question mark."),
            _lt("Look for them at the printer and on the boxes. Throw away any that was printed only in part."),
            _lt("Use Retry: it asks about each of them and prints those that are not on paper."),
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
}
