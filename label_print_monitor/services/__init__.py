"""Plain Python behind the models: what reports mean, when to look, what to say. Nothing here needs an environment."""

from . import (
    error_catalogue,
    event_signature,
    history_csv,
    job_lifecycle,
    payloads,
    poll_schedule,
    print_request,
    print_server_client,
    reports,
)

__all__ = [
    "error_catalogue",
    "event_signature",
    "history_csv",
    "job_lifecycle",
    "payloads",
    "poll_schedule",
    "print_request",
    "print_server_client",
    "reports",
]
