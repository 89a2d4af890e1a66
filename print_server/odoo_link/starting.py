"""From the options to a running connection to Odoo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .. import capabilities as cap
from ..settings import Settings
from .credentials import Credentials, instance_id
from .enrolment import credentials_for
from .link import OdooLink
from .runs import Runs

if TYPE_CHECKING:
    from flask import Flask

    from ..engine import Engine


def enrolled(settings: Settings) -> tuple[Settings, Credentials, str]:
    """Settings with what enrolment says of the events, the credentials, and the id of the data directory.

    To be called by the process that holds the data directory: a code is good once. Raises SettingsError.
    """
    instance = instance_id(settings.data_dir)
    credentials = credentials_for(settings.odoo, instance)
    if credentials.events_path and credentials.events_secret:
        url = settings.odoo.url + credentials.events_path
        settings = replace(settings, webhook_url=url, webhook_secret=credentials.events_secret)
    return settings, credentials, instance


def link_of(engine: Engine, app: Flask, credentials: Credentials, instance: str) -> OdooLink:
    """The connection, which `engine` then tells of in its health; not started yet."""

    def renewed(found: Credentials) -> None:
        if engine.sender and found.events_path and found.events_secret:
            engine.sender.use(engine.settings.odoo.url + found.events_path, found.events_secret)

    knows_keys = cap.IDEMPOTENCY in engine.capabilities
    runs = Runs(engine.settings.data_dir)
    engine.odoo_link = OdooLink(
        engine.settings.odoo, credentials, instance, app, engine.database, runs, knows_keys, renewed
    )
    return engine.odoo_link
