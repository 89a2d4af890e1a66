"""F07's polling, letter by letter: the baseline that `make bench` measures in the same run as ours.

Only the class around the listings is missing: they run on the addon's own model, as superuser, in one transaction as a cron's.
"""

import logging

import requests

_logger = logging.getLogger(__name__)


def poll_job_status(self, job_id):
    """Poll Flask server for job status"""
    job = self.env["label.print.job"].browse(job_id)

    if not job.flask_job_id or job.status in ["completed", "failed", "cancelled"]:
        return

    # Call Flask API
    config = self.env["ir.config_parameter"].sudo()
    api_url = config.get_param("label_print.api_url")
    api_key = config.get_param("label_print.api_key")

    try:
        response = requests.get(
            f"{api_url}/api/status/{job.flask_job_id}",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=5,
        )
        response.raise_for_status()

        status_data = response.json()

        # Update job record
        job.write(
            {
                "status": status_data.get("status"),
                "current_label": status_data.get("current_label", 0),
                "progress_percent": status_data.get("progress_percent", 0),
            }
        )

        # If completed, send notification
        if status_data.get("status") == "completed":
            self._send_completion_notification(job)

        # If failed, log error
        elif status_data.get("status") == "failed":
            job.write({"error_message": status_data.get("error_message")})
            self._send_error_notification(job)

    except requests.exceptions.RequestException as e:
        _logger.error(f"Failed to poll job status: {e}")


def cron_poll_active_jobs(self):
    """Poll status for all active print jobs"""
    active_jobs = self.search([("status", "in", ["sent", "queued", "printing"])])

    poller = self.env["print.job.status.poller"]
    for job in active_jobs:
        poll_job_status(poller, job.id)
