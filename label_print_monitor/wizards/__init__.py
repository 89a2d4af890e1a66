from . import label_print_retry_wizard, label_print_wizard
