"""Sentences that the services say themselves, in one place so that they read alike and are all translated.

Keys are stable: code raises by key and parameters, people read the sentence. `%(name)s` marks a parameter. What the
print server said in its own words arrives as `%(answer)s`, already shortened.
"""

from __future__ import annotations

from .translatable import _lt

SENTENCES: dict[str, str] = {
    # Events that are refused
    "events_refused": _lt("Pushed events are refused: their time differs by %(seconds)s s from Odoo's."),
    # Labels that cannot be sent
    "labels_not_a_list": _lt("The labels must be given as a list."),
    "labels_none": _lt("There is no label to print."),
    "labels_too_many": _lt("%(count)s labels are too many for one print job: %(limit)s at most."),
    "quantity_not_a_number": _lt("The quantity must be a whole number."),
    "quantity_too_small": _lt("The quantity must be at least 1."),
    "quantity_too_large": _lt("A print job can have %(limit)s labels at most, not %(quantity)s."),
    "quantity_differs": _lt("The quantity is %(quantity)s, but there are %(count)s labels."),
    "quantity_differs_one": _lt("The quantity is %(quantity)s, but there is only one label."),
    "label_not_a_mapping": _lt("Label %(index)s is not a label."),
    "label_without_zpl": _lt("Label %(index)s has no ZPL code."),
    "label_not_zpl": _lt("The ZPL code of label %(index)s must have ^XA at its beginning and ^XZ at its end."),
    "label_unreadable": _lt("The ZPL code of label %(index)s has characters that cannot be sent."),
    "label_too_large": _lt(
        "Label %(index)s is %(size)s kB large, and its print server takes %(limit)s kB at most. "
        "Make its pictures smaller."
    ),
    "labels_too_large": _lt(
        "The labels are %(size)s kB together, and their print server takes %(limit)s kB in one job. "
        "Print fewer at a time."
    ),
    "label_without_end": _lt("The ZPL code of a label has ^XA at its beginning and no ^XZ at its end."),
    "binary_graphic": _lt(
        "The label has a picture as bare bytes (%(command)s), which cannot be sent as text. "
        "Use the hexadecimal or the Base64 form in the template."
    ),
    "lot_not_text": _lt("The lot of label %(index)s must be a text of %(limit)s characters at most."),
    "label_record_unknown": _lt("The product or the lot of label %(index)s is unknown: it must be the number of one."),
    "value_unprintable": _lt("“%(value)s” has a character that no label can show (%(character)s). Correct the name."),
    "value_outside_data": _lt(
        "“%(value)s” would be a command to the printer where the label's template has it. "
        "Correct the name, or the template: names belong between ^FD and ^FS."
    ),
    "barcode_cannot_hold": _lt(
        "“%(value)s” has a character that the label's barcode cannot hold (%(character)s). "
        "Correct the name, or use a two-dimensional barcode in the template."
    ),
    "copies_too_many": _lt("The label asks for %(count)s copies (^PQ): %(limit)s at most."),
    "copies_too_many_for_job": _lt(
        "These are more than %(limit)s labels, copies (^PQ) counted: too many for one print job. "
        "Print fewer at a time."
    ),
    "copies_count_up": _lt(
        "The label counts up in the printer and is printed more than once (^PQ), so its copies would not be known "
        "one by one. Print one label for each number."
    ),
    "labels_too_large_together": _lt(
        "%(count)s labels or more with their graphics are too much to print at once: %(limit)s MB at most. "
        "Print fewer at a time, or make the pictures smaller."
    ),
    # The connection's settings
    "address_missing": _lt("The address of the print server is not set."),
    "address_scheme": _lt("The address of the print server must start with http:// or https://."),
    "address_credentials": _lt("The address of the print server must not contain a user name or password."),
    "address_invalid": _lt("The address of the print server is not valid."),
    "address_extra": _lt("The address of the print server must not contain a question mark or a number sign."),
    "key_invalid": _lt("The API key contains characters that cannot be sent. Copy it again without line breaks."),
    "key_removed": _lt(
        "The address has changed, so the API key was removed. Enter the API key of this print server again."
    ),
    "ca_bundle_unusable": _lt(
        "The CA bundle %(path)s cannot be used. It must be a PEM file with certificates that Odoo may read, "
        "or a folder that OpenSSL's rehash has prepared."
    ),
    "timeout_invalid": _lt("The time limit must be a number of seconds above 0."),
    # Calls that failed
    "unreachable": _lt("The print server cannot be reached: nothing answers at %(server)s."),
    "unknown_host": _lt("The print server cannot be reached: the name %(server)s is not known on the network."),
    "proxy_failed": _lt("The print server cannot be reached: the proxy on the way to it does not answer."),
    "timed_out": _lt("The print server did not answer within %(seconds)s s."),
    "not_fetched": _lt("The print server did not fetch the request within %(seconds)s s, so nothing was done."),
    "not_kept": _lt(
        "Odoo's database did not take the request for the print server, so nothing was sent. Try again in a moment."
    ),
    "server_away": _lt(
        "The print server, which calls Odoo itself, has not asked for work for more than %(seconds)s s."
    ),
    "server_not_enrolled": _lt(
        "No print server has connected to Odoo as this one yet. Make a code and run the command at the print server."
    ),
    "broken_off": _lt("The connection to the print server broke off before it had answered."),
    "not_trusted": _lt("The secure connection to the print server cannot be trusted: %(reason)s"),
    "key_refused": _lt("The print server refused the API key (%(status)s)."),
    "key_refused_said": _lt("The print server refused the API key (%(status)s): %(answer)s"),
    "key_missing": _lt("The print server asks for an API key (%(status)s), and none is entered."),
    "rate_limited": _lt("The print server asks to wait: too many requests."),
    "not_found": _lt("The print server does not know what was asked for (%(status)s)."),
    "not_found_said": _lt("The print server answered: %(answer)s (%(status)s)"),
    "rejected": _lt("The print server refused the request (%(status)s)."),
    "rejected_said": _lt("The print server refused the request (%(status)s): %(answer)s"),
    "server_error": _lt("The print server reported an internal error (%(status)s)."),
    "server_error_said": _lt("The print server reported an error (%(status)s): %(answer)s"),
    "redirected": _lt(
        "The print server's address leads elsewhere (%(status)s). Set the address that it really has; "
        "the API key was not sent on."
    ),
    "web_page": _lt("A web page answered instead of the print server (%(status)s). Check the address and any proxy."),
    "not_json": _lt("The print server's answer is not JSON (%(status)s)."),
    "not_understood": _lt("The print server's answer is not as agreed: %(reason)s"),
    "answer_too_large": _lt("The print server's answer is too large to be read."),
    "label_numbers_unreadable": _lt("“%(text)s” is no label number. Write numbers and ranges, for example 3, 9-11."),
    "label_numbers_outside": _lt("“%(text)s”: the labels are numbered 1 to %(last)s."),
    "label_numbers_outside_one": _lt("“%(text)s”: there is one label only, number 1."),
    # Another program at the print server's address
    "other_program_path": _lt(
        "Something answers at %(server)s, but it is no print server: it does not know a print server's addresses "
        "(%(status)s)."
    ),
    "other_program_page": _lt(
        "Something answers at %(server)s, but it is no print server: it sends a web page (%(status)s)."
    ),
    "other_program_login": _lt(
        "Something answers at %(server)s, but it is no print server: it asks for a login by a web page (%(status)s)."
    ),
    "other_program_answer": _lt(
        "Something answers at %(server)s, but it is no print server: its answer is that of another program "
        "(%(status)s)."
    ),
    "other_program_redirects": _lt(
        "Something answers at %(server)s, but it is no print server: it leads to another address (%(status)s), as "
        "login pages do. The API key was not sent on."
    ),
    "no_tls": _lt("Something answers at %(server)s, but not by https."),
    # Notes in a job's timeline
    "note_given_up": _lt("Submission given up"),
    "note_cancelled": _lt("Cancelled"),
    "note_retry": _lt("Retry: labels %(labels)s"),
    "note_retry_one": _lt("Retry: label %(labels)s"),
    "note_retry_because": _lt("Retry: labels %(labels)s. %(reason)s"),
    "note_retry_one_because": _lt("Retry: label %(labels)s. %(reason)s"),
    "note_cancel_requested": _lt("Cancellation requested"),
    "note_cancel_requested_because": _lt("Cancellation requested: %(reason)s"),
    "note_completed_meanwhile": _lt("Completed before it could be cancelled"),
    "note_settled": _lt("Labels %(labels)s are on paper"),
    "note_settled_one": _lt("Label %(labels)s is on paper"),
    "note_not_on_paper": _lt("Labels %(labels)s are not on paper"),
    "note_not_on_paper_one": _lt("Label %(labels)s is not on paper"),
    "note_destroyed": _lt("Labels %(labels)s were destroyed"),
    "note_destroyed_one": _lt("Label %(labels)s was destroyed"),
    "note_checking": _lt("Labels are checked by scanning"),
    "note_unchecked": _lt("Scanned by mistake, and not checked any more: label %(labels)s"),
    "note_checked_all": _lt("All labels are checked"),
    "note_set_aside": _lt("Set aside: %(reason)s"),
    "note_set_aside_undone": _lt("No longer set aside"),
    "note_moved": _lt("Moved to printer %(printer)s"),
    "note_found": _lt("The submission was found at the print server"),
    "note_barred": _lt("The submission has not arrived; the print server will refuse it if it still does"),
    # Warnings
    "clock_ahead": _lt("The print server's clock is %(seconds)s s ahead of Odoo's."),
    "clock_behind": _lt("The print server's clock is %(seconds)s s behind Odoo's."),
    "account_problems": _lt("%(count)s entries of the print server's account of the labels could not be used."),
    "account_problems_one": _lt("1 entry of the print server's account of the labels could not be used."),
}
