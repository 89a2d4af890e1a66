"""The print server calls Odoo (`--odoo`): it fetches Odoo's calls, performs them here and brings their answers.

No connection comes in. A call is the HTTP request that Odoo would otherwise have made to this server, so everything
behind it is the same. `link.py` puts the parts together.
"""
