"""What installing the addon adds to data that is already there, and what uninstalling it takes away."""

from odoo.api import Environment

MODULE = "label_print_monitor"


def post_init_hook(env: Environment) -> None:
    """Make those who run production able to see its label print jobs.

    Manufacturing users see and print; Manufacturing administrators manage. Done once, at installation,
    rather than by implied groups, so that an administrator can take it back.
    """
    pairs = (
        ("mrp.group_mrp_user", "label_print_monitor.group_label_print_user"),
        ("mrp.group_mrp_manager", "label_print_monitor.group_label_print_manager"),
    )
    for source, target in pairs:
        users = env.ref(source).all_user_ids
        env.ref(target).write({"user_ids": [(4, user.id) for user in users]})


def uninstall_hook(env: Environment) -> None:
    """Leave nothing behind in clear: no address, key or secret of a print server, and no exported history.

    Odoo itself removes the addon's tables, but neither system parameters nor attachments that belong to no record.
    """
    env["ir.config_parameter"].sudo().search([("key", "=like", "label\\_print.%")]).unlink()
    env["ir.attachment"].sudo().search(
        [("name", "=like", "print\\_history\\_%.csv"), ("mimetype", "=", "text/csv"), ("res_model", "=", False)]
    ).unlink()
    env.cr.execute("DROP INDEX IF EXISTS mrp_production_label_print_name")  # on a table that stays
    env.cr.execute("DROP VIEW IF EXISTS label_print_history")
    _leave_own_records_to_their_tables(env)


def _leave_own_records_to_their_tables(env: Environment) -> None:
    """Remove the external identifiers of the records in the addon's own tables.

    Odoo deletes each record that has one before it removes the tables. The default print server's deletion fails then,
    with an ERROR in the log, because jobs and printers refer to it. Without the identifier it goes with its table.
    """
    own = [name for name, model in env.registry.items() if model._original_module == MODULE]
    env["ir.model.data"].sudo().search([("module", "=", MODULE), ("model", "in", own)]).unlink()
