"""What the Makefile calls: get Odoo, a private PostgreSQL, the running product, the tests. See README.md here."""
