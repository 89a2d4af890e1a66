"""What a printer says about itself: IPP's `printer-state-reasons` in words.

Sources: RFC 8011 section 5.4.12 (the base keywords and the -report, -warning, -error suffixes), PWG 5100.9 (names for
alerts of the Printer MIB: covers, interlocks, markers, media paths) and CUPS' own additions (com.cups…, cups-…).
`stops` says whether a printer with the bare keyword has stopped: without a suffix the severity has to be guessed.
"""

from __future__ import annotations

from typing import NamedTuple

from .translatable import _lt


class Reason(NamedTuple):
    """One keyword: its words, the catalogue's code ('' for none), and whether printing stops."""

    label: str
    code: str
    stops: bool


REASONS: dict[str, Reason] = {
    # RFC 8011, 5.4.12
    "other": Reason(_lt("Other problem"), "", False),
    "connecting-to-device": Reason(_lt("Connecting to the printer"), "", False),
    "cover-open": Reason(_lt("Cover open"), "head_open", True),
    "developer-empty": Reason(_lt("Developer empty"), "", True),
    "developer-low": Reason(_lt("Developer low"), "", False),
    "door-open": Reason(_lt("Door open"), "head_open", True),
    "fuser-over-temp": Reason(_lt("Fuser too hot"), "overheated", True),
    "fuser-under-temp": Reason(_lt("Fuser warming up"), "", False),
    "input-tray-missing": Reason(_lt("Input tray missing"), "paper_out", True),
    "interlock-open": Reason(_lt("Safety interlock open"), "head_open", True),
    "interpreter-resource-unavailable": Reason(_lt("Font or form missing in the printer"), "invalid_zpl", False),
    "marker-supply-empty": Reason(_lt("Ribbon empty"), "ribbon_out", True),
    "marker-supply-low": Reason(_lt("Ribbon low"), "", False),
    "marker-waste-almost-full": Reason(_lt("Waste container almost full"), "", False),
    "marker-waste-full": Reason(_lt("Waste container full"), "", True),
    "media-empty": Reason(_lt("Labels empty"), "paper_out", True),
    "media-jam": Reason(_lt("Label jam"), "jam", True),
    "media-low": Reason(_lt("Labels low"), "", False),
    "media-needed": Reason(_lt("Labels needed"), "paper_out", True),
    "moving-to-paused": Reason(_lt("Pausing"), "paused", False),
    "opc-life-over": Reason(_lt("Photo conductor worn out"), "", True),
    "opc-near-eol": Reason(_lt("Photo conductor nearly worn out"), "", False),
    "output-area-almost-full": Reason(_lt("Output almost full"), "", False),
    "output-area-full": Reason(_lt("Output full: take the labels away"), "jam", True),
    "output-tray-missing": Reason(_lt("Output tray missing"), "", True),
    "paused": Reason(_lt("Paused"), "paused", True),
    "shutdown": Reason(_lt("Switched off"), "printer_offline", True),
    "spool-area-full": Reason(_lt("Memory full"), "buffer_full", True),
    "stopped-partly": Reason(_lt("Partly stopped"), "", False),
    "stopping": Reason(_lt("Stopping"), "", False),
    "timed-out": Reason(_lt("Printer does not answer"), "printer_silent", True),
    "toner-empty": Reason(_lt("Ribbon or toner empty"), "ribbon_out", True),
    "toner-low": Reason(_lt("Ribbon or toner low"), "", False),
    # PWG 5100.9 and later PWG registrations
    "alert-removal-of-binary-change-entry": Reason(_lt("Alert cleared"), "", False),
    "configuration-change": Reason(_lt("Configuration changed"), "", False),
    "deactivated": Reason(_lt("Deactivated"), "printer_offline", True),
    "hold-new-jobs": Reason(_lt("New jobs are held"), "spooler_paused", True),
    "identify-printer-requested": Reason(_lt("Asked to identify itself"), "", False),
    "input-cannot-feed-size-selected": Reason(_lt("Labels cannot be fed"), "jam", True),
    "input-media-size-change": Reason(_lt("Label size changed"), "", False),
    "input-media-tray-empty-error": Reason(_lt("Labels empty"), "paper_out", True),
    "input-pick-error": Reason(_lt("Labels cannot be fed"), "jam", True),
    "interpreter-memory-increase": Reason(_lt("Printer memory increased"), "", False),
    "interpreter-memory-decrease": Reason(_lt("Printer memory decreased"), "", False),
    "marker-fuser-thermistor-failure": Reason(_lt("Heating element failed"), "overheated", True),
    "marker-fuser-timing-failure": Reason(_lt("Heating element failed"), "overheated", True),
    "marker-print-head-failure": Reason(_lt("Print head failed"), "", True),
    "marker-ribbon-empty": Reason(_lt("Ribbon empty"), "ribbon_out", True),
    "marker-ribbon-missing": Reason(_lt("Ribbon missing"), "ribbon_out", True),
    "marker-supply-missing": Reason(_lt("Ribbon missing"), "ribbon_out", True),
    "marker-ribbon-low": Reason(_lt("Ribbon low"), "", False),
    "material-empty": Reason(_lt("Material empty"), "paper_out", True),
    "media-path-jam": Reason(_lt("Label jam"), "jam", True),
    "media-path-media-tray-missing": Reason(_lt("Input tray missing"), "paper_out", True),
    "motor-failure": Reason(_lt("Motor failed"), "", True),
    "power-down": Reason(_lt("Switched off"), "printer_offline", True),
    "power-up": Reason(_lt("Starting up"), "", False),
    "printer-manual-reset": Reason(_lt("Reset by hand"), "", False),
    "printer-nms-reset": Reason(_lt("Reset over the network"), "", False),
    "resuming": Reason(_lt("Resuming"), "", False),
    "subunit-life-almost-over": Reason(_lt("A part is nearly worn out"), "", False),
    "subunit-life-over": Reason(_lt("A part is worn out"), "", True),
    "testing": Reason(_lt("Testing itself"), "", False),
    "warming-up": Reason(_lt("Warming up"), "", False),
    # Words that CUPS and label printers' own drivers add
    "buffer-full": Reason(_lt("Memory full"), "buffer_full", True),
    "clean-print-head": Reason(_lt("Print head to be cleaned"), "", False),
    "cups-insecure-filter": Reason(_lt("CUPS refuses an insecure filter"), "", True),
    "cups-missing-filter": Reason(_lt("CUPS is missing a filter"), "", True),
    "cups-remote-stopped": Reason(_lt("Remote queue stopped"), "spooler_paused", True),
    "cups-waiting-for-job-completed": Reason(_lt("Waiting for the printer to finish"), "", False),
    "head-open": Reason(_lt("Print head open"), "head_open", True),
    "head-over-temp": Reason(_lt("Print head too hot"), "overheated", True),
    "head-under-temp": Reason(_lt("Print head cold"), "", False),
    "label-waiting": Reason(_lt("A label waits to be taken"), "label_waiting", False),
    "media-calibration": Reason(_lt("Labels to be calibrated"), "", False),
    "offline": Reason(_lt("Offline"), "printer_offline", True),
    "print-head": Reason(_lt("Print head fault"), "printer_error", True),
    "replace-print-head": Reason(_lt("Print head to be replaced"), "", False),
    "ribbon-empty": Reason(_lt("Ribbon empty"), "ribbon_out", True),
    "spooler-no-queue": Reason(_lt("No such queue in the print spooler"), "spooler_no_queue", True),
    "spooler-paused": Reason(_lt("Queue stopped on the print server"), "spooler_paused", True),
    "spooler-refused": Reason(_lt("Print spooler refuses labels"), "spooler_refused", True),
    "spooler-rejecting": Reason(_lt("Queue takes no new jobs"), "spooler_rejecting", True),
    "spooler-unreachable": Reason(_lt("Print spooler does not answer"), "spooler_unreachable", True),
    "stopped": Reason(_lt("Stopped"), "paused", True),
    "trimmer": Reason(_lt("Cutter fault"), "printer_error", True),
}
