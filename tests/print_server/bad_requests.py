"""Requests that the print server must refuse, each with the status and the code of its answer."""

LABEL = {"zpl_code": "^XA^FDx^FS^XZ"}
GOOD = {"printer": "Zebra-1", "quantity": 1, "labels": [LABEL]}
HUGE = 10**400


def but(**changes):
    body = {**GOOD, **changes}
    return {name: value for name, value in body.items() if value is not ...}


def one(**changes):
    label = {name: value for name, value in {**LABEL, **changes}.items() if value is not ...}
    return but(labels=[label])


BAD_PRINTS = {
    "printer missing": (but(printer=...), 400, "missing_printer"),
    "printer null": (but(printer=None), 400, "missing_printer"),
    "printer a number": (but(printer=7), 400, "invalid_printer"),
    "printer empty": (but(printer=""), 400, "invalid_printer"),
    "printer too long": (but(printer="x" * 128), 400, "invalid_printer"),
    "printer unknown": (but(printer="Nobody"), 404, "printer_not_found"),
    "quantity missing": (but(quantity=...), 400, "missing_quantity"),
    "quantity a text": (but(quantity="1"), 400, "invalid_quantity"),
    "quantity a fraction": (but(quantity=1.5), 400, "invalid_quantity"),
    "quantity true": (but(quantity=True), 400, "invalid_quantity"),
    "quantity zero": (but(quantity=0), 400, "quantity_mismatch"),
    "quantity negative": (but(quantity=-1), 400, "quantity_mismatch"),
    "quantity huge": (but(quantity=HUGE), 400, "too_many_labels"),
    "quantity other than labels": (but(quantity=2), 400, "quantity_mismatch"),
    "labels missing": (but(labels=...), 400, "missing_labels"),
    "labels an object": (but(labels={}), 400, "invalid_labels"),
    "labels a text": (but(labels="^XA^XZ"), 400, "invalid_labels"),
    "labels empty": (but(labels=[], quantity=0), 400, "invalid_labels"),
    "501 labels": (but(labels=[LABEL] * 501, quantity=501), 400, "too_many_labels"),
    "label a text": (but(labels=["^XA^XZ"]), 400, "invalid_label"),
    "label null": (but(labels=[None]), 400, "invalid_label"),
    "zpl missing": (one(zpl_code=...), 400, "missing_zpl_code"),
    "zpl a number": (one(zpl_code=1), 400, "invalid_zpl_code"),
    "zpl empty": (one(zpl_code=""), 400, "invalid_zpl"),
    "zpl not closed": (one(zpl_code="^XA^FDx"), 400, "invalid_zpl"),
    "zpl not opened": (one(zpl_code="^FDx^XZ"), 400, "invalid_zpl"),
    "zpl the wrong way round": (one(zpl_code="^XZ^XA"), 400, "invalid_zpl"),
    "zpl too long": (one(zpl_code="^XA" + "x" * 4_194_304 + "^XZ"), 400, "zpl_too_long"),
    "second label bad": (but(labels=[LABEL, {}], quantity=2), 400, "missing_zpl_code"),
    "zpl with half a character": (one(zpl_code="^XA\ud800^XZ"), 400, "invalid_json"),
    "label_index a text": (one(label_index="1"), 400, "invalid_label_index"),
    "label_index huge": (one(label_index=HUGE), 400, "invalid_label_index"),
    "box a list": (one(box_number=[1]), 400, "invalid_box_number"),
    "box true": (one(box_number=True), 400, "invalid_box_number"),
    "lot an object": (one(lot_number={}), 400, "invalid_lot_number"),
    "lot too long": (one(lot_number="x" * 256), 400, "invalid_lot_number"),
    "label metadata a list": (one(metadata=[]), 400, "invalid_metadata"),
    "label metadata too long": (one(metadata={"x": "x" * 20_000}), 400, "metadata_too_long"),
    "job_metadata a text": (but(job_metadata="x"), 400, "invalid_metadata"),
    "job_metadata too long": (but(job_metadata={"x": "x" * 20_000}), 400, "metadata_too_long"),
    "mo_reference a number": (but(job_metadata={"mo_reference": 1}), 400, "invalid_mo_reference"),
    "mo_reference too long": (but(job_metadata={"mo_reference": "x" * 256}), 400, "invalid_mo_reference"),
    "priority unknown": (but(job_metadata={"priority": "urgent"}), 400, "invalid_priority"),
    "priority a list": (but(job_metadata={"priority": []}), 400, "invalid_priority"),
    "priority null": (but(job_metadata={"priority": None}), 400, "invalid_priority"),
}

BAD_BODIES = {
    "empty": b"",
    "not JSON": b"printer=Zebra-1",
    "cut off": b'{"printer": "Zebra-1", ',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"printer": "\xff"}',
    "NaN": b'{"printer": "Zebra-1", "quantity": NaN, "labels": []}',
    "1e999": b'{"printer": "Zebra-1", "quantity": 1, "labels": [], "x": 1e999}',
    "Infinity": b'{"printer": "Zebra-1", "quantity": Infinity, "labels": []}',
    "nested too deep": b"[" * 100_000,
    "a number of 10,000 digits": b'{"quantity": ' + b"9" * 10_000 + b"}",
    "binary": bytes(range(256)),
}
