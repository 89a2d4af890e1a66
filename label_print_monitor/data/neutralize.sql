-- a neutralised copy of a database must never reach the factory's printers
DELETE FROM ir_config_parameter WHERE key IN ('label_print.api_url', 'label_print.api_key', 'label_print.webhook_secret');
UPDATE label_print_server SET own_api_url = NULL;
-- a database that has not been updated yet may lack some of these tables
DO $$
DECLARE
    secrets text;
BEGIN
    FOREACH secrets IN ARRAY ARRAY[
        'label_print_server_secret', 'label_print_metrics_token', 'label_print_server_call', 'label_print_server_code',
        'label_print_server_token'
    ] LOOP
        IF to_regclass(secrets) IS NOT NULL THEN
            EXECUTE 'DELETE FROM ' || quote_ident(secrets);
        END IF;
    END LOOP;
END $$;
