"""The main views on every kind of screen: desktop, tablet, phone, dark, right to left, keyboard, screen reader.

One running product with jobs in all states; nothing here changes a job but the keyboard's retry, which comes last.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.product import Product, running_product
from tests.e2e.accessibility import cut_cells, overflow, serious_violations, small_touch_targets
from tests.e2e.remote import Remote
from tests.e2e.screen_data import add_language, add_palette, make_screen_data
from tests.e2e.supervisor import Supervisor
from tests.e2e.window import (
    ATTEMPTS,
    AVAILABILITY,
    CANCELLED,
    CARD,
    DESKTOP,
    ESCALATION,
    FAILED_LABELS,
    HISTORY,
    INCIDENTS,
    JOB_FORM,
    JOBS,
    LABELS_AND_FAILURES,
    ORDERS_MISSING,
    OVERVIEW,
    PHONE,
    PRINT_SERVERS,
    PRINTER_STATES,
    PRINTERS,
    REPRINTS,
    ROW_OR_CARD,
    SHIFT_REPORT,
    SHIFTS,
    TABLET,
    TILE,
    WALL,
    WALL_PRINTER,
)

pytestmark = pytest.mark.browser

SCREENS = {
    "desktop": {"device": DESKTOP},
    "dark": {"device": DESKTOP, "dark": True},
    "tablet": {"device": TABLET},
    "phone": {"device": PHONE},
}


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product(labels_per_second=25, rtl_styles=True, odometer=False) as running:
        add_palette(running)
        yield running


@pytest.fixture(scope="module")
def jobs(product: Product) -> dict[str, int]:
    return make_screen_data(product)


@contextmanager
def opened(chromium: Browser, product: Product, login: str = "supervisor", **screen) -> Iterator[Supervisor]:
    window = Supervisor(chromium, product, login, **screen)
    window.close_toasts()
    yield window
    window.close()


@pytest.fixture(scope="module", params=SCREENS)
def window(request, chromium: Browser, product: Product, jobs: dict[str, int]) -> Iterator[Supervisor]:
    with opened(chromium, product, **SCREENS[request.param]) as window:
        yield window


def show_overview(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(OVERVIEW, TILE)


def show_jobs(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, ROW_OR_CARD)


def show_kanban(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, ROW_OR_CARD)
    if window.page.locator(".o_kanban_view").count() == 0:
        window.switch_view("kanban", ".o_kanban_group")


def show_failed_job(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["failed"])


def show_job_with_errors(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["errors"])


def show_printing_job(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["printing"])


def show_retry_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["failed"])
    window.press("action_retry_choose")
    window.page.locator(".modal [name=choose] input").click()
    window.page.wait_for_selector(".modal .o_label_print_chooser")


def show_question(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["uncertain"])
    window.press("action_retry", ".modal .o_label_print_verdict")


def show_what_is_on_paper(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["uncertain"])
    window.press("action_settle", ".modal .o_label_print_verdict")


def show_print_again_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["completed"])
    window.press("action_print_again", ".modal .o_label_print_chooser")


def show_cancel_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["waiting"])
    window.press("action_cancel", ".modal .o_label_print_reasons")


def show_move_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    """As the button of a printer that is offline opens it; this one prints and has a job that waits."""
    rows = window.product.database.execute("SELECT id FROM printer_configuration WHERE cups_name = 'Zebra-Line-2'")
    window.open(PRINTERS, CARD)
    window.page.evaluate(
        """id => odoo.__WOWL_DEBUG__.root.actionService.doAction({
            type: "ir.actions.act_window", name: "Move Waiting Print Jobs", res_model: "label.print.move.wizard",
            views: [[false, "form"]], target: "new", context: {default_printer_id: id}})""",
        rows[0][0],
    )
    window.page.wait_for_selector(".modal .o_form_sheet [name=job_ids]")


def show_label_story(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["uncertain"])
    window.page.locator(".o_label_print_label_uncertain[data-index]").first.click()
    window.page.wait_for_selector(".o_label_print_story_entries")


def show_labels_of_a_job_that_need_somebody(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["uncertain"])
    window.page.locator(".o_notebook .nav-link[name=failed_labels]").click()
    window.page.wait_for_selector("[name=failed_label_ids] :is(.o_data_row, .o_kanban_record)")


def show_attempts(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(JOBS, JOB_FORM, jobs["failed"])
    window.page.locator(".o_notebook .nav-link[name=attempts]").click()
    window.page.wait_for_selector("[name=attempt_ids] :is(.o_data_row, .o_kanban_record)")


def show_printers(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(PRINTERS, CARD)


def show_print_servers(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(PRINT_SERVERS, ROW_OR_CARD)


def show_command_that_connects(window: Supervisor, jobs: dict[str, int]) -> None:
    """As Connect by Code shows it, which would make another print server each time."""
    window.open(PRINT_SERVERS, ROW_OR_CARD)
    (view,) = window.product.database.execute(
        "SELECT res_id FROM ir_model_data WHERE name = 'view_label_print_connect_wizard_command'"
    )[0]
    window.page.evaluate(
        """view => odoo.__WOWL_DEBUG__.root.actionService.doAction({
            type: "ir.actions.act_window", name: "Connect Hall 7", res_model: "label.print.connect.wizard",
            views: [[view, "form"]], target: "new", context: {label_print_code: "ABCD-EFGH-JKLM"}})""",
        view,
    )
    window.page.wait_for_selector(".modal [name=command]")
    expect(window.page.locator(".modal [name=command]")).to_contain_text("--code ABCD-EFGH-JKLM")


def show_analysis(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(HISTORY, ".o_pivot_view table")


def show_printer(window: Supervisor, jobs: dict[str, int]) -> None:
    printer = window.product.database.execute("SELECT id FROM printer_configuration WHERE cups_name = 'Zebra-QC'")[0][0]
    window.open(PRINTERS, ".o_form_view .o_form_sheet", printer)


def show_days_of_a_printer(window: Supervisor, jobs: dict[str, int]) -> None:
    show_printer(window, jobs)
    days = window.page.locator(".o_label_print_days_words summary")
    days.scroll_into_view_if_needed()
    days.click()


def show_availability(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(AVAILABILITY, ".o_pivot_view table")


def show_printer_states(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(PRINTER_STATES, ROW_OR_CARD)


def show_labels_and_failures(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(LABELS_AND_FAILURES, ".o_pivot_view table")


def show_shifts(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(SHIFTS, ROW_OR_CARD)


def show_shift(window: Supervisor, jobs: dict[str, int]) -> None:
    (row,) = window.product.database.execute("SELECT min(id) FROM label_print_shift")
    window.open(SHIFTS, ".o_form_view .o_form_sheet", row[0])


def show_shift_report_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(SHIFT_REPORT, ".modal .o_form_sheet")


def show_print_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    order = window.product.database.execute("SELECT id FROM mrp_production WHERE state = 'to_close' LIMIT 1")[0][0]
    window.open("mrp.mrp_production_action", ".o_form_view .o_form_sheet", order)
    window.press("action_print_labels")


def show_failed_labels(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(FAILED_LABELS, ROW_OR_CARD)


def show_incidents(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(INCIDENTS, ROW_OR_CARD)


def show_incident(window: Supervisor, jobs: dict[str, int]) -> None:
    (row,) = window.product.database.execute("SELECT max(id) FROM label_print_incident WHERE closed_at IS NULL")
    window.open(INCIDENTS, ".o_form_view .o_form_sheet", row[0])


def add_escalation_step(window: Supervisor) -> int:
    """A step of the supervisor's, made once; its id."""
    admin = Remote(window.product, "admin")
    steps = admin.call("label.print.escalation.step", "search", [("minutes", "=", 25)])
    people = admin.call("res.users", "search", [("login", "in", ["supervisor", "operator"])])
    return steps[0] if steps else admin.call("label.print.escalation.step", "create", {"minutes": 25, "user_ids": people})


