"""What goes beyond one Odoo process: the print server, end to end, faults, benchmarks, rules about the repository."""
