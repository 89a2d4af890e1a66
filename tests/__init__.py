"""Tests outside one Odoo process: the print server, end to end, faults, benchmarks, rules for the repository."""
