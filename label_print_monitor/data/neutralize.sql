-- a neutralised copy of a database must never reach the factory's printers
DELETE FROM ir_config_parameter WHERE key IN ('label_print.api_url', 'label_print.api_key', 'label_print.webhook_secret');
UPDATE label_print_server SET own_api_url = NULL;
DELETE FROM label_print_server_secret;
DELETE FROM label_print_metrics_token;
DELETE FROM label_print_server_call;
DELETE FROM label_print_server_code;
DELETE FROM label_print_server_token;
