from . import example_visit, label_print_incident, label_print_job, label_print_server
