"""Label files: ZPL as templates and other programs write it, made into single labels that a printer prints as meant."""
