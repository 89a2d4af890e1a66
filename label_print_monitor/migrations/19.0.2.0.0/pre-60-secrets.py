"""Keys and webhook secrets of further print servers move into rows of their own, and leave no trace where they were.

Nor where somebody has saved the settings page, whose rows kept them too.
A column that is dropped stays on disk until its rows are written again, which `CLUSTER` does within the transaction.
"""

STATEMENTS = (
    """
    CREATE TABLE label_print_server_secret (
        id serial PRIMARY KEY,
        server_id integer NOT NULL,
        api_key varchar,
        webhook_secret varchar
    )
    """,
    """
    INSERT INTO label_print_server_secret (server_id, api_key, webhook_secret)
    SELECT id, nullif(own_api_key, ''), nullif(own_webhook_secret, '')
      FROM label_print_server
     WHERE coalesce(own_api_key, '') <> '' OR coalesce(own_webhook_secret, '') <> ''
    """,
    "ALTER TABLE label_print_server DROP COLUMN own_api_key, DROP COLUMN own_webhook_secret",
    "CLUSTER label_print_server USING label_print_server_pkey",
    "ALTER TABLE label_print_server SET WITHOUT CLUSTER",
    """
    ALTER TABLE res_config_settings
        DROP COLUMN IF EXISTS label_print_api_key, DROP COLUMN IF EXISTS label_print_webhook_secret
    """,
    "CLUSTER res_config_settings USING res_config_settings_pkey",
    "ALTER TABLE res_config_settings SET WITHOUT CLUSTER",
)


def migrate(cr, version):
    for statement in STATEMENTS:
        cr.execute(statement)
