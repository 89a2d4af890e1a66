"""Records by their external identifier that an administrator can delete: scheduled actions, actions and views.

None of them may be missed by an exception in the engine or in a queue of Odoo: what is lacking is logged once, or said
to whoever needs it. Groups and the addon's type of activity cannot be deleted (label_print_incident_escalation.py).
"""

import logging

from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

_logged = set()  # (database, external identifier)


def find_record(env, xmlid):
    """:return: the record; None, which is logged once, when it was deleted"""
    record = env.ref(xmlid, raise_if_not_found=False)
    key = (env.cr.dbname, xmlid)
    if record:
        _logged.discard(key)
        return record
    if key not in _logged:
        _logged.add(key)
        _logger.warning("%s was deleted: upgrading the module %s brings it back", xmlid, xmlid.partition(".")[0])
    return None


def trigger_cron(env, xmlid, at=None):
    """Have a scheduled action run soon.

    :return: whether there is one
    """
    cron = find_record(env, xmlid)
    if cron:
        cron.sudo()._trigger(at)
    return bool(cron)


def need_record(env, xmlid):
    """:raise UserError: in words, when it was deleted"""
    record = find_record(env, xmlid)
    if not record:
        raise _lacking(env, xmlid)
    return record


def need_action(env, xmlid, kind="ir.actions.act_window"):
    """What opens a page of the addon, as the web client gets it.

    :raise UserError: in words, when it was deleted
    """
    try:
        return env[kind]._for_xml_id(xmlid)
    except ValueError:
        raise _lacking(env, xmlid) from None


def _lacking(env, xmlid):
    return UserError(
        env._(
            "%(record)s, which this needs, was deleted from Odoo. An administrator brings it back by upgrading the "
            "module %(module)s in Apps.",
            record=xmlid,
            module=xmlid.partition(".")[0],
        )
    )
