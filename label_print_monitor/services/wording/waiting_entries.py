"""What a job waits for at its printer, and what somebody there does about it: part of the error catalogue.

A job that waits has not failed: it goes on by itself as soon as the printer can print. So none of these remedies asks
for a retry, and `steps` are what to do at the printer, without the last step, which `error_catalogue` adds to each.
"""

from __future__ import annotations

from typing import Any

from .translatable import _lt

GOES_ON = _lt("Print nothing again: the job goes on by itself as soon as the printer is ready.")

WAITING_ENTRIES: dict[str, dict[str, Any]] = {
    "paper_out": {
        "message": _lt("Waiting for labels"),
        "action": _lt("Load labels into the printer"),
        "steps": (
            _lt("Open the printer and load a new roll of labels."),
            _lt("Close the print head until both latches click."),
            _lt("Press PAUSE on the printer; if the labels do not line up, press FEED once."),
        ),
    },
    "ribbon_out": {
        "message": _lt("Waiting for ribbon"),
        "action": _lt("Load a new ribbon into the printer"),
        "steps": (
            _lt("Open the printer and load a new ribbon, ink side towards the labels."),
            _lt("Close the print head and press PAUSE."),
        ),
    },
    "head_open": {
        "message": _lt("Waiting for the print head to be closed"),
        "action": _lt("Close the print head"),
        "steps": (
            _lt("Close the print head until both latches click."),
            _lt("Press PAUSE on the printer."),
        ),
    },
    "paused": {
        "message": _lt("Waiting because the printer is paused"),
        "action": _lt("Press PAUSE on the printer to resume"),
        "steps": (
            _lt("Check that nobody is working on the printer."),
            _lt("Press PAUSE on the printer: the remaining labels print by themselves."),
        ),
    },
    "label_waiting": {
        "message": _lt("Waiting for a printed label to be taken"),
        "action": _lt("Take the label from the printer"),
        "steps": (_lt("Take the label that is in the printer's opening: the next one is printed then."),),
    },
    "printer_offline": {
        "message": _lt("Waiting for the printer: it is off or cannot be reached"),
        "action": _lt("Check printer power and connection"),
        "steps": (
            _lt("Check that the printer is switched on and its status light is lit."),
            _lt("Check the network or USB cable at both ends."),
        ),
    },
    "printer_silent": {
        "message": _lt("Waiting for the printer: it does not answer"),
        "action": _lt("Look at the printer: labels, ribbon and print head"),
        "steps": (
            _lt("Look at the printer: with the head open, or labels or ribbon out, many printers do not answer."),
            _lt("Load labels or ribbon, close the print head until both latches click, and press PAUSE."),
        ),
    },
    "network_timeout": {
        "message": _lt("Waiting for the printer: the network does not reach it"),
        "action": _lt("Contact administrator to check the network between print server and printer"),
        "manager_action": _lt("Check the network between print server and printer"),
        "steps": (
            _lt("Check the printer's network cable at both ends."),
            _lt("If other printers wait too, ask your administrator to check the network."),
        ),
    },
    "jam": {
        "message": _lt("Waiting because labels are jammed in the printer"),
        "action": _lt("Clear the jam"),
        "steps": (
            _lt("Press PAUSE, open the printer and remove the stuck labels without sharp tools."),
            _lt("Check that no label is wound around the platen roller."),
            _lt("Load the roll again, close the print head, press PAUSE and then FEED once."),
        ),
    },
    "overheated": {
        "message": _lt("Waiting until the print head has cooled down"),
        "action": _lt("Let the printer cool down"),
        "steps": (_lt("Leave the printer switched on and wait a few minutes: it continues when it has cooled down."),),
    },
    "buffer_full": {
        "message": _lt("Waiting until the printer has printed what others sent to it"),
        "action": _lt("Wait until the printer has caught up"),
        "steps": (_lt("Wait until the printer has printed the labels that it has already received."),),
    },
    "spooler_paused": {
        "message": _lt("Waiting because the printer's queue on the print server is stopped"),
        "action": _lt("Contact administrator to start the queue"),
        "manager_action": _lt("Start the queue"),
        "steps": (
            _lt("Check that nobody has stopped the queue to work on the printer."),
            _lt("Administrator: start the queue on the print server (in CUPS: Resume Printer, or cupsenable)."),
        ),
    },
    "spooler_rejecting": {
        "message": _lt("Waiting because the printer's queue on the print server takes no new jobs"),
        "action": _lt("Contact administrator to let the queue accept jobs"),
        "manager_action": _lt("Let the queue accept jobs"),
        "steps": (
            _lt("Administrator: let the queue accept jobs on the print server (in CUPS: Accept Jobs, or cupsaccept)."),
        ),
    },
    "spooler_held": {
        "message": _lt("Waiting because the label is held in the queue on the print server"),
        "action": _lt("Contact administrator to release it there"),
        "manager_action": _lt("Release it there"),
        "steps": (
            _lt("Check that nobody holds the queue's jobs on purpose."),
            _lt("Administrator: release the job on the print server (in CUPS: Release Job)."),
        ),
    },
    "spooler_unreachable": {
        "message": _lt("Waiting for the print spooler (CUPS): it does not answer"),
        "action": _lt("Contact administrator to start the print spooler"),
        "manager_action": _lt("Start the print spooler"),
        "steps": (
            _lt("If the labels are urgent, move what waits to a printer that does not need it."),
            _lt("Administrator: start CUPS on the print server's computer, and look at its log."),
        ),
    },
    "spooler_no_queue": {
        "message": _lt("Waiting because the print spooler (CUPS) has no such queue"),
        "action": _lt("Contact administrator to make the queue, or to correct the printer's address"),
        "manager_action": _lt("Make the queue, or correct the printer's address"),
        "steps": (
            _lt("Administrator: compare the queue's name on the print server with those that CUPS has (lpstat -v)."),
        ),
    },
    "spooler_refused": {
        "message": _lt("Waiting because the print spooler (CUPS) refuses the label"),
        "action": _lt("Contact administrator to see who may print on the queue"),
        "manager_action": _lt("Look who may print on the queue"),
        "steps": (
            _lt("Administrator: look at the log of CUPS, and who may print on the queue (in CUPS: Set Allowed Users)."),
        ),
    },
    "printer_error": {
        "message": _lt("Waiting for the printer: it reports a fault"),
        "action": _lt("Read the message on the printer's display"),
        "steps": (
            _lt("Read the message on the printer's display and do what it asks for."),
            _lt("If there is none, switch the printer off, wait ten seconds and switch it on again."),
        ),
    },
}

# What another print server's own word, or a code that comes later, is shown as.
OTHER_WAITING: dict[str, Any] = {
    "message": _lt("Waiting for the printer"),
    "action": _lt("Look at the printer"),
    "steps": (
        _lt("Look at the printer's display and lights: it may be paused, open, or out of labels or ribbon."),
    ),
}
