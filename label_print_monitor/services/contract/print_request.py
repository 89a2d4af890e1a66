"""Build and check a print request before anything is sent.

A label that the server refuses costs a round trip and a job in state Failed; one that it accepts and the printer does
not understand costs labels. So labels are checked here, and what is wrong is said about the label by its number. How
large they may be is the print server's to say: see `sizes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..wording.error_catalogue import sentence
from ..wording.sentences import SENTENCES
from .clean_values import clean_id

MAX_LABELS = 500
PRIORITIES = ("high", "normal", "low")  # the order in which a printer takes what waits for it
MAX_NAME = 255  # characters of a lot's name

RECORD_KEYS = ("product_id", "lot_id")  # what a label is for; kept here, never sent
LABEL_KEYS = ("zpl_code", "box_number", "lot_number", "metadata")


class LabelError(ValueError):
    """Labels that cannot be printed as they are.

    :ivar code: key of the sentence, stable
    :ivar message: the English sentence with `%(name)s` marks: `env._(error.message, **error.params)`
    :ivar params: values for the marks
    :ivar text: the same sentence complete and lazily translatable: `env._(error.text)`
    """

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.message = SENTENCES[code]
        self.params = params
        self.text = sentence(code, **params)
        super().__init__(self.message % params)


def validate_quantity(quantity: Any) -> None:
    """A whole number from 1 to 500. Raises LabelError."""
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise LabelError("quantity_not_a_number")
    if quantity < 1:
        raise LabelError("quantity_too_small")
    if quantity > MAX_LABELS:
        raise LabelError("quantity_too_large", quantity=quantity, limit=MAX_LABELS)


def validate_labels(labels: Any, quantity: Any) -> None:
    """Check that `labels` is a list of 1…500 printable labels and that there are `quantity` of them.

    :raises LabelError: the first thing that is wrong, with the label's number where it concerns one
    """
    validate_quantity(quantity)
    if not isinstance(labels, (list, tuple)):
        raise LabelError("labels_not_a_list")
    if not labels:
        raise LabelError("labels_none")
    if len(labels) > MAX_LABELS:
        raise LabelError("labels_too_many", count=len(labels), limit=MAX_LABELS)
    for index, label in enumerate(labels, start=1):
        if not isinstance(label, Mapping):
            raise LabelError("label_not_a_mapping", index=index)
        validate_zpl(label.get("zpl_code"), index)
        validate_lot(label.get("lot_number"), index)
        validate_records(label, index)
    if len(labels) != quantity and len(labels) == 1:
        raise LabelError("quantity_differs_one", quantity=quantity)
    if len(labels) != quantity:
        raise LabelError("quantity_differs", quantity=quantity, count=len(labels))


def validate_zpl(zpl: Any, index: int) -> None:
    """Check one label's ZPL. Fonts or graphics may be loaded before ^XA, and several formats may make one label."""
    if not isinstance(zpl, str) or not zpl.strip():
        raise LabelError("label_without_zpl", index=index)
    if not _storable(zpl):
        raise LabelError("label_unreadable", index=index)
    code = zpl.upper()
    start = code.find("^XA")
    if start < 0 or code.rfind("^XZ") < start:
        raise LabelError("label_not_zpl", index=index)


def validate_lot(lot: Any, index: int) -> None:
    """Check the lot of one label: a text, or nothing. Jobs are found by it."""
    if lot in (None, False, ""):
        return
    if not isinstance(lot, str) or len(lot) > MAX_NAME or not _storable(lot):
        raise LabelError("lot_not_text", index=index, limit=MAX_NAME)


def validate_records(label: Mapping[str, Any], index: int) -> None:
    """Check the records that one label is for: ids, or nothing. All labels of an order are compared by them."""
    for key in RECORD_KEYS:
        if label.get(key) not in (None, False) and not clean_id(label[key]):
            raise LabelError("label_record_unknown", index=index)


def with_text_lot(label: Any) -> Any:
    """A label whose lot is a text where it was given as a number; anything else is left to be refused."""
    lot = label.get("lot_number") if isinstance(label, Mapping) else None
    if isinstance(lot, (int, float)) and not isinstance(lot, bool):
        return {**label, "lot_number": str(lot)}
    return label


def _as_sent(label: Any) -> Any:
    """A label with the contract's keys alone; what is no label is left to be refused."""
    label = with_text_lot(label)
    if not isinstance(label, Mapping):
        return label
    return {key: label[key] for key in LABEL_KEYS if label.get(key) not in (None, False, "")}


def _storable(text: str) -> bool:
    """Whether a text can be sent, and PostgreSQL can keep it in the job's labels."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def build_print_payload(
    printer: str, labels: Sequence[Mapping[str, Any]], mo_reference: str | None, priority: str | None
) -> dict[str, Any]:
    """The body of `POST /api/print`.

    :param printer: CUPS queue name
    :param labels: as `labels_data` keeps them; only the contract's keys are sent
    :param mo_reference: the Manufacturing Order's name, or nothing for a test print
    :param priority: high, normal or low; anything else leaves the choice to the server
    :raises LabelError: when a label cannot be printed
    """
    # A job from before lots had to be texts, and records ids, is sent like any other.
    labels = [_as_sent(label) for label in labels] if isinstance(labels, (list, tuple)) else labels
    validate_labels(labels, len(labels) if isinstance(labels, (list, tuple)) else 1)
    metadata: dict[str, Any] = {}
    if mo_reference:
        metadata["mo_reference"] = mo_reference
    if priority in PRIORITIES:
        metadata["priority"] = priority
    return {
        "printer": printer,
        "quantity": len(labels),
        "labels": labels,
        "job_metadata": metadata,
    }
