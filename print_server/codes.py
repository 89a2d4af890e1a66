"""Why a label was not printed, in one table: the code a machine reads and the sentence a person reads.

The first four spellings are the specification's own; docs/print-server-api.yaml lists them all.
"""

from __future__ import annotations

PRINTER_OFFLINE = "printer_offline"
NETWORK_TIMEOUT = "network_timeout"
PAPER_OUT = "paper_out"
INVALID_ZPL = "invalid_zpl"
RIBBON_OUT = "ribbon_out"
HEAD_OPEN = "head_open"
PAUSED = "paused"
BUFFER_FULL = "buffer_full"
UNCERTAIN = "uncertain"
CANCELLED = "cancelled"
PRINTER_ERROR = "printer_error"
PRINTER_SILENT = "printer_silent"
LABEL_WAITING = "label_waiting"
NOT_A_PRINTER = "not_a_printer"
SPOOLER_PAUSED = "spooler_paused"
SPOOLER_REJECTING = "spooler_rejecting"
SPOOLER_HELD = "spooler_held"
SPOOLER_UNREACHABLE = "spooler_unreachable"
SPOOLER_NO_QUEUE = "spooler_no_queue"
SPOOLER_REFUSED = "spooler_refused"
SPOOLER_CANCELLED = "spooler_cancelled"

UNANSWERED_NOTE = "does not answer status questions: labels are sent without confirmation"
"""Of a printer that is asked nothing any more, in `GET /api/printers`."""

MESSAGES = {
    PRINTER_OFFLINE: "The printer refuses connections or cannot be reached: check its power and network cable.",
    NETWORK_TIMEOUT: "The network connection to the printer timed out: check the network.",
    PRINTER_SILENT: (
        "Look at the printer: labels, ribbon, head. It accepts connections but does not answer, as Zebra printers do "
        "when one of them needs a hand."
    ),
    LABEL_WAITING: "A printed label waits to be taken from the printer: take the label.",
    NOT_A_PRINTER: "A web server answers at the printer's address: correct the address, the usual port is 9100.",
    PAPER_OUT: "The printer is out of labels: load a new roll.",
    INVALID_ZPL: "The label's ZPL is not a format from ^XA to ^XZ: correct the template.",
    RIBBON_OUT: "The printer is out of ribbon: load a new one.",
    HEAD_OPEN: "The print head is open: close and latch it.",
    PAUSED: "The printer is paused: press its PAUSE button to let it go on.",
    BUFFER_FULL: "The printer's buffer stayed full: another program may be sending to it.",
    UNCERTAIN: "This label may or may not have been printed: look for it before printing it again.",
    CANCELLED: "Cancelled before this label was printed.",
    PRINTER_ERROR: "The printer does not print, and does not say why: look at its display.",
    SPOOLER_PAUSED: "The printer's queue is stopped at the print spooler (CUPS): enable the queue there (cupsenable).",
    SPOOLER_REJECTING: (
        "The printer's queue takes no new jobs at the print spooler (CUPS): let it accept jobs there (cupsaccept)."
    ),
    SPOOLER_HELD: "The label's job is held at the print spooler (CUPS): release it there.",
    SPOOLER_UNREACHABLE: "The print spooler (CUPS) does not answer: start it, or look at its log.",
    SPOOLER_NO_QUEUE: "The print spooler (CUPS) has no such queue: make it there, or correct the printer's address.",
    SPOOLER_REFUSED: "The print spooler (CUPS) refuses the label: look at its log, and at who may print on the queue.",
    SPOOLER_CANCELLED: (
        "The label's job was cancelled or given up at the print spooler (CUPS) before it reached the printer."
    ),
}