def show_escalation(window: Supervisor, jobs: dict[str, int]) -> None:
    add_escalation_step(window)
    window.open(ESCALATION, ROW_OR_CARD)


def show_escalation_step(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(ESCALATION, ".o_form_view .o_form_sheet", add_escalation_step(window))


def show_maintenance_dialog(window: Supervisor, jobs: dict[str, int]) -> None:
    show_printer(window, jobs)
    window.press("action_maintenance")


def show_operators_page(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open_operator_page("Zebra-Line-2")


def show_operators_problem(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open_operator_page("Zebra-QC", ".o_label_print_operator_problem")
    window.page.locator(".o_label_print_operator_problem summary").first.click()


def show_wall(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(WALL, WALL_PRINTER)


def show_attempt_list(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(ATTEMPTS, ROW_OR_CARD)


def show_reprints(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(REPRINTS)


def show_cancelled_jobs(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(CANCELLED)


def show_orders_with_labels_missing(window: Supervisor, jobs: dict[str, int]) -> None:
    window.open(ORDERS_MISSING, ROW_OR_CARD)


VIEWS = [
    show_overview,
    show_jobs,
    show_kanban,
    show_failed_job,
    show_job_with_errors,
    show_printing_job,
    show_retry_dialog,
    show_question,
    show_what_is_on_paper,
    show_print_again_dialog,
    show_cancel_dialog,
    show_move_dialog,
    show_label_story,
    show_labels_of_a_job_that_need_somebody,
    show_attempts,
    show_printers,
    show_print_servers,
    show_command_that_connects,
    show_analysis,
    show_printer,
    show_days_of_a_printer,
    show_availability,
    show_printer_states,
    show_labels_and_failures,
    show_shifts,
    show_shift,
    show_shift_report_dialog,
    show_print_dialog,
    show_failed_labels,
    show_incidents,
    show_incident,
    show_escalation,
    show_escalation_step,
    show_maintenance_dialog,
    show_attempt_list,
    show_reprints,
    show_cancelled_jobs,
    show_orders_with_labels_missing,
    show_operators_page,
    show_operators_problem,
    show_wall,
]
each_view = pytest.mark.parametrize("show", VIEWS, ids=lambda show: show.__name__.removeprefix("show_"))


def wait_for_transitions(page: Page) -> None:
    """Until CSS transitions have ended: a half-faded colour has not its final contrast."""
    page.wait_for_timeout(500)


def violations(window: Supervisor) -> list[str]:
    """What is wrong with the page as it is, for this kind of screen."""
    page = window.page
    wait_for_transitions(page)
    found = serious_violations(page)
    found += overflow(page)
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):  # with a mouse Odoo's own density is kept
        found += [f"touch target too small: {button}" for button in small_touch_targets(page)]
    found += [f"console: {error}" for error in window.errors]
    window.errors.clear()
    return found


@each_view
def test_view_on_screen(window: Supervisor, jobs: dict[str, int], show):
    show(window, jobs)
    assert violations(window) == []


@pytest.mark.parametrize("screen", ["tablet", "phone"])
def test_small_screens_have_touch_targets(chromium: Browser, product: Product, screen):
    """Proves that the check above measures buttons on these screens."""
    with opened(chromium, product, **SCREENS[screen]) as window:
        assert window.page.evaluate("matchMedia('(pointer: coarse)').matches")
        window.open(OVERVIEW, TILE)
        window.page.add_style_tag(content=".o_label_print_failure .btn { min-height: 0 !important; height: 20px }")
        assert small_touch_targets(window.page)


@pytest.fixture(scope="module")
def reader(chromium: Browser, product: Product, jobs: dict[str, int]) -> Iterator[Supervisor]:
    """A user with a right-to-left language."""
    add_language(product, "ar_001", "operator")
    # Who opens every dialog and every page needs the rights to print again and to configure, too.
    admin = Remote(product, "admin")
    groups = admin.call(
        "ir.model.data", "search_read",
        [("module", "=", "label_print_monitor"), ("name", "in", ["group_label_print_again", "group_label_print_manager"])], ["res_id"],
    )  # fmt: skip
    admin.call("res.users", "write", [Remote(product, "operator").uid], {"group_ids": [(4, group["res_id"]) for group in groups]})
    with opened(chromium, product, login="operator") as window:
        yield window


def test_the_styles_are_mirrored(reader: Supervisor, jobs: dict[str, int]):
    """Proves that the tests below see right-to-left styles."""
    show_overview(reader, jobs)
    assert reader.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    edge = reader.page.locator(".o_label_print_edge_danger").first
    widths = edge.evaluate("element => [getComputedStyle(element).borderRightWidth, getComputedStyle(element).borderLeftWidth]")
    assert widths == ["4px", "1px"]


@each_view
def test_right_to_left(reader: Supervisor, jobs: dict[str, int], show):
    show(reader, jobs)
    assert violations(reader) == []


LAPTOP = {"viewport": {"width": 1366, "height": 768}}
WIDE_DESKTOP = {"viewport": {"width": 1920, "height": 1080}}


@pytest.fixture(scope="module", params=["de_DE", "fr_FR", "es_ES"])
def foreign(request, product: Product, jobs: dict[str, int]) -> Iterator[str]:
    """The supervisor reads in a language whose words are longer than English ones."""
    admin, supervisor = Remote(product, "admin"), Remote(product)
    add_language(product, request.param, "supervisor")
    yield request.param
    admin.call("res.users", "write", [supervisor.uid], {"lang": "en_US"})


@pytest.mark.parametrize("device", [WIDE_DESKTOP, DESKTOP, LAPTOP, TABLET], ids=["1920", "1440", "1366", "768"])
def test_no_word_of_a_list_is_cut(chromium: Browser, product: Product, foreign: str, device: dict):
    with opened(chromium, product, device=device) as window:
        for action in (JOBS, FAILED_LABELS, ATTEMPTS, ORDERS_MISSING):
            window.open(action, ".o_data_row")
            # On a tablet that is held upright, a long title may be cut; what the column holds may not.
            cells = "td[name]" if device is TABLET else "th[data-name], td[name]"
            assert cut_cells(window.page, cells) == [], action


def test_the_demo_jobs_were_submitted_before_they_ended(product: Product):
    """Also in the timeline, which begins with their submission."""
    rows = product.database.execute(
        "SELECT status, timeline->0->>'status', create_date < started_date AND started_date < completed_date,"
        " completed_date - create_date < interval '1 minute' FROM label_print_job"
        " WHERE mo_reference IN ('WH/MO/00198', 'WH/MO/00199') ORDER BY status"
    )
    assert [tuple(row) for row in rows] == [("completed", "pending", True, True), ("failed", "pending", True, True)]


def test_the_keyboard_alone_opens_and_retries(chromium: Browser, product: Product, jobs: dict[str, int]):
    """From the overview's tile over the list to the failed job and its Retry, without a mouse."""
    with opened(chromium, product) as supervisor:
        page = supervisor.page
        show_overview(supervisor, jobs)
        tab_to(page, "[data-tile=attention]")
        page.keyboard.press("Enter")
        page.wait_for_selector(".o_list_view .o_data_row")
        order = product.database.execute(f"SELECT mo_reference FROM label_print_job WHERE id = {jobs['failed']}")[0][0]
        # Odoo's keyboard navigation of a list: down from the search bar, row by row.
        focused = "document.activeElement.closest('.o_data_row')?.innerText || ''"
        for _row in range(8):
            if order in page.evaluate(focused):
                break
            page.keyboard.press("ArrowDown")
        assert order in page.evaluate(focused)
        page.keyboard.press("Enter")
        expect(page.locator(JOB_FORM)).to_contain_text(order)
        product.printer("Zebra-QC").resume()
        tab_to(page, "button[name=action_retry]")
        page.keyboard.press("Enter")
        # This printer has no counter, so the label under way is in doubt: the dialog is answered by keyboard, too.
        page.wait_for_selector(".modal .o_label_print_verdict")
        tab_to(page, ".modal .o_label_print_all_off")
        page.keyboard.press("Enter")
        tab_to(page, ".modal button[name=action_confirm]")
        page.keyboard.press("Enter")
        expect(page.locator(".o_statusbar_status .o_arrow_button_current")).to_have_attribute("data-value", "completed", timeout=60_000)
        assert not supervisor.errors


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on, or within, what the selector names, and can be seen there."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => Boolean(document.activeElement.closest(selector))", selector):
            outline = page.evaluate(
                "() => { const style = getComputedStyle(document.activeElement);"
                " return style.outlineStyle !== 'none' || style.boxShadow !== 'none' }"
            )
            assert outline, f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"{selector} is not reached by {most} tabs")
