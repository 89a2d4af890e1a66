from . import label_print_evidence
from . import label_print_evidence_sums
from . import label_print_evidence_reports
from . import label_print_shift_report
from . import label_print_shift_report_open
