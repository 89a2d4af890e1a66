"""What the update must make of each job of the fixture; judged by people, not computed.

An account is written as it is stored: ``r8f12`` are 8 labels reported and 12 failed; ``?`` after it: which labels they are was
concluded from counts. r reported, c confirmed, f failed, u uncertain, b taken back, w waiting; nothing for an attempt under way.
"""

# For each job called so: the accounts of its attempts.
ACCOUNTS = {
    "completed, confirmed": [["c20"]],
    "completed, confirmed later": [["c20"]],
    "completed, seen at its end only": [["c20"]],
    "completed, not confirmed": [["r20"]],
    "completed, first generation": [["r20"]],
    "completed, 500 labels": [["c500"]],
    "no labels, completed": [["r20"]],
    "OLD/MO/1": [["c20"], ["c20"]],
    "test": [["c"]],
    "second company": [["c20"]],
    "same id at two servers, newer": [["c20"]],
    "one failed label": [["c2fc17"]],
    "one uncertain label": [["r8ur11"]],
    # It counts 19 printed and one failed: which one, nobody has said.
    "one failed label, not named": [["r19u?"]],
    "failed at 8, labels named": [["r8f12"]],
    "failed at 8, labels not named": [["r8u12?"]],
    "same id at two servers, first generation": [["r9u11?"]],
    "failed, nothing printed": [["u20?"]],
    "failed after its last label": [["r19u?"]],
    "refused by the print server": [["f20"]],
    "job unknown": [["r5u15?"]],
    "cancelled at the printer": [["r11b9?"]],
    # The count of the moment at which a person cancelled; what the printer did afterwards was never asked.
    "cancelled at 51 of 200": [["r51u149?"]],
    "cancelled before it was handed over": [["b20"]],
    "submission unclear, cancelled": [["u20"]],
    # Retries: that an earlier attempt was confirmed had not been kept.
    "failed, retried in part, failed again": [["r8f12", "r3f9"]],
    "failed, retried in part, then all, failed again": [["r8f12", "r3f9", "r15f5"]],
    "failed, retried in part, completed": [["r8f12", "c12"]],
    "failed, all retried, completed": [["r8f12", "r20"]],
    "label 3 failed, retried, completed": [["r2fr17", "c"]],
    "not named, continued with 9, completed": [["r8u12?", "r12"]],
    "labels 4 to 9 left out, completed": [["r3f6r4f7", "c11"]],
    "label 9 uncertain, label 20 retried, completed": [["r8ur11", "r"]],
    "failed, retried, cancelled": [["r8f12", "b12?"]],
    "failed, retried, nothing printed": [["r8f12", "f12"]],
    "failed, retried in part, one uncertain": [["r8f12", "rur10"]],
    "submission unclear, retried, completed": [["u20", "r20"]],
    # Under way.
    "failed, retried in part, printing": [["r8f12", ""]],
    "submission unclear, retried, sent": [["u20", ""]],
    "printing, two failed": [["r3f2r7w8?"]],
    **{
        case: [[""]]
        for case in (
            "submission unclear", "being handed over", "sent", "queued", "printing, 7 of 20", "a word nobody knows",
            "not known once", "stuck at 6", "unverified", "waiting, unverified", "waiting", "waiting, high", "no labels, waiting",
        )
    },
}  # fmt: skip

# Their accounts know of labels that are not on paper, or perhaps not, and that the old release had counted as printed.
CORRECTED_WHEN_SOMEBODY_ACTS = {
    "failed after its last label",
    "labels 4 to 9 left out, completed",
    "label 9 uncertain, label 20 retried, completed",
}

# All others: accepted.
SUBMISSIONS = {
    "submission unclear": "maybe",
    "waiting, unverified": "maybe",
    "being handed over": "sending",
    **dict.fromkeys(
        (
            "waiting", "waiting, high", "no labels, waiting", "refused by the print server", "cancelled before it was handed over",
            "submission unclear, cancelled",
        ),
        "not_sent",
    ),
}  # fmt: skip

# Of a label that a newer attempt was to print, that one's word counts; of one on paper nobody is needed.
# Job, attempt, state, whether the label needs somebody, the later attempt that brought it to paper, how many labels.
LABELS_THAT_NEED_SOMEBODY = [
    ("failed at 8, labels named", 1, "failed", True, 0, 12),
    ("failed, all retried, completed", 1, "failed", False, 2, 12),
    ("failed, retried in part, completed", 1, "failed", False, 2, 12),
    ("failed, retried in part, failed again", 1, "failed", False, 0, 9),
    ("failed, retried in part, failed again", 1, "failed", False, 2, 3),
    ("failed, retried in part, failed again", 2, "failed", True, 0, 9),
    ("failed, retried in part, one uncertain", 1, "failed", False, 0, 1),
    ("failed, retried in part, one uncertain", 1, "failed", False, 2, 11),
    ("failed, retried in part, one uncertain", 2, "uncertain", True, 0, 1),
    ("failed, retried in part, printing", 1, "failed", True, 0, 12),
    ("failed, retried in part, then all, failed again", 1, "failed", False, 0, 5),
    ("failed, retried in part, then all, failed again", 1, "failed", False, 2, 3),
    ("failed, retried in part, then all, failed again", 1, "failed", False, 3, 4),
    ("failed, retried in part, then all, failed again", 2, "failed", False, 0, 5),
    ("failed, retried in part, then all, failed again", 2, "failed", False, 3, 4),
    ("failed, retried in part, then all, failed again", 3, "failed", True, 0, 5),
    ("failed, retried, cancelled", 1, "failed", False, 0, 12),
    ("failed, retried, nothing printed", 1, "failed", False, 0, 12),
    ("failed, retried, nothing printed", 2, "failed", True, 0, 12),
    ("label 3 failed, retried, completed", 1, "failed", False, 2, 1),
    # The old release calls these two jobs completed; the labels are missing all the same.
    ("label 9 uncertain, label 20 retried, completed", 1, "uncertain", True, 0, 1),
    ("labels 4 to 9 left out, completed", 1, "failed", True, 0, 6),
    ("one failed label", 1, "failed", True, 0, 1),
    ("one uncertain label", 1, "uncertain", True, 0, 1),
    ("printing, two failed", 1, "failed", True, 0, 2),
]
