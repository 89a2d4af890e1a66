from . import label_print_retry_wizard
from . import label_print_wizard
