from . import label_print_evidence
from . import label_print_evidence_sums
from . import label_print_evidence_reports
