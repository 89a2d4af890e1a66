"""The client's unit tests (static/tests/*.test.js), run by a real browser."""

from odoo.tests import HttpCase, no_retry, tagged


def _hoot_id(name: str) -> str:
    """The number by which Hoot knows a suite, see ``generateHash`` in its sources."""
    value = 0
    for character in name:
        value = ((value << 5) - value + ord(character)) & 0xFFFFFFFF
    return f"{value:08x}"


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    def _run_suite(self, preset):
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={_hoot_id('@label_print_monitor')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )

    @no_retry
    def test_hoot_desktop(self):
        self._run_suite("desktop")
