from . import (
    label_print_again_wizard,
    label_print_cancel_wizard,
    label_print_connect_wizard,
    label_print_maintenance_wizard,
    label_print_move_wizard,
    label_print_retry_wizard,
    label_print_roll_wizard,
    label_print_set_aside_wizard,
    label_print_wizard,
    label_print_wizard_labels,
    label_print_wizard_lot,
    label_print_wizard_words,
)
