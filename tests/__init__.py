"""What goes beyond one Odoo process: the print server, end to end, faults, benchmarks, and rules about the repository itself."""
