"""What a request to print must look like. All of it is checked before any of it is stored: all labels or none."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from .codes import INVALID_ZPL
from .envelope import ApiError

MAX_LABELS = 500
MAX_ZPL = 4_194_304
"""Characters of one label: 4 × 6 inch at 600 dpi as hexadecimal graphic are 2.2 million."""
MAX_BATCH = 500
MAX_TEXT = 255
MAX_METADATA = 16_384
PRIORITIES = {"high": 0, "normal": 1, "low": 2}
_ZPL = re.compile(r"\^XA[\s\S]*\^XZ", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def bad(code: str, message: str) -> NoReturn:
    """Refuse the request with 400."""
    raise ApiError(400, code, message)


def parse_object(raw: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises ApiError 400."""

    def refuse_constant(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=refuse_constant)
        # A lone surrogate passes JSON but can neither be stored nor sent to a printer.
        # Nor can a number beyond all floats, which JSON would read as infinite.
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        bad("invalid_json", "The body is not JSON in UTF-8: send one JSON object.")
    if not isinstance(body, dict):
        bad("invalid_json", "The body must be a JSON object, not a list or a single value.")
    return body


def print_request(body: dict[str, Any]) -> dict[str, Any]:
    """Check `POST /api/print`; returns printer, labels, metadata, mo_reference and priority (0 is first)."""
    printer = printer_name(body)
    quantity = body.get("quantity")
    if quantity is None:
        bad("missing_quantity", "Give quantity: the number of labels.")
    quantity = _integer(quantity)
    if quantity is None:
        bad("invalid_quantity", "quantity must be a whole number.")
    labels = body.get("labels")
    if labels is None:
        bad("missing_labels", "Give labels: a list with one entry for each label.")
    if not isinstance(labels, list) or not labels:
        bad("invalid_labels", "labels must be a list with at least one entry.")
    if len(labels) > MAX_LABELS or quantity > MAX_LABELS:
        bad("too_many_labels", f"A job takes at most {MAX_LABELS} labels: split it.")
    if quantity != len(labels):
        bad("quantity_mismatch", f"quantity is {quantity} but labels has {len(labels)} entries: make them equal.")
    metadata = _metadata(body.get("job_metadata"), "job_metadata")
    priority = metadata.get("priority", "normal")
    if not isinstance(priority, str) or priority not in PRIORITIES:
        bad("invalid_priority", "job_metadata.priority must be high, normal or low.")
    return {
        "printer": printer,
        "labels": [_label(label, number) for number, label in enumerate(labels, 1)],
        "metadata": metadata,
        "mo_reference": _text(metadata, "mo_reference", "job_metadata.mo_reference"),
        "priority": PRIORITIES[priority],
    }


def printer_name(body: dict[str, Any]) -> str:
    """The printer a request names."""
    name = body.get("printer")
    if name is None:
        bad("missing_printer", "Give printer: the name of a printer from GET /api/printers.")
    if not isinstance(name, str) or not 0 < len(name) <= 127:
        bad("invalid_printer", "printer must be a text of 1 to 127 characters.")
    return name


def wants_labels(body: dict[str, Any]) -> bool:
    """Whether a batch status request asks for the labels of the jobs."""
    value = body.get("labels")
    if value is not None and not isinstance(value, bool):
        bad("invalid_labels", "labels must be true or false.")
    return bool(value)


def job_ids(body: dict[str, Any]) -> list[str]:
    """The ids of a batch status request, each once, in the caller's order."""
    ids = body.get("job_ids")
    if not isinstance(ids, list) or not all(isinstance(item, str) and len(item) <= MAX_TEXT for item in ids):
        bad("invalid_job_ids", "Give job_ids: a list of job ids.")
    if len(ids) > MAX_BATCH:
        bad("too_many_jobs", f"Ask for at most {MAX_BATCH} jobs in one call.")
    return list(dict.fromkeys(ids))


def idempotency_key(value: str | None) -> str | None:
    """The Idempotency-Key header, or None."""
    if value is None:
        return None
    if not _KEY.fullmatch(value):
        bad("invalid_idempotency_key", "Idempotency-Key must have 1 to 255 visible ASCII characters, such as a UUID.")
    return value


def _label(label: Any, number: int) -> dict[str, Any]:
    where = f"labels[{number - 1}]"
    if not isinstance(label, dict):
        bad("invalid_label", f"{where} must be an object with zpl_code.")
    zpl = label.get("zpl_code")
    if zpl is None:
        bad("missing_zpl_code", f"{where} has no zpl_code.")
    if not isinstance(zpl, str):
        bad("invalid_zpl_code", f"{where}.zpl_code must be text.")
    if len(zpl) > MAX_ZPL:
        bad("zpl_too_long", f"{where}.zpl_code has more than {MAX_ZPL} characters.")
    if not _ZPL.search(zpl):
        bad(
            INVALID_ZPL, f"{where}.zpl_code is not a format from ^XA to ^XZ: correct the template. Nothing was printed."
        )
    return {
        "zpl": zpl,
        "label_index": _whole(label, "label_index", where),
        "box_number": _scalar(label, "box_number", where),
        "lot_number": _scalar(label, "lot_number", where),
        "metadata": _metadata(label.get("metadata"), f"{where}.metadata"),
    }


def _metadata(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        bad("invalid_metadata", f"{where} must be an object.")
    if len(json.dumps(value)) > MAX_METADATA:
        bad("metadata_too_long", f"{where} is longer than {MAX_METADATA} characters.")
    return value


def _text(owner: dict[str, Any], name: str, where: str) -> str | None:
    value = owner.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > MAX_TEXT):
        bad(f"invalid_{name}", f"{where} must be a text of at most {MAX_TEXT} characters.")
    return value


def _whole(owner: dict[str, Any], name: str, where: str) -> int | None:
    value = owner.get(name)
    number = _integer(value)
    if value is not None and (number is None or abs(number) > 2**31):
        bad(f"invalid_{name}", f"{where}.{name} must be a whole number.")
    return number


def _integer(value: Any) -> int | None:
    """The whole number a JSON value stands for (2.0 is one, true is not), else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return None
    return int(value)


def _scalar(owner: dict[str, Any], name: str, where: str) -> str | int | None:
    """A box or lot is called by a number or a text, and comes back as it was given."""
    value = owner.get(name)
    number = _integer(value)
    if number is not None and abs(number) <= 2**31:
        return number
    if value is not None and (not isinstance(value, str) or len(value) > MAX_TEXT):
        bad(f"invalid_{name}", f"{where}.{name} must be a text of at most {MAX_TEXT} characters or a whole number.")
    return value
