"""What to do about what a printer warns of while it still prints: part of the error catalogue.

A reason of severity warning has no code, since no job fails by it. Each remedy is what somebody does before it stops
the printer. Keywords are those of `printer_reasons`; a bare one of these, without a severity, is a warning.
"""

from __future__ import annotations

from .translatable import _lt

_NEW_ROLL = _lt("Have a new roll of labels ready")
_NEW_RIBBON = _lt("Have a new ribbon ready")
_NEW_HEAD = _lt("Have the print head replaced: labels may become unreadable")

WARNING_REMEDIES: dict[str, str] = {
    "media-low": _NEW_ROLL,
    "marker-supply-low": _NEW_RIBBON,
    "marker-ribbon-low": _NEW_RIBBON,
    "toner-low": _NEW_RIBBON,
    "clean-print-head": _lt("Clean the print head with alcohol at the next change of the roll"),
    "replace-print-head": _NEW_HEAD,
    "subunit-life-almost-over": _lt("Have the worn part replaced: the printer's display names it"),
    "media-calibration": _lt("Calibrate the labels before the next job"),
    "marker-waste-almost-full": _lt("Have the waste container emptied"),
    "output-area-almost-full": _lt("Take the printed labels away"),
}
