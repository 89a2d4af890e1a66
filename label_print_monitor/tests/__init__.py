from . import test_label_print_job
from . import test_engine
from . import test_push
from . import test_submission
from . import test_f07_criteria
from . import test_f07_names
